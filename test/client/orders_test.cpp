// Order handling under load: 10 000 orders by COPY, people in eight sessions, payments and timeouts, two workers.
#include "database.hpp"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kOrders = 10000;
constexpr int kPeople = 8;
constexpr int kPaid = kOrders * 3 / 10;

/// Order handling as README shows it, from the sources (or a copy of them that the server's user can read).
std::string order_handling()
{
	const char *const copy = std::getenv("BPT_SOURCE");
	std::ifstream file(std::string(copy != nullptr ? copy : BPT_SOURCE_DIR) + "/test/fixtures/order_handling.bpt");
	if (!file)
		throw std::runtime_error("the definition of order handling cannot be read");
	return {std::istreambuf_iterator<char>(file), {}};
}

constexpr const char *kShop = R"(
CREATE TABLE shop.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL, total numeric NOT NULL,
  status text NOT NULL DEFAULT 'new', tracking text, paid_at timestamptz);
CREATE TABLE shop.invoice (
  invoice_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES shop.orders, amount numeric NOT NULL);
CREATE FUNCTION shop.create_invoice(order_id bigint, amount numeric) RETURNS TABLE (invoice_no bigint) LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO shop.invoice (order_id, amount) VALUES (create_invoice.order_id, create_invoice.amount)
    RETURNING invoice.invoice_no;
END;
CREATE FUNCTION shop.ship(order_id bigint, parcels int) RETURNS TABLE (tracking text) LANGUAGE sql
BEGIN ATOMIC
  UPDATE shop.orders SET status = 'shipped', tracking = format('%s in %s', ship.order_id, ship.parcels)
    WHERE id = ship.order_id RETURNING orders.tracking;
END;
)";

/// Writes the orders as an importing program does.
void load_orders(const Database &database)
{
	pqxx::connection connection(database.conninfo(database.owner()));
	pqxx::work work(connection);
	pqxx::stream_to stream(work, "orders", std::vector<std::string>{"customer", "total"});
	for (int i = 1; i <= kOrders; i++)
		stream << std::make_tuple("customer " + std::to_string(i % 97), i % 500 + 1);
	stream.complete();
	work.commit();
}

/// Closes the tasks of one person's taskbox that fall to this person until `closed` has reached all orders.
void close_tasks(const Database &database, const std::string &person, int share, std::atomic<int> &closed)
{
	const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
	pqxx::connection connection(database.conninfo(person));
	connection.prepare("mine", "SELECT activity_id FROM bpt.taskbox WHERE activity_id % 8 = $1 ORDER BY 1 LIMIT 200");
	connection.prepare("open", "SELECT bpt.activity_open($1)");
	connection.prepare("close", "SELECT shop.close_order_handling_pack($1, $2)");
	connection.prepare("close_weighed", "SELECT shop.close_order_handling_pack($1, $2, $3)");
	while (closed < kOrders)
	{
		if (std::chrono::steady_clock::now() > deadline)
			throw std::runtime_error("tasks do not come: " + std::to_string(closed) + " closed");
		pqxx::result tasks;
		{
			pqxx::nontransaction session(connection);
			tasks = session.exec_prepared("mine", share);
		}
		if (tasks.empty())
			std::this_thread::sleep_for(milliseconds(20));
		for (const pqxx::row &task : tasks)
		{
			const long id = task[0].as<long>();
			pqxx::work work(connection);
			// Some look first, some weigh.
			if (id % 3 == 0)
				work.exec_prepared1("open", id);
			if (id % 2 == 0)
				work.exec_prepared1("close", id, id % 5 + 1);
			else
				work.exec_prepared1("close_weighed", id, id % 5 + 1, 1.5);
			work.commit();
			closed++;
		}
	}
}

