// Looking at the events (look.hpp).
#include "pg/postgres.hpp"

#include "pg/settings.hpp"
#include "pg/tables.hpp"
#include "queue/look.hpp"
#include "queue/work.hpp"

#include <algorithm>

namespace bpt::queue {

Look look;

namespace {

constexpr int kMostSeen = 4096;                    // of each kind
constexpr Size kMostBytes = Size{4} * 1024 * 1024; // likewise
constexpr int kLongestPartialMs = 200;             // how long a look counts that had not room for all

MemoryContext context = nullptr;

/// How many of a kind were kept.
struct Kept
{
	int count = 0;
	Size bytes = 0;

	void add(HeapTuple tuple)
	{
		count++;
		bytes += tuple->t_len;
	}
	bool is_full() const { return count >= kMostSeen || bytes >= kMostBytes; }
};

/// Keeps an event of a slot; `last` is the one before it in look.events, and becomes it.
void keep(int16 slot, int *last, const Seen &seen)
{
	constexpr int fewest = 64;
	if (look.count % fewest == 0 && (look.count & (look.count - 1)) == 0)
	{
		const Size room = sizeof(Seen) * static_cast<Size>(Max(fewest, look.count * 2));
		look.events = static_cast<Seen *>(look.count == 0 ? palloc(room) : repalloc(look.events, room));
	}
	look.events[look.count] = seen;
	if (*last < 0)
	{
		look.heads[slot] = look.count;
		look.ranks[slot] = seen.id;
	}
	else
		look.events[*last].next = look.count;
	*last = look.count++;
}

/// Reads the events behind `floor` and keeps what is not done; returns the first such, 0 if there is none.
int64 read_events(int64 floor, Snapshot snapshot, bool own, const Window &window)
{
	const FullTransactionId self = GetTopFullTransactionIdIfAny();
	Positions positions;
	int last[kSlots]; // events kept
	std::fill(std::begin(last), std::end(last), -1);
	PositionReader *const position_reader = open_positions(snapshot);
	EventReader *const reader = open_events_after(floor, snapshot);
	Kept opened;
	Kept others;
	int64 open_bound = 0; // windows that are open reach no further
	int64 first = 0;
	while (TupleTableSlot *const row = next_event(reader))
	{
		CHECK_FOR_INTERRUPTS();
		bool isnull = false;
		const int64 id = DatumGetInt64(slot_getattr(row, queue_event::id, &isnull));
		if (others.is_full() && id >= open_bound)
		{
			look.opened_to = id - 1;
			break;
		}
		const FullTransactionId xid = DatumGetFullTransactionId(slot_getattr(row, queue_event::xid, &isnull));
		const bool is_own = FullTransactionIdIsValid(self) && FullTransactionIdEquals(xid, self);
		if (is_own && !own)
			continue;
		const auto slot =
			static_cast<int16>(DatumGetInt16(slot_getattr(row, queue_event::slot, &isnull)) & (kSlots - 1));
		const Position &position = positions.at(slot, position_reader);
		look.bounds[slot] = position.bound;
		open_bound = Max(open_bound, position.bound);
		if (!is_own && position.has_passed(id, xid))
			continue;
		if (first == 0)
			first = id;
		const bool is_open = !is_own && sees(position.opened, xid);
		if (!is_open && others.is_full())
			continue;
		HeapTuple const tuple = ExecCopySlotHeapTuple(row);
		keep(slot, &last[slot], Seen{id, xid, tuple, -1, is_own, false});
		Kept &kept = is_open ? opened : others;
		kept.add(tuple);
		if (!is_open && others.is_full())
			look.all_to = id;
		if (is_open && opened.is_full())
		{
			look.opened_to = id;
			break;
		}
	}
	look.all_to = Min(look.all_to, look.opened_to);
	look.desc = event_desc(reader);
	close_events(reader);
	close_positions(position_reader);
	look.window = &window;
	return first;
}

} // namespace

void look_at_events(bool own)
{
	look = Look{};
	if (context == nullptr)
		context = AllocSetContextCreate(TopMemoryContext, "bpt events seen", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(context);
	MemoryContext const before = MemoryContextSwitchTo(context);
	for (int i = 0; i < kSlots; i++)
		look.heads[i] = look.bounds[i] = -1;
	look.opened_to = look.all_to = PG_INT64_MAX;
	look.taken = GetCurrentTimestamp();
	look.commits = events_committed();
	pg_read_barrier();
	Snapshot const snapshot = RegisterSnapshot(GetLatestSnapshot());
	const Window *const window = window_of(snapshot);
	// After the snapshot: what it sees took its ids before.
	look.bound = pg::next_id("event_id");
	const int64 first = read_events(floor_for(*window, look.bound), snapshot, own, *window);
	raise_floor(*window, look.bound, first);
	UnregisterSnapshot(snapshot);
	MemoryContextSwitchTo(before);
}

bool look_is_current()
{
	if (look.window == nullptr || look.is_spent || look.commits != events_committed())
		return false;
	// COMMIT PREPARED is not counted, and of what this look had no room for others may have made some.
	const bool is_whole = look.all_to == PG_INT64_MAX;
	return !TimestampDifferenceExceeds(look.taken, GetCurrentTimestamp(),
									   is_whole ? settings::poll_interval / 2 : kLongestPartialMs);
}

TimestampTz next_look()
{
	return look.window == nullptr || look.all_to == PG_INT64_MAX
			   ? DT_NOEND
			   : TimestampTzPlusMilliseconds(look.taken, kLongestPartialMs);
}

bool has_seen_events()
{
	return look.count > 0;
}

void free_look()
{
	look = Look{};
	if (context != nullptr)
		MemoryContextReset(context);
}

void forget_look()
{
	look = Look{};
	forget_floor();
}

} // namespace bpt::queue
