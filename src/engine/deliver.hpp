// Delivering events: a row change launches processes and ends waits.
#pragma once
#include "engine/advance.hpp"
#include "engine/event_target.hpp"
#include "entity/entity.hpp"

namespace bpt::engine {

/// Ends a task or wait by an event whose condition holds: inputs from AS and WITH, then as a close. A refusal leaves it
/// waiting and is counted (false).
bool close_by_event(Advance &a, int64 activity_id, expr::Clause &clause, queue::Event &event);

/// The values of an event where no instance is: only the row's columns have any.
entity::EventValues launch_values(const queue::Event &event, expr::Clause &clause);
/// The value that the clause passes to `variable` (AS, or WITH), of its type. False: none.
bool passed_value(expr::Definition *definition, expr::Clause &clause, entity::EventValues &values,
				  const expr::Variable &variable, Datum *value, bool *isnull);

/// What became of a delivery.
enum class Delivered
{
	done,   // handled, refused, or its listener has ended
	idle,   // it does not meet the condition
	locked, // another transaction holds the instance: it must wait
};
/// Handles an event for one target. Raises what fails. `process`: the instance's row, if it was read just now.
Delivered deliver(queue::Event &event, const EventTarget &target, const pg::Row &process = {});

} // namespace bpt::engine
