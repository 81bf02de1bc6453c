// Claiming: finding the next item that is due and that nobody else is working on (work.hpp).
//
// Queues are looked through without locks and the one row that fits is locked FOR UPDATE SKIP LOCKED, then judged again as
// it is now: a row that changed between the look and the lock is left for the next claim. At most kPatience rows held by
// others are passed over in one look, so that a long run of them costs a bounded walk; what lies behind comes within reach
// as the run shrinks.
//
// A transaction that claims several items goes on behind the last one: what it has passed over it does not see again, and
// what it has found empty it does not look into again. It takes few slots, so that others find some too.
//
// A worker calls end_claims() before it commits.
//
// Locks, in this order: an event's slot (bpt.queue_slot), then the event; of all other queues only the item itself.
#include "pg/postgres.hpp"

#include "queue/work.hpp"

namespace bpt::queue {

namespace {

constexpr int kPatience = 1000;

bool admitted(const Filter &filter, const Item &item)
{
	return filter.admits == nullptr || filter.admits(filter.context, item);
}

Item event_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::event;
	item.id = row.int8(queue_event::id);
	item.row = row;
	return item;
}

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

Item ready_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::ready;
	item.id = row.int8(queue_ready::id);
	item.process_id = row.int8(queue_ready::process_id);
	item.activity_id = row.int8(queue_ready::activity_id);
	item.row = row;
	return item;
}

bool has_failed(const pg::Row &delivery)
{
	return static_cast<DeliveryStatus>(delivery.int2(queue_delivery::status)) == DeliveryStatus::failed;
}

/// Locks an item's row by its id; empty if it is gone or another has it.
Item lock(Queue queue, int64 id)
{
	const auto key = pg::key(id);
	pg::Row row;
	switch (queue)
	{
	case Queue::event:
		row = pg::find("queue_event", "queue_event_pkey", {key}, pg::Lock::update_skip);
		return row ? event_item(row) : Item{};
	case Queue::delivery:
		row = pg::find("queue_delivery", "queue_delivery_pkey", {key}, pg::Lock::update_skip);
		return row ? delivery_item(row) : Item{};
	case Queue::timer:
		row = pg::find("queue_timer", "queue_timer_pkey", {key}, pg::Lock::update_skip);
		return row ? timer_item(row) : Item{};
	case Queue::ready:
		row = pg::find("queue_ready", "queue_ready_pkey", {key}, pg::Lock::update_skip);
		return row ? ready_item(row) : Item{};
	}
	return {};
}

bool lock_slot(int16 slot)
{
	return pg::find("queue_slot", "queue_slot_pkey", {pg::key_int2(slot)}, pg::Lock::update_skip).found;
}

constexpr int kSlotsAtOnce = 8;
constexpr int kRanks = 3;

/// How far this transaction has come.
struct Progress
{
	LocalTransactionId transaction = InvalidLocalTransactionId;
	uint64 held = 0;    // slots, one bit each
	uint64 refused = 0; // slots that others held
	int64 event = 0;    // the last one claimed
	int64 floor = 0;    // where looks at events begin
	int64 ready[kRanks] = {0, 0, 0};
	bool no_deliveries = false;
	bool no_timers = false;
	// One for all looks at events: of two events of a row, the second is not seen without the first. Registered.
	Snapshot snapshot = nullptr;
};
Progress progress;

/// The progress of the transaction at hand. A worker's only: bpt.run() may claim in a subtransaction that is undone, or
/// for another role in the same transaction.
Progress &so_far(const Filter &filter)
{
	if (!filter.rotate || progress.transaction != bpt_local_transaction_id())
	{
		progress = Progress{};
		progress.transaction = bpt_local_transaction_id();
	}
	return progress;
}

constexpr long kMarkMs = 50;
constexpr long kFromStartMs = 1000;

