// Delivering events (deliver.hpp).
//
// Locks: the instance's process row, or launches of the process, without waiting (an event for a locked instance, or for a
// process that is being dropped, is put aside).
#include "pg/postgres.hpp"

#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/deliver.hpp"
#include "engine/delivery.hpp"
#include "engine/ending.hpp"
#include "engine/launch.hpp"
#include "engine/light.hpp"
#include "engine/locks.hpp"
#include "expr/current.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/json.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace qd = queue_delivery;

namespace {

/// Values of an event where no instance is: only the row's columns have any.
Datum no_scope(void *, const expr::Slot &, bool *)
{
	elog(ERROR, "bpt: a process name in the condition of LAUNCH ON");
}

/// What passed_value() gives, as text.
bool passed_text(expr::Definition *definition, expr::Clause &clause, entity::EventValues &values,
				 const expr::Variable &variable, char **text)
{
	bool isnull = true;
	Datum value = Datum{0};
	if (!passed_value(definition, clause, values, variable, &value, &isnull))
		return false;
	*text = expr::to_text(value, isnull, variable.type);
	return true;
}

/// The text column that labels an instance launched by this row, from the payload.
char *row_label(const queue::Event &event)
{
	return event.payload == nullptr ? nullptr : pg::string_at(event.payload, "label");
}

/// An event launches a process, unless ON PROCESS START refuses.
void launch_by_event(expr::Definition *definition, expr::Clause &clause, queue::Event &event)
{
	entity::EventValues values = launch_values(event, clause);
	Jsonb *inputs = nullptr;
	bool matches = false;
	expr::as_owner(definition, [&] {
		matches = entity::matches(definition, clause, &values);
		if (!matches)
			return;
		for (const expr::Variable &input : definition->inputs)
		{
			char *text = nullptr;
			if (passed_text(definition, clause, values, input, &text))
				inputs = with_value(inputs, input.id, text);
		}
	});
	if (!matches)
		return;

	Origin origin;
	origin.entity_id = event.entity_id;
	origin.key = entity::key_of(event, values.relation);
	origin.row_label = row_label(event);
	origin.event_id = event.id;
	if (!has_callbacks(definition, -1, core::When::process_start))
	{
		start_instance(definition, inputs, origin);
		return;
	}
	ErrorData *const error = try_user_code([&] { start_instance(definition, inputs, origin); });
	if (error != nullptr && error->sqlerrcode != kAbortActivityChange)
		ReThrowError(error);
}

/// What AS and WITH pass to the inputs of the clause's element, added to `start`; as its work.
Jsonb *passed_inputs(Scope &scope, expr::Clause &clause, queue::Event &event, Jsonb *start)
{
	expr::Definition *const definition = scope.instance.definition;
	Jsonb *inputs = start;
	as_work(scope, false, [&] {
		entity::EventValues values{&event, entity::relation_of(clause), values_of(&scope)};
		for (const expr::Variable &output : definition->elements[scope.element].outputs)
		{
			char *text = nullptr;
			if (passed_text(definition, clause, values, output, &text))
				inputs = with_value(inputs, output.id, text);
		}
	});
	return inputs;
}

/// A conditional start has handled an event for good: its other clauses that the event fits are not asked any more.
void end_event(const queue::Event &event, const EventTarget &target)
{
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(target.process_id)}, [&](const pg::Row &row) {
		if (row.int8(qd::activity_id) == target.activity_id && row.int8(qd::event_id) == event.id &&
			row.int8(qd::event_def_id) != target.event_def_id)
			pg::remove("queue_delivery", row);
		return true;
	});
	end_error(event.id, target);
}

/// An event starts a flow, unless it is refused.
void start_listener(Advance &a, const pg::Row &listening, expr::Clause &clause, queue::Event &event,
					const EventTarget &target)
{
	Scope scope = scope_of(a.instance, listening);
	Jsonb *const inputs = passed_inputs(scope, clause, event, nullptr);
	if (start_by_event(a, listening, inputs))
		run(a);
	if (a.instance.definition->elements[scope.element].clauses.count > 1 || !listening.null(ai::pending))
		end_event(event, target);
}

/// Whether the listener has handled the event since it was found: it was made to handle what was pending. That shows in the
/// activity, if the event had any effect, or in what waits for its instance.
bool is_handled(const queue::Event &event, const EventTarget &target, const pg::Row &activity)
{
	if (target.has_failed || (!target.has_waited && activity.int4(ai::refusals) == 0 && activity.null(ai::pending)))
		return false;
	return !entity::is_reached(event, target.event_def_id, target.activity_id);
}

