// Instance rows and the judge of state moves (instance.hpp).
#include "pg/postgres.hpp"

#include "engine/instance.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace {

constexpr unsigned bit(ActivityStatus s)
{
	return 1U << static_cast<unsigned>(s);
}

using enum ActivityStatus;

constexpr unsigned kEnds = bit(closed) | bit(skipped) | bit(expired) | bit(discarded) | bit(terminated);

/// The legal moves: which statuses can follow which. An ended activity stays as it ended.
constexpr unsigned kMoves[] = {
	0,
	/* scheduled */ bit(scheduled) | bit(ready) | bit(listening) | bit(error) | bit(closed) | bit(skipped) |
		bit(discarded) | bit(terminated),
	/* ready */ bit(ready) | bit(scheduled) | bit(opened) | bit(error) | bit(failed) | bit(running) | kEnds,
	/* listening */ bit(listening) | bit(error) | bit(failed) | kEnds,
	/* opened */ bit(opened) | bit(ready) | bit(error) | bit(failed) | kEnds,
	/* error */ bit(error) | bit(scheduled) | bit(ready) | bit(listening) | bit(opened) | bit(failed) | bit(running) |
		kEnds,
	/* failed */ bit(error) | bit(scheduled) | bit(ready) | bit(listening) | bit(opened) | bit(failed) | kEnds,
	/* running */ bit(running) | bit(error) | bit(failed) | kEnds,
	/* closed, skipped, expired, discarded, terminated */ 0,
	0,
	0,
	0,
	0,
};

constexpr const char *kStatusNames[] = {"",        "scheduled", "ready",     "listening", "opened",
										"error",   "failed",    "running",   "closed",    "skipped",
										"expired", "discarded", "terminated"};
constexpr const char *kKindNames[] = {"",         "conditional_start", "human", "automatic", "wait",
									  "decision", "execute",           "email", "end"};
constexpr const char *kProcessStatusNames[] = {"", "active", "closed", "terminated"};

} // namespace

pg::Row read_process(int64 process_id)
{
	const pg::Row row = in_hand(Kept::process, process_id);
	return row ? row : pg::find("process_instance", "process_instance_pkey", {pg::key(process_id)});
}

pg::Row read_activity(int64 activity_id)
{
	pg::Row row = in_hand(Kept::activity, activity_id);
	if (row)
		return row;
	row = pg::find("activity_instance", "activity_instance_pkey", {pg::key(activity_id)});
	// Nobody else changes it while its process is locked.
	if (row && is_in_hand(Kept::process, row.int8(activity_instance::process_id)))
		keep(Kept::activity, row);
	return row;
}

pg::Row read_activity_again(const pg::Row &seen)
{
	const int64 id = seen.int8(activity_instance::id);
	if (is_in_hand(Kept::activity, id) || !pg::is_as_read("activity_instance", seen))
		return read_activity(id);
	keep(Kept::activity, seen);
	return seen;
}

Instance instance_of(const pg::Row &process)
{
	Instance instance;
	instance.id = process.int8(process_instance::id);
	instance.definition =
		expr::definition(process.int8(process_instance::process_def_id), process.int4(process_instance::version));
	instance.priority = static_cast<int>(instance.definition->model->priority);
	return instance;
}

/// Takes a process row that was just locked in hand, and counts the change.
static pg::Row begin_change(pg::Row row)
{
	if (!row)
		return row;
	keep(Kept::process, row);
	row.set(process_instance::changes, Int64GetDatum(row.int8(process_instance::changes) + 1));
	row.set(process_instance::last_modified, TimestampTzGetDatum(expr::now()));
	row.set_text(process_instance::last_modified_by, expr::current.user);
	save(Kept::process, row);
	queue::wake_at_end();
	return row;
}

pg::Row lock_process(int64 process_id, bool skip)
{
	const pg::Row row = in_hand(Kept::process, process_id);
	return row ? row
			   : begin_change(pg::find("process_instance", "process_instance_pkey", {pg::key(process_id)},
									   skip ? pg::Lock::no_key_update_skip : pg::Lock::no_key_update));
}

