// How an activity ends (ending.hpp).
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/ending.hpp"
#include "engine/execute.hpp"
#include "engine/incident.hpp"
#include "engine/offer.hpp"
#include "engine/taskbox.hpp"
#include "entity/entity.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// False for an automatic activity or email that was neither scheduled nor in error: it has no timer, and never an offer
/// or listener; nor has an EXECUTE that its process has ended.
bool may_leave_traces(const pg::Row &activity)
{
	const auto kind = static_cast<ActivityKind>(activity.int2(ai::kind));
	const bool is_quiet = kind == ActivityKind::automatic || kind == ActivityKind::email ||
						  (kind == ActivityKind::execute && activity_status(activity) == ActivityStatus::closed);
	return !is_quiet || !activity.null(ai::start_date) || activity.int4(ai::error_count) > 0;
}

/// False for what waits for events only: it was never scheduled nor in error, and has no timeout.
bool may_have_timers(const pg::Row &activity)
{
	const auto kind = static_cast<ActivityKind>(activity.int2(ai::kind));
	const bool waits = kind == ActivityKind::wait || kind == ActivityKind::conditional_start;
	return !waits || activity.null(ai::ready) || !activity.null(ai::start_date) || !activity.null(ai::timeout) ||
		   activity.int4(ai::error_count) > 0;
}

/// Gives each output of the element that has no value its default; only inputs, or all.
void fill_defaults(Scope &scope, Change &change, bool inputs_only)
{
	expr::Definition *const definition = scope.instance.definition;
	for (const expr::Variable &output : definition->elements[scope.element].outputs)
	{
		char *text = nullptr;
		if (output.model == nullptr || !output.model->default_value || (inputs_only && !output.is_input) ||
			look_up(change.outputs, output.id, &text) != Held::missing)
			continue;
		as_work(scope, false, [&] {
			bool isnull = true;
			const Datum value =
				expr::evaluate(expr::code(definition, output.model->default_value, expr::own_site(scope.element),
										  expr::CodeKind::value, output.type, output.typmod),
							   values_of(&scope), &isnull);
			change.outputs = with_value(change.outputs, output.id, expr::to_text(value, isnull, output.type), true);
		});
	}
}

} // namespace

void before_end(const Scope &of, Ending ending, Change &change)
{
	Scope scope = of;
	change.closing = true;
	change.closed_instant = expr::now();
	change.expired = ending == Ending::expired;
	change.skipped = ending == Ending::skipped;
	run_change(scope, ending == Ending::skipped ? core::When::skip : core::When::close, change);
}

void run_change(Scope &scope, core::When when, Change &change)
{
	scope.change = &change;
	fill_defaults(scope, change, true);
	run_callbacks(scope, when);
	const core::Element &model = *scope.instance.definition->elements[scope.element].model;
	if (!model.set.empty())
		as_work(scope, true, [&] { set_outputs(scope, model.set, expr::own_site(scope.element)); });
	fill_defaults(scope, change, false);
}

void end_activity(Advance &a, int64 activity_id, Ending ending, Change &change)
{
	int element = -1;
	int64 flow = 0;
	bool ended = false;
	bool left_traces = false;
	change_activity(activity_id, [&](pg::Row &row) {
		ended = is_ended(activity_status(row));
		if (ended)
			return; // its own callback has terminated the process
		element = element_of(a.instance, row);
		flow = row.int8(ai::flow_id);
		move_to(row, ending == Ending::closed    ? ActivityStatus::closed
					 : ending == Ending::skipped ? ActivityStatus::skipped
												 : ActivityStatus::expired);
		row.set(ai::closed, TimestampTzGetDatum(expr::now()));
		row.set_text(ai::closed_by, change.closed_by);
		if (ending == Ending::expired)
			row.set(ai::expired, BoolGetDatum(true));
		if (ending == Ending::skipped)
			row.set(ai::skipped, BoolGetDatum(true));
		if (change.outputs != nullptr)
			row.set(ai::outputs, JsonbPGetDatum(change.outputs));
		row.set_null(ai::next_run);
		row.set_null(ai::pending);
		left_traces = may_leave_traces(row);
	});
	if (ended)
		return;
	if (left_traces)
		remove_traces(activity_id);
	follow(a, a.instance.definition->elements[element].model->targets, activity_id, nullptr, flow);
	note_ended(a, element, activity_id);
}

void remove_traces(int64 activity_id)
{
	const pg::Row activity = read_activity(activity_id);
	if (activity)
		end_child(activity);
	if (!activity || may_have_timers(activity))
		queue::remove_timers(activity_id);
	entity::unlisten(activity_id);
	if (activity && static_cast<ActivityKind>(activity.int2(ai::kind)) != ActivityKind::human)
		return;
	forget_seen(activity_id);
	remove_offers(activity_id);
}

void count_refusal(int64 activity_id, const ErrorData *error)
{
	clear_running();
	change_activity(activity_id, [&](pg::Row &row) {
		row.set(ai::refusals, Int32GetDatum(row.int4(ai::refusals) + 1));
		row.set_text(ai::last_refusal, error->message);
		if (activity_status(row) == ActivityStatus::error)
		{
			move_to(row, resting_status(row));
			row.set_null(ai::next_run);
			row.set_null(ai::pending);
		}
	});
}

void renew_timeout(const Instance &instance, int64 activity_id)
{
	pg::Row row = read_activity(activity_id);
	Scope scope = scope_of(instance, row);
	const core::Element &model = *instance.definition->elements[scope.element].model;
	TimestampTz next = 0;
	bool given = false;
	as_work(scope, false, [&] {
		given = expr::instant_of(instance.definition, model.timeout, expr::own_site(scope.element), values_of(&scope),
								 &next);
	});
	if (given && next <= expr::now())
		next_retry(instance.definition, core::Retry{}, row.int4(ai::refusals), &next);
	if (given)
	{
		row.set(ai::timeout, TimestampTzGetDatum(next));
		queue::remove_timers(activity_id, TimerWhat::timeout);
		queue::add_timer(next, instance.id, activity_id, TimerWhat::timeout);
	}
	else
		row.set_null(ai::timeout);
	save(Kept::activity, row);
}

} // namespace bpt::engine
