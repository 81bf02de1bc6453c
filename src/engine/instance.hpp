// An instance's rows: reading, locking, changing them.
//
// The lock on the process row (FOR NO KEY UPDATE) guards every change of the instance. Rows are read anew for each change
// (from those in hand), so that user code that acts on its own instance in between is never overwritten.
#pragma once
#include "engine/rows_in_hand.hpp"
#include "engine/values.hpp"
#include "expr/code.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

/// Which instance, of which definition. Cheap to copy; holds no state that changes.
struct Instance
{
	int64 id = 0;
	expr::Definition *definition = nullptr;
	int priority = 1; // as core::Priority: 0 low, 1 normal, 2 high
	explicit operator bool() const { return id != 0; }
};

/// Its process row and activity rows, as they are now.
pg::Row read_process(int64 process_id);
pg::Row read_activity(int64 activity_id);

/// An activity as it is now that its process is locked; `seen`: its row as it was read before.
pg::Row read_activity_again(const pg::Row &seen);

/// The instance of a process row.
Instance instance_of(const pg::Row &process);

/// Locks the process row, so that this transaction alone may change the instance; counts the change (bpt's guard against
/// callers with an older snapshot, which get 40001). A row that is gone is not found. With `skip`, neither is a locked one.
pg::Row lock_process(int64 process_id, bool skip = false);

/// The same for less, where its row was read before in this transaction.
pg::Row lock_process_again(const pg::Row &seen, bool skip);

/// True if nobody has changed the instance between the look that gave `seen` and the lock that gave `locked`.
bool counts_no_change(const pg::Row &seen, const pg::Row &locked);
/// The activity, whose instance was locked just now and not before: as it was seen, after `process` was, if nothing has
/// changed since.
pg::Row read_activity_locked(const pg::Row &seen, const pg::Row &process, const pg::Row &locked);

/// The same for a row that is about to be deleted: that is change enough.
pg::Row lock_process_to_delete(int64 process_id, bool skip);
/// The same where its row was read just now, without waiting.
pg::Row lock_process_to_delete(const pg::Row &seen);

/// Reads a row anew, lets f change it, writes it.
template <typename F>
void change_process(int64 process_id, F f)
{
	pg::Row row = read_process(process_id);
	f(row);
	save(Kept::process, row);
}
template <typename F>
void change_activity(int64 activity_id, F f)
{
	pg::Row row = read_activity(activity_id);
	f(row);
	save(Kept::activity, row);
}

/// process_instance.status of a row.
inline ProcessStatus process_status(const pg::Row &row)
{
	return static_cast<ProcessStatus>(row.int2(process_instance::status));
}
inline ActivityStatus activity_status(const pg::Row &row)
{
	return static_cast<ActivityStatus>(row.int2(activity_instance::status));
}
/// The name of an element as a C string in the current memory context.
char *name_of(const Instance &instance, int element);
/// True until the instance has ended.
bool is_active(int64 process_id);
/// True while the instance takes steps: it is active and not suspended.
bool is_running(int64 process_id);

/// The status as views and messages show it.
const char *status_name(ActivityStatus status);
/// The status as the rest of a sentence: "is ready", "is in error".
const char *state_of(ActivityStatus status);
const char *status_name(ProcessStatus status);
ActivityKind kind_of(core::Kind kind);
/// The code of a kind, as bpt.activity.kind shows it.
const char *kind_name(ActivityKind kind);

/// Moves an activity row to `to`; the one judge of legal moves. An illegal one is an internal error, as callers check
/// what users ask for before.
void move_to(pg::Row &activity, ActivityStatus to);

} // namespace bpt::engine
