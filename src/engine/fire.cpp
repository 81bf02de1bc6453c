// What a timer that is due is for: start dates, timeouts, attempts again (work.hpp).
//
// Locks: none of its own; the instance's process row is locked by the caller, but for the statements of an AUTOMATIC.
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/already.hpp"
#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/ending.hpp"
#include "engine/execute.hpp"
#include "engine/incident.hpp"
#include "engine/work.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// A timeout ends a wait, unless its On Close refuses: then it goes on waiting.
void time_out(const Instance &instance, const pg::Row &activity)
{
	Advance a = begin_advance(instance);
	const Scope scope = scope_of(instance, activity);
	Change change;
	change.outputs = activity.json(ai::outputs);
	if (has_callbacks(instance.definition, scope.element, core::When::close))
	{
		ErrorData *const error = try_user_code([&] { before_end(scope, Ending::expired, change); });
		if (error != nullptr && error->sqlerrcode != kAbortActivityChange)
			ReThrowError(error);
		if (error != nullptr)
		{
			count_refusal(scope.activity_id, error);
			renew_timeout(instance, scope.activity_id);
			return;
		}
	}
	else
		before_end(scope, Ending::expired, change);
	end_activity(a, scope.activity_id, Ending::expired, change);
	run(a);
}

/// Decides again for a DECISION in error: its row goes, as a decision that succeeds has none.
void decide_again(const Instance &instance, const pg::Row &activity)
{
	Advance a = begin_advance(instance);
	const Step step{element_of(instance, activity), activity.int8(ai::precedent_activity_id),
					activity.text(ai::precedent_outcome), activity.int8(ai::flow_id)};
	const core::Outcome *const chosen = choose_outcome(instance, step);
	discard(Kept::activity, activity);
	follow_outcome(a, step, *chosen);
	run(a);
}

/// Does again what an activity in error was doing.
void retry(const pg::Row &process, pg::Row &activity)
{
	const char *const what = activity.text(ai::pending);
	if (what == nullptr || activity_status(activity) != ActivityStatus::error)
		return;
	if (strcmp(what, pending::kStatement) == 0)
	{
		run_automatic(process, activity);
		return;
	}
	const Instance instance = instance_of(process);
	Advance a = begin_advance(instance);
	if (strcmp(what, pending::kDecision) == 0)
	{
		decide_again(instance, activity);
		return;
	}
	if (strcmp(what, pending::kReach) == 0)
		start_when_due(a, activity);
	else if (strcmp(what, pending::kReady) == 0)
		make_ready_and_look(a, activity);
	else if (strcmp(what, pending::kExecute) == 0)
		start_child_again(a, activity);
	else if (strcmp(what, pending::kChild) == 0)
		end_execute(a, activity.int8(ai::id));
	else if (strcmp(what, pending::kLook) == 0)
	{
		move_to(activity, resting_status(activity));
		activity.set_null(ai::next_run);
		activity.set_null(ai::pending);
		save(Kept::activity, activity);
		look_already(a, activity.int8(ai::id));
	}
	run(a);
}

/// False if the activity waits for a later instant: then that has a timer of its own, and the one at hand, which a worker had
/// claimed when the instant was changed, is of no use.
bool is_reached(const pg::Row &activity, int column)
{
	return activity.null(column) || activity.instant(column) <= expr::now();
}

} // namespace

void fire(TimerWhat what, const pg::Row &process, pg::Row &activity)
{
	const Instance instance = instance_of(process);
	switch (what)
	{
	case TimerWhat::start_date:
		if (activity_status(activity) == ActivityStatus::scheduled && is_reached(activity, ai::start_date))
		{
			Advance a = begin_advance(instance);
			make_ready_and_look(a, activity);
			run(a);
		}
		break;
	case TimerWhat::timeout:
		if (is_reached(activity, ai::timeout))
			time_out(instance, activity);
		break;
	case TimerWhat::retry:
		retry(process, activity);
		break;
	case TimerWhat::schedule:
	case TimerWhat::wake:
		break; // of timers, not of activities
	}
}

} // namespace bpt::engine
