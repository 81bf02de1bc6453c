// Putting ready items and timers into their queues and taking them out (work.hpp). Claiming is in claim.cpp, waking in
// wake.cpp. Locks: the queue rows that are removed, FOR UPDATE SKIP LOCKED.
#include "pg/postgres.hpp"

#include "queue/claim.hpp"

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

/// Calls f for the unclaimed timers of an activity that `wanted` accepts, locked.
template <typename W, typename F>
void each_unclaimed(int64 activity_id, W wanted, F f)
{
	pg::each_locked(
		"queue_timer", "queue_timer_activity", {pg::key(activity_id)}, "queue_timer_pkey", pg::Lock::update_skip,
		[&](const pg::Row &seen) { return wanted(static_cast<TimerWhat>(seen.int2(queue_timer::what))); }, f);
}

void remove_timer(const pg::Row &row)
{
	pg::remove("queue_timer", row);
}

} // namespace

int64 add_ready(int64 process_id, int64 activity_id, ReadyWhat what, int priority, Jsonb *argument)
{
	const int rank = kHighest - priority;
	pg::Row row = pg::new_row("queue_ready");
	row.set(queue_ready::rank, Int16GetDatum(static_cast<int16>(rank)));
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
	note_ready(rank, row.int8(queue_ready::id));
	wake_at_commit(0);
	added_ready = {row.int8(queue_ready::id), row.tid, GetCurrentTransactionId(), process_id, activity_id};
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

void have_timer(TimestampTz due, int64 process_id, int64 activity_id, TimerWhat what)
{
	bool has_one = false;
	each_unclaimed(
		activity_id, [=](TimerWhat found) { return found == what; },
		[&](const pg::Row &row) {
			if (has_one || row.instant(queue_timer::due) > due)
			{
				remove_timer(row);
				return;
			}
			has_one = true;
			wake_at_commit(row.instant(queue_timer::due)); // who looked meanwhile has found it locked
		});
	if (!has_one)
		add_timer(due, process_id, activity_id, what);
}

void remove_timers(int64 activity_id)
{
	each_unclaimed(
		activity_id, [](TimerWhat) { return true; }, remove_timer);
}

void remove_timers(int64 activity_id, TimerWhat what)
{
	each_unclaimed(
		activity_id, [=](TimerWhat found) { return found == what; }, remove_timer);
}

} // namespace bpt::queue
