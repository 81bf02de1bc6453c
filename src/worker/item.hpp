// One item from claim to commit, in a worker.
#pragma once
#include "queue/work.hpp"

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

/// Whether only what was due at the last unclean start is taken, one at a time, with a line in bpt.attempt.
struct Caution
{
	bool on = false;
	TimestampTz start = 0;
	int64 event = 0; // ids that came after
	int64 delivery = 0;
	int64 ready = 0;
	int64 timer = 0;
	int64 email = 0;
};
/// Begins caution: what is queued now is what was due at the start. Needs a transaction.
void begin_caution(Caution *caution, TimestampTz start);
/// Frees what was remembered for it.
void forget_caution();

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
