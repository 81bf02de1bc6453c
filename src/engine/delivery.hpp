// Deliveries that were put aside: the rows of bpt.queue_delivery, each an event for one target that waits for others of its
// instance or for its lock, or has failed and is tried again.
#pragma once
#include "engine/event_target.hpp"
#include "pg/tables.hpp"

namespace bpt::engine {

/// Puts an event for one target aside as a row of bpt.queue_delivery; `failure` not null: it failed and is retried.
void put_aside(const queue::Event &event, const EventTarget &target, const ErrorData *failure,
			   const char *phase = "event", bool last = false);
/// The target that a queue_delivery row stands for.
EventTarget target_of(const pg::Row &delivery);
/// Whether there is any row of it.
bool is_any_put_aside();
/// True if this transaction has found none, and has put none aside since; others may have.
bool was_none_put_aside();

/// Notes a failure in a queue_delivery row (not yet written) and in its activity.
void fail_delivery(pg::Row &delivery, const ErrorData *error, const char *phase, bool last = false);
/// What an activity was in error for by this event is over: it rests again, unless other events have failed at it, by which it
/// stays in error until the first of them is tried again.
void end_error(int64 event_id, const EventTarget &target);

} // namespace bpt::engine
