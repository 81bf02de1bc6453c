// Ticks and runs of timers (timer.hpp), and their history.
//
// A run that fails is tried again after a while, bpt.timer_attempts times in a row in all, and otherwise waits for its
// schedule. (OutSystems documents, under Use Timers, that a timer that failed is executed again for a number of retries that
// is set for the environment, 3 by default; here the first run counts, and the pauses grow.) The history keeps the last bpt.timer_history runs of each timer, of which the last says how the next counts.
#include "pg/postgres.hpp"

#include "engine/incident.hpp"
#include "engine/locks.hpp"
#include "engine/timer.hpp"
#include "engine/users.hpp"
#include "engine/values.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "expr/timer.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace bpt::engine {

namespace {

// The run that this backend has begun last, for its record if it fails.
int64 begun = 0; // the item
TimestampTz begun_at = 0;

pg::Row read_timer(int64 id, pg::Lock lock = pg::Lock::none)
{
	return pg::find("timer_def", "timer_def_pkey", {pg::key(id)}, lock);
}

bool is_active(const pg::Row &timer)
{
	return timer && timer.boolean(timer_def::is_active);
}

TimestampTz clock_now()
{
	return expr::clock_is_set() ? expr::now() : GetCurrentTimestamp();
}

/// When the run of a ready item was due.
TimestampTz scheduled_of(const queue::Item &item)
{
	char *text = nullptr;
	const Jsonb *const argument = item.row.json(queue_ready::argument);
	if (look_up(argument, timer_of(item), &text) == Held::missing || text == nullptr)
		return expr::now();
	return DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(text)));
}

/// True if a run is waiting in the queue: it begins when this transaction has ended. Who holds its row need not be doing it:
/// another run may be keeping it.
bool has_waiting_run(const pg::Row &timer)
{
	const int64 ready_id = timer.int8(timer_def::ready_id);
	return !timer.null(timer_def::ready_id) && lock_waiting_run(ready_id) &&
		   pg::find("queue_ready", "queue_ready_pkey", {pg::key(ready_id)});
}

/// Puts a run into the queue unless one is waiting there already; `timer` is locked and may be changed.
void request_run(pg::Row &timer, TimestampTz scheduled)
{
	if (has_waiting_run(timer))
		return;
	const int64 id = timer.int8(timer_def::id);
	const int64 ready_id = queue::add_ready(0, -id, ReadyWhat::timer_run, timer.int2(timer_def::priority),
											with_value(nullptr, id, psprintf(INT64_FORMAT, scheduled)));
	timer.set(timer_def::ready_id, Int64GetDatum(ready_id));
	pg::update("timer_def", timer);
}

/// Takes the other ticks of the timer that are due too: they are one with this one. True if its schedule's was among them.
/// Another worker that has claimed one of them leaves it, as the timer is locked here; it is waited for, or that tick would
/// ask for a run of its own once this one's has begun.
bool collapse(const queue::Item &item)
{
	bool by_schedule = static_cast<TimerWhat>(item.row.int2(queue_timer::what)) == TimerWhat::schedule;
	pg::each(
		"queue_timer", "queue_timer_activity", {pg::key(item.activity_id)},
		[&](const pg::Row &row) {
			if (row.instant(queue_timer::due) > expr::now() || row.int8(queue_timer::id) == item.id)
				return true;
			by_schedule = by_schedule || static_cast<TimerWhat>(row.int2(queue_timer::what)) == TimerWhat::schedule;
			pg::remove("queue_timer", row);
			return true;
		},
		pg::Lock::update);
	return by_schedule;
}

/// The last run of a timer.
pg::Row last_run(int64 timer_id)
{
	return pg::find("timer_history", "timer_history_last", {pg::key(timer_id)});
}

/// Which attempt in a row the next run is.
int next_attempt(int64 timer_id)
{
	const pg::Row last = last_run(timer_id);
	const bool counts =
		last && !last.null(timer_history::incident_id) && last.int2(timer_history::attempt) < settings::timer_attempts;
	return counts ? last.int2(timer_history::attempt) + 1 : 1;
}