TEST(Orders, ten_thousand_end_as_they_should)
{
	Database database("orders");
	database.make_shared_role("warehouse");
	std::vector<std::string> people;
	for (int i = 0; i < kPeople; i++)
		people.push_back(database.make_role("packer_" + std::to_string(i), "warehouse"));
	database.run("GRANT USAGE ON SCHEMA shop TO warehouse");
	database.run_as_owner(kShop);
	database.publish(order_handling());

	load_orders(database);

	std::atomic<int> closed{0};
	in_parallel(kPeople + 1, [&](int i) {
		if (i < kPeople)
			return close_tasks(database, people[static_cast<std::size_t>(i)], i, closed);
		// Payments come in when a third of the tasks is done: for some orders the wait has begun, for others it has not.
		const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
		while (closed < kOrders / 3 && std::chrono::steady_clock::now() < deadline)
			std::this_thread::sleep_for(milliseconds(5));
		database.run_as_owner("UPDATE orders SET paid_at = now() WHERE id % 10 < 3");
	});
	ASSERT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE name = 'pack' AND status = 'closed'"), kOrders)
		<< database.state();

	// Nobody can wait for 30 days: the timeouts of the orders not paid are brought forward where they stand.
	EXPECT_EQ(database.number(
				  "WITH unpaid AS (SELECT a.id FROM bpt.activity_instance a JOIN bpt.process_instance p ON p.id ="
				  " a.process_id WHERE a.timeout > now() AND p.entity_key::bigint % 10 >= 3),"
				  " moved AS (UPDATE bpt.activity_instance SET timeout = now() WHERE id IN (TABLE unpaid)),"
				  " due AS (UPDATE bpt.queue_timer SET due = now() WHERE activity_id IN (TABLE unpaid) RETURNING 1)"
				  " SELECT count(*) FROM due"),
			  kOrders - kPaid);

	ASSERT_TRUE(database.wait_until("all instances ended and the queues empty",
									"NOT EXISTS (SELECT FROM bpt.process WHERE status NOT IN ('closed', 'terminated'))"
									" AND NOT EXISTS (SELECT FROM bpt.queue_ready) AND NOT EXISTS (SELECT FROM"
									" bpt.queue_event) AND NOT EXISTS (SELECT FROM bpt.queue_delivery)",
									std::chrono::minutes(2)));

	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process WHERE status = 'closed'"), kOrders);
	EXPECT_EQ(database.number("SELECT count(DISTINCT entity_key) FROM bpt.process"), kOrders);
	EXPECT_EQ(database.number(
				  "SELECT count(*) FROM orders WHERE id % 10 < 3 AND status = 'shipped' AND tracking IS NOT NULL"),
			  kPaid);
	EXPECT_EQ(
		database.number("SELECT count(*) FROM orders WHERE id % 10 >= 3 AND status = 'cancelled' AND tracking IS NULL"),
		kOrders - kPaid);
	EXPECT_EQ(database.number("SELECT count(*) FROM invoice"), kOrders);
	EXPECT_EQ(
		database.number("SELECT count(*) FROM orders o JOIN invoice i ON i.order_id = o.id AND i.amount = o.total"),
		kOrders);
	EXPECT_EQ(
		database.value("SELECT string_agg(format('%s %s %s', name, status, count), ', ' ORDER BY name, status) FROM"
					   " (SELECT name, status, count(*) FROM bpt.activity GROUP BY 1, 2) counted"),
		"cancel closed 7000, invoice closed 10000, pack closed 10000, payment closed 3000, payment expired 7000,"
		" provision closed 10000, ship closed 3000");
	EXPECT_EQ(database.number("SELECT count(DISTINCT closed_by) FROM bpt.activity WHERE name = 'pack'"), kPeople);
	EXPECT_EQ(
		database.number("SELECT count(*) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id JOIN orders o"
						" ON o.id::text = p.entity_key WHERE a.name = 'pack' AND o.status = 'shipped'"
						" AND o.tracking <> format('%s in %s', o.id, a.id % 5 + 1)"),
		0);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

} // namespace