/// An event ends a task or wait, or starts a flow, if its whole condition holds. The rows are as they were seen without a
/// lock, the process's first.
Delivered deliver_to_listener(queue::Event &event, const EventTarget &target, const pg::Row &process, pg::Row activity)
{
	if (!activity || !process || is_ended(activity_status(activity)))
		return Delivered::done;
	if (process.boolean(process_instance::is_suspended))
		return Delivered::locked;
	const Instance instance = instance_of(process);
	expr::Clause *const clause = clause_of(instance.definition, target.event_def_id);
	if (clause == nullptr)
		return Delivered::done;

	Scope scope = scope_of(instance, activity);
	know_process(&scope, process);
	bool matches = false;
	as_work(scope, false, [&] {
		entity::EventValues values{&event, entity::relation_of(*clause), values_of(&scope)};
		matches = entity::matches(instance.definition, *clause, &values);
	});
	if (!matches && !target.has_failed)
		return Delivered::idle;
	const bool was_in_hand = is_in_hand(Kept::process, instance.id);
	const pg::Row locked = lock_process_again(process, true);
	if (!locked || locked.boolean(process_instance::is_suspended) ||
		locked.int4(process_instance::version) != process.int4(process_instance::version))
		return Delivered::locked;
	activity = was_in_hand ? read_activity(target.activity_id) : read_activity_locked(activity, process, locked);
	if (!activity || is_ended(activity_status(activity)) || is_handled(event, target, activity))
		return Delivered::done;
	if (!matches)
	{
		end_error(event.id, target);
		return Delivered::idle;
	}

	Advance a = begin_advance(instance, event.id);
	if (is_listening_row(activity))
		start_listener(a, activity, *clause, event, target);
	else if (close_by_event(a, target.activity_id, *clause, event))
		run(a);
	return Delivered::done;
}

/// An event that waited for earlier ones of its instance is for whoever listens now: its own listener, or, if that has
/// ended or there was none yet, those that the earlier ones have made.
Delivered deliver_to_process(queue::Event &event, const EventTarget &target, const pg::Row &seen)
{
	const pg::Row process = seen ? seen : read_process(target.process_id);
	const pg::Row own = target.activity_id == 0 ? pg::Row{} : read_activity(target.activity_id);
	if (own && !is_ended(activity_status(own)))
		return is_handled(event, target, own) ? Delivered::done : deliver_to_listener(event, target, process, own);
	core::Vec<int64> listeners;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	pg::each("activity_instance", "activity_instance_process", {pg::key(target.process_id)}, [&](pg::Row &row) {
		if (!is_ended(activity_status(row)) && entity::is_reached(event, target.event_def_id, row.int8(ai::id)))
			listeners.push(arena, row.int8(ai::id));
		return true;
	});
	for (const int64 listener : listeners)
	{
		const EventTarget one{target.event_def_id, target.version, target.process_def_id, target.process_id, listener};
		const pg::Row now = read_process(target.process_id);
		if (deliver_to_listener(event, one, now, read_activity(listener)) == Delivered::locked)
			return Delivered::locked;
	}
	return Delivered::done;
}

} // namespace

entity::EventValues launch_values(const queue::Event &event, expr::Clause &clause)
{
	return {&event, entity::relation_of(clause), {no_scope, nullptr}};
}

bool passed_value(expr::Definition *definition, expr::Clause &clause, entity::EventValues &values,
				  const expr::Variable &variable, Datum *value, bool *isnull)
{
	if (clause.model->as && clause.model->as.text == variable.name)
	{
		*value = entity::key_value(*values.event, values.relation, variable.type, variable.typmod, isnull);
		return true;
	}
	for (int i = 0; i < clause.model->with.count; i++)
		if (clause.model->with[i].name.text == variable.name)
		{
			*value =
				expr::evaluate(expr::clause_plan(definition, clause)->with[i], entity::event_values(&values), isnull);
			return true;
		}
	return false;
}

bool close_by_event(Advance &a, int64 activity_id, expr::Clause &clause, queue::Event &event)
{
	expr::Definition *const definition = a.instance.definition;
	const pg::Row activity = read_activity(activity_id);
	Scope scope = scope_of(a.instance, activity);
	Change change;
	change.outputs = passed_inputs(scope, clause, event, activity.json(ai::outputs));

	if (has_callbacks(definition, scope.element, core::When::close))
	{
		ErrorData *const error = try_user_code([&] { before_end(scope, Ending::closed, change); });
		if (error != nullptr && error->sqlerrcode != kAbortActivityChange)
			ReThrowError(error);
		if (error != nullptr)
		{
			count_refusal(activity_id, error);
			return false;
		}
	}
	else
		before_end(scope, Ending::closed, change);
	end_activity(a, activity_id, Ending::closed, change);
	return true;
}

Delivered deliver(queue::Event &event, const EventTarget &target, const pg::Row &process)
{
	expr::Current work = expr::current;
	work.event_id = event.id;
	Delivered result = Delivered::done;
	expr::with_current(work, [&] {
		if (target.process_id != 0)
		{
			result = deliver_to_process(event, target, process);
			return;
		}
		expr::Definition *definition = definition_of(target);
		if (!definition->model->is_light)
		{
			if (!lock_for_event_launch(definition->id))
			{
				result = Delivered::locked;
				return;
			}
			definition = definition_of(target);
		}
		expr::Clause *const clause = clause_of(definition, target.event_def_id);
		if (clause == nullptr || expr::is_dropped(definition))
			return;
		if (definition->model->is_light)
			run_light(definition, *clause, event);
		else
			launch_by_event(definition, *clause, event);
	});
	return result;
}

} // namespace bpt::engine
