// Restarting (restart.hpp).
//
// Locks: launches of the definition, so that its clauses stay as they are; the process row, then those of its children.
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/already.hpp"
#include "engine/conditional_start.hpp"
#include "engine/incident.hpp"
#include "engine/locks.hpp"
#include "engine/offer.hpp"
#include "engine/restart.hpp"
#include "engine/work.hpp"
#include "entity/entity.hpp"
#include "expr/clock.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace pi = process_instance;

namespace {

/// What the clauses of an activity hear by is recorded only while a version with live instances has them.
void require_heard(const Instance &instance, int element)
{
	for (const std::int32_t index : instance.definition->elements[element].clauses)
	{
		const pg::Row row = pg::find("event_def", "event_def_pkey", {pg::key(instance.definition->clauses[index].id)});
		if (!row.boolean(event_def::is_active))
			ereport(ERROR,
					(errcode(kWrongState), errmsg("process " INT64_FORMAT " cannot be restarted", instance.id),
					 errdetail("\"%s\" of version %d listens to events that are not recorded any more.",
							   name_of(instance, element), instance.definition->version),
					 errhint("Publish a definition that listens to the same events, as that version does, restart the "
							 "process, and publish the present one again.")));
	}
}

void listen_again(Advance &a, const pg::Row &activity)
{
	const Scope scope = scope_of(a.instance, activity);
	if (a.instance.definition->elements[scope.element].clauses.empty())
		return;
	require_heard(a.instance, scope.element);
	entity::listen(heard_by(scope), a.instance.id, scope.activity_id, 0);
	if (looks_back(a.instance.definition, scope.element))
		queue::add_ready(a.instance.id, scope.activity_id, ReadyWhat::look, a.instance.priority);
}

/// What an activity in error was doing is done again at once; an event that it was handling is one of the meantime.
void retry_again(const Instance &instance, pg::Row &row)
{
	const char *const what = row.text(ai::pending);
	if (what != nullptr && strcmp(what, pending::kEvent) == 0)
	{
		row.set(ai::status, Int16GetDatum(static_cast<int16>(resting_status(row))));
		row.set_null(ai::pending);
		return;
	}
	row.set(ai::next_run, TimestampTzGetDatum(expr::now()));
	const bool timeout = what != nullptr && strcmp(what, pending::kTimeout) == 0;
	queue::add_timer(expr::now(), instance.id, row.int8(ai::id), timeout ? TimerWhat::timeout : TimerWhat::retry);
}

/// True for an activity that the end of its process has stopped.
bool was_stopped(const pg::Row &row)
{
	return activity_status(row) == ActivityStatus::terminated && !row.null(ai::stopped_status);
}

/// True if a child was stopped with its parent, at the same instant: it had not ended by itself before.
bool was_stopped_with(const pg::Row &child, TimestampTz stopped)
{
	if (!child || process_status(child) != ProcessStatus::terminated || child.instant(pi::closed) != stopped)
		return false;
	bool found = false;
	pg::each("activity_instance", "activity_instance_process", {pg::key(child.int8(pi::id))}, [&](const pg::Row &row) {
		found = was_stopped(row);
		return !found;
	});
	return found;
}

/// The process of an EXECUTE that was stopped then goes on too; without it the EXECUTE has ended.
void restart_child(const Instance &instance, const pg::Row &row, TimestampTz stopped)
{
	const pg::Row child = lock_process(row.int8(ai::child_process_id));
	if (was_stopped_with(child, stopped))
		restart(child);
	else
		queue::add_ready(instance.id, row.int8(ai::id), ReadyWhat::child_ended, instance.priority);
}

/// Puts an activity back to where the end of its process met it.
void put_back(Advance &a, pg::Row row)
{
	const int64 id = row.int8(ai::id);
	const auto status = static_cast<ActivityStatus>(row.int2(ai::stopped_status));
	const auto kind = static_cast<ActivityKind>(row.int2(ai::kind));
	const TimestampTz stopped = row.instant(ai::closed);
	row.set(ai::status, Int16GetDatum(static_cast<int16>(status)));
	row.set_null(ai::stopped_status);
	row.set_null(ai::closed);
	row.set_null(ai::closed_by);
	if (status == ActivityStatus::error)
		retry_again(a.instance, row);
	const bool starts_child = status == ActivityStatus::ready && kind == ActivityKind::execute;
	if (starts_child)
	{
		row.set(ai::status, Int16GetDatum(static_cast<int16>(ActivityStatus::error)));
		row.set_text(ai::pending, pending::kExecute);
		retry_again(a.instance, row);
	}
	save(Kept::activity, row);

	if (status == ActivityStatus::scheduled)
		queue::add_timer(row.null(ai::start_date) ? expr::now() : row.instant(ai::start_date), a.instance.id, id,
						 TimerWhat::start_date);
	else if (status == ActivityStatus::running)
		restart_child(a.instance, row, stopped);
	else if (status == ActivityStatus::ready && (kind == ActivityKind::automatic || kind == ActivityKind::email))
		queue::add_ready(a.instance.id, id, ReadyWhat::run, a.instance.priority);
	const bool rests =
		kind == ActivityKind::human || kind == ActivityKind::wait || kind == ActivityKind::conditional_start;
	if (!rests || row.null(ai::ready) || status == ActivityStatus::scheduled)
		return;
	if (kind == ActivityKind::human)
		write_offers(a.instance, row);
	const char *const what = row.text(ai::pending);
	if (!row.null(ai::timeout) && (what == nullptr || strcmp(what, pending::kTimeout) != 0))
		queue::add_timer(row.instant(ai::timeout), a.instance.id, id, TimerWhat::timeout);
	listen_again(a, row);
}

/// Counts the paths that an advance has left to a worker who has not come to them yet.
void count_left(const Instance &instance, int *paths, int *flow_paths)
{
	pg::each("queue_ready", "queue_ready_pkey", {}, [&](const pg::Row &row) {
		if (row.int8(queue_ready::process_id) != instance.id ||
			static_cast<ReadyWhat>(row.int2(queue_ready::what)) != ReadyWhat::go_on)
			return true;
		const LeftStep left = left_step(row);
		const int element = instance.definition->element_by_id(left.element_id);
		// What begins to listen is no path.
		if (element >= 0 && instance.definition->elements[element].model->kind != core::Kind::conditional_start)
			(*(left.flow == 0 ? paths : flow_paths))++;
		return true;
	});
}

} // namespace

