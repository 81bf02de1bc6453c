// Reading the engine's own tables by fixed access paths (rows.hpp). Writing them is in write_rows.cpp.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/rows.hpp"

extern "C" {
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
}

namespace bpt::pg {

void (*before_scan)(const char *table) = nullptr;

namespace {

constexpr int kMaxKeys = 4;

/// How the last key of a scan compares; the others are equalities.
enum class Last
{
	equal,
	up_to,
	from,
	after,
};

/// The function by which a key type compares.
RegProcedure comparison(Oid type, Last last)
{
	switch (type)
	{
	case INT8OID:
		return last == Last::equal ? F_INT8EQ : last == Last::up_to ? F_INT8LE : F_INT8GT;
	case INT4OID:
		return F_INT4EQ;
	case INT2OID:
		return F_INT2EQ;
	case OIDOID:
		return F_OIDEQ;
	case TEXTOID:
		return F_TEXTEQ;
	case TIMESTAMPTZOID:
		return last == Last::equal ? F_TIMESTAMPTZ_EQ : last == Last::from ? F_TIMESTAMPTZ_GE : F_TIMESTAMPTZ_LE;
	default:
		elog(ERROR, "bpt: no index key of type %u", type);
	}
}

/// A value of variable length, whole and in memory. One that is stored apart is read under a snapshot, also when the one
/// that its row was seen with has gone.
Datum whole(Datum value)
{
	const auto whole_one = [&] { return PointerGetDatum(PG_DETOAST_DATUM(value)); };
	return VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(value)) && !HaveRegisteredOrActiveSnapshot()
			   ? with_latest_snapshot(whole_one)
			   : whole_one();
}

/// The values of a slot, copied into the current memory context.
Row row_of(TupleTableSlot *slot)
{
	TupleDesc const desc = slot->tts_tupleDescriptor;
	Row row;
	row.columns = desc->natts;
	row.values = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(desc->natts)));
	row.nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(desc->natts)));
	slot_getallattrs(slot);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute const attribute = TupleDescAttr(desc, i);
		row.nulls[i] = slot->tts_isnull[i];
		row.values[i] =
			row.nulls[i] ? Datum{0} : datumCopy(slot->tts_values[i], attribute->attbyval, attribute->attlen);
		if (!row.nulls[i] && attribute->attlen == -1)
			row.values[i] = whole(row.values[i]);
	}
	row.tid = slot->tts_tid;
	bool null = false;
	row.xmin = DatumGetTransactionId(slot_getsysattr(slot, MinTransactionIdAttributeNumber, &null));
	row.found = true;
	return row;
}

/// Locks the tuple in `slot` and leaves its newest version there. False: gone, or locked by another and skipped.
bool lock_tuple(Relation table, Snapshot snapshot, TupleTableSlot *slot, Lock lock, bool *moved)
{
	PreventCommandIfReadOnly("a change of a process");
	LockTupleMode const mode =
		lock == Lock::update || lock == Lock::update_skip ? LockTupleExclusive : LockTupleNoKeyExclusive;
	LockWaitPolicy const wait =
		lock == Lock::no_key_update_skip || lock == Lock::update_skip ? LockWaitSkip : LockWaitBlock;
	ItemPointerData tid = slot->tts_tid;
	TM_FailureData failure;
	const uint8 flags = IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	TM_Result const result =
		table_tuple_lock(table, &tid, snapshot, slot, GetCurrentCommandId(false), mode, wait, flags, &failure);
	*moved = failure.traversed;
	switch (result)
	{
	case TM_Ok:
		return true;
	case TM_WouldBlock:
	case TM_SelfModified:
		return false;
	case TM_Deleted:
	case TM_Updated:
		if (IsolationUsesXactSnapshot())
			ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
							errmsg("could not serialize access due to concurrent update")));
		return false;
	default:
		elog(ERROR, "bpt: unexpected result %d of locking a row of \"%s\"", static_cast<int>(result),
			 RelationGetRelationName(table));
	}
}

/// Whether an index is a table's primary key, by its name.
bool is_primary_key(const char *index_name)
{
	const Size length = strlen(index_name);
	return length > 5 && strcmp(index_name + length - 5, "_pkey") == 0;
}

