// What was due at an unclean start, and what doing it has led to: under caution nothing else is taken.
#pragma once
#include "queue/work.hpp"

namespace bpt::worker {

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
/// Ends it.
void end_caution(Caution *caution);
/// True for what was due at the start, or was queued by a transaction that did such a thing.
bool is_due_at_start(const Caution &caution, const queue::Item &item);
/// Notes that the transaction at hand did such a thing.
void note_cautious_transaction();

} // namespace bpt::worker
