// Who listens to what: rows of bpt.listener, made when an activity begins to wait and found by clause and hash when an
// event is delivered.
//
// A listener's birth decides which events are its own (BPT.md §4): those whose transaction its `born` snapshot did not see
// as ended; within its own transaction those with a later id; and, if the delivery of an event made it, every later event.
// Locks: none but those of the rows written.
#include "pg/postgres.hpp"

#include "entity/correlation.hpp"
#include "entity/identity.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace bpt::entity {

namespace {

/// One hit of the index look-up.
struct Found
{
	int64 event_def_id;
	int64 process_id;
	int64 activity_id;
};

/// Whether the event came after the listener was born.
bool reaches(const queue::Event &event, const pg::Row &row)
{
	if (!row.null(listener::after_event) && event.id > row.int8(listener::after_event))
		return true;
	if (FullTransactionIdEquals(event.xid, DatumGetFullTransactionId(row.at(listener::born_xid))))
		return event.id > row.int8(listener::born_event);
	return !DatumGetBool(
		DirectFunctionCall2(pg_visible_in_snapshot, FullTransactionIdGetDatum(event.xid), row.at(listener::born)));
}

/// Adds those of one clause's listeners that the event reaches.
List *add_found(List *found, const queue::Event &event, int64 event_def_id, int32 hash)
{
	const auto add = [&](pg::Row &row) {
		if (!reaches(event, row))
			return true;
		Found *const one = static_cast<Found *>(palloc(sizeof(Found)));
		*one = {event_def_id, row.int8(listener::process_id), row.int8(listener::activity_id)};
		found = lappend(found, one);
		return true;
	};
	if (hash == kAnyHash)
		pg::each("listener", "listener_hash", {pg::key(event_def_id)}, add);
	else
		pg::each("listener", "listener_hash", {pg::key(event_def_id), pg::key_int4(hash)}, add);
	return found;
}

void set_birth(pg::Row &row, const Birth &birth)
{
	row.set(listener::born, birth.born);
	row.set(listener::born_xid, FullTransactionIdGetDatum(GetTopFullTransactionId()));
	row.set(listener::born_event, Int64GetDatum(birth.event));
}

/// Makes the row of one clause.
void add_listener(const Heard &clause, int64 process_id, int64 activity_id, int64 after_event)
{
	pg::Row row = pg::new_row("listener");
	row.set(listener::activity_id, Int64GetDatum(activity_id));
	row.set(listener::event_def_id, Int64GetDatum(clause.event_def_id));
	row.set(listener::hash, Int32GetDatum(clause.hash));
	row.set(listener::process_id, Int64GetDatum(process_id));
	set_birth(row, pg::with_latest_snapshot(present_birth));
	if (after_event != 0)
		row.set(listener::after_event, Int64GetDatum(after_event));
	pg::insert("listener", row);
}

} // namespace

Birth present_birth()
{
	LOCAL_FCINFO(fcinfo, 0);
	InitFunctionCallInfoData(*fcinfo, nullptr, 0, InvalidOid, nullptr, nullptr);
	return {pg_current_snapshot(fcinfo), queue::last_event_id()};
}

core::Vec<Heard> heard_by(expr::Definition *definition, int element, const expr::Values &scope)
{
	core::Vec<Heard> heard;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	for (const std::int32_t index : definition->elements[element].clauses)
	{
		expr::Clause &clause = definition->clauses[index];
		resolve(clause);
		int32 hash = 0;
		// Equal to NULL is nothing: such a clause can never be met.
		if (hash_of_scope(expr::clause_plan(definition, clause), scope, &hash))
			heard.push(arena, {clause.id, hash});
	}
	return heard;
}

void listen(const core::Vec<Heard> &clauses, int64 process_id, int64 activity_id, int64 after_event)
{
	for (const Heard &clause : clauses)
		add_listener(clause, process_id, activity_id, after_event);
}

void listen_anew(const core::Vec<Heard> &clauses, int64 process_id, int64 activity_id, int64 after_event)
{
	for (const Heard &clause : clauses)
	{
		pg::Row row = pg::find("listener", "listener_pkey", {pg::key(activity_id), pg::key(clause.event_def_id)});
		if (!row)
			add_listener(clause, process_id, activity_id, after_event);
		else if (row.int4(listener::hash) != clause.hash)
		{
			row.set(listener::hash, Int32GetDatum(clause.hash));
			pg::update("listener", row);
		}
	}
}

void unlisten(int64 activity_id)
{
	pg::each("listener", "listener_pkey", {pg::key(activity_id)}, [](pg::Row &row) {
		pg::remove("listener", row);
		return true;
	});
}

bool is_reached(const queue::Event &event, int64 event_def_id, int64 activity_id)
{
	const pg::Row row = pg::find("listener", "listener_pkey", {pg::key(activity_id), pg::key(event_def_id)});
	return row && reaches(event, row);
}

core::Vec<pg::Row> listeners_of(int64 activity_id)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	return pg::all(arena, "listener", "listener_pkey", {pg::key(activity_id)});
}

bool hears(const pg::Row &row, const queue::Event &event)
{
	for (int i = 0; i < event.count; i++)
		if (event.event_defs[i] == row.int8(listener::event_def_id) &&
			(event.hashes[i] == kAnyHash || event.hashes[i] == row.int4(listener::hash)))
			return reaches(event, row);
	return false;
}

void begin_anew(int64 activity_id, const Birth &birth)
{
	for (pg::Row &row : listeners_of(activity_id))
	{
		set_birth(row, birth);
		row.set_null(listener::after_event);
		pg::update("listener", row);
	}
}

void each_listener(const queue::Event &event,
				   bool (*f)(void *context, int64 event_def_id, int64 process_id, int64 activity_id), void *context)
{
	List *found = NIL;
	for (int i = 0; i < event.count; i++)
		found = add_found(found, event, event.event_defs[i], event.hashes[i]);
	ListCell *cell = nullptr;
	foreach (cell, found)
	{
		const Found *const one = static_cast<Found *>(lfirst(cell));
		if (!f(context, one->event_def_id, one->process_id, one->activity_id))
			return;
	}
}

} // namespace bpt::entity