/// Where this worker begins to look at events: below, nothing is or will be. Looking from the very start would walk over the
/// index entries of all that was delivered since the last vacuum, for each claim.
struct Floor
{
	int64 id = 0; // no event at or below
	// An id that was taken when `before` was the next transaction: once all transactions before it have ended, no event
	// below the id can become visible any more.
	int64 mark = 0;
	TransactionId before = InvalidTransactionId;
	TimestampTz marked = 0;
	TimestampTz from_start = 0; // when the last look was from the very start
};
Floor floor_of_events;

/// Raises the floor: to the mark, if all transactions from before it have ended, but not over the first event there is.
void raise_floor(Snapshot snapshot, int64 first_event)
{
	Floor &floor = floor_of_events;
	const TimestampTz now = GetCurrentTimestamp();
	if (floor.mark != 0 && TransactionIdFollowsOrEquals(snapshot->xmin, floor.before))
	{
		floor.id = Max(floor.id, first_event == 0 ? floor.mark : Min(floor.mark, first_event - 1));
		floor.mark = 0;
	}
	if (floor.mark == 0 && TimestampDifferenceExceeds(floor.marked, now, kMarkMs))
	{
		// In this order: who took a lower id had its transaction id before.
		floor.mark = pg::next_id("event_id");
		floor.before = XidFromFullTransactionId(ReadNextFullTransactionId());
		floor.marked = now;
	}
}

/// The floor for a look that begins now. From time to time it is the very start, should ids have been set back.
int64 floor_now(const Filter &filter)
{
	const TimestampTz now = GetCurrentTimestamp();
	if (!filter.rotate)
		return 0;
	if (TimestampDifferenceExceeds(floor_of_events.from_start, now, kFromStartMs))
	{
		floor_of_events.from_start = now;
		floor_of_events.id = 0;
	}
	return floor_of_events.id;
}

/// Whether the slot is this transaction's, by a lock that it has or gets.
bool take_slot(Progress &far, int16 slot)
{
	const uint64 bit = uint64{1} << (slot & 63);
	if ((far.held & bit) != 0)
		return true;
	if ((far.refused & bit) != 0 || __builtin_popcountll(far.held) >= kSlotsAtOnce)
		return false;
	if (!lock_slot(slot))
	{
		far.refused |= bit;
		return false;
	}
	far.held |= bit;
	return true;
}

/// An event that a worker may not take holds up its slot for this transaction. bpt.run() passes over what is not its
/// caller's.
void block_slot(Progress &far, const Filter &filter, int16 slot)
{
	const uint64 bit = uint64{1} << (slot & 63);
	if (!filter.rotate)
		return;
	far.refused |= bit;
	far.held &= ~bit;
}

/// Having the slot, its lowest event as of now: another may have delivered or added some before the lock.
Item lowest_event(Progress &far, const Filter &filter, int16 slot)
{
	int64 id = 0;
	pg::each_after("queue_event", "queue_event_pkey", {pg::key(far.floor)}, [&](pg::Row &row) {
		if (row.int2(queue_event::slot) != slot)
			return true;
		if (admitted(filter, event_item(row)))
			id = row.int8(queue_event::id);
		else
			block_slot(far, filter, slot);
		return id == 0 && !filter.rotate;
	});
	return id == 0 ? Item{} : lock(Queue::event, id);
}

