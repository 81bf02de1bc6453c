// What a worker does with a claimed item (engine.hpp).
//
// Locks: the item's row (by the claim), what user code takes, then the instance's process row.
#include "pg/postgres.hpp"

#include "engine/already.hpp"
#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/deliver.hpp"
#include "engine/delivery.hpp"
#include "engine/email.hpp"
#include "engine/engine.hpp"
#include "engine/event_def.hpp"
#include "engine/execute.hpp"
#include "engine/incident.hpp"
#include "engine/left_rows.hpp"
#include "engine/light.hpp"
#include "engine/overtake.hpp"
#include "engine/suspend.hpp"
#include "engine/timer.hpp"
#include "engine/users.hpp"
#include "engine/work.hpp"
#include "expr/current.hpp"
#include "pg/json.hpp"
#include "queue/pack.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
using queue::Item;
using queue::Queue;

namespace {

constexpr const char *table_of(Queue queue)
{
	switch (queue)
	{
	case Queue::event:
		break;
	case Queue::delivery:
		return "queue_delivery";
	case Queue::ready:
		return "queue_ready";
	case Queue::timer:
		return "queue_timer";
	case Queue::email:
		return "email_message";
	}
	return nullptr;
}

/// True if an earlier delivery for the same instance waits, or is held: deliveries of one instance are handled in order.
bool stands_behind(int64 process_id, int64 delivery_id)
{
	bool behind = false;
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(process_id)}, [&](const pg::Row &row) {
		if (delivery_id != 0 && row.int8(queue_delivery::id) >= delivery_id)
			return false;
		const auto status = static_cast<DeliveryStatus>(row.int2(queue_delivery::status));
		behind = status == DeliveryStatus::waiting || status == DeliveryStatus::held;
		return !behind;
	});
	return behind;
}

/// Whether an event's targets are handled with it: its only one, or light launches of one owner that may share a
/// transaction.
bool are_handled_at_once(const EventTarget *targets, int count)
{
	Oid owner = InvalidOid;
	for (int i = 0; i < count && count > 1; i++)
	{
		expr::Definition *const definition = targets[i].process_id == 0 ? definition_of(targets[i]) : nullptr;
		if (definition == nullptr || !definition->model->is_light || commits_each(definition))
			return false;
		Oid const its_owner = expr::find_owner(definition);
		if (!OidIsValid(its_owner) || (i > 0 && its_owner != owner))
			return false;
		owner = its_owner;
	}
	return count > 0;
}

} // namespace

/// What is known of a claimed event before it is handled.
struct Plan
{
	queue::Event event;
	bool overtakes = false; // it must wait for what an earlier event begins
	bool may_wait = true;   // deliveries may wait in bpt.queue_delivery
	int count = 0;
	EventTarget *targets = nullptr;
	pg::Row process; // of the only target, if that is an instance
};

namespace {

/// The instance that an item is about, read once: who changes it reads it again with its lock.
const pg::Row &process_of(Item &item)
{
	if (!item.process && item.process_id != 0 && !take_left_rows(&item))
		item.process = read_process(item.process_id);
	return item.process;
}

/// The activity that an item is about, likewise.
const pg::Row &activity_of(Item &item)
{
	if (!item.activity && item.activity_id != 0)
		item.activity = read_activity(item.activity_id);
	return item.activity;
}

/// Looks for the targets of an event: last, so that what was to be done before has made its listeners.
Plan *plan_event(const Item &item)
{
	auto *const plan = static_cast<Plan *>(palloc(sizeof(Plan)));
	*plan = Plan{};
	plan->event = queue::read_event(item.row);
	plan->may_wait = may_any_wait(plan->event);
	plan->overtakes = plan->event.in_order && plan->may_wait && overtakes(plan->event);
	if (!plan->overtakes)
		plan->count = targets_of(plan->event, &plan->targets, plan->may_wait);
	return plan;
}

/// The definition that a planned event's user code is of, as definition_of an item; notes the process row.
expr::Definition *definition_of(Plan *plan)
{
	if (!are_handled_at_once(plan->targets, plan->count))
		return nullptr;
	if (plan->targets[0].process_id == 0)
		return definition_of(plan->targets[0]);
	plan->process = read_process(plan->targets[0].process_id);
	return plan->process ? instance_of(plan->process).definition : nullptr;
}

/// An event with one target is handled here and now; with several, each gets a delivery of its own. So do the changes of a
/// row that stands for several, where it is not done in a batch, and what of them there is no time for.
bool perform_event(const Item &item, Plan *plan, bool batched)
{
	if (plan->overtakes)
		return false;
	queue::Event &event = plan->event;
	EventTarget *const targets = plan->targets;
	const int count = plan->count;
	bool aside = !are_handled_at_once(targets, count) || (event.more != nullptr && !batched) ||
				 (targets[0].process_id != 0 && plan->may_wait && stands_behind(targets[0].process_id, 0));
	queue::Unpacking further = queue::unpack(event);
	do
	{
		for (int i = 0; i < count && !aside; i++)
			aside = deliver(event, targets[i], plan->process) == Delivered::locked; // an only target
		for (int i = 0; i < count && aside; i++)
			put_aside(event, targets[i], nullptr);
		aside = aside || !may_begin_statements() || subtransactions_used_up();
	} while (queue::next_change(&further, &event));
	done(item);
	return true;
}

bool perform_delivery(const Item &item)
{
	const EventTarget target = target_of(item.row);
	const pg::Row process = target.process_id == 0 ? pg::Row{} : read_process(target.process_id);
	if (is_suspended(process))
		return set_aside(item);
	const bool waiting = static_cast<DeliveryStatus>(item.row.int2(queue_delivery::status)) == DeliveryStatus::waiting;
	if (target.process_id != 0 && waiting && stands_behind(target.process_id, item.id))
		return false;
	queue::Event event = queue::read_delivery(item.row);
	if (deliver(event, target, process) == Delivered::locked)
		return false;
	done(item);
	return true;
}

int64 id_of(const char *text)
{
	return text == nullptr ? 0 : DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(text)));
}

