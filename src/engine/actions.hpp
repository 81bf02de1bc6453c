// What people and programs do to processes: the actions behind the SQL functions of BPT.md §8.
//
// Each takes ids as given (already checked for NULL), checks rights and state, changes the instance inside the caller's
// transaction and advances it as far as that goes at once. Errors are BPT's SQLSTATEs; then nothing has changed.
#pragma once
#include "expr/definition.hpp"

namespace bpt::engine {

/// One argument of a launch or close: a value of `type`, or one that was written as JSON.
struct Argument
{
	const char *name;
	Datum value;
	bool isnull;
	Oid type;
	JsonbValue *json = nullptr; // where it is set, `value` and `type` are not
};

/// Starts an instance and returns its id. The caller must be allowed to launch.
int64 launch(expr::Definition *definition, const Argument *arguments, int count);
/// Ends a task or wait normally. Returns the next task's id, 0: none.
int64 close_activity(int64 activity_id, const Argument *arguments, int count);
int64 skip_activity(int64 activity_id);
/// Ends an activity, and its path with it.
void discard_activity(int64 activity_id);
/// Whether there is such an activity, of this kind, that the caller may know of.
bool is_valid_activity(int64 activity_id, const char *kind);
/// Starts a flow of a conditional start, given by the activity that listens. Returns as close_activity does.
int64 start_activity(int64 activity_id, const Argument *arguments, int count);
/// Takes a task; returns its URL (null if it has none).
char *open_activity(int64 activity_id);
void reset_activity(int64 activity_id, bool reset_user);
void schedule_activity(int64 activity_id, bool has_date, TimestampTz start_date);
char *activity_url(int64 activity_id);
void assign_to_user(int64 activity_id, const char *user); // null: to nobody
void set_group(int64 activity_id, const char *group);     // null: to none
bool check_role(int64 activity_id, const char *user);
/// Has a task handle now the events that it has not handled yet; returns how many met its conditions.
int32 flush_events(int64 activity_id);
void set_due_date(int64 activity_id, bool has_date, TimestampTz due_date);
void retry_activity(int64 activity_id);
/// A suspended process takes no step until it is resumed. Their children with them.
void suspend_process(int64 process_id);
void resume_process(int64 process_id);
/// A terminated process goes on where it was stopped.
void restart_process(int64 process_id);
/// Ends an activity, and has its path go on at another element.
void move_process(int64 process_id, int64 activity_id, const char *to);
/// Tries what is left of a failed event again at once.
void retry_event(int64 event_id);
/// Gives up what is left of a failed event.
void discard_event(int64 event_id);
/// Ends a process and its activities as terminated. `terminate` checks rights, `terminate_process` does not.
void terminate(int64 process_id);
void terminate_process(int64 process_id);
/// Deletes an ended instance with its children and all that belongs to them.
void delete_process(int64 process_id);
/// Deletes top-level instances that ended before an instant, of one process or (0) of all that the caller administers,
/// at most `most` (0: no limit); those that somebody holds are passed over. True if there are more.
bool delete_processes(TimestampTz older_than, int64 process_def_id, int64 most);

/// The arguments of a jsonb object, values as they stand in it; WF005 if it is not an object.
int arguments_of(Jsonb *object, Argument **arguments);

} // namespace bpt::engine
