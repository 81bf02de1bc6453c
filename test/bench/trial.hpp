// How rates are taken: the sides by turns, from the release of held workers to the commit of the last of a backlog, or by
// clients side by side; and what it cost in WAL.
#pragma once
#include "bench.hpp"

namespace bpt_bench {

/// The table of orders that most cases work on, and rows for it.
extern const char *const kOrders;
std::string fill_orders(long count, long first = 1);

/// Makes the extension, and has it publish a definition. What bpt does not do yet ends the case, see NotRun.
void install(Database &database);
void publish(Database &database, const std::string &definition);

/// Holds the work; returns once the workers are there. What is done from now on makes a backlog.
void hold(Database &database);
/// Waits until workers serve the database and have nothing to do, or are held.
void await_workers(Database &database);
/// Releases the work and returns the seconds until the commit of the last of it, which a query confirms.
double drain(Database &database, const std::string &done);
/// The same where the work is not held.
double await_done(Database &database, const std::string &done, double limit = 3600);

/// Runs n clients side by side, each with its number from 0, and returns the seconds they took. Their connections are made
/// and prepared before.
double clients(Database &database, int n, const std::function<void(pqxx::connection &)> &prepare,
			   const std::function<void(int, pqxx::nontransaction &)> &run);

/// Bytes of WAL since it was made; what full-page images take of them apart.
class WalMeter
{
public:
	WalMeter();
	struct Bytes
	{
		double records;
		double images;
	};
	Bytes written() const;

private:
	std::string start_;
};

/// One of those that are compared: what it is called, and what one run of it, in a fresh database, gives.
struct Side
{
	std::string name;
	std::function<double()> run;
	Sample found = {};
};

/// Runs all sides several times, by turns, so that a machine that becomes busy slows all.
void by_turns(long runs, const std::string &unit, std::vector<Side> &sides);
/// The first side against the second.
Result compared(const std::string &unit, const std::vector<Side> &sides);
/// The target that is a least ratio to the floor.
Target at_least(const Result &result, double ratio);

} // namespace bpt_bench
