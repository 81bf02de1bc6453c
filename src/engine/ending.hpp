// One activity as it ends: closed, skipped or expired, or refused to.
#pragma once
#include "engine/advance.hpp"
#include "engine/scope.hpp"

namespace bpt::engine {

/// How an activity ends with its flow going on.
enum class Ending
{
	closed,
	skipped,
	expired,
};
/// Runs ON CLOSE or ON SKIP and SET; raises what they raise. `change` holds the inputs and comes back with the outputs.
void before_end(const Scope &scope, Ending ending, Change &change);
/// What belongs to a change of an activity that gives it its outputs: defaults of inputs, the callbacks for `when`, SET,
/// defaults of outputs. Raises what they raise. `change` holds the inputs and comes back with the outputs.
void run_change(Scope &scope, core::When when, Change &change);
/// Ends the activity, and lets its path go on.
void end_activity(Advance &a, int64 activity_id, Ending ending, Change &change);

/// An ended activity leaves no timer, offer, listener or running child behind.
void remove_traces(int64 activity_id);

/// Counts a refusal (WF001) of an end by event or timeout.
void count_refusal(int64 activity_id, const ErrorData *error);
/// When a refused TIMEOUT is tried next: TIMEOUT anew, or after the growing delay if that is not in the future.
void renew_timeout(const Instance &instance, int64 activity_id);

} // namespace bpt::engine
