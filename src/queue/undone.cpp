// Reading the events that are not done (undone.hpp).
//
// What a worker's transaction has done of its slots is written at its end only (claim_event.cpp), so it is asked for that too.
// Locks: AccessShareLock on the tables of events and positions, given back at the end.
#include "pg/postgres.hpp"

#include "queue/claim.hpp"
#include "queue/undone.hpp"

namespace bpt::queue {

void each_undone(Snapshot snapshot, void (*f)(void *context, const pg::Row &row), void *context)
{
	MemoryContext const one = AllocSetContextCreate(CurrentMemoryContext, "bpt undone event", ALLOCSET_DEFAULT_SIZES);
	const FullTransactionId self = GetTopFullTransactionIdIfAny();
	const Window *const window = window_of(snapshot);
	const int64 bound = pg::next_id("event_id");
	if (may_take_back())
		forget_floor();
	Positions positions;
	PositionReader *const reader_of_positions = open_positions(snapshot);
	EventReader *const reader = open_events_after(floor_for(*window, bound), snapshot);
	TupleDesc const desc = event_desc(reader);
	int64 first = 0;
	while (TupleTableSlot *const row = next_event(reader))
	{
		CHECK_FOR_INTERRUPTS();
		bool isnull = false;
		const int64 id = DatumGetInt64(slot_getattr(row, queue_event::id, &isnull));
		const FullTransactionId xid = DatumGetFullTransactionId(slot_getattr(row, queue_event::xid, &isnull));
		const auto slot =
			static_cast<int16>(DatumGetInt16(slot_getattr(row, queue_event::slot, &isnull)) & (kSlots - 1));
		const Position &position = positions.at(slot, reader_of_positions);
		const bool is_own = FullTransactionIdIsValid(self) && FullTransactionIdEquals(xid, self);
		if (!is_own && position.has_passed(id, xid))
			continue;
		if (first == 0)
			first = id;
		if (position.is_apart(id) || is_done_here(slot, id))
			continue;
		MemoryContext const before = MemoryContextSwitchTo(one);
		f(context, pg::row_of(ExecCopySlotHeapTuple(row), desc));
		MemoryContextSwitchTo(before);
		MemoryContextReset(one);
	}
	close_events(reader);
	close_positions(reader_of_positions);
	raise_floor(*window, bound, first);
	MemoryContextDelete(one);
}

} // namespace bpt::queue
