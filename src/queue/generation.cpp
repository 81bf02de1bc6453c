// Reading the tables of events (generation.hpp).
#include "pg/postgres.hpp"

#include "pg/tables.hpp"
#include "queue/generation.hpp"

extern "C" {
#include "utils/fmgroids.h"
}

namespace bpt::queue {

const char *const event_tables[kGenerations] = {"event_0", "event_1", "event_2", "event_3"};

const char *const event_keys[kGenerations] = {"event_0_pkey", "event_1_pkey", "event_2_pkey", "event_3_pkey"};

struct EventReader
{
	Relation tables[kGenerations];
	Relation keys[kGenerations];
	IndexScanDesc scans[kGenerations];
	TupleTableSlot *rows[kGenerations]; // the next of each
	int64 ids[kGenerations];            // PG_INT64_MAX: there is none
	int last;                           // whose row was handed out; -1: none

	void step(int which)
	{
		ids[which] = PG_INT64_MAX;
		if (!index_getnext_slot(scans[which], ForwardScanDirection, rows[which]))
			return;
		bool isnull = false;
		ids[which] = DatumGetInt64(slot_getattr(rows[which], queue_event::id, &isnull));
	}
};

EventReader *open_events_after(int64 id, Snapshot snapshot)
{
	auto *const reader = static_cast<EventReader *>(palloc(sizeof(EventReader)));
	reader->last = -1;
	for (int i = 0; i < kGenerations; i++)
	{
		reader->tables[i] = table_open(pg::relation_oid(event_tables[i]), AccessShareLock);
		reader->keys[i] = index_open(pg::relation_oid(event_keys[i]), AccessShareLock);
		reader->rows[i] = table_slot_create(reader->tables[i], nullptr);
		reader->scans[i] = bpt_index_beginscan(reader->tables[i], reader->keys[i], snapshot, 1);
		ScanKeyData key;
		ScanKeyEntryInitialize(&key, 0, 1, BTGreaterStrategyNumber, InvalidOid, InvalidOid, F_INT8GT,
							   Int64GetDatum(id));
		index_rescan(reader->scans[i], &key, 1, nullptr, 0);
		reader->step(i);
	}
	return reader;
}

TupleTableSlot *next_event(EventReader *reader)
{
	if (reader->last >= 0)
		reader->step(reader->last);
	int first = 0;
	for (int i = 1; i < kGenerations; i++)
		if (reader->ids[i] < reader->ids[first])
			first = i;
	reader->last = first;
	return reader->ids[first] == PG_INT64_MAX ? nullptr : reader->rows[first];
}

TupleDesc event_desc(const EventReader *reader)
{
	return CreateTupleDescCopy(RelationGetDescr(reader->tables[0]));
}

void close_events(EventReader *reader)
{
	for (int i = 0; i < kGenerations; i++)
	{
		ExecDropSingleTupleTableSlot(reader->rows[i]);
		index_endscan(reader->scans[i]);
		index_close(reader->keys[i], AccessShareLock);
		table_close(reader->tables[i], AccessShareLock);
	}
	pfree(reader);
}

pg::Row find_event(int64 id)
{
	const int generation = generation_of(id);
	return pg::find(event_tables[generation], event_keys[generation], {pg::key(id)});
}

} // namespace bpt::queue
