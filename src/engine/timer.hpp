// Timers: statements that run by a schedule (BPT.md §14).
//
// A timer's next instant stands in bpt.queue_timer. When it has come (a tick), the one after it is put there and a run into
// bpt.queue_ready, unless one is waiting there already: so missed runs collapse into one, priority counts as for other
// work, and no schedule is held up by a long run. A run is done by one worker at a time, in a transaction of its own.
//
// Locks, in this order: the timer's name (publish, schedule, drop), its row of bpt.timer_def, its rows in the queues. A tick
// does not wait for the row, but with it for the timer's other ticks; a run locks neither, but holds lock_for_run() and
// lock_waiting_run(), which a tick takes too.
#pragma once
#include "core/schedule.hpp"
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

/// Whether a claimed item is a timer's, and which one's.
inline bool is_timer(const queue::Item &item)
{
	return item.process_id == 0 && item.activity_id < 0;
}
inline int64 timer_of(const queue::Item &item)
{
	return -item.activity_id;
}

/// The timer `name` in a schema; empty if there is none.
pg::Row timer_in_schema(Oid schema, const char *name);

/// A schedule's text as it is meant here: `time_zone` is that of the text, else the session's. False with `problem` set.
bool read_schedule(core::Arena &arena, const char *text, core::Schedule *schedule, const char **time_zone,
				   core::ScheduleProblem *problem);
/// When a timer comes next after an instant; false if its schedule has no further one.
bool next_run(const pg::Row &timer, TimestampTz after, TimestampTz *next);

/// Begins a timer's schedule anew from now on; what woke it before still counts. `published`: a When Published runs.
void plan_runs(const pg::Row &timer, bool published);

/// Runs a timer as soon as this transaction has committed. For who may.
void wake_timer(const char *name);
/// The same without asking: for its wake function, whose EXECUTE says who may.
void wake_timer(int64 timer_id);
/// Gives a timer another schedule, until a text with another SCHEDULE is published. For its owner and administrators.
void set_timer_schedule(const char *name, const char *schedule);
/// Drops a timer; a run in progress ends. For its owner and administrators.
void drop_timer(const char *name);
/// Drops the timers of a dropped schema.
void drop_timers_of(Oid schema);

// timer_run.cpp: what engine.hpp says of items, for a timer's
bool perform_tick(queue::Item &item);
bool perform_run(queue::Item &item);
void record_timer_failure(queue::Item &item, const ErrorData *error, const char *phase, bool last);
char *describe_timer(const queue::Item &item);

} // namespace bpt::engine
