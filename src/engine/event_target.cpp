// Whom an event concerns (event_target.hpp).
//
// Takes no locks: who handles the event judges its target again under those of deliver.cpp.
#include "pg/postgres.hpp"

#include "engine/delivery.hpp"
#include "engine/event_def.hpp"
#include "engine/event_target.hpp"
#include "engine/instance.hpp"
#include "entity/entity.hpp"
#include "pg/arena.hpp"

namespace bpt::engine {

namespace qd = queue_delivery;

namespace {

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

} // namespace

expr::Clause *clause_of(expr::Definition *definition, int64 event_def_id)
{
	for (expr::Clause &clause : definition->clauses)
		if (clause.id == event_def_id)
			return &clause;
	return nullptr;
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

bool may_any_wait(const queue::Event &event)
{
	if (!event.in_order || !may_be_begun_by_event(event))
		return true;
	return !(was_none_put_aside() && do_all_chain(event)) && is_any_put_aside();
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

} // namespace bpt::engine
