// Writing the engine's own tables as the executor does (rows.hpp). Locks: RowExclusiveLock on the table and its indexes, the
// rows.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/index_info.hpp"
#include "pg/rows.hpp"

namespace bpt::pg {

/// What writing rows needs of the executor.
struct Writer
{
	MemoryContext context; // of all of it
	Relation table;
	EState *estate;
	ResultRelInfo *result;
	bool has_indexes; // opened when the first row needs them: an update that stays HOT needs none
	int made;         // slots
	TupleTableSlot *slots[kMaxTogether];
};

namespace {

/// Enters a row that was written into the indexes.
void index_row(Writer *w, TupleTableSlot *slot, bool is_update)
{
	if (!w->has_indexes)
		in_context(w->context, [&] { open_indexes(w->result); });
	w->has_indexes = true;
	if (w->result->ri_NumIndices > 0)
		bpt_insert_index_tuples(w->result, slot, w->estate, is_update);
}

/// A slot of the writer, with the row's values.
TupleTableSlot *filled_slot(Writer *w, int number, const Row &row)
{
	TupleDesc const desc = RelationGetDescr(w->table);
	if (row.columns != desc->natts)
		elog(ERROR, "bpt: table \"%s\" has %d columns, the library expects %d", RelationGetRelationName(w->table),
			 desc->natts, row.columns);
	if (number == w->made)
		w->slots[w->made++] = in_context(w->context, [&] { return table_slot_create(w->table, nullptr); });
	TupleTableSlot *const slot = w->slots[number];
	ExecClearTuple(slot);
	memcpy(slot->tts_values, row.values, sizeof(Datum) * static_cast<Size>(row.columns));
	memcpy(slot->tts_isnull, row.nulls, sizeof(bool) * static_cast<Size>(row.columns));
	return ExecStoreVirtualTuple(slot);
}

} // namespace

Writer *open_writer(const char *table)
{
	MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "bpt writer", ALLOCSET_SMALL_SIZES);
	return in_context(context, [&] {
		auto *const w = static_cast<Writer *>(palloc0(sizeof(Writer)));
		w->context = context;
		w->table = table_open(relation_oid(table), RowExclusiveLock);
		w->estate = CreateExecutorState();
		w->result = makeNode(ResultRelInfo);
		InitResultRelInfo(w->result, w->table, 0, nullptr, 0);
		return w;
	});
}

void rewrite(Writer *writer, Row &row)
{
	Writer &w = *writer;
	in_context(GetPerTupleMemoryContext(w.estate), [&] {
		TupleTableSlot *const slot = filled_slot(writer, 0, row);
		bpt_update_indexes indexes = {};
		ItemPointerData tid = row.tid;
		simple_table_tuple_update(w.table, &tid, slot, InvalidSnapshot, &indexes);
		if (bpt_needs_index_update(indexes))
			index_row(writer, slot, true);
		row.tid = slot->tts_tid;
		row.found = true;
		ExecClearTuple(slot);
	});
	ResetPerTupleExprContext(w.estate);
}

void write(Writer *writer, Row *const *rows, int count)
{
	Writer &w = *writer;
	Assert(count > 0 && count <= kMaxTogether);
	in_context(GetPerTupleMemoryContext(w.estate), [&] {
		for (int i = 0; i < count; i++)
			filled_slot(writer, i, *rows[i]);
		if (count == 1)
			table_tuple_insert(w.table, w.slots[0], GetCurrentCommandId(true), 0, nullptr);
		else
			table_multi_insert(w.table, w.slots, count, GetCurrentCommandId(true), 0, nullptr);
		for (int i = 0; i < count; i++)
		{
			index_row(writer, w.slots[i], false);
			rows[i]->tid = w.slots[i]->tts_tid;
			rows[i]->found = true;
			ExecClearTuple(w.slots[i]);
		}
	});
	ResetPerTupleExprContext(w.estate);
}

void close_writer(Writer *writer)
{
	for (int i = 0; i < writer->made; i++)
		ExecDropSingleTupleTableSlot(writer->slots[i]);
	ExecCloseIndices(writer->result);
	FreeExecutorState(writer->estate);
	table_close(writer->table, NoLock);
	MemoryContextDelete(writer->context);
	CommandCounterIncrement();
}

void insert(const char *table, Row &row)
{
	PreventCommandIfReadOnly("a change of a process");
	Writer *const writer = open_writer(table);
	Row *const rows[] = {&row};
	write(writer, rows, 1);
	close_writer(writer);
}

void update(const char *table, Row &row)
{
	PreventCommandIfReadOnly("a change of a process");
	Writer *const writer = open_writer(table);
	rewrite(writer, row);
	close_writer(writer);
}

void remove(const char *table, const Row &row)
{
	PreventCommandIfReadOnly("a change of a process");
	Relation const relation = table_open(relation_oid(table), RowExclusiveLock);
	ItemPointerData tid = row.tid;
	simple_table_tuple_delete(relation, &tid, InvalidSnapshot);
	table_close(relation, NoLock);
	CommandCounterIncrement();
}

} // namespace bpt::pg
