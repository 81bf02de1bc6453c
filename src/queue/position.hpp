// How far the events of a slot are done.
//
// A position is a row of bpt.position_0 or bpt.position_1, appended by whoever holds the slot's lock, in the transaction
// whose effects it tells of: with them it commits or is gone. The slot's newest row holds. Rows are never updated nor
// deleted; rotate.cpp truncates. Readers take AccessShareLock on both tables, and their snapshot after it: a row that is
// carried from one table to the other stands for them in one of the two.
#pragma once
#include "queue/window.hpp"

namespace bpt::queue {

inline constexpr int kSlots = 64;           // rows of bpt.queue_slot
inline constexpr int kPositionTables = 2;   // bpt.position_0, bpt.position_1
inline constexpr int kPositionStretch = 13; // as a power of two: how many numbers go to one table before the next

extern const char *const position_tables[kPositionTables];

struct Position
{
	int64 seq = 0;                    // 0: there is none yet
	const Window *finished = nullptr; // all events that it sees are done
	const Window *opened = nullptr;   // of those that it sees, the ones up to `done` are
	int64 bound = 0;                  // what `opened` sees has lower ids; names the window too
	int64 done = 0;
	int64 *apart = nullptr; // events that were done out of their order
	int apart_count = 0;

	/// Whether the event is done, apart from `apart`.
	bool has_passed(int64 id, FullTransactionId xid) const
	{
		return sees(finished, xid) || (id <= done && sees(opened, xid));
	}
	bool is_apart(int64 id) const
	{
		for (int i = 0; i < apart_count; i++)
			if (apart[i] == id)
				return true;
		return false;
	}
	bool is_read(int64 id, FullTransactionId xid) const { return has_passed(id, xid) || is_apart(id); }
};

/// Reads positions; `snapshot` null: the latest ones.
struct PositionReader;
PositionReader *open_positions(Snapshot snapshot);
/// The newest position of a slot, in the current memory context.
Position newest_position(PositionReader *reader, int16 slot);
/// Whether a table was truncated after the reader's snapshot, which then lacks rows that it should have.
bool lacks_rows(const PositionReader *reader);
void close_positions(PositionReader *reader);
/// The positions of the slots, each read when it is first asked for.
struct Positions
{
	bool is_known[kSlots] = {};
	Position of[kSlots];

	const Position &at(int slot, PositionReader *reader)
	{
		if (!is_known[slot])
			of[slot] = newest_position(reader, static_cast<int16>(slot));
		is_known[slot] = true;
		return of[slot];
	}
};
Position newest_position(int16 slot);

/// Which table the position with this number goes to.
inline int position_table(int64 seq)
{
	return static_cast<int>((seq >> kPositionStretch) % kPositionTables);
}
/// The last number that this backend gave to a position.
int64 last_position();
/// Locks a slot, if nobody else has.
bool lock_slot(int16 slot);
/// Appends a position of a slot, whose lock this transaction holds; gives it its number.
void write_position(int16 slot, Position *position);

} // namespace bpt::queue
