// The process of most cases: three automatic steps, each an UPDATE of the order, launched by inserted rows; and the same
// done by hand (floors/process.sql).
#pragma once
#include "trial.hpp"

namespace bpt_bench {

enum class Each
{
	batch,
	commit
}; // COMMIT EACH or not

/// Publishes it in a database that has bpt and the orders.
void publish_three_steps(Database &database, Each each = Each::batch);
/// True once this many instances are closed.
std::string three_steps_done(long instances);
/// Throws unless that many instances are closed, with all of their steps, and nothing is left.
void check_three_steps(Database &database, long instances);
/// A fresh database with a backlog of that many, held.
void prepare_three_steps(Database &database, long instances, Each each = Each::batch);

/// Instances a second of a backlog, and what one costs in WAL.
struct Rate
{
	double per_second;
	WalMeter::Bytes wal; // an instance
};
Rate run_three_steps(long instances, Each each);
/// By hand in two sessions; commit_after as floors/process.sql has it.
Rate run_by_hand(long instances, const char *commit_after);

} // namespace bpt_bench