/// Opens an index scan over the keys and hands each row to f.
void run_scan(const char *table_name, const char *index_name, const Key *keys, int count, Last last, Lock lock,
			  bool (*f)(void *, Row &), void *context, Snapshot given = nullptr)
{
	Assert(count <= kMaxKeys);
	if (before_scan != nullptr && !is_primary_key(index_name))
		before_scan(table_name);
	Relation const table =
		table_open(relation_oid(table_name), lock == Lock::none ? AccessShareLock : RowExclusiveLock);
	if (is_without_pages(table_name, table))
	{
		table_close(table, NoLock);
		return;
	}
	Relation const index = index_open(relation_oid(index_name), AccessShareLock);
	// A lock in a REPEATABLE READ transaction must find the row as that transaction sees it, so that a newer version is
	// the serialization failure that it is; everything else reads what is committed now.
	Snapshot const snapshot =
		RegisterSnapshot(given != nullptr                                    ? given
						 : lock != Lock::none && IsolationUsesXactSnapshot() ? GetTransactionSnapshot()
																			 : GetLatestSnapshot());

	ScanKeyData scan_keys[kMaxKeys];
	for (int i = 0; i < count; i++)
	{
		const Last how = i == count - 1 ? last : Last::equal;
		const StrategyNumber strategy = how == Last::equal   ? BTEqualStrategyNumber
										: how == Last::up_to ? BTLessEqualStrategyNumber
										: how == Last::from  ? BTGreaterEqualStrategyNumber
															 : BTGreaterStrategyNumber;
		ScanKeyEntryInitialize(&scan_keys[i], 0, static_cast<AttrNumber>(i + 1), strategy, InvalidOid,
							   index->rd_indcollation[i], comparison(keys[i].type, how), keys[i].value);
	}

	IndexScanDesc const scan = bpt_index_beginscan(table, index, snapshot, count);
	index_rescan(scan, scan_keys, count, nullptr, 0);
	TupleTableSlot *const slot = table_slot_create(table, nullptr);
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		bool moved = false;
		if (lock != Lock::none && !lock_tuple(table, snapshot, slot, lock, &moved))
			continue;
		Row row = row_of(slot);
		if (moved)
		{
			// The version that was locked is not the one the index led to: its key may have changed.
			bool same = true;
			for (int i = 0; same && i < count; i++)
			{
				const int column = index->rd_index->indkey.values[i];
				same = !row.null(column) &&
					   DatumGetBool(OidFunctionCall2Coll(comparison(keys[i].type, i == count - 1 ? last : Last::equal),
														 index->rd_indcollation[i], row.at(column), keys[i].value));
			}
			if (!same)
				continue;
		}
		if (!f(context, row))
			break;
	}
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	UnregisterSnapshot(snapshot);
	index_close(index, AccessShareLock);
	table_close(table, NoLock);
}

} // namespace

char *Row::text(int column) const
{
	return null(column) ? nullptr : text_to_cstring(reinterpret_cast<varlena *>(DatumGetPointer(values[column - 1])));
}

void Row::set_text(int column, const char *value)
{
	if (value == nullptr)
		set_null(column);
	else
		set(column, CStringGetTextDatum(value));
}

Row row_of(HeapTuple tuple, TupleDesc desc)
{
	HeapTuple const copy = heap_copytuple(tuple);
	Row row;
	row.columns = desc->natts;
	row.values = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(desc->natts)));
	row.nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(desc->natts)));
	heap_deform_tuple(copy, desc, row.values, row.nulls);
	for (int i = 0; i < desc->natts; i++)
		if (!row.nulls[i] && TupleDescAttr(desc, i)->attlen == -1)
			row.values[i] = whole(row.values[i]);
	row.tid = copy->t_self;
	row.xmin = HeapTupleHeaderGetXmin(copy->t_data);
	row.found = true;
	return row;
}

