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

bool is_open_delivery(const pg::Row &delivery)
{
	return static_cast<DeliveryStatus>(delivery.int2(queue_delivery::status)) != DeliveryStatus::failed;
}

bool is_always_open(const pg::Row &)
{
	return true;
}

/// How the items of a queue are found and locked, one by one.
struct Rows
{
	Queue queue;
	const char *table;
	const char *primary_key;
	Item (*item_of)(const pg::Row &row);
	const char *due;                     // the index by the instant from which they may be done; null: there is none
	bool (*is_open)(const pg::Row &row); // false: what is due is not to be done
};
constexpr Rows kTimers = {Queue::timer, "queue_timer",     "queue_timer_pkey",
						  timer_item,   "queue_timer_due", is_always_open};
constexpr Rows kDeliveries = {Queue::delivery, "queue_delivery",     "queue_delivery_pkey",
							  delivery_item,   "queue_delivery_due", is_open_delivery};
constexpr Rows kEmails = {Queue::email, "email_message",     "email_message_pkey",
						  email_item,   "email_message_due", is_always_open};
constexpr Rows kReady = {Queue::ready, "queue_ready", "queue_ready_pkey", ready_item, nullptr, nullptr};

Item lock_row(const Rows &rows, int64 id)
{
	const pg::Row row = pg::find(rows.table, rows.primary_key, {pg::key(id)}, pg::Lock::update_skip);
	return row ? rows.item_of(row) : Item{};
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

/// The item that is due first, of those whose turn it is.
template <typename T>
Item claim_due(const Rows &rows, TimestampTz now, const Filter &filter, T is_turn)
{
	Item claimed;
	int looked = 0;
	pg::each_up_to(
		rows.table, rows.due, pg::key_instant(now),
		[&](pg::Row &row) {
			const Item seen = rows.item_of(row);
			if (!rows.is_open(row) || !admitted(filter, seen))
				return true;
			if (is_turn(seen))
			{
				const Item item = lock_row(rows, seen.id);
				if (item && rows.is_open(item.row) && item.due <= now && is_turn(item))
					claimed = item;
			}
			return !claimed && ++looked < kPatience;
		},
		pg::Lock::none);
	return claimed;
}

Item claim_delivery(TimestampTz now, const Filter &filter)
{
	return claim_due(kDeliveries, now, filter, is_its_turn);
}

Item claim_timer(TimestampTz now, const Filter &filter)
{
	return claim_due(kTimers, now, filter, [](const Item &) { return true; });
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
	for (const Rows *const rows : {&kTimers, &kDeliveries, &kEmails, &kReady})
		if (rows->queue == queue)
			return lock_row(*rows, id);
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
	for (const Rows *const rows : {&kTimers, &kDeliveries, &kEmails})
		pg::each(rows->table, rows->due, {}, [&](pg::Row &row) {
			const Item item = rows->item_of(row);
			if (found && item.due >= *due)
				return false;
			if (item.due <= after || !rows->is_open(row) || !admitted(filter, item))
				return true;
			*due = item.due;
			found = true;
			return false;
		});
	return found;
}

} // namespace bpt::queue
