// Claiming events: slot by slot, in order within a slot.
//
// A slot is claimed by its row's lock. With the lock its newest position tells what is done (position.hpp); the look
// (look.hpp) what is to be done. First come the events of the window that the position has open, in order of id; when all
// of them are done, those of the look's own window, which is opened by that. So of two events of a row the second is never
// delivered without the first, and the order does not depend on who delivers. A slot of which this look cannot tell that
// all of the opened window is done is left to the next look.
//
// A worker writes the new positions once, at the end of its transaction; bpt.run() after each event, as that may be undone
// alone. An event of which a worker may not take holds up its slot for the transaction; bpt.run() passes it over, and what
// it does behind such a one is noted as done apart.
//
// Locks: an event's slot (bpt.queue_slot); for moments those of look.hpp.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/settings.hpp"
#include "queue/claim.hpp"

namespace bpt::queue {

namespace {

constexpr int kMostApart = 1000;
constexpr int kModestFor = 16; // transactions after a slow item

int modest = 0;
bool is_run = false; // bpt.run()

uint64 bit_of(int slot)
{
	return uint64{1} << slot;
}

/// How many slots a transaction takes: others must find some.
int slots_at_once(const Filter &filter)
{
	if (!filter.rotate)
		return kSlots;
	const int workers = Max(1, settings::workers);
	return modest > 0 ? 1 : (kSlots + workers - 1) / workers;
}

/// Puts what the look has of a slot in the order in which it is to be done, given where the slot is now.
void arrange(Taken *taken, int slot)
{
	const Position &position = taken->position;
	taken->done = position.done;
	if (look.window == nullptr)
		return;
	// Another worker may have opened a window since the look: then only the whole of what it saw counts.
	const bool is_newer = covers(*look.window, position.opened);
	const int64 complete_to = position.bound == look.bounds[slot] ? look.opened_to : is_newer ? look.all_to : -1;
	const bool may_switch = is_newer && complete_to >= position.bound - 1;
	int most = 0;
	for (int i = look.heads[slot]; i >= 0; i = look.events[i].next)
		most++;
	taken->order = static_cast<Seen **>(palloc(sizeof(Seen *) * static_cast<Size>(Max(most, 1))));
	const auto add = [&](bool second) {
		for (int i = look.heads[slot]; i >= 0; i = look.events[i].next)
		{
			Seen &seen = look.events[i];
			if (seen.is_done || (!seen.is_own && position.has_passed(seen.id, seen.xid)))
				continue;
			const bool is_open = !seen.is_own && sees(position.opened, seen.xid);
			if (is_open != second && seen.id <= (second ? look.all_to : complete_to))
				taken->order[taken->count++] = &seen;
		}
	};
	add(false);
	taken->second = taken->count;
	if (may_switch)
		add(true);
}

/// A slot of this transaction's, by a lock that it has or gets; null if another has it.
Taken *take_slot(Progress &far, int slot)
{
	if (far.taken[slot] != nullptr)
		return far.taken[slot];
	if (!lock_slot(static_cast<int16>(slot)))
		return nullptr;
	far.taken[slot] = pg::in_context(far.memory, [&] {
		auto *const taken = static_cast<Taken *>(palloc(sizeof(Taken)));
		*taken = Taken{};
		taken->position = newest_position(static_cast<int16>(slot));
		arrange(taken, slot);
		return taken;
	});
	far.held++;
	return far.taken[slot];
}

/// Counts the next event of a slot as done.
void advance(Taken *taken)
{
	const Seen &seen = *taken->order[taken->next];
	if (!seen.is_own)
	{
		taken->has_switched = taken->has_switched || taken->next >= taken->second;
		taken->done = seen.id;
		taken->is_dirty = true;
	}
	taken->next++;
}

/// Passes what was done out of its order before.
void pass_apart(Taken *taken)
{
	while (taken->next < taken->count && taken->position.is_apart(taken->order[taken->next]->id))
		advance(taken);
}

/// Notes an event as done out of its order.
void set_apart(Taken *taken, int64 id)
{
	Position &position = taken->position;
	auto *const apart = static_cast<int64 *>(palloc(sizeof(int64) * static_cast<Size>(position.apart_count + 1)));
	for (int i = 0; i < position.apart_count; i++)
		apart[i] = position.apart[i];
	apart[position.apart_count++] = id;
	position.apart = apart;
	taken->is_dirty = true;
}

/// The position that follows from what was done of a slot.
Position position_after(const Taken &taken, int slot)
{
	Position after = taken.position;
	if (taken.has_switched)
	{
		after.finished = taken.position.opened;
		after.opened = look.window;
		after.bound = look.bound;
	}
	after.done = taken.done;
	// Who passes what was done apart has it in its look: then it need not be kept.
	after.apart_count = 0;
	for (int i = 0; i < taken.position.apart_count; i++)
	{
		const int64 id = taken.position.apart[i];
		bool is_passed = false;
		for (int k = look.window != nullptr ? look.heads[slot] : -1; k >= 0 && !is_passed; k = look.events[k].next)
			is_passed = look.events[k].id == id && after.has_passed(id, look.events[k].xid);
		if (!is_passed)
			after.apart[after.apart_count++] = id;
	}
	return after;
}

/// Writes where a slot is now.
void write_taken(int slot, Taken *taken)
{
	taken->position = position_after(*taken, slot);
	write_position(static_cast<int16>(slot), &taken->position);
	taken->is_dirty = false;
}

/// A copy of an event, as a row.
Item item_of(const Seen &seen)
{
	Item item;
	item.queue = Queue::event;
	item.id = seen.id;
	item.row = pg::row_of(seen.tuple, look.desc);
	return item;
}

/// The slot to go on with: the one at hand as long as it has some, else the one whose first event is the oldest; -1: none.
int best_slot(const Progress &far, const Filter &filter)
{
	const bool is_full = far.held >= slots_at_once(filter);
	int best = -1;
	int64 oldest = PG_INT64_MAX;
	for (int slot = 0; slot < kSlots; slot++)
	{
		if (((far.refused | far.exhausted) & bit_of(slot)) != 0 || look.heads[slot] < 0)
			continue;
		if (slot == far.current && filter.rotate)
			return slot;
		const Taken *const taken = far.taken[slot];
		if (taken == nullptr && is_full)
			continue;
		const int64 head =
			taken != nullptr && taken->next < taken->count ? taken->order[taken->next]->id : look.ranks[slot];
		if (head < oldest)
		{
			oldest = head;
			best = slot;
		}
	}
	return best;
}

/// The event of a taken slot that may be claimed now; empty: none, and the slot is done with for now.
Item next_of(Progress &far, const Filter &filter, int slot)
{
	Taken *const taken = far.taken[slot];
	pass_apart(taken);
	for (int i = taken->next; i < taken->count; i++)
	{
		if (taken->position.is_apart(taken->order[i]->id))
			continue;
		const Item item = item_of(*taken->order[i]);
		if (admitted(filter, item))
			return item;
		if (filter.rotate || taken->position.apart_count >= kMostApart)
			break;
	}
	(taken->next == taken->count ? far.exhausted : far.refused) |= bit_of(slot);
	return {};
}

/// Notes an event of bpt.run() as done, at once: in a subtransaction that may be undone.
void done_in_run(const Item &item, int16 slot)
{
	const FullTransactionId xid = DatumGetFullTransactionId(item.row.at(queue_event::xid));
	if (FullTransactionIdEquals(xid, GetTopFullTransactionIdIfAny()))
	{
		pg::remove(event_tables[generation_of(item.id)], item.row);
		for (int i = look.heads[slot]; i >= 0; i = look.events[i].next)
			look.events[i].is_done |= look.events[i].id == item.id;
		return;
	}
	Taken taken;
	taken.position = newest_position(slot);
	arrange(&taken, slot);
	// Own events leave the table, so they may wait without holding anything up.
	for (pass_apart(&taken); taken.next < taken.count && taken.order[taken.next]->is_own; pass_apart(&taken))
		taken.next++;
	if (taken.next < taken.count && taken.order[taken.next]->id == item.id)
		advance(&taken);
	else
		set_apart(&taken, item.id);
	write_taken(slot, &taken);
	look.ranks[slot] = taken.next < taken.count ? taken.order[taken.next]->id : PG_INT64_MAX - 1;
}

/// Makes the transaction ready for another look: what it took was of the one before. False if it has done some of it.
bool give_back(Progress &far)
{
	if (far.has_looked || (far.current >= 0))
		return false;
	write_positions(far); // nothing was done, but some that was done apart may have been passed
	for (Taken *&taken : far.taken)
		taken = nullptr;
	far.held = 0;
	far.exhausted = 0;
	far.has_looked = true;
	return true;
}

/// True for a worker that has nothing but slots which others hold, and would see no more by another look.
bool is_known_empty(const Progress &far, const Filter &filter)
{
	return filter.rotate && far.exhausted == 0 && look_is_current();
}

} // namespace

Item claim_event(const Filter &filter)
{
	Progress &far = so_far(filter);
	for (;;)
	{
		const int slot = look.window == nullptr ? -1 : best_slot(far, filter);
		if (slot < 0)
		{
			if (is_known_empty(far, filter) || !give_back(far))
				return {};
			look_at_events(!filter.rotate);
			continue;
		}
		if (take_slot(far, slot) == nullptr)
		{
			far.refused |= bit_of(slot);
			continue;
		}
		const Item item = next_of(far, filter, slot);
		if (item)
		{
			far.current = slot;
			return item;
		}
	}
}

Item claim_event_again(int64 id)
{
	const pg::Row row = find_event(id);
	if (!row)
		return {};
	const int16 slot = row.int2(queue_event::slot);
	const Taken *const taken = take_slot(so_far(), slot);
	if (taken == nullptr || taken->position.is_read(id, DatumGetFullTransactionId(row.at(queue_event::xid))))
		return {};
	Item item;
	item.queue = Queue::event;
	item.id = id;
	item.row = row;
	return item;
}

void done_event(const Item &item)
{
	const int16 slot = item.row.int2(queue_event::slot);
	if (is_run)
	{
		done_in_run(item, slot);
		return;
	}
	const Progress &far = so_far();
	Taken *const taken = far.taken[slot];
	if (taken == nullptr)
		elog(ERROR, "bpt: event " INT64_FORMAT " was not claimed", item.id);
	pg::in_context(far.memory, [&] {
		pass_apart(taken);
		if (taken->next < taken->count && taken->order[taken->next]->id == item.id)
			advance(taken);
		else
			set_apart(taken, item.id);
	});
}

bool is_waiting_event(int64 id)
{
	const pg::Row row = find_event(id);
	return row && !newest_position(row.int2(queue_event::slot))
					   .is_read(id, DatumGetFullTransactionId(row.at(queue_event::xid)));
}

bool is_done_here(int16 slot, int64 id)
{
	const Taken *const taken = has_progress() ? so_far().taken[slot] : nullptr;
	if (taken == nullptr)
		return false;
	for (int i = 0; i < taken->next; i++)
		if (taken->order[i]->id == id)
			return true;
	return taken->position.is_apart(id);
}

bool may_take_back()
{
	return is_run;
}

void write_positions(Progress &far)
{
	for (int slot = 0; slot < kSlots; slot++)
		if (far.taken[slot] != nullptr && far.taken[slot]->is_dirty)
			write_taken(slot, far.taken[slot]);
	modest = Max(0, modest - 1);
}

void keep_positions(const Progress &far)
{
	for (int slot = 0; slot < kSlots && look.window != nullptr; slot++)
	{
		const Taken *const taken = far.taken[slot];
		if (taken == nullptr)
			continue;
		for (int i = 0; i < taken->next; i++)
			taken->order[i]->is_done = true;
		while (look.heads[slot] >= 0 && look.events[look.heads[slot]].is_done)
			look.heads[slot] = look.events[look.heads[slot]].next;
		if (look.heads[slot] >= 0)
			look.ranks[slot] = look.events[look.heads[slot]].id;
		if ((far.exhausted & bit_of(slot)) == 0)
			continue;
		look.heads[slot] = -1;
		look.is_spent = true;
	}
}

void take_few_slots()
{
	modest = kModestFor;
}

void begin_run()
{
	is_run = true;
	forget_look();
}

} // namespace bpt::queue
