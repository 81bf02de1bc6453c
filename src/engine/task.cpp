// Finding a task and judging the caller's right to it (task.hpp).
//
// Locks: the instance's process row.
#include "pg/postgres.hpp"

#include "engine/task.hpp"
#include "engine/users.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

[[noreturn]] void no_such_activity(int64 activity_id)
{
	ereport(ERROR, (errcode(kNoSuchObject), errmsg("activity " INT64_FORMAT " does not exist", activity_id)));
	pg_unreachable();
}

[[noreturn]] void not_offered(const Task &task)
{
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("activity " INT64_FORMAT " is not offered to user \"%s\"", task.id(), task.user)));
	pg_unreachable();
}

/// To a stranger a task is one that is not theirs, and any other activity is none; nothing tells them its state.
bool is_visible(const Task &task)
{
	if (task.administers || may_see(task.instance.definition))
		return true;
	if (task.kind() != core::Kind::human)
		return task.definition().model->is_public;
	const char *const opened_by = task.activity.text(ai::opened_by);
	return is_offered(task, task.user) || (opened_by != nullptr && strcmp(opened_by, task.user) == 0);
}

void require_visible(const Task &task)
{
	if (is_visible(task))
		return;
	if (task.kind() != core::Kind::human)
		no_such_activity(task.id());
	not_offered(task);
}

/// Reads what there is of an activity; false if it is gone.
bool read_task(int64 activity_id, bool lock, Task *task)
{
	task->activity = read_activity(activity_id);
	if (!task->activity)
		return false;
	const int64 process_id = task->activity.int8(ai::process_id);
	task->user = acting_user();
	as_action(*task, [&] { task->process = lock ? lock_process(process_id) : read_process(process_id); });
	if (!task->process)
		return false;
	if (lock)
	{
		task->activity = read_activity_again(task->activity);
		if (!task->activity) // a decision that went on just then
			return false;
	}
	task->instance = instance_of(task->process);
	task->element = element_of(task->instance, task->activity);
	task->administers = may_administer(task->instance.definition);
	return true;
}

Task task_of(int64 activity_id, bool lock)
{
	Task task;
	if (!read_task(activity_id, lock, &task))
		no_such_activity(activity_id);
	require_visible(task);
	return task;
}

} // namespace

Task begin_action(int64 activity_id)
{
	if (expr::current.in_change && expr::current.activity_id == activity_id)
		ereport(ERROR, (errcode(kWrongState),
						errmsg("activity " INT64_FORMAT " is being changed by the action whose callback this is",
							   activity_id)));
	return task_of(activity_id, true);
}

Task look_at(int64 activity_id)
{
	return task_of(activity_id, false);
}

bool find_task(int64 activity_id, Task *task)
{
	return read_task(activity_id, false, task) && is_visible(*task);
}

void require_not_suspended(const Task &task)
{
	if (task.process.boolean(process_instance::is_suspended))
		ereport(ERROR, (errcode(kSuspended), errmsg("process " INT64_FORMAT " is suspended", task.instance.id)));
}

void require_unfinished(const Task &task)
{
	if (is_ended(task.status()))
		ereport(ERROR, (errcode(kWrongState),
						errmsg("activity " INT64_FORMAT " has ended as %s", task.id(), status_name(task.status()))));
}

void require_human(const Task &task, const char *action)
{
	if (task.kind() != core::Kind::human)
		ereport(ERROR, (errcode(kWrongState), errmsg("activity " INT64_FORMAT " is not a human activity", task.id()),
						errdetail("\"%s\" cannot be %s.", name_of(task.instance, task.element), action)));
}

void require_administration(const Task &task, const char *action)
{
	if (!task.administers)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to %s activity " INT64_FORMAT, action, task.id()),
						errdetail("Only the owner of process \"%s\" and members of bpt_admin may.",
								  task.instance.definition->name)));
}

bool is_offered(const Task &task, const char *user)
{
	return offered_to(user, task.activity.text(ai::user_id), task.activity.text(ai::group_id), task.definition());
}

void require_mine(const Task &task, bool others)
{
	switch (task.status())
	{
	case ActivityStatus::ready:
		if (is_offered(task, task.user) || (others && task.administers))
			return;
		not_offered(task);
	case ActivityStatus::opened:
		if (strcmp(task.activity.text(ai::opened_by), task.user) == 0 || (others && task.administers))
			return;
		// To one who could not have taken it, it is no task at all.
		if (!is_offered(task, task.user))
			not_offered(task);
		ereport(ERROR,
				(errcode(kTakenByAnother), errmsg("activity " INT64_FORMAT " is taken by another user", task.id())));
		break;
	default:
		ereport(ERROR,
				(errcode(kWrongState), errmsg("activity " INT64_FORMAT " %s", task.id(), state_of(task.status()))));
	}
}

} // namespace bpt::engine
