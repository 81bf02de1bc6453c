// Planning, waking and dropping timers (timer.hpp).
#include "pg/postgres.hpp"

#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/timer.hpp"
#include "engine/typed_functions.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "pgtime.h"
#include "tcop/utility.h"
}

namespace bpt::engine {

namespace {

[[noreturn]] void no_such_timer(const char *name)
{
	ereport(ERROR, (errcode(kNoSuchObject), errmsg("timer \"%s\" does not exist", shown_name(name))));
	pg_unreachable();
}

/// The timer that a possibly qualified name means to the caller, who may see it or may call its function. WF004 otherwise.
pg::Row timer_by_name(const char *qualified)
{
	const pg::Row row = row_by_name(qualified, timer_in_schema);
	if (!row)
		no_such_timer(qualified);
	return row;
}

bool may_wake(int64 timer_id)
{
	const Oid function = wake_function(timer_id);
	return is_admin() ||
		   (OidIsValid(function) && bpt_function_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK);
}

/// 42501 for who sees a timer but does not own it, WF004 for who does not see it.
void check_owner(int64 timer_id, const char *name)
{
	if (!may_see(timer_id))
		no_such_timer(name);
	const Oid owner = timer_owner(timer_id);
	if (!is_admin() && !(OidIsValid(owner) && is_member_of_role(acting_role(), owner)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("must be owner of timer \"%s\"", shown_name(name))));
}

/// Locks a timer against others who change it and returns its row as it is then; WF004 if it is dropped.
pg::Row lock_timer(const pg::Row &seen, const char *name)
{
	uint32 lock = name_lock(seen.oid(timer_def::schema_oid), seen.text(timer_def::name));
	lock_names(&lock, 1);
	const pg::Row row =
		pg::find("timer_def", "timer_def_pkey", {pg::key(seen.int8(timer_def::id))}, pg::Lock::no_key_update);
	if (!row || !row.boolean(timer_def::is_active))
		no_such_timer(name);
	return row;
}

/// Takes the ticks of a timer's schedule back, and with `all` what woke it or is to be tried again.
void remove_ticks(int64 timer_id, bool all)
{
	pg::each_locked(
		"queue_timer", "queue_timer_activity", {pg::key(-timer_id)}, "queue_timer_pkey", pg::Lock::update,
		[=](const pg::Row &seen) {
			return all || static_cast<TimerWhat>(seen.int2(queue_timer::what)) == TimerWhat::schedule;
		},
		[](const pg::Row &row) {
			pg::remove("queue_timer", row);
			queue::wake_at_abort();
		});
}

void retire(pg::Row &row)
{
	const int64 id = row.int8(timer_def::id);
	const Oid owner = timer_owner(id);
	if (OidIsValid(owner))
		row.set(timer_def::last_owner, Int64GetDatum(role_ref_of(owner)));
	drop_functions(id);
	row.set(timer_def::is_active, BoolGetDatum(false));
	pg::update("timer_def", row);
	remove_ticks(id, true);
}

} // namespace

pg::Row timer_in_schema(Oid schema, const char *name)
{
	if (!pg::home_is_elsewhere())
		return pg::find("timer_def", "timer_def_by_schema", {pg::key_oid(schema), pg::key_text(name)});
	const char *const schema_name = get_namespace_name(schema);
	return schema_name == nullptr
			   ? pg::Row{}
			   : pg::find("timer_def", "timer_def_by_name", {pg::key_text(schema_name), pg::key_text(name)});
}

bool read_schedule(core::Arena &arena, const char *text, core::Schedule *schedule, const char **time_zone,
				   core::ScheduleProblem *problem)
{
	if (!core::parse_schedule(arena, text, schedule, problem))
		return false;
	*time_zone = schedule->zone.empty() ? pg_get_timezone_name(session_timezone) : arena.copy(schedule->zone).data();
	core::Zone zone{};
	if (pg::find_zone(*time_zone, &zone))
		return true;
	problem->at = schedule->zone_at;
	problem->message = core::concat(arena, {"time zone \"", schedule->zone, "\" is not recognized"});
	problem->hint = "pg_timezone_names lists those that there are.";
	return false;
}

bool next_run(const pg::Row &timer, TimestampTz after, TimestampTz *next)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Schedule schedule;
	core::ScheduleProblem problem;
	core::Zone zone{};
	if (!core::parse_schedule(arena, timer.text(timer_def::schedule), &schedule, &problem))
		elog(ERROR, "bpt: the schedule of timer \"%s\" is not understood", timer.text(timer_def::name));
	if (!pg::find_zone(timer.text(timer_def::time_zone), &zone))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time zone \"%s\" of timer \"%s\" is not recognized", timer.text(timer_def::time_zone),
							   timer.text(timer_def::name))));
	int64 found = 0;
	if (!core::next_instant(schedule, zone, pg::unix_seconds(after), &found))
		return false;
	*next = pg::from_unix_seconds(found);
	return IS_VALID_TIMESTAMP(*next);
}