/// Goes on with a step that an advance left over. False: the instance is locked, or was suspended just now.
bool go_on(const Item &item)
{
	const pg::Row process = lock_process(item.process_id, true);
	if (!process)
		return !read_process(item.process_id);
	if (is_suspended(process))
		return false;
	if (is_running(item.process_id))
	{
		const Instance instance = instance_of(process);
		Advance a = begin_advance(instance);
		const LeftStep left = left_step(item.row);
		const int element = instance.definition->element_by_id(left.element_id);
		if (element >= 0)
			a.steps.push(a.arena, Step{element, left.precedent, left.outcome, left.flow});
		run(a);
	}
	return true;
}

/// OR ALREADY's second look. False: the instance is locked, or was suspended just now.
bool second_look(const Instance &instance, int64 activity_id)
{
	const pg::Row process = lock_process(instance.id, true);
	if (!process || is_suspended(process))
		return false;
	if (is_ended(activity_status(read_activity(activity_id))))
		return true;
	Advance a = begin_advance(instance);
	look_already(a, activity_id);
	run(a);
	return true;
}

/// Starts the process of an EXECUTE, or goes on after it. False: the instance is locked, or was suspended just now.
bool go_on_with_child(const Instance &instance, const Item &item)
{
	const pg::Row process = lock_process(instance.id, true);
	if (!process || is_suspended(process))
		return false;
	const pg::Row activity = read_activity(item.activity_id);
	Advance a = begin_advance(instance);
	if (ready_what(item) == ReadyWhat::child_ended)
		end_execute(a, item.activity_id);
	else if (activity_status(activity) == ActivityStatus::ready)
		start_child_with(a, activity, item.row.json(queue_ready::argument));
	run(a);
	return true;
}

/// Whether an activity is there to go on with, and its process.
bool can_go_on(const pg::Row &process, const pg::Row &activity)
{
	return activity && process && process_status(process) == ProcessStatus::active &&
		   !is_ended(activity_status(activity));
}

bool perform_ready(Item &item)
{
	const pg::Row &process = process_of(item);
	if (ready_what(item) == ReadyWhat::go_on)
	{
		if (is_suspended(process))
			return set_aside(item);
		if (!go_on(item))
			return false;
		done(item);
		return true;
	}
	const pg::Row &activity = activity_of(item);
	if (can_go_on(process, activity))
	{
		if (is_suspended(process))
			return set_aside(item);
		const Instance instance = instance_of(process);
		if (ready_what(item) == ReadyWhat::look)
		{
			if (!second_look(instance, item.activity_id))
				return false;
		}
		else if (ready_what(item) != ReadyWhat::run)
		{
			if (!go_on_with_child(instance, item))
				return false;
		}
		else if (activity_status(activity) == ActivityStatus::ready)
			run_automatic(process, activity);
	}
	done(item);
	return true;
}

bool perform_timer(Item &item)
{
	const pg::Row &process = process_of(item);
	pg::Row activity = activity_of(item);
	bool is_live = can_go_on(process, activity);
	if (is_live && is_suspended(process))
		return set_aside(item);
	const bool statements = is_live && timer_what(item) == TimerWhat::retry && !activity.null(ai::pending) &&
							strcmp(activity.text(ai::pending), pending::kStatement) == 0;
	// The statements of an AUTOMATIC run before its instance is locked.
	if (is_live && !statements)
	{
		const pg::Row locked = lock_process(item.process_id, true);
		if (!locked || is_suspended(locked)) // suspended just now: the next look sets it aside
			return false;
		activity = read_activity(item.activity_id);
		is_live = !is_ended(activity_status(activity));
	}
	done(item);
	if (is_live)
		fire(timer_what(item), process, activity);
	return true;
}

/// True for an event that was put aside, and has not failed.
bool is_waiting_delivery(const Item &item)
{
	return item.queue == Queue::delivery &&
		   static_cast<DeliveryStatus>(item.row.int2(queue_delivery::status)) == DeliveryStatus::waiting;
}

