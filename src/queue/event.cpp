// Writing row changes to the event queue and reading them back (event.hpp).
//
// Ids come from an uncached sequence, taken after the rows were changed, so that within a transaction, and between
// transactions that wait for each other's rows, the order of ids is the order of changes. Writes take RowExclusiveLock on
// bpt.queue_event and nothing else.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/tables.hpp"
#include "queue/event.hpp"
#include "queue/work.hpp"

extern "C" {
#include "commands/sequence.h"
#include "common/hashfn.h"
#include "utils/datum.h"
}

namespace bpt::queue {

namespace {

constexpr int kSlots = 64;         // rows of bpt.queue_slot
constexpr int kMaxBuffered = 1000; // events, as COPY buffers
constexpr Size kMaxBufferedBytes = 65535;

// The last id this backend took. Births compare ids within one transaction only, so this backend's own are all that count.
int64 last_id = 0;

template <typename T>
Datum array_of(const T *items, int count, Oid type, Datum (*to_datum)(T))
{
	Datum *const elements = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(Max(count, 1))));
	for (int i = 0; i < count; i++)
		elements[i] = to_datum(items[i]);
	return PointerGetDatum(
		construct_array(elements, count, type, sizeof(T), true, sizeof(T) == 8 ? TYPALIGN_DOUBLE : TYPALIGN_INT));
}

Datum from_int64(int64 v)
{
	return Int64GetDatum(v);
}

Datum from_int32(int32 v)
{
	return Int32GetDatum(v);
}

/// The items of an array column without NULLs, of a fixed-length type.
template <typename T>
T *items_of(Datum array, int *count)
{
	ArrayType *const a = DatumGetArrayTypePCopy(array);
	*count = ArrayGetNItems(ARR_NDIM(a), ARR_DIMS(a));
	return reinterpret_cast<T *>(ARR_DATA_PTR(a));
}

} // namespace

struct EventWriter
{
	MemoryContext context; // of the writer itself, with its slots
	MemoryContext rows;    // what the buffered rows point at, emptied by each flush
	Relation table;
	EState *estate;
	ResultRelInfo *result;
	Oid sequence;
	FullTransactionId xid;
	TimestampTz now;
	int buffered;
	Size bytes;
	int made; // slots
	TupleTableSlot *slots[kMaxBuffered];
};

int64 last_event_id()
{
	return last_id;
}

int16 slot_of(const Event &event)
{
	if (event.in_order)
		return 0;
	const uint32 hash = hash_combine(
		murmurhash32(static_cast<uint32>(event.entity_id)),
		hash_bytes(reinterpret_cast<const unsigned char *>(event.key), static_cast<int>(strlen(event.key))));
	return static_cast<int16>(1 + hash % (kSlots - 1));
}

EventWriter *open_events()
{
	MemoryContext const context =
		AllocSetContextCreate(CurrentMemoryContext, "bpt event writer", ALLOCSET_DEFAULT_SIZES);
	return pg::in_context(context, [&] {
		EventWriter *const w = static_cast<EventWriter *>(palloc0(sizeof(EventWriter)));
		w->context = context;
		w->rows = AllocSetContextCreate(context, "bpt events", ALLOCSET_DEFAULT_SIZES);
		w->table = table_open(pg::relation_oid("queue_event"), RowExclusiveLock);
		if (RelationGetDescr(w->table)->natts != queue_event::created)
			elog(ERROR, "bpt: table \"%s\" has %d columns, the library expects %d", RelationGetRelationName(w->table),
				 RelationGetDescr(w->table)->natts, static_cast<int>(queue_event::created));
		w->estate = CreateExecutorState();
		w->result = makeNode(ResultRelInfo);
		InitResultRelInfo(w->result, w->table, 0, nullptr, 0);
		ExecOpenIndices(w->result, false);
		w->sequence = pg::relation_oid("event_id");
		w->xid = GetTopFullTransactionId();
		w->now = GetCurrentTimestamp();
		return w;
	});
}

/// Writes what is buffered: heap pages first, then the index entries of each row. Without a bulk insert's ring of buffers:
/// a worker reads the pages soon.
static void flush(EventWriter *w)
{
	if (w->buffered == 0)
		return;
	pg::in_context(w->rows, [&] {
		table_multi_insert(w->table, w->slots, w->buffered, GetCurrentCommandId(true), 0, nullptr);
		for (int i = 0; i < w->buffered; i++)
		{
			bpt_insert_index_tuples(w->result, w->slots[i], w->estate, false);
			ResetPerTupleExprContext(w->estate);
			ExecClearTuple(w->slots[i]);
		}
	});
	MemoryContextReset(w->rows);
	w->buffered = 0;
	w->bytes = 0;
}

