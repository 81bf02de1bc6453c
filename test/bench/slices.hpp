// Short transactions of two clients, of several sides by turns: each side a quarter of a second, then the next one.
//
// What a transaction of a few dozen microseconds takes depends on who else has the processors and on where the system puts
// clients and backends, which changes from second to second. Sides that take turns so quickly meet the same of it.
#pragma once
#include "trial.hpp"

#include <memory>

namespace bpt_bench {

/// One of those that are compared. Its databases are made anew for each run.
struct SlicedSide
{
	std::string name;
	/// Makes and fills the database of a run.
	std::function<std::unique_ptr<Database>()> make;
	/// Throws if something is wrong after that many transactions.
	std::function<void(Database &, long)> check;
	Sample rates = {}; // of the runs
};

/// What each client does: prepare its statements, and one transaction, the n-th of this client.
struct SlicedClient
{
	std::function<void(pqxx::connection &)> prepare;
	std::function<void(pqxx::nontransaction &, int client, long n)> transact;
};

/// Transactions a second of the first side against those of the second, of two clients with synchronous_commit off. A
/// run's rate is the median of its slices, `seconds` in all for each side. The clock of a slice stops when its WAL is
/// flushed, so that none is left for the next side to wait for.
Result compared_in_slices(long runs, long seconds, std::vector<SlicedSide> &sides, const SlicedClient &client);

} // namespace bpt_bench
