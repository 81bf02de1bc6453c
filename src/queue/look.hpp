// What a look at the events found: those that are not done, kept over several transactions of this backend.
//
// A look reads all tables of events once, with one snapshot. It keeps copies, so that working through them touches the
// tables no more; whether one is still to be done is asked under its slot's lock (claim_event.cpp). It keeps a bounded
// number: as many as are in their slot's opened window, and as many that are not. How far it is complete is known, since
// nobody may go on to a new window of a slot before all of the opened one are done.
// Locks: AccessShareLock on the tables of events and positions, given back at its end.
#pragma once
#include "queue/generation.hpp"
#include "queue/position.hpp"

namespace bpt::queue {

struct Seen
{
	int64 id;
	FullTransactionId xid;
	HeapTuple tuple;
	int next;     // of its slot, in order of id; -1: the last
	bool is_own;  // written by the transaction that looked
	bool is_done; // by this backend, committed
};

struct Look
{
	const Window *window = nullptr; // what it saw; null: there is no look
	int64 bound = 0;                // what it saw has lower ids
	// Up to these ids all is here that is not done: of a slot's window that was open at the look, of all that it saw.
	int64 opened_to = 0;
	int64 all_to = 0;
	uint32 commits = 0;    // events_committed() before it
	TimestampTz taken = 0; // when
	bool is_spent = false; // some slot's part of it is used up: more may be there
	int count = 0;
	Seen *events = nullptr;
	TupleDesc desc = nullptr;
	int heads[kSlots] = {};    // by slot the first event; -1: none
	int64 ranks[kSlots] = {};  // by slot the id by which it is compared with others
	int64 bounds[kSlots] = {}; // by slot the bound of its window then; -1: not known
};
extern Look look;

/// Looks anew. With `own` also at what this transaction itself has written.
void look_at_events(bool own);
/// True if another look would find nothing more, as far as is known without it.
bool look_is_current();
/// Forgets what was seen, and where to begin to look.
void forget_look();

// floor.cpp: where looks begin
/// The id behind which all that is not done lies, for a look with this window and bound.
int64 floor_for(const Window &window, int64 bound);
/// Raises the floor after that look, whose first event is `first` (0: none).
void raise_floor(const Window &window, int64 bound, int64 first);
void forget_floor();
/// The floor as it is.
int64 floor_now();

} // namespace bpt::queue
