// What the parts of claiming share: items from rows, and how far the transaction at hand has come.
#pragma once
#include "queue/look.hpp"
#include "queue/work.hpp"

namespace bpt::queue {

inline constexpr int kRanks = 3;
/// Rows held by others that one look passes over at most.
inline constexpr int kPatience = 1000;

/// A slot whose lock this transaction has, and what is to be done of it by the present look, in order.
struct Taken
{
	Position position;
	Seen **order = nullptr;
	int count = 0;
	int second = 0; // from here on: not in the opened window, for when all before is done
	int next = 0;   // all before is done
	bool is_dirty = false;
	bool has_switched = false; // to the look's window
	int64 done = 0;
};

/// How far this transaction has come.
struct Progress
{
	LocalTransactionId transaction = InvalidLocalTransactionId;
	MemoryContext memory = nullptr;
	Taken *taken[kSlots] = {};
	uint64 refused = 0;   // slots that others hold, or whose next event may not be taken; one bit each
	uint64 exhausted = 0; // slots of which this look has nothing more
	int held = 0;         // slots
	int current = -1;     // the slot of the last event claimed
	bool has_looked = false;
	int64 ready[kRanks] = {0, 0, 0};
	bool no_ready = false;
	bool no_deliveries = false;
	bool no_timers = false;
	bool no_emails = false;
};

/// Whether the transaction at hand has claimed anything.
bool has_progress();
/// The progress of the transaction at hand. A worker's only: bpt.run() may claim in a subtransaction that is undone, or
/// for another role in the same transaction.
Progress &so_far(const Filter &filter);
Progress &so_far();

inline bool admitted(const Filter &filter, const Item &item)
{
	return filter.admits == nullptr || filter.admits(filter.context, item);
}

// claim.cpp
/// Locks an item's row by its id; empty if it is gone or another has it.
Item lock(Queue queue, int64 id);

// claim_ready.cpp
Item ready_item(const pg::Row &row);
/// The ready item of the best rank that came first, as far as is known without a search of the whole queue.
Item claim_ready(const Filter &filter);
/// Notes that this backend has put an item of a rank in the queue.
void note_ready(int rank, int64 id);

// claim_email.cpp
Item email_item(const pg::Row &row);
/// The message that has been due longest, if no other transaction is sending one.
Item claim_email(TimestampTz now, const Filter &filter);

// claim_event.cpp
/// The next event of the slot whose first is the oldest, of those slots that are free.
Item claim_event(const Filter &filter);
/// Claims this very event, if it is not done and its slot is free.
Item claim_event_again(int64 id);
/// Whether the transaction at hand, a worker's, has done this event of a slot that it holds.
bool is_done_here(int16 slot, int64 id);
/// Whether positions may be taken back that this backend has seen as its own: it has called bpt.run().
bool may_take_back();
/// Notes in a worker what its transaction has done of the slots that it took, before the commit and after it.
void write_positions(Progress &far);
void keep_positions(const Progress &far);

} // namespace bpt::queue
