// Cases `update_unmatched.a`, `.b`, `.c`: UPDATEs that no listener wants, of a table that has listeners, against the same on
// a bare table: (a) one statement that sets a column that no listener names, (b) one that sets a named column while the
// condition is false, (c) the latter in transactions of one row, two clients, synchronous_commit off.
#include "inserts.hpp"
#include "slices.hpp"

namespace {

using namespace bpt_bench;

constexpr const char *kDefinition = R"bpt(
PROCESS shipment LAUNCH ON UPDATE OF orders (status) AS order_id WHERE (status = 'shipped');
START -> delivered;
WAIT delivered CLOSE ON UPDATE OF orders (status) WHERE (id = order_id AND status = 'delivered') -> END;
)bpt";

/// Orders with room beside each for its next version, so that an UPDATE costs the same every time.
void prepare(Database &database, bool listened_to, long rows)
{
	database.run(kOrders);
	database.run("ALTER TABLE orders SET (fillfactor = 45, autovacuum_enabled = off)");
	if (listened_to)
	{
		install(database);
		publish(database, kDefinition);
		hold(database);
	}
	database.run(fill_orders(rows));
	database.run("VACUUM (FREEZE, ANALYZE) orders");
	database.run("CHECKPOINT");
}

/// Throws if somebody heard of the UPDATEs.
void check(Database &database, bool listened_to)
{
	if (listened_to)
		database.require("events", "SELECT count(*) FROM bpt.event_queue", "0");
}

/// Rows a second: the median of some UPDATEs of all rows, after one that writes every page first.
double update_all(bool listened_to, const std::string &set, long rows)
{
	constexpr int kTimes = 5;
	Database database("update");
	prepare(database, listened_to, rows);
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	Sample seconds;
	for (int i = 0; i <= kTimes; i++)
	{
		const double start = now_seconds();
		session.exec("UPDATE orders SET " + set);
		if (i > 0)
			seconds.values.push_back(now_seconds() - start);
		session.exec("VACUUM orders");
	}
	check(database, listened_to);
	return static_cast<double>(rows) / seconds.median();
}

Result compare(const char *unit, double least, const std::function<double(bool)> &run)
{
	std::vector<Side> sides = {{"bpt", [&] { return run(true); }}, {"bare", [&] { return run(false); }}};
	by_turns(setting("BENCH_RUNS", 5), unit, sides);
	Result result = compared(unit, sides);
	result.targets = {at_least(result, least)};
	return result;
}

Result column_not_named()
{
	const long rows = setting("BENCH_ROWS", 100000);
	return compare("rows/s", 0.90,
				   [&](bool listened_to) { return update_all(listened_to, "total = total + 1", rows); });
}

Result condition_false()
{
	const long rows = setting("BENCH_ROWS", 100000);
	return compare("rows/s", 0.80,
				   [&](bool listened_to) { return update_all(listened_to, "status = status || '.'", rows); });
}

Result single_row()
{
	const long rows = setting("BENCH_ROWS", 100000);
	const auto side = [rows](const char *name, bool listened_to) {
		return SlicedSide{name,
						  [=] {
							  auto database = std::make_unique<Database>(std::string("update_") + name);
							  prepare(*database, listened_to, rows);
							  return database;
						  },
						  [=](Database &database, long) { check(database, listened_to); }};
	};
	std::vector<SlicedSide> sides = {side("bpt", true), side("bare", false)};
	const SlicedClient client = {[](pqxx::connection &connection) {
									 connection.prepare("update", "UPDATE orders SET status = $2 WHERE id = $1");
								 },
								 [half = rows / 2](pqxx::nontransaction &session, int number, long n) {
									 // A stride that shares no factor with most sizes visits all rows of this client's half.
									 session.exec_prepared("update", number * half + 1 + (n * 7919) % half,
														   "packed " + std::to_string(n));
								 }};
	Result result = compared_in_slices(setting("BENCH_RUNS", 5), setting("BENCH_SECONDS", 5), sides, client);
	result.targets = {at_least(result, 0.95)};
	return result;
}

const Register a(7.1, "update_unmatched.a", column_not_named);
const Register b(7.2, "update_unmatched.b", condition_false);
const Register c(7.3, "update_unmatched.c", single_row);

} // namespace
