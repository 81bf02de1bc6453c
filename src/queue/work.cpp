// Putting ready items and timers into their queues and taking them out (work.hpp). Claiming is in claim.cpp, waking in
// wake.cpp. Locks: the queue rows that are removed, FOR UPDATE SKIP LOCKED.
#include "pg/postgres.hpp"

#include "queue/work.hpp"

namespace bpt::queue {

namespace {

/// Priorities count upwards (0 low … 2 high), ranks downwards, so that the index order is the order of work.
constexpr int kHighest = 2;

Added added_ready;

/// The row whose place is offered, as its item was claimed, and the transaction that may take it.
pg::Row place;
LocalTransactionId place_of = InvalidLocalTransactionId;
bool is_taken = false;

/// Puts a new row in the place that is offered, if it is one of the same instance.
bool take_place(pg::Row &row)
{
	if (place_of != bpt_local_transaction_id() || is_taken || !row.null(queue_ready::argument) ||
		place.int8(queue_ready::process_id) != row.int8(queue_ready::process_id) ||
		place.int2(queue_ready::rank) != row.int2(queue_ready::rank))
		return false;
	row.set(queue_ready::id, place.at(queue_ready::id));
	row.tid = place.tid;
	pg::update("queue_ready", row);
	is_taken = true;
	return true;
}

/// Deletes the unclaimed timers of an activity that `wanted` accepts.
template <typename F>
void remove_where(int64 activity_id, F wanted)
{
	pg::each("queue_timer", "queue_timer_activity", {pg::key(activity_id)}, [&](pg::Row &seen) {
		if (!wanted(static_cast<TimerWhat>(seen.int2(queue_timer::what))))
			return true;
		const pg::Row row =
			pg::find("queue_timer", "queue_timer_pkey", {pg::key(seen.int8(queue_timer::id))}, pg::Lock::update_skip);
		if (row)
			pg::remove("queue_timer", row);
		return true;
	});
}

} // namespace

int64 add_ready(int64 process_id, int64 activity_id, ReadyWhat what, int priority, Jsonb *argument)
{
	pg::Row row = pg::new_row("queue_ready");
	row.set(queue_ready::rank, Int16GetDatum(static_cast<int16>(kHighest - priority)));
	row.set(queue_ready::process_id, Int64GetDatum(process_id));
	row.set(queue_ready::activity_id, Int64GetDatum(activity_id));
	row.set(queue_ready::what, Int16GetDatum(static_cast<int16>(what)));
	if (argument != nullptr)
		row.set(queue_ready::argument, JsonbPGetDatum(argument));
	if (!take_place(row))
	{
		row.set(queue_ready::id, Int64GetDatum(pg::next_id("ready_id")));
		pg::insert("queue_ready", row);
	}
	wake_at_commit(0);
	added_ready = {row.int8(queue_ready::id), row.tid, GetCurrentTransactionId()};
	return added_ready.id;
}

void offer_place(const Item &item)
{
	place = item.row;
	place_of = bpt_local_transaction_id();
	is_taken = false;
}

bool is_place_taken(const Item &item)
{
	// A subtransaction that took it may have been undone.
	return item.queue == Queue::ready && is_taken && place_of == bpt_local_transaction_id() &&
		   place.int8(queue_ready::id) == item.id && !pg::is_as_read("queue_ready", place);
}

Added take_added_ready()
{
	const Added added = added_ready;
	added_ready = {};
	return added;
}

void add_timer(TimestampTz due, int64 process_id, int64 activity_id, TimerWhat what)
{
	pg::Row row = pg::new_row("queue_timer");
	row.set(queue_timer::id, Int64GetDatum(pg::next_id("timer_id")));
	row.set(queue_timer::due, TimestampTzGetDatum(due));
	row.set(queue_timer::process_id, Int64GetDatum(process_id));
	row.set(queue_timer::activity_id, Int64GetDatum(activity_id));
	row.set(queue_timer::what, Int16GetDatum(static_cast<int16>(what)));
	pg::insert("queue_timer", row);
	wake_at_commit(due);
}

void remove_timers(int64 activity_id)
{
	remove_where(activity_id, [](TimerWhat) { return true; });
}

void remove_timers(int64 activity_id, TimerWhat what)
{
	remove_where(activity_id, [=](TimerWhat found) { return found == what; });
}

} // namespace bpt::queue
