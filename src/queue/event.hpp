// The event queue: row changes recorded in the user's transaction, claimed by a worker after its commit.
//
// Events of one slot (hash of entity and key) are delivered one after another: a claim locks the slot's row.
#pragma once
#include "pg/postgres.hpp"
#include "pg/rows.hpp"

namespace bpt::queue {

/// How far the ids are apart that bpt.event_id gives: so many changes may share a row, with an id each.
inline constexpr int kIdStep = 16;

/// One row change, as recorded. Arrays have `count` entries.
struct Event
{
	int64 id = 0;
	FullTransactionId xid = {};
	int64 entity_id = 0;
	char operation = 'I';
	const char *key = nullptr;
	int count = 0;
	int64 *event_defs = nullptr;
	int32 *versions =
		nullptr; // the definition version whose clause the trigger saw, for each: a launch runs that version
	int32 *hashes = nullptr;
	bool untested = false;
	bool in_order = false;    // of a process whose events chain: delivered in the order of all such events
	Jsonb *payload = nullptr; // may be null
	TimestampTz created = 0;
	bool may_share = false;      // it only launches: further changes by the same statement may stand in its row
	const bytea *more = nullptr; // these (pack.hpp); null: none
};

/// The id that the next event of this backend's transaction will surely exceed (for listener.born_event).
int64 last_event_id();
/// Writes the events of one statement: they are buffered, and written when there are enough of them and at the end; a
/// worker is woken at commit. add_event gives the event its id; what the event points at may be freed after it. The writer lives in
/// the memory context in which it is opened.
struct EventWriter;
EventWriter *open_events();
void add_event(EventWriter *writer, Event *event);
void close_events(EventWriter *writer);
/// The slot of an event: which events are delivered one after another. Those that must keep the order of all such events,
/// whichever row they are of, share slot 0; the others are spread by their row.
int16 slot_of(const Event &event);
/// Reads the clauses of an event, as they are stored, into count, event_defs, versions and hashes.
void unpack_clauses(Datum clauses, Event *event);
/// Reads an event from a claimed row of its table or a queue_delivery row.
Event read_event(const pg::Row &row);
Event read_delivery(const pg::Row &row);

} // namespace bpt::queue
