// One item from claim to commit, in a worker.
#pragma once
#include "worker/due_at_start.hpp"

namespace bpt::worker {

/// How a worker's look for work ended.
enum class Turn
{
	worked,  // there may be more
	nothing, // nothing is due; `until` says when to look again
	gone,    // the extension is not installed
	outdated,
	held,
	failed, // looking itself failed
};

/// Whether there is anything to look for here: Turn::nothing, gone, outdated, held or failed.
Turn check(MemoryContext context);

/// Looks for one item and does it: one transaction, two with a line, one more if it fails. `context` is emptied before.
/// `until`: set for Turn::nothing, at the latest `limit`.
Turn do_one(MemoryContext context, const Caution &caution, TimestampTz limit, TimestampTz *until);
/// What an item of the queue was doing, as incidents name it.
const char *phase_of(queue::Queue queue);
/// Shows an automatic activity that an item has led to (engine::on_run_in_line).
void show_run_in_line(int64 process_id, const char *process, int64 activity_id, const char *activity);

} // namespace bpt::worker
