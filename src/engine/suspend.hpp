// Suspending and resuming instances, with the processes that their EXECUTEs run.
//
// A suspended instance takes no step and loses nothing: calls that would move it are refused (task.hpp), workers hold its
// work (queue/hold.hpp), an advance that finds itself suspended leaves the rest to a worker. Locks: the process row, then
// those of its children, downwards.
#pragma once
#include "engine/instance.hpp"
#include "queue/hold.hpp"

namespace bpt::engine {

/// True for the row of an active process that is suspended.
bool is_suspended(const pg::Row &process);

/// Suspends or resumes an active instance, its process row locked, and its children that are not so already.
void suspend(int64 process_id);
void resume(int64 process_id);

/// Holds a claimed item whose instance is suspended. False if the item stays as it is: its instance is locked by another
/// or has been resumed.
bool set_aside(const queue::Item &item);

} // namespace bpt::engine