/// The definition that an item's user code is of; null if it has none, or its process is gone or dropped.
expr::Definition *definition_of(Item &item)
{
	expr::Definition *definition = nullptr;
	if (item.queue == Queue::event)
	{
		EventTarget *targets = nullptr;
		const int count = targets_of(queue::read_event(item.row), &targets);
		if (are_handled_at_once(targets, count))
			definition = definition_of(targets[0]);
	}
	else if (item.queue == Queue::delivery)
		definition = definition_of(target_of(item.row));
	else if (const pg::Row &process = process_of(item))
	{
		definition = instance_of(process).definition;
		if (item.queue == Queue::ready && ready_what(item) == ReadyWhat::start_child)
		{
			const pg::Row &activity = activity_of(item);
			expr::Definition *const invoked = activity ? invoked_by(instance_of(process), activity) : nullptr;
			definition = invoked != nullptr ? invoked : definition;
		}
	}
	return definition == nullptr || expr::is_dropped(definition) ? nullptr : definition;
}

} // namespace

LeftStep left_step(const pg::Row &ready)
{
	const Jsonb *const argument = ready.json(queue_ready::argument);
	return {id_of(pg::string_at(argument, "element")), id_of(pg::string_at(argument, "precedent")),
			pg::string_at(argument, "outcome"), id_of(pg::string_at(argument, "flow"))};
}

void done(const Item &item)
{
	if (item.queue == Queue::event)
		queue::done_event(item);
	else if (!queue::is_place_taken(item))
		pg::remove(table_of(item.queue), item.row);
}

Terms terms_of(Item &item)
{
	Terms terms;
	if (item.queue == Queue::email)
	{
		terms.alone = true; // no code of the owner's runs, and nothing else is to wait for a server's answer
		return terms;
	}
	if (is_timer(item))
	{
		terms.owner = owner_of(item);
		terms.alone = true;
		terms.may_be_lost =
			item.queue == Queue::timer; // the run that it leads to is committed for good, and it with that
		return terms;
	}
	if (item.queue == Queue::event)
		terms.plan = plan_event(item);
	expr::Definition *definition = terms.plan != nullptr ? definition_of(terms.plan) : definition_of(item);
	if (definition != nullptr && expr::is_dropped(definition))
		definition = nullptr;
	terms.definition = definition;
	terms.owner = definition == nullptr ? InvalidOid : expr::owner_of(definition);
	terms.alone = item.queue == Queue::timer || (item.queue == Queue::delivery && !is_waiting_delivery(item));
	const bool launches = item.queue == Queue::event || (is_waiting_delivery(item) && item.process_id == 0);
	if (launches && definition != nullptr && definition->model->is_light)
		terms.alone = commits_each(definition);
	if (item.queue == Queue::ready && ready_what(item) == ReadyWhat::run)
	{
		const pg::Row &process = process_of(item);
		const pg::Row &activity = activity_of(item);
		if (process && activity)
		{
			const Instance instance = instance_of(process);
			const int element = element_of(instance, activity);
			terms.alone = instance.definition->elements[element].model->commit_each;
			terms.is_slow = may_take_long(instance.definition, element);
		}
	}
	return terms;
}

Oid owner_of(Item item)
{
	if (is_timer(item))
		return timer_owner(timer_of(item));
	expr::Definition *const definition = definition_of(item);
	return definition == nullptr ? InvalidOid : expr::owner_of(definition);
}

bool is_ownerless(Item item)
{
	if (is_timer(item))
		return !OidIsValid(timer_owner(timer_of(item)));
	expr::Definition *const definition = definition_of(item);
	return definition != nullptr && !OidIsValid(expr::find_owner(definition));
}

bool perform(Item &item, const Terms &terms, bool batched)
{
	expr::Current work;
	work.by_worker = true;
	work.may_run_on = batched;
	begin_item();
	bool result = true;
	clear_running();
	expr::with_current(work, [&] {
		switch (item.queue)
		{
		case Queue::event:
			result = perform_event(item, terms.plan, batched);
			break;
		case Queue::delivery:
			result = perform_delivery(item);
			break;
		case Queue::ready:
			result = is_timer(item) ? perform_run(item) : perform_ready(item);
			break;
		case Queue::timer:
			result = is_timer(item) ? perform_tick(item) : perform_timer(item);
			break;
		case Queue::email:
			deliver_email(item);
			break;
		}
	});
	return result;
}

char *describe(Item &item)
{
	if (is_timer(item))
		return describe_timer(item);
	const pg::Row &process = process_of(item);
	if (!process)
		return psprintf("event " INT64_FORMAT, item.id);
	const Instance instance = instance_of(process);
	const pg::Row &activity = activity_of(item);
	return activity ? psprintf("%s " INT64_FORMAT " %s", instance.definition->name, instance.id,
							   name_of(instance, element_of(instance, activity)))
					: psprintf("%s " INT64_FORMAT, instance.definition->name, instance.id);
}

} // namespace bpt::engine