/// The first event in order of id whose slot is free. Whoever held the slot before may have delivered it meanwhile: then
/// its row is gone. Events of one row become visible in their order, so none before it can be missing.
Item claim_event(const Filter &filter)
{
	Progress &far = so_far(filter);
	const bool begins = filter.rotate && far.snapshot == nullptr;
	if (begins)
	{
		far.snapshot = RegisterSnapshotOnOwner(GetLatestSnapshot(), TopTransactionResourceOwner);
		far.floor = floor_now(filter);
		far.event = far.floor;
	}
	Item claimed;
	int looked = 0;
	int64 first = 0;
	pg::each_after(
		"queue_event", "queue_event_pkey", {pg::key(far.event)},
		[&](pg::Row &row) {
			const int64 id = row.int8(queue_event::id);
			const int16 slot = row.int2(queue_event::slot);
			const uint64 held = far.held;
			if (first == 0)
				first = id;
			if (!admitted(filter, event_item(row)))
			{
				block_slot(far, filter, slot);
				return true;
			}
			if (!take_slot(far, slot))
				return ++looked < kPatience;
			// A slot that was not ours when this scan's snapshot was taken: look again with a newer one. What it finds may
			// stand before this row; then the slot's others between the two are next.
			claimed = far.held != held ? lowest_event(far, filter, slot) : lock(Queue::event, id);
			far.event = claimed && claimed.id < id ? claimed.id : id;
			return !claimed && ++looked < kPatience;
		},
		far.snapshot);
	if (begins)
		raise_floor(far.snapshot, first);
	return claimed;
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

/// The ready item of the best rank that came first.
Item claim_ready(const Filter &filter)
{
	Progress &far = so_far(filter);
	Item claimed;
	int looked = 0;
	for (int rank = 0; rank < kRanks && !claimed; rank++)
		pg::each_after("queue_ready", "queue_ready_order",
					   {pg::key_int2(static_cast<int16>(rank)), pg::key(far.ready[rank])}, [&](pg::Row &row) {
						   const Item seen = ready_item(row);
						   far.ready[rank] = seen.id;
						   if (!admitted(filter, seen))
							   return true;
						   claimed = lock(Queue::ready, seen.id);
						   return !claimed && ++looked < kPatience;
					   });
	return claimed;
}

/// Deliveries, unless this transaction has found none.
Item claim_delivery_once(TimestampTz now, const Filter &filter)
{
	Progress &far = so_far(filter);
	Item item;
	if (!far.no_deliveries)
		item = claim_delivery(now, filter);
	far.no_deliveries = !item;
	return item;
}

Item claim_timer_once(TimestampTz now, const Filter &filter)
{
	Progress &far = so_far(filter);
	Item item;
	if (!far.no_timers)
		item = claim_timer(now, filter);
	far.no_timers = !item;
	return item;
}

Item claim_events(TimestampTz now, const Filter &filter)
{
	// An event that could not be handled stands before later ones of its instance, so deliveries come first.
	const Item item = claim_delivery_once(now, filter);
	return item ? item : claim_event(filter);
}

// Which queue is looked at first, by turns: out of four claims two begin with events, one with timers, one with ready work.
uint32 turn = 0;

} // namespace

Item claim(TimestampTz now, const Filter &filter)
{
	const uint32 first = filter.rotate ? turn++ % 4 : 0;
	Item item;
	if (first == 1)
		item = claim_ready(filter);
	if (!item && first == 3)
		item = claim_timer_once(now, filter);
	if (!item)
		item = claim_events(now, filter);
	if (!item && first != 3)
		item = claim_timer_once(now, filter);
	if (!item && first != 1)
		item = claim_ready(filter);
	return item;
}

void end_claims()
{
	if (progress.snapshot != nullptr && progress.transaction == bpt_local_transaction_id())
		UnregisterSnapshotFromOwner(progress.snapshot, TopTransactionResourceOwner);
	progress = Progress{};
}

Item claim_again(Queue queue, int64 id)
{
	if (queue == Queue::event)
	{
		const pg::Row seen = pg::find("queue_event", "queue_event_pkey", {pg::key(id)});
		if (!seen || !lock_slot(seen.int2(queue_event::slot)))
			return {};
	}
	return lock(queue, id);
}

bool next_due(TimestampTz *due)
{
	return next_due_after(PG_INT64_MIN, Filter{}, due);
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
	return found;
}

bool has_due(TimestampTz now)
{
	if (pg::find("queue_event", "queue_event_pkey", {}) || pg::find("queue_ready", "queue_ready_order", {}))
		return true;
	bool found = false;
	pg::each_up_to(
		"queue_timer", "queue_timer_due", pg::key_instant(now),
		[&](pg::Row &) {
			found = true;
			return false;
		},
		pg::Lock::none);
	if (!found)
		pg::each_up_to(
			"queue_delivery", "queue_delivery_due", pg::key_instant(now),
			[&](pg::Row &row) {
				found = !has_failed(row);
				return !found;
			},
			pg::Lock::none);
	return found;
}

} // namespace bpt::queue
