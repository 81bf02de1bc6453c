// Claiming events: in order within a slot, few slots a transaction.
//
// All looks at events of one transaction use one snapshot: of two events of a row, the second is not seen without the first.
// A slot that a worker may not take an event of is left alone for the rest of the transaction.
//
// Locks, in this order: an event's slot (bpt.queue_slot), then the event.
#include "pg/postgres.hpp"

#include "pg/settings.hpp"
#include "queue/claim.hpp"

namespace bpt::queue {

namespace {

/// How many slots a transaction takes: each row of another slot that it walks over costs it time, but half of the slots must
/// be left to the other workers.
int slots_at_once()
{
	constexpr int half = 32;
	constexpr int fewest = 4;
	return Max(fewest, half / Max(1, settings::workers));
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
	if ((far.refused & bit) != 0 || __builtin_popcountll(far.held) >= slots_at_once())
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

} // namespace

Item event_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::event;
	item.id = row.int8(queue_event::id);
	item.row = row;
	return item;
}

bool lock_slot(int16 slot)
{
	return pg::find("queue_slot", "queue_slot_pkey", {pg::key_int2(slot)}, pg::Lock::update_skip).found;
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

} // namespace bpt::queue
