// Case `task`: people's tasks opened and closed by SQL calls, a transaction each, two clients, synchronous_commit off,
// against two bare UPDATEs of one row, a transaction each.
#include "trial.hpp"

namespace {

using namespace bpt_bench;

constexpr const char *kDefinition = R"bpt(
PROCESS errand LAUNCH ON INSERT INTO orders AS order_id DETAIL ('Order ' || order_id);
START -> pack;
HUMAN pack -> END;
)bpt";

/// Runs two statements for each of many ids, split between two clients; returns pairs a second.
double pairs(Database &database, const std::string &first, const std::string &second, const std::vector<long> &ids)
{
	const double seconds = clients(
		database, 2,
		[&](pqxx::connection &connection) {
			connection.prepare("first", first);
			connection.prepare("second", second);
			pqxx::nontransaction(connection).exec("SET synchronous_commit = off");
		},
		[&](int client, pqxx::nontransaction &session) {
			for (std::size_t i = static_cast<std::size_t>(client); i < ids.size(); i += 2)
			{
				session.exec_prepared("first", ids[i]);
				session.exec_prepared("second", ids[i]);
			}
		});
	return static_cast<double>(ids.size()) / seconds;
}

std::vector<long> ids_of(Database &database, const std::string &query)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	std::vector<long> ids;
	for (const pqxx::row &row : session.exec(query))
		ids.push_back(row[0].as<long>());
	return ids;
}

double ours(long tasks)
{
	const std::string all = std::to_string(tasks);
	Database database("task");
	install(database);
	database.run(kOrders);
	publish(database, kDefinition);
	hold(database);
	database.run(fill_orders(tasks));
	drain(database, "SELECT count(*) = " + all + " FROM bpt.activity WHERE status = 'ready'");
	hold(database);
	database.run("CHECKPOINT");
	const double rate = pairs(database, "SELECT bpt.activity_open($1)", "SELECT bpt.activity_close($1)",
							  ids_of(database, "SELECT id FROM bpt.activity ORDER BY id"));
	database.require("closed tasks", "SELECT count(*) FROM bpt.activity WHERE status = 'closed' AND opened IS NOT NULL",
					 all);
	database.require("closed instances", "SELECT count(*) FROM bpt.process WHERE status = 'closed'", all);
	database.require_idle();
	return rate;
}

double by_hand(long tasks)
{
	Database database("by_hand");
	database.run(kOrders);
	database.run(fill_orders(tasks));
	database.run("VACUUM ANALYZE orders");
	database.run("CHECKPOINT");
	const double rate = pairs(database, "UPDATE orders SET status = 'opened' WHERE id = $1",
							  "UPDATE orders SET status = 'closed' WHERE id = $1",
							  ids_of(database, "SELECT id FROM orders ORDER BY id"));
	database.require("closed orders", "SELECT count(*) FROM orders WHERE status = 'closed'", std::to_string(tasks));
	return rate;
}

Result task()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long tasks = setting("BENCH_TASKS", 20000);
	std::vector<Side> sides = {{"bpt", [&] { return ours(tasks); }}, {"two UPDATEs", [&] { return by_hand(tasks); }}};
	by_turns(runs, "tasks/s", sides);
	Result result = compared("tasks/s", sides);
	result.targets = {at_least(result, 0.5)};
	result.remarks = {"The floor is two bare UPDATE transactions of one row; the workers are held."};
	return result;
}

const Register registered(11, "task", task);

} // namespace