void plan_runs(const pg::Row &timer, bool published)
{
	const int64 id = timer.int8(timer_def::id);
	remove_ticks(id, false);
	TimestampTz next = 0;
	if (next_run(timer, expr::now(), &next))
		queue::add_timer(next, 0, -id, TimerWhat::schedule);
	else if (published)
		queue::add_timer(expr::now(), 0, -id, TimerWhat::wake);
}

void wake_timer(int64 timer_id)
{
	PreventCommandIfReadOnly("waking a timer");
	const pg::Row row = pg::find("timer_def", "timer_def_pkey", {pg::key(timer_id)});
	if (!row || !row.boolean(timer_def::is_active))
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("the timer does not exist any more")));
	queue::add_timer(expr::now(), 0, -timer_id, TimerWhat::wake);
}

void wake_timer(const char *name)
{
	const pg::Row row = timer_by_name(name);
	const int64 id = row.int8(timer_def::id);
	if (!may_wake(id))
	{
		if (!may_see(id))
			no_such_timer(name);
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to wake timer \"%s\"", shown_name(name)),
						errhint("EXECUTE on its wake function is needed.")));
	}
	wake_timer(id);
}

void set_timer_schedule(const char *name, const char *schedule)
{
	PreventCommandIfReadOnly("bpt.set_timer_schedule()");
	const pg::Row seen = timer_by_name(name);
	check_owner(seen.int8(timer_def::id), name);
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Schedule read;
	core::ScheduleProblem problem;
	const char *time_zone = nullptr;
	if (!read_schedule(arena, schedule, &read, &time_zone, &problem))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", arena.copy(problem.message).data()),
						errdetail("The schedule is \"%s\".", schedule),
						problem.hint.empty() ? 0 : errhint("%s", arena.copy(problem.hint).data())));
	pg::Row row = lock_timer(seen, name);
	row.set_text(timer_def::schedule, schedule);
	row.set_text(timer_def::time_zone, time_zone);
	pg::update("timer_def", row);
	plan_runs(row, false);
}

void drop_timer(const char *name)
{
	PreventCommandIfReadOnly("bpt.drop_timer()");
	const pg::Row seen = timer_by_name(name);
	check_owner(seen.int8(timer_def::id), name);
	pg::Row row = lock_timer(seen, name);
	retire(row);
}

void drop_timers_of(Oid schema)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	for (const pg::Row &timer : pg::all(arena, "timer_def", "timer_def_by_schema", {pg::key_oid(schema)}))
	{
		pg::Row row =
			pg::find("timer_def", "timer_def_pkey", {pg::key(timer.int8(timer_def::id))}, pg::Lock::no_key_update);
		if (row && row.boolean(timer_def::is_active))
			retire(row);
	}
}

} // namespace bpt::engine