pg::Row lock_process_again(const pg::Row &seen, bool skip)
{
	const int64 id = seen.int8(process_instance::id);
	if (is_in_hand(Kept::process, id))
		return in_hand(Kept::process, id);
	pg::Row row;
	const pg::Lock lock = skip ? pg::Lock::no_key_update_skip : pg::Lock::no_key_update;
	return pg::lock_as_read("process_instance", seen, lock, &row) ? begin_change(row) : lock_process(id, skip);
}

bool counts_no_change(const pg::Row &seen, const pg::Row &locked)
{
	return locked.int8(process_instance::changes) == seen.int8(process_instance::changes) + 1;
}

pg::Row read_activity_locked(const pg::Row &seen, const pg::Row &process, const pg::Row &locked)
{
	// Every change of an instance is counted in its process row.
	if (!counts_no_change(process, locked))
		return read_activity(seen.int8(activity_instance::id));
	keep(Kept::activity, seen);
	return seen;
}

pg::Row lock_process_to_delete(int64 process_id, bool skip)
{
	const pg::Row row = in_hand(Kept::process, process_id);
	return row ? row
			   : pg::find("process_instance", "process_instance_pkey", {pg::key(process_id)},
						  skip ? pg::Lock::update_skip : pg::Lock::update);
}

pg::Row lock_process_to_delete(const pg::Row &seen)
{
	const int64 id = seen.int8(process_instance::id);
	if (is_in_hand(Kept::process, id))
		return in_hand(Kept::process, id);
	pg::Row row;
	return pg::lock_as_read("process_instance", seen, pg::Lock::update_skip, &row) ? row
																				   : lock_process_to_delete(id, true);
}

char *name_of(const Instance &instance, int element)
{
	const std::string_view name = instance.definition->elements[element].model->name.text;
	return pnstrdup(name.data(), name.size());
}

bool is_active(int64 process_id)
{
	const pg::Row row = read_process(process_id);
	return row && process_status(row) == ProcessStatus::active;
}

bool is_running(int64 process_id)
{
	const pg::Row row = read_process(process_id);
	return row && process_status(row) == ProcessStatus::active && !row.boolean(process_instance::is_suspended);
}

const char *status_name(ActivityStatus status)
{
	return kStatusNames[static_cast<int>(status)];
}

const char *state_of(ActivityStatus status)
{
	switch (status)
	{
	case error:
		return "is in error";
	case failed:
		return "has failed";
	default:
		return psprintf(is_ended(status) ? "has ended as %s" : "is %s", status_name(status));
	}
}

const char *status_name(ProcessStatus status)
{
	return kProcessStatusNames[static_cast<int>(status)];
}

const char *kind_name(ActivityKind kind)
{
	return kKindNames[static_cast<int>(kind)];
}

ActivityKind kind_of(core::Kind kind)
{
	switch (kind)
	{
	case core::Kind::conditional_start:
		return ActivityKind::conditional_start;
	case core::Kind::human:
		return ActivityKind::human;
	case core::Kind::automatic:
		return ActivityKind::automatic;
	case core::Kind::wait:
		return ActivityKind::wait;
	case core::Kind::decision:
		return ActivityKind::decision;
	case core::Kind::execute:
		return ActivityKind::execute;
	case core::Kind::email:
		return ActivityKind::email;
	case core::Kind::end:
		return ActivityKind::end;
	case core::Kind::start:
	case core::Kind::comment:
		break;
	}
	elog(ERROR, "bpt: an element without activity");
}

void move_to(pg::Row &activity, ActivityStatus to)
{
	const ActivityStatus from = activity_status(activity);
	if ((kMoves[static_cast<int>(from)] & bit(to)) == 0)
		elog(ERROR, "bpt: activity " INT64_FORMAT " cannot go from %s to %s", activity.int8(activity_instance::id),
			 status_name(from), status_name(to));
	activity.set(activity_instance::status, Int16GetDatum(static_cast<int16>(to)));
}

} // namespace bpt::engine
