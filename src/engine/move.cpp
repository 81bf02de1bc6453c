// An administrator takes a path from the activity that it rests at: it ends there, or goes on at another element
// (actions.hpp).
//
// What the path left behind stays as it was; no callback of the activity runs, nothing between the two elements is done.
// Locks: the instance's process row, for the whole action; then, for an EXECUTE, the rows of its children.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/advance.hpp"
#include "engine/conditional_start.hpp"
#include "engine/ending.hpp"
#include "engine/task.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// The element of that name in the version of the instance; it must be one that a path can enter.
int element_to_enter(const Instance &instance, const char *name)
{
	for (int i = 0; i < instance.definition->elements.count; i++)
	{
		const core::Element &model = *instance.definition->elements[i].model;
		if (model.kind == core::Kind::start || model.kind == core::Kind::comment || model.name.text != name)
			continue;
		if (model.kind == core::Kind::conditional_start)
			ereport(ERROR, (errcode(kWrongState), errmsg("no path can be moved to conditional start \"%s\"", name),
							errhint("bpt.activity_start starts its flow.")));
		return i;
	}
	ereport(ERROR, (errcode(kNoSuchObject), errmsg("process \"%s\" has no element \"%s\" in version %d",
												   instance.definition->name, name, instance.definition->version)));
	pg_unreachable();
}

/// Ends the activity in this status, by the caller.
void leave(const Task &task, ActivityStatus status)
{
	pg::Row row = task.activity;
	move_to(row, status);
	row.set(ai::closed, TimestampTzGetDatum(expr::now()));
	row.set_text(ai::closed_by, task.user);
	row.set_null(ai::next_run);
	row.set_null(ai::pending);
	save(Kept::activity, row);
	remove_traces(task.id());
}

int64 flow_of(const Task &task)
{
	return task.activity.int8(ai::flow_id);
}

} // namespace

void discard_activity(int64 activity_id)
{
	const Task task = begin_action(activity_id);
	require_administration(task, "discard");
	require_unfinished(task);
	require_not_suspended(task);
	as_action(task, [&] {
		Advance a = begin_advance(task.instance);
		leave(task, ActivityStatus::discarded);
		if (!is_listening_row(task.activity)) // no path is at it
			follow(a, {}, activity_id, nullptr, flow_of(task));
		run(a);
	});
}

void move_process(int64 process_id, int64 activity_id, const char *to)
{
	const Task task = begin_action(activity_id);
	if (task.instance.id != process_id)
		ereport(ERROR, (errcode(kNoSuchObject),
						errmsg("process " INT64_FORMAT " has no activity " INT64_FORMAT, process_id, activity_id)));
	require_administration(task, "move");
	require_unfinished(task);
	if (is_listening_row(task.activity))
		ereport(ERROR, (errcode(kWrongState), errmsg("a conditional start cannot be moved"),
						errdetail("No path is at it while it listens.")));
	const int element = element_to_enter(task.instance, to);
	as_action(task, [&] {
		Advance a = begin_advance(task.instance);
		leave(task, ActivityStatus::terminated);
		a.steps.push(a.arena, Step{element, activity_id, nullptr, flow_of(task)});
		run(a);
	});
}

} // namespace bpt::engine
