// Case `single_insert`: transactions of one inserted row, two clients, synchronous_commit off, into a table that launches a
// process for each row, against the same into a bare table.
#include "inserts.hpp"

#include <atomic>

namespace {

using namespace bpt_bench;

/// Transactions a second.
double insert_each(const std::string &how, long seconds)
{
	Database database("insert");
	listen(database, how);
	database.run("CHECKPOINT");
	std::atomic<long> inserted = 0;
	const double took = clients(
		database, 2,
		[](pqxx::connection &connection) {
			connection.prepare("insert", "INSERT INTO orders (customer, total, status) VALUES ($1, $2, 'new')");
			pqxx::nontransaction(connection).exec("SET synchronous_commit = off");
		},
		[&](int client, pqxx::nontransaction &session) {
			const double end = now_seconds() + static_cast<double>(seconds);
			long mine = 0;
			for (; now_seconds() < end; mine++)
				session.exec_prepared("insert", "customer " + std::to_string(client), mine % 500);
			inserted += mine;
		});
	check_inserted(database, how, inserted);
	return static_cast<double>(inserted) / took;
}

Result single_insert()
{
	const long runs = setting("BENCH_RUNS", 5);
	const long seconds = setting("BENCH_SECONDS", 5);
	std::vector<Side> sides;
	for (const char *how : {"bpt", "bare", "row"})
		sides.push_back({how, [how, seconds] { return insert_each(how, seconds); }});
	by_turns(runs, "transactions/s", sides);
	Result result = compared("transactions/s", sides);
	result.targets = {at_least(result, 0.90)};
	result.extra = {{"row_trigger_by_hand", sides[2].found.median()}};
	result.remarks = {"The floor is the bare table; the workers are held."};
	return result;
}

const Register registered(8, "single_insert", single_insert);

} // namespace