Row new_row(const char *table)
{
	// Locked as for writing from here on, though it may be written much later: who changes the table's shape waits for it.
	LockRelationOid(relation_oid(table), RowExclusiveLock);
	Row row;
	row.columns = columns_of(table);
	row.values = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<Size>(row.columns)));
	row.nulls = static_cast<bool *>(palloc(sizeof(bool) * static_cast<Size>(row.columns)));
	for (int i = 0; i < row.columns; i++)
		row.nulls[i] = true;
	return row;
}

Row find(const char *table, const char *index, std::initializer_list<Key> keys, Lock lock)
{
	Row result;
	run_scan(
		table, index, keys.begin(), static_cast<int>(keys.size()), Last::equal, lock,
		[](void *context, Row &row) {
			*static_cast<Row *>(context) = row;
			return false;
		},
		&result);
	return result;
}

/// Whether a table, which is locked, has such a page. That it had it once is enough, as who makes a table shorter waits for
/// its locks and then has everybody forget its length: so the file is asked only for what is new.
static bool has_page(Relation table, BlockNumber page)
{
	const BlockNumber known = RelationGetSmgr(table)->smgr_cached_nblocks[MAIN_FORKNUM];
	return (known != InvalidBlockNumber && page < known) || page < RelationGetNumberOfBlocks(table);
}

/// Reads the row at row.tid; false if it is not the version that was read. The table may have become shorter since, and a
/// frozen version does not tell who wrote it any more.
static bool fetch_as_read(Relation table, Snapshot snapshot, const Row &row, TupleTableSlot *slot)
{
	ItemPointerData tid = row.tid;
	bool null = false;
	return TransactionIdIsNormal(row.xmin) && has_page(table, ItemPointerGetBlockNumber(&tid)) &&
		   table_tuple_fetch_row_version(table, &tid, snapshot, slot) &&
		   DatumGetTransactionId(slot_getsysattr(slot, MinTransactionIdAttributeNumber, &null)) == row.xmin &&
		   slot_getattr(slot, 1, &null) == row.at(1);
}

bool is_as_read(Oid relation, const Row &row)
{
	Relation const table = table_open(relation, AccessShareLock);
	Snapshot const snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *const slot = table_slot_create(table, nullptr);
	const bool same = fetch_as_read(table, snapshot, row, slot);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(table, NoLock);
	return same;
}

bool lock_as_read(const char *table_name, const Row &row, Lock lock, Row *locked)
{
	if (IsolationUsesXactSnapshot())
		return false;
	Relation const table = table_open(relation_oid(table_name), RowExclusiveLock);
	// As long as the snapshot is registered the version that it sees stays where it is.
	Snapshot const snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *const slot = table_slot_create(table, nullptr);
	const bool same = fetch_as_read(table, snapshot, row, slot);
	bool moved = false;
	if (same && lock_tuple(table, snapshot, slot, lock, &moved))
		*locked = row_of(slot);
	else
		*locked = Row{};
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(table, NoLock);
	return same;
}

void scan(const char *table, const char *index, std::initializer_list<Key> keys, Lock lock,
		  bool (*f)(void *context, Row &row), void *context)
{
	run_scan(table, index, keys.begin(), static_cast<int>(keys.size()), Last::equal, lock, f, context);
}

core::Vec<Row> all(core::Arena &arena, const char *table, const char *index, std::initializer_list<Key> keys)
{
	core::Vec<Row> rows;
	each(table, index, keys, [&](const Row &row) {
		rows.push(arena, row);
		return true;
	});
	return rows;
}

void scan_after(const char *table, const char *index, std::initializer_list<Key> keys, Snapshot snapshot,
				bool (*f)(void *context, Row &row), void *context)
{
	run_scan(table, index, keys.begin(), static_cast<int>(keys.size()), Last::after, Lock::none, f, context, snapshot);
}

void scan_from(const char *table, const char *index, std::initializer_list<Key> keys,
			   bool (*f)(void *context, Row &row), void *context)
{
	run_scan(table, index, keys.begin(), static_cast<int>(keys.size()), Last::from, Lock::none, f, context);
}

void scan_up_to(const char *table, const char *index, Key limit, Lock lock, bool (*f)(void *context, Row &row),
				void *context)
{
	run_scan(table, index, &limit, 1, Last::up_to, lock, f, context);
}

} // namespace bpt::pg
