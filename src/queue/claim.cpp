// Claiming: finding the next item that is due and that nobody else is working on (work.hpp).
//
// Queues are looked through without locks and the one row that fits is locked FOR UPDATE SKIP LOCKED, then judged again as
// it is now: a row that changed between the look and the lock is left for the next claim. (Events are claimed by their
// slots: claim_event.cpp.) At most kPatience rows held by
// others are passed over in one look, so that a long run of them costs a bounded walk; what lies behind comes within reach
// as the run shrinks.
//
// A transaction that claims several items goes on behind the last one: what it has passed over it does not see again, and
// what it has found empty it does not look into again.
//
// A worker calls end_claims() before it commits, and keep_claims() after it.
//
// Locks: the item itself, of an event its slot (bpt.queue_slot).
#include "pg/postgres.hpp"

#include "queue/claim.hpp"

namespace bpt::queue {

namespace {

Progress progress;
MemoryContext progress_memory = nullptr; // goes on after the commit, which keep_claims follows

Item delivery_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::delivery;
	item.id = row.int8(queue_delivery::id);
	item.due = row.instant(queue_delivery::next_run);
	item.process_id = row.int8(queue_delivery::process_id);
	item.activity_id = row.int8(queue_delivery::activity_id);
	item.row = row;
	return item;
}

Item timer_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::timer;
	item.id = row.int8(queue_timer::id);
	item.due = row.instant(queue_timer::due);
	item.process_id = row.int8(queue_timer::process_id);
	item.activity_id = row.int8(queue_timer::activity_id);
	item.row = row;
	return item;
}

bool has_failed(const pg::Row &delivery)
{
	return static_cast<DeliveryStatus>(delivery.int2(queue_delivery::status)) == DeliveryStatus::failed;
}

/// True if no earlier delivery of its instance waits. One that is being retried holds nobody up.
bool is_its_turn(const Item &item)
{
	if (item.process_id == 0 ||
		static_cast<DeliveryStatus>(item.row.int2(queue_delivery::status)) != DeliveryStatus::waiting)
		return true;
	bool first = true;
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(item.process_id)}, [&](pg::Row &row) {
		if (row.int8(queue_delivery::id) >= item.id)
			return false;
		first = static_cast<DeliveryStatus>(row.int2(queue_delivery::status)) != DeliveryStatus::waiting;
		return first;
	});
	return first;
}

/// The delivery that is due first, of those whose turn it is.
Item claim_delivery(TimestampTz now, const Filter &filter)
{
	Item claimed;
	int looked = 0;
	pg::each_up_to(
		"queue_delivery", "queue_delivery_due", pg::key_instant(now),
		[&](pg::Row &row) {
			const Item seen = delivery_item(row);
			if (has_failed(row) || !admitted(filter, seen))
				return true;
			if (is_its_turn(seen))
			{
				const Item item = lock(Queue::delivery, seen.id);
				if (item && !has_failed(item.row) && item.due <= now && is_its_turn(item))
					claimed = item;
			}
			return !claimed && ++looked < kPatience;
		},
		pg::Lock::none);
	return claimed;
}

/// The timer that is due first.
Item claim_timer(TimestampTz now, const Filter &filter)
{
	Item claimed;
	int looked = 0;
	pg::each_up_to(
		"queue_timer", "queue_timer_due", pg::key_instant(now),
		[&](pg::Row &row) {
			const Item seen = timer_item(row);
			if (!admitted(filter, seen))
				return true;
			const Item item = lock(Queue::timer, seen.id);
			if (item && item.due <= now)
				claimed = item;
			return !claimed && ++looked < kPatience;
		},
		pg::Lock::none);
	return claimed;
}

/// Claims from a queue, unless this transaction has found it empty.
Item claim_once(bool Progress::*is_empty, Item (*claim_one)(TimestampTz, const Filter &), TimestampTz now,
				const Filter &filter)
{
	Progress &far = so_far(filter);
	Item item;
	if (!(far.*is_empty))
		item = claim_one(now, filter);
	far.*is_empty = !item;
	return item;
}

Item claim_timer_once(TimestampTz now, const Filter &filter)
{
	return claim_once(&Progress::no_timers, claim_timer, now, filter);
}

