// Claiming ready items (claim.hpp).
//
// What is done leaves dead entries at the front of the order's index until a VACUUM, and each search that begins there walks
// past all of them. So a worker's searches begin behind the last item that it claimed of each rank, and leave out the ranks
// of which there was none; and as the index hands out a page at a time, a search notes some items that come next, which are
// then claimed by their places as long as these still hold them. Only each so many claims, or so many milliseconds, a search
// begins at the front: it finds what came there by a transaction that took its number early, was resumed, or was passed over.
// As no search goes back to what its own transaction has seen, it is the first one of a transaction that does so. So does one
// after a claim that found nothing, before the queue counts as empty, and the first after an error, which has put items back.
// bpt.run() always begins at the front. A transaction that has found nothing does not look again, unless it has put an item in
// the queue itself.
#include "pg/postgres.hpp"

#include "queue/claim.hpp"

namespace bpt::queue {

namespace {

constexpr int kMostShort = 64; // claims in a row that do not begin at the front
constexpr int kLongestShortMs = 20;
constexpr int64 kNone = PG_INT64_MAX; // there was no item of the rank
constexpr int kMostNext = 32;

int64 begin_behind[kRanks];
int shorts_left = 0;        // claims before one is to begin at the front
TimestampTz last_whole = 0; // when one did

/// Items that come behind the last one claimed, without the values of their rows.
struct Next
{
	int rank = 0;
	int count = 0;
	int at = 0;
	Item items[kMostNext];
};
Next next;

/// `at_front`: this transaction has seen no ready work yet.
bool may_be_short(const Filter &filter, bool at_front)
{
	return filter.rotate &&
		   (!at_front || (shorts_left > 0 && !TimestampDifferenceExceeds(
												 last_whole, GetCurrentStatementStartTimestamp(), kLongestShortMs)));
}

/// Locks an item by its place, as pg::lock_as_read.
bool lock_in_place(const Added &added, pg::Row *row)
{
	Datum first = Int64GetDatum(added.id);
	pg::Row seen;
	seen.values = &first;
	seen.tid = added.place;
	seen.xmin = added.writer;
	return pg::lock_as_read("queue_ready", seen, pg::Lock::update_skip, row);
}

void note_next(const Item &seen)
{
	Item &item = next.items[next.count++];
	item = seen;
	item.row = pg::Row{};
	item.row.tid = seen.row.tid;
	item.row.xmin = seen.row.xmin;
}

/// Claims the first of the items noted that still is where it was seen, and nobody else's.
Item claim_next(const Filter &filter)
{
	while (next.at < next.count)
	{
		const Item &seen = next.items[next.at++];
		so_far().ready[next.rank] = seen.id;
		pg::Row row;
		if (admitted(filter, seen) && lock_in_place({seen.id, seen.row.tid, seen.row.xmin}, &row) && row)
			return ready_item(row);
	}
	return {};
}

/// Searches one rank behind an item, and notes how far it came and what comes next.
Item search(const Filter &filter, int rank, int64 behind, int *looked)
{
	Progress &far = so_far();
	const int64 begin = Max(behind, far.ready[rank]);
	bool has_some = begin > 0;
	Item claimed;
	next.rank = rank;
	next.count = next.at = 0;
	pg::each_after("queue_ready", "queue_ready_order", {pg::key_int2(static_cast<int16>(rank)), pg::key(begin)},
				   [&](pg::Row &row) {
					   const Item seen = ready_item(row);
					   if (claimed)
					   {
						   note_next(seen);
						   // A long argument need not be read twice.
						   return row.null(queue_ready::argument) && next.count < kMostNext;
					   }
					   has_some = true;
					   far.ready[rank] = seen.id;
					   if (!admitted(filter, seen))
						   return true;
					   claimed = claim_added({seen.id, seen.row.tid, seen.row.xmin});
					   return claimed ? filter.rotate : ++*looked < kPatience;
				   });
	if (!claimed && !has_some)
		begin_behind[rank] = kNone;
	return claimed;
}

/// Claims an item of one rank without a search from the front.
Item claim_short(const Filter &filter, int rank, int *looked)
{
	if (begin_behind[rank] == kNone)
		return {};
	const Item item = next.rank == rank ? claim_next(filter) : Item{};
	return item ? item : search(filter, rank, begin_behind[rank], looked);
}

} // namespace

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

Item claim_ready(const Filter &filter)
{
	Progress &far = so_far(filter);
	if (far.no_ready)
		return {};
	int64 before[kRanks];
	memcpy(before, far.ready, sizeof(before));
	const bool at_front = before[0] == 0 && before[1] == 0 && before[2] == 0;
	Item claimed;
	int looked = 0;
	int rank = 0;
	if (may_be_short(filter, at_front))
	{
		shorts_left = Max(shorts_left - 1, 0);
		for (rank = 0; rank < kRanks; rank++)
		{
			claimed = claim_short(filter, rank, &looked);
			if (claimed)
				break;
		}
	}
	if (!claimed)
	{
		if (at_front)
		{
			shorts_left = kMostShort;
			last_whole = GetCurrentStatementStartTimestamp();
		}
		// What was passed over just now does not stand between the front and what lies before it.
		memcpy(far.ready, before, sizeof(before));
		looked = 0;
		for (rank = 0; rank < kRanks; rank++)
		{
			begin_behind[rank] = 0;
			claimed = search(filter, rank, 0, &looked);
			if (claimed)
				break;
		}
	}
	if (claimed)
		begin_behind[rank] = claimed.id;
	far.no_ready = !claimed;
	return claimed;
}

void note_ready(int rank, int64 id)
{
	if (begin_behind[rank] == kNone)
		begin_behind[rank] = id - 1;
	if (has_progress())
		so_far().no_ready = false;
}

void put_back(const Item &item)
{
	if (item.queue != Queue::ready)
		return;
	const int rank = item.row.int2(queue_ready::rank);
	begin_behind[rank] = item.id - 1;
	if (next.rank == rank && next.at > 0 && next.items[next.at - 1].id == item.id)
		next.at--;
	else
		next.count = next.at = 0;
}

void search_from_front()
{
	shorts_left = 0;
}

Item claim_added(const Added &added)
{
	pg::Row row;
	if (!lock_in_place(added, &row))
		return lock(Queue::ready, added.id);
	return row ? ready_item(row) : Item{};
}

} // namespace bpt::queue
