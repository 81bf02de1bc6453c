// What the parts of claiming share: items from rows, and how far the transaction at hand has come.
#pragma once
#include "queue/work.hpp"

namespace bpt::queue {

inline constexpr int kRanks = 3;
/// Rows held by others that one look passes over at most.
inline constexpr int kPatience = 1000;

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
	bool no_emails = false;
	// One for all looks at events: of two events of a row, the second is not seen without the first. Registered.
	Snapshot snapshot = nullptr;
};

/// The progress of the transaction at hand. A worker's only: bpt.run() may claim in a subtransaction that is undone, or
/// for another role in the same transaction.
Progress &so_far(const Filter &filter);

inline bool admitted(const Filter &filter, const Item &item)
{
	return filter.admits == nullptr || filter.admits(filter.context, item);
}

// claim.cpp
/// Locks an item's row by its id; empty if it is gone or another has it.
Item lock(Queue queue, int64 id);

// claim_email.cpp
Item email_item(const pg::Row &row);
/// The message that has been due longest, if no other transaction is sending one.
Item claim_email(TimestampTz now, const Filter &filter);

// claim_event.cpp
Item event_item(const pg::Row &row);
bool lock_slot(int16 slot);
/// The first event in order of id whose slot is free.
Item claim_event(const Filter &filter);

} // namespace bpt::queue
