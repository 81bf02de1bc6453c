// The tables of events, which are filled by turns, and reading them all in order of id.
//
// An event's id says which table it is written to, a stretch of ids to each; readers read all tables. Rows are never
// updated, and deleted only by the transaction that wrote them; rotate.cpp truncates a table whose events are all done.
// Locks: AccessShareLock on all tables while a reader is open, given back with it.
#pragma once
#include "pg/postgres.hpp"
#include "pg/rows.hpp"

namespace bpt::queue {

inline constexpr int kGenerations = 4; // bpt.event_0 to bpt.event_3
inline constexpr int kStretch = 18;    // as a power of two: how many ids go to one table before the next

extern const char *const event_tables[kGenerations];
extern const char *const event_keys[kGenerations]; // their primary keys, by id

inline int generation_of(int64 id)
{
	return static_cast<int>((id >> kStretch) % kGenerations);
}

/// Reads what a snapshot sees, in order of id.
struct EventReader;
/// Begins behind an id. The snapshot stays the caller's.
EventReader *open_events_after(int64 id, Snapshot snapshot);
/// The next row, valid until the next call; null if there is none.
TupleTableSlot *next_event(EventReader *reader);
void close_events(EventReader *reader);
/// The shape of a row, in the current memory context.
TupleDesc event_desc(const EventReader *reader);
/// The row of an event, done or not, as of now.
pg::Row find_event(int64 id);

} // namespace bpt::queue
