// Where looks at events begin: behind an id up to which all is done and will stay so (look.hpp).
//
// An event that was written and not committed yet is not seen, and may have any id. So the floor is raised to an id that
// was taken a while ago, once all transactions from before that have ended. One that goes on for long does not hold up the
// floor: it is noted with the floor that held for it, and when it has ended one look begins there again.
// Locks: none.
#include "pg/postgres.hpp"

#include "queue/look.hpp"

namespace bpt::queue {

namespace {

constexpr long kPatienceMs = 100;
constexpr int kMostLong = 64;

/// A transaction that has been going on for long, and the floor for what it may have written.
struct Long
{
	FullTransactionId xid;
	int64 floor;
};

struct Floor
{
	int64 id = 0;
	// An id that was taken when `before` was the next transaction: 0 if none.
	int64 mark = 0;
	FullTransactionId before = {};
	TimestampTz marked = 0;
	int64 bound = 0; // of the last look
	int long_count = 0;
	Long longs[kMostLong] = {};
};
Floor floor_of_events;

int find_long(FullTransactionId xid)
{
	for (int i = 0; i < floor_of_events.long_count; i++)
		if (FullTransactionIdEquals(floor_of_events.longs[i].xid, xid))
			return i;
	return -1;
}

/// Notes what is still going on from before the mark. False if it is too much, or this very transaction.
bool note_long(const Window &window)
{
	Floor &floor = floor_of_events;
	const FullTransactionId own = GetTopFullTransactionIdIfAny();
	int added = 0;
	for (uint32 i = 0; i < window.count; i++)
	{
		const FullTransactionId xid = window.running()[i];
		if (!FullTransactionIdPrecedes(xid, floor.before))
			break;
		if (FullTransactionIdEquals(xid, own))
			return false;
		if (find_long(xid) >= 0)
			continue;
		if (floor.long_count + added == kMostLong)
			return false;
		floor.longs[floor.long_count + added++] = Long{xid, floor.id};
	}
	floor.long_count += added;
	return true;
}

} // namespace

int64 floor_for(const Window &window, int64 bound)
{
	Floor &floor = floor_of_events;
	// The ids were set back.
	if (bound <= floor.bound)
		floor = Floor{};
	floor.bound = bound;
	for (int i = floor.long_count - 1; i >= 0; i--)
		if (window.sees(floor.longs[i].xid))
		{
			floor.id = Min(floor.id, floor.longs[i].floor);
			floor.longs[i] = floor.longs[--floor.long_count];
		}
	return floor.id;
}

void raise_floor(const Window &window, int64 bound, int64 first)
{
	Floor &floor = floor_of_events;
	const TimestampTz now = GetCurrentTimestamp();
	if (floor.mark != 0 && (FullTransactionIdFollowsOrEquals(window.xmin, floor.before) ||
							(TimestampDifferenceExceeds(floor.marked, now, kPatienceMs) && note_long(window))))
	{
		floor.id = Max(floor.id, first == 0 ? floor.mark : Min(floor.mark, first - 1));
		floor.mark = 0;
	}
	if (floor.mark == 0)
	{
		// In this order: who took a lower id had its transaction id before.
		floor.mark = bound;
		floor.before = ReadNextFullTransactionId();
		floor.marked = now;
	}
}

void forget_floor()
{
	floor_of_events = Floor{};
}

int64 floor_now()
{
	return floor_of_events.id;
}

} // namespace bpt::queue
