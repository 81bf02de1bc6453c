// Updates of the same rows from many commits, by several sessions: a wait in a loop gets each of them, in order.
#include "database.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

using namespace bpt_test;

constexpr int kMeters = 16;
constexpr int kReadings = 150;
constexpr int kSessions = 4;

TEST(EventOrder, a_wait_in_a_loop_gets_each_in_order)
{
	Database database("event_order");
	database.run_as_owner(
		"CREATE TABLE meter (id bigint PRIMARY KEY, reading int NOT NULL DEFAULT 0);"
		"CREATE TABLE observed (seq bigint GENERATED ALWAYS AS IDENTITY, meter bigint, was int, is_now int)");
	// The wait is made anew while the event before is delivered, so that no update can fall between two waits.
	database.publish(R"bpt(
PROCESS watch LAUNCH ON INSERT INTO meter AS meter_id;
START -> change;
WAIT change INPUT (earlier int, later int)
  CLOSE ON UPDATE OF meter (reading) WHERE (id = meter_id) WITH (earlier => old.reading, later => new.reading)
  ON CLOSE DO (INSERT INTO observed (meter, was, is_now) VALUES (meter_id, earlier, later))
  -> more;
DECISION more WHEN (change.later < 150) -> change ELSE -> END;
)bpt");
	database.run_as_owner("INSERT INTO meter (id) SELECT generate_series(1, " + std::to_string(kMeters) + ")");
	ASSERT_TRUE(database.wait_until("all listening",
									"(SELECT count(*) = " + std::to_string(kMeters) +
										" FROM bpt.activity WHERE status = 'listening')",
									seconds(20)));

	// Every session goes through all meters, one reading a commit, so that two often want the same row.
	in_parallel(kSessions, [&](int session) {
		pqxx::connection connection(database.conninfo(database.owner()));
		connection.prepare("read", "UPDATE meter SET reading = reading + 1 WHERE id = $1 AND reading < 150");
		for (int i = 0; i < kReadings * kMeters / kSessions; i++)
		{
			pqxx::work work(connection);
			work.exec_prepared("read", i * (session % 2 == 0 ? 1 : 3) % kMeters + 1);
			if (i % 7 == 0)
				work.abort();
			else
				work.commit();
		}
	});
	// What rolled back, or missed its meter, is made up for, several readings in one transaction.
	database.run_as_owner(R"sql(
DO $$
BEGIN
  WHILE EXISTS (SELECT FROM meter WHERE reading < 150) LOOP
    UPDATE meter SET reading = reading + 1 WHERE reading < 150;
  END LOOP;
END $$)sql");
	ASSERT_TRUE(database.wait_until("all closed", "NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')",
									seconds(60)));

	EXPECT_EQ(database.number("SELECT count(*) FROM observed"), kMeters * kReadings);
	EXPECT_EQ(database.number(
				  "SELECT count(*) FROM (SELECT was, is_now, row_number() OVER (PARTITION BY meter ORDER BY seq) AS n"
				  " FROM observed) o WHERE is_now <> n OR was <> n - 1"),
			  0)
		<< database.table(
			   "SELECT * FROM (SELECT meter, seq, was, is_now, row_number() OVER (PARTITION BY meter ORDER BY seq) AS n"
			   " FROM observed) o WHERE is_now <> n OR was <> n - 1 ORDER BY seq LIMIT 10");
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE status = 'closed'"), kMeters * kReadings);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

// The workers want the events of the same slot; who is turned away must not sleep while they wait.
TEST(EventOrder, a_backlog_in_one_slot_is_done_without_the_regular_look)
{
	if (!is_private_server())
		GTEST_SKIP() << "changes bpt.poll_interval of the server, which is not private";
	Database database("event_backlog");
	const ServerSetting poll(database, "bpt.poll_interval", "1h");
	constexpr int kSubjects = 500;
	constexpr int kRounds = 20;
	database.run_as_owner("CREATE TABLE subject (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)");
	database.publish(R"bpt(
PROCESS watch LAUNCH ON INSERT INTO subject AS subject_id;
START -> change;
WAIT change CLOSE ON UPDATE OF subject (n) WHERE (id = subject_id) -> again;
DECISION again WHEN (subject_id < 0) -> END ELSE -> change;
)bpt");
	database.run_as_owner("INSERT INTO subject SELECT generate_series(1, " + std::to_string(kSubjects) + ")");
	ASSERT_TRUE(database.wait_until(
		"all listening", "(SELECT count(*) = " + std::to_string(kSubjects) + " FROM bpt.listener)", seconds(60)));
	database.run("SELECT bpt.hold()");
	for (int i = 0; i < kRounds; i++)
		database.run_as_owner("UPDATE subject SET n = n + 1");
	database.run("SELECT bpt.release()");
	ASSERT_TRUE(database.wait_until("all events done", "NOT EXISTS (SELECT FROM bpt.event_queue)", seconds(60)));
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE status = 'closed'"), kSubjects * kRounds);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.listener"), kSubjects);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
}

