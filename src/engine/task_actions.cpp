// Actions of people on tasks that do not move the process: open, reset, schedule, assign (actions.hpp).
//
// Locks: the instance's process row.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/activity.hpp"
#include "engine/callback.hpp"
#include "engine/offer.hpp"
#include "engine/task.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// Back to ready: nobody has it opened.
void release_task(pg::Row &row)
{
	move_to(row, ActivityStatus::ready);
	row.set_null(ai::opened);
	row.set_null(ai::opened_by);
}

/// Writes a changed task row and makes its offers fit.
void save(const Task &task, pg::Row &row)
{
	save(Kept::activity, row);
	write_offers(task.instance, row);
}

} // namespace

char *open_activity(int64 activity_id)
{
	const Task task = begin_action(activity_id);
	require_human(task, "opened");
	require_unfinished(task);
	require_not_suspended(task);
	require_mine(task, false);
	char *url = task.activity.text(ai::destination);
	if (task.status() == ActivityStatus::opened)
		return url;
	as_action(task, [&] {
		Scope scope = scope_of(task.instance, task.activity);
		run_callbacks(scope, core::When::open);
		pg::Row row = read_activity(activity_id);
		if (is_ended(activity_status(row)))
			return;
		move_to(row, ActivityStatus::opened);
		row.set(ai::opened, TimestampTzGetDatum(expr::now()));
		row.set_text(ai::opened_by, task.user);
		save(task, row);
	});
	return url;
}

void reset_activity(int64 activity_id, bool reset_user)
{
	const Task task = begin_action(activity_id);
	require_human(task, "reset");
	require_unfinished(task);
	require_not_suspended(task);
	if (task.status() != ActivityStatus::opened)
		ereport(ERROR, (errcode(kWrongState), errmsg("activity " INT64_FORMAT " is not opened", activity_id)));
	require_mine(task, true);
	pg::Row row = task.activity;
	if (reset_user)
		row.set_null(ai::user_id);
	else
		row.set_text(ai::user_id, row.text(ai::opened_by));
	release_task(row);
	save(task, row);
}

void schedule_activity(int64 activity_id, bool has_date, TimestampTz start_date)
{
	const Task task = begin_action(activity_id);
	require_human(task, "scheduled");
	require_unfinished(task);
	require_administration(task, "schedule");
	if (task.status() != ActivityStatus::scheduled && task.status() != ActivityStatus::ready)
		ereport(ERROR,
				(errcode(kWrongState), errmsg("activity " INT64_FORMAT " %s", activity_id, state_of(task.status())),
				 errdetail("Only a scheduled or ready task can be scheduled.")));
	const bool future = has_date && start_date > expr::now();
	pg::Row row = task.activity;
	if (has_date)
		row.set(ai::start_date, TimestampTzGetDatum(start_date));
	else
		row.set_null(ai::start_date);
	queue::remove_timers(activity_id, TimerWhat::start_date);
	if (future)
	{
		move_to(row, ActivityStatus::scheduled);
		save(task, row);
		entity::unlisten(activity_id); // it hears no events until it is ready again
		queue::add_timer(start_date, task.instance.id, activity_id, TimerWhat::start_date);
		return;
	}
	save(Kept::activity, row);
	if (task.status() != ActivityStatus::scheduled)
		return;
	if (task.process.boolean(process_instance::is_suspended))
		queue::add_timer(expr::now(), task.instance.id, activity_id, TimerWhat::start_date);
	else
		as_action(task, [&] {
			Advance a = begin_advance(task.instance);
			make_ready_and_look(a, row);
			run(a);
		});
}

char *activity_url(int64 activity_id)
{
	const Task task = look_at(activity_id);
	if (!task.administers && !may_see(task.instance.definition) && !is_offered(task, task.user))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("activity " INT64_FORMAT " is not offered to user \"%s\"", activity_id, task.user)));
	return task.activity.text(ai::destination);
}

void assign_to_user(int64 activity_id, const char *user)
{
	const Task task = begin_action(activity_id);
	require_human(task, "assigned");
	require_unfinished(task);
	require_administration(task, "assign");
	require_name("user_id", user);
	if (user != nullptr && !fits_role(user, task.definition()))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("user \"%s\" has none of the roles of activity " INT64_FORMAT, user, activity_id)));
	pg::Row row = task.activity;
	row.set_text(ai::user_id, user);
	if (task.status() == ActivityStatus::opened && user != nullptr && strcmp(row.text(ai::opened_by), user) != 0)
		release_task(row);
	save(task, row);
}

void set_group(int64 activity_id, const char *group)
{
	const Task task = begin_action(activity_id);
	require_human(task, "limited to a group");
	require_unfinished(task);
	require_administration(task, "set the group of");
	require_name("group_id", group);
	pg::Row row = task.activity;
	row.set_text(ai::group_id, group);
	if (task.status() == ActivityStatus::opened && group != nullptr && !user_in_group(row.text(ai::opened_by), group))
		release_task(row);
	save(task, row);
}

bool check_role(int64 activity_id, const char *user)
{
	const Task task = look_at(activity_id);
	require_human(task, "carried out by users");
	if (!task.administers && !may_see(task.instance.definition) && !is_offered(task, task.user))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("activity " INT64_FORMAT " is not offered to user \"%s\"", activity_id, task.user)));
	if (strcmp(user, task.user) != 0 && !task.administers && !is_proxy())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to ask for the roles of user \"%s\"", user),
						errdetail("Only proxies, the owner of process \"%s\" and members of bpt_admin may.",
								  task.instance.definition->name)));
	return fits_role(user, task.definition());
}

void set_due_date(int64 activity_id, bool has_date, TimestampTz due_date)
{
	const Task task = begin_action(activity_id);
	require_human(task, "due");
	require_unfinished(task);
	require_administration(task, "set the due date of");
	pg::Row row = task.activity;
	if (has_date)
		row.set(ai::due_date, TimestampTzGetDatum(due_date));
	else
		row.set_null(ai::due_date);
	save(Kept::activity, row);
}

} // namespace bpt::engine
