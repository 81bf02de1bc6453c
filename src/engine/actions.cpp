// Actions that move a process: launch, close, skip, retry (actions.hpp).
//
// Locks: the instance's process row, for the whole action.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/arguments.hpp"
#include "engine/conditional_start.hpp"
#include "engine/email.hpp"
#include "engine/ending.hpp"
#include "engine/incident.hpp"
#include "engine/launch.hpp"
#include "engine/task.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// Ends an activity for the caller and lets the process go on; its first ready task for the caller, or 0.
int64 end_for_caller(const Task &task, Ending ending, Change &change)
{
	int64 next = 0;
	as_action(task, [&] {
		Advance a = begin_advance(task.instance);
		change.closed_by = task.user;
		before_end(scope_of(task.instance, task.activity), ending, change);
		end_activity(a, task.id(), ending, change);
		run(a);
		next = next_task(a);
	});
	return next;
}

/// A WAIT is ended by the process's owner and administrators, a PUBLIC one by anyone.
void require_right_to_close(const Task &task)
{
	if (task.kind() == core::Kind::human)
	{
		require_mine(task, true);
		return;
	}
	if (!task.definition().model->is_public)
		require_administration(task, "close");
	if (task.status() != ActivityStatus::listening && task.status() != ActivityStatus::error &&
		task.status() != ActivityStatus::failed)
		ereport(ERROR,
				(errcode(kWrongState), errmsg("activity " INT64_FORMAT " %s", task.id(), state_of(task.status()))));
}

} // namespace

int64 launch(expr::Definition *definition, const Argument *arguments, int count)
{
	char *const user = acting_user();
	if (!may_launch(definition))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied for process \"%s\"", definition->name),
						errhint("Launching needs EXECUTE on its launch function.")));
	Jsonb *const inputs = inputs_of(definition->inputs, arguments, count, nullptr);
	Origin origin;
	origin.created_by = user;
	expr::Current work = expr::current;
	work.user = user;
	work.by_worker = false;
	int64 id = 0;
	expr::with_current(work, [&] { id = start_instance(definition, inputs, origin).instance.id; });
	return id;
}

int64 close_activity(int64 activity_id, const Argument *arguments, int count)
{
	const Task task = begin_action(activity_id);
	if (task.kind() != core::Kind::human && task.kind() != core::Kind::wait)
		ereport(ERROR,
				(errcode(kWrongState),
				 errmsg("activity " INT64_FORMAT " is not one that is closed by a call", activity_id),
				 errdetail("\"%s\" is neither a human activity nor a wait.", name_of(task.instance, task.element))));
	require_unfinished(task);
	require_not_suspended(task);
	require_right_to_close(task);
	Change change;
	change.outputs = inputs_of(task.definition().outputs, arguments, count, task.activity.json(ai::outputs));
	return end_for_caller(task, Ending::closed, change);
}

int64 skip_activity(int64 activity_id)
{
	const Task task = begin_action(activity_id);
	require_unfinished(task);
	require_not_suspended(task);
	if (task.kind() == core::Kind::decision)
		ereport(ERROR, (errcode(kWrongState), errmsg("a decision cannot be skipped"),
						errdetail("Nothing tells which way activity " INT64_FORMAT " should go.", activity_id)));
	if (task.kind() == core::Kind::conditional_start)
		ereport(ERROR, (errcode(kWrongState), errmsg("a conditional start cannot be skipped"),
						errdetail("It is on no path that could go on.")));
	if (!task.administers)
	{
		if (!task.definition().model->allow_skip)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("activity " INT64_FORMAT " may not be skipped", activity_id),
					 errhint("The owner of the process and members of bpt_admin may skip any activity; ALLOW SKIP "
							 "lets others.")));
		if (task.kind() == core::Kind::human)
			require_mine(task, false);
		else if (!task.definition().model->is_public)
			require_administration(task, "skip");
	}
	Change change;
	change.outputs = task.activity.json(ai::outputs);
	return end_for_caller(task, Ending::skipped, change);
}

bool is_valid_activity(int64 activity_id, const char *kind)
{
	Task task;
	return find_task(activity_id, &task) && strcmp(kind_name(kind_of(task.kind())), kind) == 0;
}

void retry_activity(int64 activity_id)
{
	Task task = begin_action(activity_id);
	require_administration(task, "retry");
	// Its own work is done when the message is queued: what fails after that is the message.
	if (task.kind() == core::Kind::email && is_ended(task.status()) && retry_email(activity_id))
		return;
	if (task.status() != ActivityStatus::error && task.status() != ActivityStatus::failed)
		ereport(ERROR,
				(errcode(kWrongState), errmsg("activity " INT64_FORMAT " %s", activity_id, state_of(task.status())),
				 errdetail("Only an activity in error or failed can be retried.")));
	const TimestampTz now = expr::now();
	const char *const what = task.activity.text(ai::pending);
	move_to(task.activity, ActivityStatus::error);
	task.activity.set(ai::next_run, TimestampTzGetDatum(now));
	save(Kept::activity, task.activity);
	if (what != nullptr && strcmp(what, pending::kEvent) == 0)
	{
		// Those that have not failed keep their turn. What a worker is at it tries again when the instance is free.
		pg::each_locked(
			"queue_delivery", "queue_delivery_process", {pg::key(task.instance.id)}, "queue_delivery_pkey",
			pg::Lock::update_skip,
			[=](const pg::Row &seen) {
				return seen.int8(queue_delivery::activity_id) == activity_id &&
					   seen.int4(queue_delivery::error_count) > 0;
			},
			[=](pg::Row &row) {
				row.set(queue_delivery::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::retrying)));
				row.set(queue_delivery::next_run, TimestampTzGetDatum(now));
				pg::update("queue_delivery", row);
			});
		queue::wake_at_commit(now);
		return;
	}
	const TimerWhat timer =
		what != nullptr && strcmp(what, pending::kTimeout) == 0 ? TimerWhat::timeout : TimerWhat::retry;
	queue::have_timer(now, task.instance.id, activity_id, timer);
}

} // namespace bpt::engine