void restart(const pg::Row &process)
{
	check_stack_depth();
	const Instance instance = instance_of(process);
	if (expr::is_dropped(instance.definition))
		ereport(ERROR, (errcode(kWrongState), errmsg("process \"%s\" was dropped", instance.definition->name)));
	lock_for_launch(instance.definition->id);
	Advance a = begin_advance(instance);
	core::Vec<int64> stopped;
	int paths = 0;
	int flow_paths = 0;
	pg::each("activity_instance", "activity_instance_process", {pg::key(instance.id)}, [&](const pg::Row &row) {
		if (!was_stopped(row))
			return true;
		stopped.push(a.arena, row.int8(ai::id));
		if (!is_listening_row(row))
			(row.null(ai::flow_id) ? paths : flow_paths)++;
		return true;
	});
	// It had more paths than it has stopped activities: the queue, which may be long, says which of them wait there.
	if (process.int4(pi::paths) + process.int4(pi::flow_paths) > paths + flow_paths)
		count_left(instance, &paths, &flow_paths);
	if (paths + flow_paths == 0)
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " cannot be restarted", instance.id),
						errdetail("Its end has stopped no activity.")));
	change_process(instance.id, [&](pg::Row &row) {
		row.set(pi::status, Int16GetDatum(static_cast<int16>(ProcessStatus::active)));
		row.set_null(pi::closed);
		row.set(pi::paths, Int32GetDatum(paths));
		row.set(pi::flow_paths, Int32GetDatum(flow_paths));
	});
	for (const int64 id : stopped)
		put_back(a, read_activity(id));
}

} // namespace bpt::engine
