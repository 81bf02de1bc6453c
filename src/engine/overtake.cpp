// Which events must wait for earlier ones that are put aside (overtake.hpp): asked for events that are delivered in order,
// where something is put aside. Locks: none.
#include "pg/postgres.hpp"

#include "engine/event_def.hpp"
#include "engine/overtake.hpp"
#include "pg/arena.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

namespace bpt::engine {

namespace {

/// True if an earlier event's launch of a process that this event may concern is still to be done: it may begin to listen
/// for it.
bool overtakes_launch(const queue::Event &event)
{
	bool found = false;
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(int64{0})}, [&](const pg::Row &row) {
		if (row.int8(queue_delivery::event_id) >= event.id ||
			static_cast<DeliveryStatus>(row.int2(queue_delivery::status)) != DeliveryStatus::waiting)
			return true;
		const int64 launched = process_of_event_def(row.int8(queue_delivery::event_def_id));
		for (int i = 0; i < event.count && !found; i++)
			found = process_of_event_def(event.event_defs[i]) == launched;
		return !found;
	});
	return found;
}

/// Whether EXECUTEs lead from one process to the other, be it by way of those that execute them.
bool are_connected(int64 one, int64 other)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<int64> reached;
	const auto has = [&](int64 process_def_id) {
		for (const int64 known : reached)
			if (known == process_def_id)
				return true;
		return false;
	};
	const auto reach = [&](int64 process_def_id) {
		if (process_def_id != 0 && !has(process_def_id))
			reached.push(arena, process_def_id);
		return true;
	};
	reach(one);
	for (int i = 0; i < reached.count && !has(other); i++)
	{
		pg::each("activity_def", "activity_def_process", {pg::key(reached[i])},
				 [&](const pg::Row &row) { return reach(row.int8(activity_def::invoked_process_def_id)); });
		pg::each("activity_def", "activity_def_invoked", {pg::key(reached[i])},
				 [&](const pg::Row &row) { return reach(row.int8(activity_def::process_def_id)); });
	}
	return has(other);
}

/// True if an earlier event waits for an instance, or for a launch, from which EXECUTEs lead to a process that this event may
/// concern: that may begin to listen for it.
bool overtakes_by_execute(const queue::Event &event)
{
	bool found = false;
	pg::each("queue_delivery", "queue_delivery_due", {}, [&](const pg::Row &row) {
		if (row.int8(queue_delivery::event_id) >= event.id ||
			static_cast<DeliveryStatus>(row.int2(queue_delivery::status)) != DeliveryStatus::waiting)
			return true;
		const int64 waiting = process_of_event_def(row.int8(queue_delivery::event_def_id));
		for (int i = 0; i < event.count && !found; i++)
		{
			const int64 concerned = process_of_event_def(event.event_defs[i]);
			found = concerned != waiting && are_connected(concerned, waiting);
		}
		return !found;
	});
	return found;
}

} // namespace

bool overtakes(const queue::Event &event)
{
	return overtakes_launch(event) || overtakes_by_execute(event);
}

} // namespace bpt::engine
