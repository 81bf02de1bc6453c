// Delivering events: a row change launches processes and ends waits.
#pragma once
#include "engine/advance.hpp"
#include "entity/entity.hpp"
#include "queue/event.hpp"

namespace bpt::engine {

/// Ends a task or wait by an event whose condition holds: inputs from AS and WITH, then as a close. A refusal leaves it
/// waiting and is counted (false).
bool close_by_event(Advance &a, int64 activity_id, expr::Clause &clause, queue::Event &event);

/// The values of an event where no instance is: only the row's columns have any.
entity::EventValues launch_values(const queue::Event &event, expr::Clause &clause);
/// The value that the clause passes to `variable` (AS, or WITH), of its type. False: none.
bool passed_value(expr::Definition *definition, expr::Clause &clause, entity::EventValues &values,
				  const expr::Variable &variable, Datum *value, bool *isnull);

/// One thing that an event may concern: a launch (process_id 0) or a listening activity.
struct EventTarget
{
	int64 event_def_id;
	int32 version;
	int64 process_def_id;
	int64 process_id;
	int64 activity_id;
	bool has_waited = false; // it was put aside
	bool has_failed = false; // it was tried in vain: it is this listener's, whatever that has handled since
};

/// All targets of an event, in order: launches first. Returns how many; they live in the current memory context.
/// `may_wait`: deliveries may wait in bpt.queue_delivery; false if a look before found none.
int targets_of(const queue::Event &event, EventTarget **targets, bool may_wait = true);
/// False if no delivery waits at all. Asked only for events for which each of them is of interest; true for others.
bool may_any_wait(const queue::Event &event);
/// The definition that a target's user code belongs to; null if it is gone.
expr::Definition *definition_of(const EventTarget &target);

/// What became of a delivery.
enum class Delivered
{
	done,   // handled, refused, or its listener has ended
	idle,   // it does not meet the condition
	locked, // another transaction holds the instance: it must wait
};
/// Handles an event for one target. Raises what fails. `process`: the instance's row, if it was read just now.
Delivered deliver(queue::Event &event, const EventTarget &target, const pg::Row &process = {});
/// Puts an event for one target aside as a row of bpt.queue_delivery; `failure` not null: it failed and is retried.
void put_aside(const queue::Event &event, const EventTarget &target, const ErrorData *failure,
			   const char *phase = "event", bool last = false);

/// Notes a failure in a queue_delivery row (not yet written) and in its activity.
void fail_delivery(pg::Row &delivery, const ErrorData *error, const char *phase, bool last = false);

/// What an activity was in error for by this event is over: it rests again, unless other events have failed at it, by which it
/// stays in error until the first of them is tried again.
void end_error(int64 event_id, const EventTarget &target);

/// The target that a queue_delivery row stands for.
EventTarget target_of(const pg::Row &delivery);

} // namespace bpt::engine
