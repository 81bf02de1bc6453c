// The family of CONDITIONAL START (conditional_start.hpp).
//
// Locks: the instance's process row, taken by the callers.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/activity.hpp"
#include "engine/arguments.hpp"
#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/ending.hpp"
#include "engine/incident.hpp"
#include "engine/task.hpp"
#include "entity/entity.hpp"
#include "expr/clock.hpp"
#include "pg/arrays.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace pi = process_instance;

namespace {

/// What the flow says of a conditional start.
const core::ConditionalStart &flow_of(const Instance &instance, int element)
{
	for (const core::ConditionalStart &start : instance.definition->flow->conditional_starts)
		if (start.element == element)
			return start;
	elog(ERROR, "bpt: a conditional start that the flow does not know");
}

/// True while conditional starts may listen: the main flow has not ended.
bool may_listen(int64 process_id)
{
	const pg::Row process = read_process(process_id);
	return process && process_status(process) == ProcessStatus::active && process.int4(pi::paths) > 0;
}

/// True for an activity that has ended as AFTER asks for.
bool fulfils(const pg::Row &activity)
{
	const ActivityStatus status = activity_status(activity);
	return (status == ActivityStatus::closed || status == ActivityStatus::skipped ||
			status == ActivityStatus::expired) &&
		   !is_listening_row(activity);
}

/// The latest ended activity of each element that AFTER names, by instant of its end; false if one has none yet.
bool find_ended(const Instance &instance, const core::ConditionalStart &start, int64 *ids)
{
	TimestampTz *const ended =
		static_cast<TimestampTz *>(palloc0(sizeof(TimestampTz) * static_cast<Size>(start.after.count)));
	pg::each("activity_instance", "activity_instance_process", {pg::key(instance.id)}, [&](const pg::Row &row) {
		if (!fulfils(row))
			return true;
		for (int i = 0; i < start.after.count; i++)
			if (instance.definition->elements[start.after[i]].id == row.int8(ai::activity_def_id) &&
				(ids[i] == 0 || row.instant(ai::closed) >= ended[i]))
			{
				ids[i] = row.int8(ai::id);
				ended[i] = row.instant(ai::closed);
			}
		return true;
	});
	for (int i = 0; i < start.after.count; i++)
		if (ids[i] == 0)
			return false;
	return true;
}

/// Has a listening row read an activity's outputs from now on, also where it correlates events by them.
void renew_predecessor(Advance &a, pg::Row listening, const core::ConditionalStart &start, int element,
					   int64 activity_id)
{
	int count = 0;
	int64 *const ids = pg::int8_items(listening.at(ai::predecessors), &count);
	for (int i = 0; i < count && i < start.after.count; i++)
		if (start.after[i] == element)
			ids[i] = activity_id;
	listening.set(ai::predecessors, pg::int8_array(ids, count));
	listening.set(ai::precedent_activity_id, Int64GetDatum(activity_id));
	save(Kept::activity, listening);
	if (activity_status(listening) != ActivityStatus::listening)
		return; // in error: it will listen, or goes on as it does, once that is over
	core::Vec<entity::Heard> heard;
	ErrorData *const error = try_user_code([&] { heard = heard_by(scope_of(a.instance, listening)); });
	if (error == nullptr)
	{
		entity::listen_anew(heard, a.instance.id, listening.int8(ai::id), a.after_event);
		return;
	}
	Subject subject;
	subject.process_id = a.instance.id;
	subject.process_def_id = a.instance.definition->id;
	subject.activity_id = listening.int8(ai::id);
	subject.activity_def_id = listening.int8(ai::activity_def_id);
	record_incident(subject, "event", 1, error, 0);
}

/// Makes the row of a start with all that belongs to it; raises what refuses it. 0: its own callback has ended it.
int64 make_start(const Instance &instance, const pg::Row &listening, const char *user, Jsonb *inputs)
{
	const int element = element_of(instance, listening);
	pg::Row row = new_activity(instance, Step{element, listening.int8(ai::precedent_activity_id), nullptr},
							   ActivityStatus::ready);
	const int64 id = row.int8(ai::id);
	row.set(ai::flow_id, Int64GetDatum(id));
	row.set(ai::ready, row.at(ai::created));
	row.set(ai::started_instant, row.at(ai::created));
	row.set_text(ai::started_by, user);
	if (!listening.null(ai::predecessors))
		row.set(ai::predecessors, listening.at(ai::predecessors));
	save(Kept::activity, row);

	Scope scope = scope_of(instance, row);
	Change change;
	change.closing = true;
	change.closed_instant = expr::now();
	change.outputs = inputs;
	run_change(scope, core::When::start, change);
	row = read_activity(id);
	if (is_ended(activity_status(row)))
		return 0;
	evaluate_label(scope, row);
	move_to(row, ActivityStatus::closed);
	row.set(ai::closed, TimestampTzGetDatum(change.closed_instant));
	if (change.outputs != nullptr)
		row.set(ai::outputs, JsonbPGetDatum(change.outputs));
	save(Kept::activity, row);
	return id;
}

/// The flow of a start sets out.
void begin_flow(Advance &a, int element, int64 start_id)
{
	if (start_id == 0)
		return;
	count_paths(a, start_id, 1);
	follow(a, a.instance.definition->elements[element].model->targets, start_id, nullptr, start_id);
	note_ended(a, element, start_id);
}

/// A callback's own start must not be what the callback starts.
void require_not_starting(const Task &task)
{
	if (!expr::current.in_change || expr::current.process_id != task.instance.id)
		return;
	const pg::Row changed = read_activity(expr::current.activity_id);
	if (changed && changed.int8(ai::activity_def_id) == task.activity.int8(ai::activity_def_id))
		ereport(ERROR,
				(errcode(kWrongState),
				 errmsg("activity " INT64_FORMAT " is being started by the action whose callback this is", task.id())));
}

/// A conditional start is started by the process's owner and administrators, a PUBLIC one by anyone.
void require_startable(const Task &task)
{
	if (task.kind() != core::Kind::conditional_start)
		ereport(ERROR, (errcode(kWrongState), errmsg("activity " INT64_FORMAT " is not a conditional start", task.id()),
						errdetail("\"%s\" cannot be started.", name_of(task.instance, task.element))));
	if (!is_listening_row(task.activity))
		ereport(ERROR, (errcode(kWrongState),
						errmsg("activity " INT64_FORMAT " is a start of \"%s\" that has been made", task.id(),
							   name_of(task.instance, task.element)),
						errdetail("What can be started is the activity that listens.")));
	require_unfinished(task);
	require_not_suspended(task);
	if (!task.definition().model->is_public)
		require_administration(task, "start");
	const char *const pending = task.activity.text(ai::pending);
	const bool listens = task.status() == ActivityStatus::listening ||
						 ((task.status() == ActivityStatus::error || task.status() == ActivityStatus::failed) &&
						  pending != nullptr && strcmp(pending, pending::kEvent) == 0);
	if (!listens)
		ereport(ERROR,
				(errcode(kWrongState), errmsg("activity " INT64_FORMAT " %s", task.id(), state_of(task.status()))));
	require_not_starting(task);
}

} // namespace