void write_history(int64 timer_id, TimestampTz scheduled, TimestampTz started, int attempt, int64 incident_id)
{
	pg::Row row = pg::new_row("timer_history");
	row.set(timer_history::id, Int64GetDatum(pg::next_id("timer_run_id")));
	row.set(timer_history::timer_def_id, Int64GetDatum(timer_id));
	row.set(timer_history::scheduled, TimestampTzGetDatum(scheduled));
	row.set(timer_history::started, TimestampTzGetDatum(started));
	row.set(timer_history::ended, TimestampTzGetDatum(clock_now()));
	row.set(timer_history::attempt, Int16GetDatum(static_cast<int16>(attempt)));
	if (incident_id != 0)
		row.set(timer_history::incident_id, Int64GetDatum(incident_id));
	pg::insert("timer_history", row);

	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<pg::Row> old;
	int kept = 0;
	pg::each("timer_history", "timer_history_last", {pg::key(timer_id)}, [&](pg::Row &run) {
		if (++kept > settings::timer_history)
			old.push(arena, run);
		return true;
	});
	for (const pg::Row &run : old)
	{
		const pg::Row incident =
			run.null(timer_history::incident_id)
				? pg::Row{}
				: pg::find("incident", "incident_pkey", {pg::key(run.int8(timer_history::incident_id))});
		if (incident)
			pg::remove("incident", incident);
		pg::remove("timer_history", run);
	}
}

int64 milliseconds_of(const pg::Row &timer)
{
	const Interval *const limit = DatumGetIntervalP(timer.at(timer_def::time_limit));
	return limit->time / 1000;
}

} // namespace

bool perform_tick(queue::Item &item)
{
	const int64 id = timer_of(item);
	pg::Row timer = read_timer(id, pg::Lock::no_key_update_skip);
	if (!timer && is_active(read_timer(id)))
		return false; // somebody is changing it
	const bool by_schedule = collapse(item);
	pg::remove("queue_timer", item.row);
	if (!is_active(timer))
		return true;
	TimestampTz next = 0;
	if (by_schedule && next_run(timer, expr::now(), &next))
		queue::add_timer(next, 0, -id, TimerWhat::schedule);
	request_run(timer, item.due);
	return true;
}

bool perform_run(queue::Item &item)
{
	const int64 id = timer_of(item);
	const pg::Row timer = read_timer(id);
	if (is_active(timer) && !(lock_for_run(id) && lock_waiting_run(item.id)))
		return false;
	pg::remove("queue_ready", item.row);
	if (!is_active(timer))
		return true;
	begun = item.id;
	begun_at = clock_now();
	const TimestampTz scheduled = scheduled_of(item);
	const Oid owner = timer_owner(id);
	if (!OidIsValid(owner))
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("timer \"%s\" has no owner", timer.text(timer_def::name)),
						errdetail("Its wake function does not exist any more."), errhint("Publish the timer again.")));
	expr::run_timer(id, timer.text(timer_def::definition), timer.text(timer_def::schema_name),
					timer.text(timer_def::name), timer.text(timer_def::search_path), owner, milliseconds_of(timer));
	write_history(id, scheduled, begun_at, next_attempt(id), 0);
	return true;
}

void record_timer_failure(queue::Item &item, const ErrorData *error, const char *phase, bool last)
{
	const int64 id = timer_of(item);
	const bool is_run = item.queue == queue::Queue::ready;
	const TimestampTz scheduled = is_run ? scheduled_of(item) : item.due;
	const bool crash = phase != nullptr && strcmp(phase, "crash") == 0;
	pg::remove(is_run ? "queue_ready" : "queue_timer", item.row);
	const pg::Row timer = read_timer(id);
	if (!is_active(timer))
		return;
	const int attempt = next_attempt(id);
	TimestampTz next = 0;
	const bool again =
		!last && attempt < settings::timer_attempts && next_retry(nullptr, core::Retry{}, attempt, &next);
	if (again)
		queue::add_timer(next, 0, -id, TimerWhat::wake);
	// A tick that fails must not end the schedule.
	TimestampTz scheduled_next = 0;
	if (!is_run && static_cast<TimerWhat>(item.row.int2(queue_timer::what)) == TimerWhat::schedule &&
		next_run(timer, expr::now(), &scheduled_next))
		queue::add_timer(scheduled_next, 0, -id, TimerWhat::schedule);
	Subject subject;
	subject.process_def_id = id;
	const int64 incident = record_incident(subject, crash ? "crash" : "timer", attempt, error, again ? next : 0);
	write_history(id, scheduled, begun == item.id && is_run ? begun_at : scheduled, attempt, incident);
}

char *describe_timer(const queue::Item &item)
{
	const pg::Row timer = read_timer(timer_of(item));
	return psprintf("timer %s", timer ? timer.text(timer_def::name) : "?");
}

} // namespace bpt::engine
