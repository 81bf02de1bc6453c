// Holding work back and letting it go (hold.hpp). Locks: the rows that are moved, FOR UPDATE.
#include "pg/postgres.hpp"

#include "queue/hold.hpp"

namespace bpt::queue {

namespace {

/// The columns that bpt.queue_ready and bpt.queue_held have in common are all of them, in the same places.
void move_row(const char *from, const char *to, const pg::Row &row)
{
	pg::Row moved = row;
	moved.tid = {};
	pg::remove(from, row);
	pg::insert(to, moved);
}

/// Calls f for each delivery of a process, locked.
template <typename F>
void each_delivery(int64 process_id, F f)
{
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(process_id)}, [&](const pg::Row &seen) {
		pg::Row row = pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(seen.int8(queue_delivery::id))},
							   pg::Lock::update);
		if (row)
			f(row);
		return true;
	});
}

bool is_held(const pg::Row &delivery)
{
	return static_cast<DeliveryStatus>(delivery.int2(queue_delivery::status)) == DeliveryStatus::held;
}

} // namespace

bool hold(const Item &item)
{
	pg::Row row = item.row;
	switch (item.queue)
	{
	case Queue::ready:
		move_row("queue_ready", "queue_held", row);
		return true;
	case Queue::timer:
		if (TIMESTAMP_IS_NOEND(item.due))
			return false;
		row.set(queue_timer::due, TimestampTzGetDatum(DT_NOEND));
		pg::update("queue_timer", row);
		return true;
	case Queue::delivery:
		if (is_held(row))
			return false;
		row.set(queue_delivery::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::held)));
		row.set(queue_delivery::next_run, TimestampTzGetDatum(DT_NOEND));
		pg::update("queue_delivery", row);
		return true;
	case Queue::event:
	case Queue::email: // is sent whatever has become of its process
		break;
	}
	return false;
}

int let_go(int64 process_id, TimestampTz now)
{
	int moved = 0;
	pg::each("queue_held", "queue_held_process", {pg::key(process_id)}, [&](const pg::Row &row) {
		move_row("queue_held", "queue_ready", row);
		wake_at_commit(0);
		moved++;
		return true;
	});
	each_delivery(process_id, [&](pg::Row &row) {
		if (!is_held(row))
			return;
		const DeliveryStatus status =
			row.int4(queue_delivery::error_count) > 0 ? DeliveryStatus::retrying : DeliveryStatus::waiting;
		row.set(queue_delivery::status, Int16GetDatum(static_cast<int16>(status)));
		row.set(queue_delivery::next_run, TimestampTzGetDatum(now));
		pg::update("queue_delivery", row);
		wake_at_commit(now);
	});
	return moved;
}

void drop_held(int64 process_id)
{
	pg::each("queue_held", "queue_held_process", {pg::key(process_id)}, [](const pg::Row &row) {
		// Paths without an activity: there is no other trace of them, should the process be restarted.
		if (static_cast<ReadyWhat>(row.int2(queue_ready::what)) == ReadyWhat::go_on)
		{
			move_row("queue_held", "queue_ready", row);
			wake_at_commit(0);
		}
		else
			pg::remove("queue_held", row);
		return true;
	});
	each_delivery(process_id, [](const pg::Row &row) { pg::remove("queue_delivery", row); });
}

} // namespace bpt::queue