bool is_listening_row(const pg::Row &activity)
{
	return static_cast<ActivityKind>(activity.int2(ai::kind)) == ActivityKind::conditional_start &&
		   activity.null(ai::started_instant);
}

pg::Row listening_row(int64 process_id, int64 activity_def_id)
{
	const pg::Row found =
		pg::find("activity_instance", "activity_instance_listening", {pg::key(process_id), pg::key(activity_def_id)});
	return found ? read_activity(found.int8(ai::id)) : found;
}

void listen_from_launch(Advance &a)
{
	for (const core::ConditionalStart &start : a.instance.definition->flow->conditional_starts)
		if (start.after.empty())
			a.steps.push(a.arena, Step{start.element, 0, nullptr});
}

void begin_listening(Advance &a, const Step &step)
{
	const core::ConditionalStart &start = flow_of(a.instance, step.element);
	if (!may_listen(a.instance.id))
		return;
	int64 *const ids = static_cast<int64 *>(palloc0(sizeof(int64) * static_cast<Size>(start.after.count + 1)));
	if (!start.after.empty() && (listening_row(a.instance.id, a.instance.definition->elements[step.element].id) ||
								 !find_ended(a.instance, start, ids)))
		return;
	pg::Row row = new_activity(a.instance, step, ActivityStatus::scheduled);
	if (!start.after.empty())
		row.set(ai::predecessors, pg::int8_array(ids, start.after.count));
	begin_activity(a, row);
}

void note_ended(Advance &a, int element, int64 activity_id)
{
	for (const core::ConditionalStart &start : a.instance.definition->flow->conditional_starts)
	{
		bool awaited = false;
		for (const std::int32_t other : start.after)
			awaited = awaited || other == element;
		if (!awaited || !may_listen(a.instance.id))
			continue;
		const pg::Row listening = listening_row(a.instance.id, a.instance.definition->elements[start.element].id);
		if (!listening)
			a.steps.push(a.arena, Step{start.element, activity_id, nullptr});
		else if (!is_ended(activity_status(listening)))
			renew_predecessor(a, listening, start, element, activity_id);
	}
}

bool start_by_event(Advance &a, const pg::Row &listening, Jsonb *inputs)
{
	const int element = element_of(a.instance, listening);
	int64 start_id = 0;
	if (!has_callbacks(a.instance.definition, element, core::When::start))
		start_id = make_start(a.instance, listening, nullptr, inputs);
	else
	{
		ErrorData *const error = try_user_code([&] { start_id = make_start(a.instance, listening, nullptr, inputs); });
		if (error != nullptr && error->sqlerrcode != kAbortActivityChange)
			ReThrowError(error);
		if (error != nullptr)
		{
			count_refusal(listening.int8(ai::id), error);
			return false;
		}
	}
	begin_flow(a, element, start_id);
	return true;
}

int64 start_activity(int64 activity_id, const Argument *arguments, int count)
{
	const Task task = begin_action(activity_id);
	require_startable(task);
	Jsonb *const inputs = inputs_of(task.definition().outputs, arguments, count, nullptr);
	int64 next = 0;
	as_action(task, [&] {
		Advance a = begin_advance(task.instance);
		begin_flow(a, task.element, make_start(task.instance, task.activity, task.user, inputs));
		run(a);
		next = next_task(a);
	});
	return next;
}

void end_listening(pg::Row &listening)
{
	move_to(listening, ActivityStatus::closed);
	listening.set(ai::closed, TimestampTzGetDatum(expr::now()));
	listening.set_null(ai::next_run);
	listening.set_null(ai::pending);
	save(Kept::activity, listening);
	remove_traces(listening.int8(ai::id));
}

void stop_listening(const Instance &instance)
{
	pg::each("activity_instance", "activity_instance_listening", {pg::key(instance.id)}, [](pg::Row &row) {
		if (!is_ended(activity_status(row)))
			end_listening(row);
		return true;
	});
}

} // namespace bpt::engine