void add_event(EventWriter *w, Event *event)
{
	if (event->id == 0)
	{
		last_id = nextval_internal(w->sequence, false);
		event->id = last_id;
	}
	event->xid = w->xid;
	event->created = w->now;
	if (w->buffered == w->made)
		w->slots[w->made++] = pg::in_context(w->context, [&] { return table_slot_create(w->table, nullptr); });
	TupleTableSlot *const slot = w->slots[w->buffered++];
	pg::in_context(w->rows, [&] {
		const auto put = [&](int column, Datum value) {
			slot->tts_values[column - 1] = value;
			slot->tts_isnull[column - 1] = false;
		};
		ExecClearTuple(slot);
		put(queue_event::id, Int64GetDatum(event->id));
		put(queue_event::xid, FullTransactionIdGetDatum(event->xid));
		put(queue_event::slot, Int16GetDatum(slot_of(*event)));
		put(queue_event::entity_id, Int64GetDatum(event->entity_id));
		put(queue_event::operation, CharGetDatum(event->operation));
		put(queue_event::key, CStringGetTextDatum(event->key));
		put(queue_event::event_defs, array_of(event->event_defs, event->count, INT8OID, from_int64));
		put(queue_event::versions, array_of(event->versions, event->count, INT4OID, from_int32));
		put(queue_event::hashes, array_of(event->hashes, event->count, INT4OID, from_int32));
		put(queue_event::untested, BoolGetDatum(event->untested));
		Size bytes = 160 + strlen(event->key);
		if (event->payload != nullptr)
		{
			bytes += VARSIZE(event->payload);
			put(queue_event::payload, datumCopy(JsonbPGetDatum(event->payload), false, -1));
		}
		else
			slot->tts_isnull[queue_event::payload - 1] = true;
		put(queue_event::created, TimestampTzGetDatum(event->created));
		ExecStoreVirtualTuple(slot);
		w->bytes += bytes;
	});
	if (w->buffered == kMaxBuffered || w->bytes >= kMaxBufferedBytes)
		flush(w);
}

void close_events(EventWriter *w)
{
	flush(w);
	for (int i = 0; i < w->made; i++)
		ExecDropSingleTupleTableSlot(w->slots[i]);
	ExecCloseIndices(w->result);
	FreeExecutorState(w->estate);
	table_close(w->table, NoLock);
	MemoryContextDelete(w->context);
	wake_at_commit(0);
}

Event read_event(const pg::Row &row)
{
	Event event;
	event.id = row.int8(queue_event::id);
	event.xid = DatumGetFullTransactionId(row.at(queue_event::xid));
	event.entity_id = row.int8(queue_event::entity_id);
	event.operation = DatumGetChar(row.at(queue_event::operation));
	event.key = row.text(queue_event::key);
	event.event_defs = items_of<int64>(row.at(queue_event::event_defs), &event.count);
	int count = 0;
	event.versions = items_of<int32>(row.at(queue_event::versions), &count);
	event.hashes = items_of<int32>(row.at(queue_event::hashes), &count);
	event.untested = row.boolean(queue_event::untested);
	event.in_order = row.int2(queue_event::slot) == 0;
	if (!row.null(queue_event::payload))
		event.payload = DatumGetJsonbPCopy(row.at(queue_event::payload));
	event.created = row.instant(queue_event::created);
	return event;
}

Event read_delivery(const pg::Row &row)
{
	Event event;
	event.id = row.int8(queue_delivery::event_id);
	event.xid = DatumGetFullTransactionId(row.at(queue_delivery::xid));
	event.entity_id = row.int8(queue_delivery::entity_id);
	event.operation = DatumGetChar(row.at(queue_delivery::operation));
	event.key = row.text(queue_delivery::key);
	event.count = 1;
	event.event_defs = static_cast<int64 *>(palloc(sizeof(int64)));
	event.event_defs[0] = row.int8(queue_delivery::event_def_id);
	event.versions = static_cast<int32 *>(palloc(sizeof(int32)));
	event.versions[0] = row.int4(queue_delivery::version);
	event.hashes = static_cast<int32 *>(palloc0(sizeof(int32)));
	event.untested = row.boolean(queue_delivery::untested);
	if (!row.null(queue_delivery::payload))
		event.payload = DatumGetJsonbPCopy(row.at(queue_delivery::payload));
	event.created = row.instant(queue_delivery::created);
	return event;
}

} // namespace bpt::queue
