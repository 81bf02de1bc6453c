// Items that a worker passes over for a while, longer each time, because trying them at once would be in vain.
//
// A short list of this worker's own; other workers have theirs. When it is full the entry that ends first gives way.
#pragma once
#include "queue/work.hpp"

namespace bpt::worker {

enum class Reason
{
	blocked,  // somebody holds its instance: what is committed next may free it
	conflict, // it lost a lock or a serialization
	failed,   // it failed, and may be where it was
};

/// Passes an item over from now on. False if that was done too often for a conflict: then it is a failure.
bool pass_over(queue::Queue queue, int64 id, Reason reason);
bool is_passed_over(queue::Queue queue, int64 id, TimestampTz now);
/// When the next of them may be tried again; PG_INT64_MAX: there is none.
TimestampTz next_pause_end(TimestampTz now);
/// The item is done.
void forget_pause(queue::Queue queue, int64 id);
/// Something was committed: blocked items may be tried again.
void forget_blocked();

} // namespace bpt::worker
