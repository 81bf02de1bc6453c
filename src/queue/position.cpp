// Reading and writing positions (position.hpp). Locks: AccessShareLock on both tables while reading, RowExclusiveLock on the
// one that is written; a slot's row.
#include "pg/postgres.hpp"

#include "pg/arrays.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"
#include "queue/position.hpp"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_class.h"
#include "utils/fmgroids.h"
}

namespace bpt::queue {

const char *const position_tables[kPositionTables] = {"position_0", "position_1"};

namespace {

int64 last_seq = 0;

constexpr const char *kIndexes[kPositionTables] = {"position_0_slot", "position_1_slot"};

const Window *window_in(TupleTableSlot *row, int column)
{
	bool isnull = true;
	Datum const value = slot_getattr(row, column, &isnull);
	return isnull ? nullptr : reinterpret_cast<const Window *>(PG_DETOAST_DATUM_COPY(value));
}

int64 int8_in(TupleTableSlot *row, int column)
{
	bool isnull = true;
	Datum const value = slot_getattr(row, column, &isnull);
	return isnull ? 0 : DatumGetInt64(value);
}

Position position_in(TupleTableSlot *row)
{
	Position position;
	position.seq = int8_in(row, queue_position::seq);
	position.finished = window_in(row, queue_position::finished);
	position.opened = window_in(row, queue_position::opened);
	position.bound = int8_in(row, queue_position::bound);
	position.done = int8_in(row, queue_position::done);
	bool isnull = true;
	Datum const apart = slot_getattr(row, queue_position::apart, &isnull);
	if (!isnull)
		position.apart = pg::int8_items(apart, &position.apart_count);
	return position;
}

} // namespace

struct PositionReader
{
	Snapshot snapshot;
	Relation tables[kPositionTables];
	Relation indexes[kPositionTables];
	IndexScanDesc scans[kPositionTables];
	TupleTableSlot *rows[kPositionTables];
};

PositionReader *open_positions(Snapshot snapshot)
{
	auto *const reader = static_cast<PositionReader *>(palloc(sizeof(PositionReader)));
	for (int i = 0; i < kPositionTables; i++)
	{
		reader->tables[i] = table_open(pg::relation_oid(position_tables[i]), AccessShareLock);
		reader->indexes[i] = index_open(pg::relation_oid(kIndexes[i]), AccessShareLock);
		reader->rows[i] = table_slot_create(reader->tables[i], nullptr);
	}
	reader->snapshot = RegisterSnapshot(snapshot != nullptr ? snapshot : GetLatestSnapshot());
	for (int i = 0; i < kPositionTables; i++)
		reader->scans[i] = bpt_index_beginscan(reader->tables[i], reader->indexes[i], reader->snapshot, 1);
	return reader;
}

Position newest_position(PositionReader *reader, int16 slot)
{
	ScanKeyData key;
	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, InvalidOid, F_INT2EQ, Int16GetDatum(slot));
	TupleTableSlot *newest = nullptr;
	int64 seq = 0;
	for (int i = 0; i < kPositionTables; i++)
	{
		index_rescan(reader->scans[i], &key, 1, nullptr, 0);
		if (!index_getnext_slot(reader->scans[i], ForwardScanDirection, reader->rows[i]))
			continue;
		const int64 found = int8_in(reader->rows[i], queue_position::seq);
		if (found > seq)
		{
			newest = reader->rows[i];
			seq = found;
		}
	}
	return newest != nullptr ? position_in(newest) : Position{};
}

bool lacks_rows(const PositionReader *reader)
{
	Relation const tables = table_open(RelationRelationId, AccessShareLock);
	bool result = false;
	for (Relation const table : reader->tables)
	{
		ScanKeyData key;
		ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(RelationGetRelid(table)));
		SysScanDesc const scan = systable_beginscan(tables, ClassOidIndexId, true, reader->snapshot, 1, &key);
		HeapTuple const then = systable_getnext(scan);
		// A truncated table has another file.
		result = result || !HeapTupleIsValid(then) ||
				 reinterpret_cast<Form_pg_class>(GETSTRUCT(then))->relfilenode != table->rd_rel->relfilenode;
		systable_endscan(scan);
	}
	table_close(tables, AccessShareLock);
	return result;
}

void close_positions(PositionReader *reader)
{
	for (int i = 0; i < kPositionTables; i++)
	{
		ExecDropSingleTupleTableSlot(reader->rows[i]);
		index_endscan(reader->scans[i]);
		index_close(reader->indexes[i], AccessShareLock);
		table_close(reader->tables[i], AccessShareLock);
	}
	UnregisterSnapshot(reader->snapshot);
	pfree(reader);
}

Position newest_position(int16 slot)
{
	PositionReader *const reader = open_positions(nullptr);
	const Position position = newest_position(reader, slot);
	close_positions(reader);
	return position;
}

int64 last_position()
{
	return last_seq;
}

bool lock_slot(int16 slot)
{
	return pg::find("queue_slot", "queue_slot_pkey", {pg::key_int2(slot)}, pg::Lock::update_skip).found;
}

void write_position(int16 slot, Position *position)
{
	position->seq = last_seq = pg::next_id("position_id");
	const char *const table = position_tables[position_table(position->seq)];
	pg::Row row = pg::new_row(table);
	row.set(queue_position::slot, Int16GetDatum(slot));
	row.set(queue_position::seq, Int64GetDatum(position->seq));
	if (position->finished != nullptr)
		row.set(queue_position::finished, PointerGetDatum(position->finished));
	if (position->opened != nullptr)
		row.set(queue_position::opened, PointerGetDatum(position->opened));
	row.set(queue_position::bound, Int64GetDatum(position->bound));
	row.set(queue_position::done, Int64GetDatum(position->done));
	if (position->apart_count > 0)
		row.set(queue_position::apart, pg::int8_array(position->apart, position->apart_count));
	pg::Writer *const writer = pg::open_writer(table);
	pg::Row *const rows[] = {&row};
	pg::write(writer, rows, 1);
	pg::close_writer(writer);
}

} // namespace bpt::queue
