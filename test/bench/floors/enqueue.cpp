// The least that tells of an inserted row durably and in order: floors/insert.sql's row trigger written in C.
//
// A row of 48 bytes with a number from a sequence, and its index entry, by PostgreSQL's own functions, with nothing looked
// up twice in a session. No key, no label, no clause, nobody told: what is slower than this is so by choice.
#include "pg/postgres.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "nodes/execnodes.h"

PG_MODULE_MAGIC;
}

namespace {

/// What a session knows of the table `queue`. A session meets one only.
struct Queue
{
	Oid table = InvalidOid;
	Oid sequence = InvalidOid;
	Oid key = InvalidOid;
	IndexInfo *key_info = nullptr;
};
Queue queue;

/// Looks up the table, its sequence and its only index.
void find_queue()
{
	MemoryContext const before = MemoryContextSwitchTo(TopMemoryContext);
	const Oid table = RelnameGetRelid("queue");
	Relation const relation = table_open(table, AccessShareLock);
	queue.sequence = getIdentitySequence(table, 1, false);
	queue.key = linitial_oid(RelationGetIndexList(relation));
	Relation const key = index_open(queue.key, AccessShareLock);
	queue.key_info = BuildIndexInfo(key);
	index_close(key, AccessShareLock);
	table_close(relation, AccessShareLock);
	queue.table = table;
	MemoryContextSwitchTo(before);
}

} // namespace

BPT_FUNCTION(enqueue_in_c)
{
	const TriggerData *const data = reinterpret_cast<TriggerData *>(fcinfo->context);
	if (!OidIsValid(queue.table))
		find_queue();
	Relation const table = table_open(queue.table, RowExclusiveLock);
	TupleTableSlot *const slot = table_slot_create(table, nullptr);
	bool is_null = false;
	Datum id = Int64GetDatum(nextval_internal(queue.sequence, false));
	slot->tts_values[0] = id;
	slot->tts_values[1] = slot_getattr(data->tg_trigslot, 1, &is_null);
	slot->tts_values[2] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	slot->tts_isnull[0] = slot->tts_isnull[1] = slot->tts_isnull[2] = false;
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(table, slot, GetCurrentCommandId(true), 0, nullptr);
	Relation const key = index_open(queue.key, RowExclusiveLock);
	index_insert(key, &id, &is_null, &slot->tts_tid, table, UNIQUE_CHECK_YES, false, queue.key_info);
	index_close(key, NoLock);
	ExecDropSingleTupleTableSlot(slot);
	table_close(table, NoLock);
	return PointerGetDatum(nullptr);
}
