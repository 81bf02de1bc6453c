// What every action on an activity needs first: the rows, the lock, and whether the caller may.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// An activity that a caller wants to act on, its instance locked.
struct Task
{
	Instance instance;
	pg::Row process;
	pg::Row activity;
	int element = -1;
	char *user = nullptr; // who acts
	bool administers = false;

	int64 id() const { return activity.int8(activity_instance::id); }
	const expr::Element &definition() const { return instance.definition->elements[element]; }
	core::Kind kind() const { return definition().model->kind; }
	ActivityStatus status() const { return activity_status(activity); }
};

/// Locks the instance of an activity and reads what there is. WF004 if the activity does not exist, WF002 while the very
/// change of it is running.
Task begin_action(int64 activity_id);
/// Reads an activity without locking anything, for actions that change nothing.
Task look_at(int64 activity_id);
/// The same for who only asks: false if there is none, or none that the caller may know of.
bool find_task(int64 activity_id, Task *task);
/// Runs f() as the caller's action: expr::current says who acts.
template <typename F>
void as_action(const Task &task, F f);

/// Raise where the action cannot be: WF006 suspended, WF002 ended or of the wrong kind, 42501 not offered or no rights,
/// WF003 taken by another.
void require_not_suspended(const Task &task);
void require_unfinished(const Task &task);
void require_human(const Task &task, const char *action);
void require_administration(const Task &task, const char *action);
/// A ready task that is offered to the caller, or one that the caller (or, with `others`, an administrator too) has opened.
void require_mine(const Task &task, bool others);
/// Whether the task is offered to a user.
bool is_offered(const Task &task, const char *user);

} // namespace bpt::engine

#include "expr/current.hpp"

template <typename F>
void bpt::engine::as_action(const Task &task, F f)
{
	expr::Current work = expr::current;
	work.user = task.user;
	work.by_worker = false;
	expr::with_current(work, f);
}