// An event launches a process, whose EXECUTE begins a wait in another; that is ended by a later event, which leads to a wait
// of the first. Each event comes as soon as the one before is committed, and concerns another row: none is too early.
TEST(EventOrder, waits_that_follow_each_other_through_execute_miss_nothing)
{
	constexpr int kOrders = 600;
	Database database("event_order_execute");
	database.run_as_owner("CREATE TABLE purchase (id bigint PRIMARY KEY);"
						  "CREATE TABLE bill (id bigint PRIMARY KEY, paid boolean NOT NULL DEFAULT false);"
						  "CREATE TABLE parcel (id bigint PRIMARY KEY, sent boolean NOT NULL DEFAULT false);"
						  "INSERT INTO bill SELECT 100000 + n FROM generate_series(1, 600) n;"
						  "INSERT INTO parcel SELECT 200000 + n FROM generate_series(1, 600) n");
	database.publish(R"bpt(
PROCESS payment (purchase bigint);
START -> paid;
WAIT paid CLOSE ON UPDATE OF bill (paid) WHERE (id = 100000 + process.purchase) -> END;
)bpt");
	// The sessions know the table of the process above before another one executes it.
	std::vector<std::unique_ptr<pqxx::connection>> connections;
	for (int i = 0; i < kSessions; i++)
	{
		connections.push_back(std::make_unique<pqxx::connection>(database.conninfo(database.owner())));
		pqxx::work work(*connections.back());
		work.exec("UPDATE bill SET paid = false");
		work.commit();
	}
	database.publish(R"bpt(
PROCESS purchase_handling LAUNCH ON INSERT INTO purchase AS purchase_id;
START -> payment;
EXECUTE payment PROCESS payment (purchase => purchase_id) -> sent;
WAIT sent CLOSE ON UPDATE OF parcel (sent) WHERE (id = 200000 + process.purchase_id) -> END;
)bpt");
	in_parallel(kSessions, [&](int session) {
		pqxx::connection &connection = *connections[static_cast<std::size_t>(session)];
		connection.prepare("buy", "INSERT INTO purchase VALUES ($1)");
		connection.prepare("pay", "UPDATE bill SET paid = true WHERE id = 100000 + $1");
		connection.prepare("send", "UPDATE parcel SET sent = true WHERE id = 200000 + $1");
		for (int i = session + 1; i <= kOrders; i += kSessions)
			for (const char *const step : {"buy", "pay", "send"})
			{
				pqxx::work work(connection);
				work.exec_prepared(step, i);
				work.commit();
			}
	});
	EXPECT_TRUE(database.wait_until("all closed", "(SELECT count(*) = 1200 FROM bpt.process WHERE status = 'closed')",
									seconds(60)))
		<< database.state();
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

} // namespace
