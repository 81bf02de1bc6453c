// Delivering events (deliver.hpp).
//
// Locks: the instance's process row, or launches of the process, without waiting (an event for a locked instance, or for a
// process that is being dropped, is put aside).
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/deliver.hpp"
#include "engine/event_def.hpp"
#include "engine/incident.hpp"
#include "engine/launch.hpp"
#include "engine/light.hpp"
#include "engine/locks.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/json.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace qd = queue_delivery;

namespace {

/// The transaction that found no delivery waiting, with the slot's lock of those whose order counts.
LocalTransactionId none_waits_in = InvalidLocalTransactionId;

/// Values of an event where no instance is: only the row's columns have any.
Datum no_scope(void *, const expr::Slot &, bool *)
{
	elog(ERROR, "bpt: a process name in the condition of LAUNCH ON");
}

/// The clause of a definition that an event_def row stands for; null if this version has it not.
expr::Clause *clause_of(expr::Definition *definition, int64 event_def_id)
{
	for (expr::Clause &clause : definition->clauses)
		if (clause.id == event_def_id)
			return &clause;
	return nullptr;
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

/// What else than this event by this clause has failed at an activity.
struct OtherFailures
{
	bool any = false;
	TimestampTz next_run = DT_NOEND; // of that which is tried again first
};

OtherFailures other_failures(int64 event_id, const EventTarget &target)
{
	OtherFailures others;
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(target.process_id)}, [&](const pg::Row &row) {
		if (row.int8(qd::activity_id) != target.activity_id || row.int4(qd::error_count) == 0 ||
			(row.int8(qd::event_id) == event_id && row.int8(qd::event_def_id) == target.event_def_id))
			return true;
		others.any = true;
		if (static_cast<DeliveryStatus>(row.int2(qd::status)) == DeliveryStatus::retrying)
			others.next_run = Min(others.next_run, row.instant(qd::next_run));
		return true;
	});
	return others;
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

/// True if handling another event can at once make a listener by one of this event's clauses, in an instance that is there.
bool may_be_begun_by_event(const queue::Event &event)
{
	for (int i = 0; i < event.count; i++)
	{
		const EventDef *const def = find_event_def(event.event_defs[i]);
		if (def == nullptr || def->launches())
			continue;
		expr::Definition *const definition = expr::definition(def->process_def_id, event.versions[i]);
		const expr::Clause *const clause = clause_of(definition, def->id);
		if (clause != nullptr && definition->flow->begun_by_event[clause->element])
			return true;
	}
	return false;
}

/// True if all of the event's clauses are of definitions whose events chain: deliveries for their instances are put aside by
/// nobody but who has the slot of such events.
bool do_all_chain(const queue::Event &event)
{
	for (int i = 0; i < event.count; i++)
	{
		const EventDef *const def = find_event_def(event.event_defs[i]);
		const expr::Definition *const definition =
			def == nullptr ? nullptr : expr::definition(def->process_def_id, event.versions[i]);
		if (definition == nullptr || !definition->flow->chains_events)
			return false;
	}
	return true;
}

/// Instances for which earlier events wait: they may listen by this event's clauses once those are handled.
core::Vec<EventTarget> waiting_instances(const queue::Event &event, core::Arena *arena)
{
	core::Vec<EventTarget> waiting;
	pg::each("queue_delivery", "queue_delivery_due", {}, [&](pg::Row &row) {
		const EventTarget target = target_of(row);
		if (target.process_id == 0 || row.int8(qd::event_id) >= event.id ||
			(static_cast<DeliveryStatus>(row.int2(qd::status)) != DeliveryStatus::waiting &&
			 static_cast<DeliveryStatus>(row.int2(qd::status)) != DeliveryStatus::held))
			return true;
		const pg::Row process = read_process(target.process_id);
		for (int i = 0; process && i < event.count; i++)
		{
			const EventDef *const def = find_event_def(event.event_defs[i]);
			if (def != nullptr && !def->launches() &&
				def->process_def_id == process.int8(process_instance::process_def_id))
				waiting.push(*arena, EventTarget{event.event_defs[i], 0, 0, target.process_id, 0});
		}
		return true;
	});
	return waiting;
}

bool is_among(const core::Vec<EventTarget> &targets, const EventTarget &wanted)
{
	for (const EventTarget &target : targets)
		if (target.process_id == wanted.process_id && target.event_def_id == wanted.event_def_id)
			return true;
	return false;
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

void end_error(int64 event_id, const EventTarget &target)
{
	pg::Row activity = read_activity(target.activity_id);
	const char *const what = activity ? activity.text(ai::pending) : nullptr;
	if (what == nullptr || strcmp(what, pending::kEvent) != 0 || is_ended(activity_status(activity)))
		return;
	const OtherFailures others = other_failures(event_id, target);
	const bool is_tried = others.next_run != DT_NOEND;
	move_to(activity, !others.any ? resting_status(activity)
					  : is_tried  ? ActivityStatus::error
								  : ActivityStatus::failed);
	if (is_tried)
		activity.set(ai::next_run, TimestampTzGetDatum(others.next_run));
	else
		activity.set_null(ai::next_run);
	if (!others.any)
		activity.set_null(ai::pending);
	save(Kept::activity, activity);
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

bool may_any_wait(const queue::Event &event)
{
	if (!event.in_order || !may_be_begun_by_event(event))
		return true;
	if (none_waits_in == bpt_local_transaction_id() && do_all_chain(event))
		return false;
	const bool found = pg::find("queue_delivery", "queue_delivery_due", {}).found;
	none_waits_in = found ? InvalidLocalTransactionId : bpt_local_transaction_id();
	return found;
}

int targets_of(const queue::Event &event, EventTarget **targets, bool may_wait)
{
	core::Vec<EventTarget> list;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	bool only_launches = !event.in_order;
	for (int i = 0; i < event.count; i++)
	{
		const EventDef *const def = find_event_def(event.event_defs[i]);
		if (def != nullptr && def->launches())
			list.push(arena, EventTarget{event.event_defs[i], event.versions[i], def->process_def_id, 0, 0});
		else
			only_launches = false;
	}
	*targets = list.items;
	if (only_launches)
		return list.count;
	// Before the listeners are: a delivery that is handled meanwhile has made those that the look for them finds.
	core::Vec<EventTarget> waiting;
	if (may_wait && event.in_order && may_be_begun_by_event(event))
		waiting = waiting_instances(event, &arena);
	struct Gather
	{
		core::Vec<EventTarget> *list;
		core::Arena *arena;
	} gather{&list, &arena};
	entity::each_listener(
		event,
		[](void *context, int64 event_def_id, int64 process_id, int64 activity_id) {
			auto *const to = static_cast<Gather *>(context);
			to->list->push(*to->arena, EventTarget{event_def_id, 0, 0, process_id, activity_id});
			return true;
		},
		&gather);
	for (const EventTarget &target : waiting)
		if (!is_among(list, target))
			list.push(arena, target);
	*targets = list.items;
	return list.count;
}

expr::Definition *definition_of(const EventTarget &target)
{
	if (target.process_id == 0)
	{
		const int64 process_def_id =
			target.process_def_id != 0 ? target.process_def_id : process_of_event_def(target.event_def_id);
		return expr::definition(process_def_id, target.version);
	}
	const pg::Row process = read_process(target.process_id);
	return process ? instance_of(process).definition : nullptr;
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

void put_aside(const queue::Event &event, const EventTarget &target, const ErrorData *failure, const char *phase,
			   bool last)
{
	pg::Row row = pg::new_row("queue_delivery");
	TimestampTz next = expr::now();
	row.set(qd::id, Int64GetDatum(pg::next_id("delivery_id")));
	row.set(qd::event_id, Int64GetDatum(event.id));
	row.set(qd::xid, FullTransactionIdGetDatum(event.xid));
	row.set(qd::entity_id, Int64GetDatum(event.entity_id));
	row.set(qd::operation, CharGetDatum(event.operation));
	row.set_text(qd::key, event.key);
	if (event.payload != nullptr)
		row.set(qd::payload, JsonbPGetDatum(event.payload));
	row.set(qd::created, TimestampTzGetDatum(event.created));
	row.set(qd::event_def_id, Int64GetDatum(target.event_def_id));
	row.set(qd::version, Int32GetDatum(target.version));
	row.set(qd::untested, BoolGetDatum(event.untested));
	row.set(qd::process_id, Int64GetDatum(target.process_id));
	row.set(qd::activity_id, Int64GetDatum(target.activity_id));
	row.set(qd::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::waiting)));
	row.set(qd::error_count, Int32GetDatum(0));
	row.set(qd::next_run, TimestampTzGetDatum(next));
	if (failure != nullptr)
		fail_delivery(row, failure, phase, last);
	pg::insert("queue_delivery", row);
	none_waits_in = InvalidLocalTransactionId;
	queue::wake_at_commit(row.instant(qd::next_run));
}

/// Whom the incident of a launch is about, and when the event is tried again: by the default rule, or by that of a light
/// process's AUTOMATIC. False: its attempts are used up.
static bool judge_launch(const EventTarget &target, int attempt, Subject *subject, const char **phase,
						 TimestampTz *next)
{
	subject->process_def_id = process_of_event_def(target.event_def_id);
	bool again = next_retry(nullptr, core::Retry{}, attempt, next);
	// Where the definition cannot be loaded or has no owner any more, the default rule stays.
	(void)pg::in_subtransaction([&] {
		expr::Definition *const definition = definition_of(target);
		if (!definition->model->is_light)
			return;
		const expr::Element &element = definition->elements[light_element(definition)];
		subject->activity_def_id = element.id;
		if (strcmp(*phase, "event") == 0)
			*phase = "statement";
		again = next_retry(definition, element.model->retry, attempt, next);
	});
	return again;
}

/// What a failure of an event itself comes to be told as: where something is missing that its clause names, what can be done.
static ErrorData advised(const ErrorData *error, const char *phase)
{
	ErrorData told = *error;
	const int code = error->sqlerrcode;
	if (told.hint == nullptr && strcmp(phase, "event") == 0 &&
		(code == ERRCODE_UNDEFINED_COLUMN || code == ERRCODE_UNDEFINED_TABLE || code == ERRCODE_UNDEFINED_FUNCTION))
		told.hint =
			pstrdup("An event is handled by the version of the process for which it was recorded. Put back what "
					"that version names, also for the time of bpt.event_retry() only, or give the event up with "
					"bpt.event_discard().");
	return told;
}

void fail_delivery(pg::Row &row, const ErrorData *error, const char *phase, bool last)
{
	const EventTarget target = target_of(row);
	const int64 event_id = row.int8(qd::event_id);
	const int attempt = row.int4(qd::error_count) + 1;
	TimestampTz next = 0;
	next_retry(nullptr, core::Retry{}, attempt, &next);
	int64 incident_id = 0;
	if (target.process_id != 0)
	{
		const pg::Row process = lock_process(target.process_id);
		pg::Row activity = read_activity(target.activity_id);
		if (process && activity && !is_ended(activity_status(activity)))
		{
			// What goes on listening has failed as often as this event has.
			if (is_listening_row(activity))
				activity.set(ai::error_count, Int32GetDatum(attempt - 1));
			const ErrorData told = advised(error, phase);
			put_in_error(instance_of(process), activity, pending::kEvent, phase, &told, event_id, false, last);
			incident_id = activity.int8(ai::last_error_id);
			next = activity.null(ai::next_run) ? next : activity.instant(ai::next_run);
			const OtherFailures others = other_failures(event_id, target);
			if (others.next_run < next)
			{
				move_to(activity, ActivityStatus::error);
				activity.set(ai::next_run, TimestampTzGetDatum(others.next_run));
				save(Kept::activity, activity);
			}
		}
	}
	else
	{
		Subject subject;
		subject.event_id = event_id;
		last = !judge_launch(target, attempt, &subject, &phase, &next) || last;
		const ErrorData told = advised(error, phase);
		incident_id = record_incident(subject, phase, attempt, &told, last ? 0 : next);
	}
	row.set(qd::status, Int16GetDatum(static_cast<int16>(last ? DeliveryStatus::failed : DeliveryStatus::retrying)));
	row.set(qd::error_count, Int32GetDatum(attempt));
	row.set(qd::next_run, TimestampTzGetDatum(last ? DT_NOEND : next));
	if (incident_id != 0)
		row.set(qd::last_error_id, Int64GetDatum(incident_id));
}

EventTarget target_of(const pg::Row &delivery)
{
	return {delivery.int8(qd::event_def_id),   delivery.int4(qd::version),     0,
			delivery.int8(qd::process_id),     delivery.int8(qd::activity_id), delivery.int4(qd::error_count) == 0,
			delivery.int4(qd::error_count) > 0};
}

} // namespace bpt::engine
