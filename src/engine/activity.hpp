// One activity from being reached to its end: scheduled, ready or listening, closed, skipped or expired.
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

/// Whether the element has a clause with OR ALREADY.
bool looks_back(const expr::Definition *definition, int element);
/// OR ALREADY: if a row satisfies a clause now, the activity ends by it. A failure puts it in error.
void look_already(Advance &a, int64 activity_id);

/// How an activity ends with its flow going on.
enum class Ending
{
	closed,
	skipped,
	expired,
};
/// What belongs to a change of an activity that gives it its outputs: defaults of inputs, the callbacks for `when`, SET,
/// defaults of outputs. Raises what they raise. `change` holds the inputs and comes back with the outputs.
void run_change(Scope &scope, core::When when, Change &change);
/// What the activity of a scope listens to.
core::Vec<entity::Heard> heard_by(const Scope &scope);
/// Sets the label of a row, where LABEL of the element is an expression.
void evaluate_label(Scope &scope, pg::Row &row);
/// Runs ON CLOSE or ON SKIP and SET; raises what they raise. `change` holds the inputs and comes back with the outputs.
void before_end(const Scope &scope, Ending ending, Change &change);
/// Ends the activity, and lets its path go on.
void end_activity(Advance &a, int64 activity_id, Ending ending, Change &change);

/// An ended activity leaves no timer, offer, listener or running child behind.
void remove_traces(int64 activity_id);
/// The status in which a HUMAN, WAIT or CONDITIONAL START rests that is neither scheduled nor in error.
ActivityStatus resting_status(const pg::Row &activity);
/// Makes bpt.task_offer fit the row of a ready or opened task.
void write_offers(const Instance &instance, const pg::Row &activity);
/// Counts a refusal (WF001) of an end by event or timeout.
void count_refusal(int64 activity_id, const ErrorData *error);
/// When a refused TIMEOUT is tried next: TIMEOUT anew, or after the growing delay if that is not in the future.
void renew_timeout(const Instance &instance, int64 activity_id);

} // namespace bpt::engine
