// One activity from being reached until it is scheduled, ready or listening. How it ends is in ending.hpp.
#pragma once
#include "engine/advance.hpp"
#include "engine/scope.hpp"
#include "entity/entity.hpp"

namespace bpt::engine {

/// The row of an activity that a path has reached, not yet inserted.
pg::Row new_activity(const Instance &instance, const Step &step, ActivityStatus status);

/// A path reaches a HUMAN, AUTOMATIC, EMAIL or WAIT: its row is made and it becomes scheduled, ready or listening.
void reach(Advance &a, const Step &step);
/// The same for a new row, of an AUTOMATIC only where it has a START DATE: what fails is recorded on it.
void begin_activity(Advance &a, pg::Row &row);
/// Evaluates START DATE of a reached activity: it is scheduled until then, or starts now. Raises what fails.
void start_when_due(Advance &a, pg::Row &activity);
/// A scheduled or failed activity becomes ready or listening: ON READY runs, USER, DUE and so on are evaluated, timers and
/// listeners begin. Raises what fails.
void make_ready(Advance &a, pg::Row activity);
/// make_ready, then OR ALREADY's first look; the second is left to a worker.
void make_ready_and_look(Advance &a, pg::Row activity);

/// What the activity of a scope listens to.
core::Vec<entity::Heard> heard_by(const Scope &scope);
/// Sets the label of a row, where LABEL of the element is an expression.
void evaluate_label(Scope &scope, pg::Row &row);
/// The status in which a HUMAN, WAIT or CONDITIONAL START rests that is neither scheduled nor in error.
ActivityStatus resting_status(const pg::Row &activity);

} // namespace bpt::engine