Item claim_email_once(TimestampTz now, const Filter &filter)
{
	return claim_once(&Progress::no_emails, claim_email, now, filter);
}

Item claim_events(TimestampTz now, const Filter &filter)
{
	// An event that could not be handled stands before later ones of its instance, so deliveries come first.
	const Item item = claim_once(&Progress::no_deliveries, claim_delivery, now, filter);
	return item ? item : claim_event(filter);
}

// Which queue is looked at first, by turns: out of four claims two begin with events, one with timers, one with ready work.
uint32 turn = 0;

} // namespace

bool has_progress()
{
	return progress.transaction == bpt_local_transaction_id();
}

Progress &so_far()
{
	if (has_progress())
		return progress;
	if (progress_memory == nullptr)
		progress_memory = AllocSetContextCreate(TopMemoryContext, "bpt claims", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(progress_memory);
	progress = Progress{};
	progress.memory = progress_memory;
	progress.transaction = bpt_local_transaction_id();
	return progress;
}

Progress &so_far(const Filter &filter)
{
	if (!filter.rotate)
		progress.transaction = InvalidLocalTransactionId;
	return so_far();
}

Item lock(Queue queue, int64 id)
{
	const auto key = pg::key(id);
	pg::Row row;
	switch (queue)
	{
	case Queue::event:
		break;
	case Queue::delivery:
		row = pg::find("queue_delivery", "queue_delivery_pkey", {key}, pg::Lock::update_skip);
		return row ? delivery_item(row) : Item{};
	case Queue::timer:
		row = pg::find("queue_timer", "queue_timer_pkey", {key}, pg::Lock::update_skip);
		return row ? timer_item(row) : Item{};
	case Queue::ready:
		row = pg::find("queue_ready", "queue_ready_pkey", {key}, pg::Lock::update_skip);
		return row ? ready_item(row) : Item{};
	case Queue::email:
		row = pg::find("email_message", "email_message_pkey", {key}, pg::Lock::update_skip);
		return row ? email_item(row) : Item{};
	}
	return {};
}

Item claim(TimestampTz now, const Filter &filter)
{
	const uint32 first = filter.rotate ? turn++ % 4 : 0;
	Item item;
	if (first == 1)
		item = claim_ready(filter);
	if (!item && first == 3)
		item = claim_timer_once(now, filter);
	if (!item && first == 3)
		item = claim_email_once(now, filter);
	if (!item)
		item = claim_events(now, filter);
	if (!item && first != 3)
		item = claim_timer_once(now, filter);
	if (!item && first != 1)
		item = claim_ready(filter);
	if (!item && first != 3)
		item = claim_email_once(now, filter);
	return item;
}

void end_claims()
{
	if (progress.transaction == bpt_local_transaction_id())
		write_positions(progress);
	else
		progress.transaction =
			InvalidLocalTransactionId; // of a transaction that was rolled back: nothing of it is kept
}

void keep_claims()
{
	if (progress.transaction != InvalidLocalTransactionId)
		keep_positions(progress);
	progress.transaction = InvalidLocalTransactionId;
}

Item claim_again(Queue queue, int64 id)
{
	return queue == Queue::event ? claim_event_again(id) : lock(queue, id);
}

bool next_due_after(TimestampTz after, const Filter &filter, TimestampTz *due)
{
	bool found = false;
	// Rows that were due before belong to others, who are at work on them, or were not admitted: they are passed over.
	pg::each("queue_timer", "queue_timer_due", {}, [&](pg::Row &row) {
		const Item item = timer_item(row);
		if (item.due <= after || !admitted(filter, item))
			return true;
		*due = item.due;
		found = true;
		return false;
	});
	pg::each("queue_delivery", "queue_delivery_due", {}, [&](pg::Row &row) {
		const Item item = delivery_item(row);
		if (found && item.due >= *due)
			return false;
		if (item.due <= after || has_failed(row) || !admitted(filter, item))
			return true;
		*due = item.due;
		found = true;
		return false;
	});
	pg::each("email_message", "email_message_due", {}, [&](pg::Row &row) {
		const Item item = email_item(row);
		if (found && item.due >= *due)
			return false;
		if (item.due <= after || !admitted(filter, item))
			return true;
		*due = item.due;
		found = true;
		return false;
	});
	return found;
}

} // namespace bpt::queue
