// Case `bulk_insert`: many rows inserted by one statement into a table that launches a process for each, against the bare
// statement; beside it the triggers that one would write by hand.
#include "inserts.hpp"

namespace {

using namespace bpt_bench;

/// Rows a second of one statement, its commit included, after a small one that fills the session's caches.
double insert_rows(const std::string &how, long rows)
{
	constexpr long kWarmUp = 1000;
	Database database("insert");
	listen(database, how);
	database.run("CHECKPOINT");
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	session.exec(fill_orders(kWarmUp));
	const double start = now_seconds();
	session.exec(fill_orders(rows, kWarmUp + 1));
	const double seconds = now_seconds() - start;
	check_inserted(database, how, rows + kWarmUp);
	return static_cast<double>(rows) / seconds;
}

Result bulk_insert()
{
	const long runs = setting("BENCH_RUNS", 5);
	const long rows = setting("BENCH_ROWS", 100000);
	std::vector<Side> sides;
	for (const char *how : {"bpt", "bare", "statement", "row"})
		sides.push_back({how, [how, rows] { return insert_rows(how, rows); }});
	by_turns(runs, "rows/s", sides);
	Result result = compared("rows/s", sides);
	result.targets = {at_least(result, 0.70)};
	result.extra = {{"statement_trigger_by_hand", sides[2].found.median()},
					{"row_trigger_by_hand", sides[3].found.median()}};
	result.remarks = {"The floor is the bare INSERT; the workers are held."};
	return result;
}

const Register registered(6, "bulk_insert", bulk_insert);

} // namespace
