// Writing row changes to the tables of events and reading them back (event.hpp).
//
// Ids come from an uncached sequence, taken after the rows were changed, so that within a transaction, and between
// transactions that wait for each other's rows, the order of ids is the order of changes. Writes take RowExclusiveLock on
// the table that the id belongs to and nothing else.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/index_info.hpp"
#include "pg/tables.hpp"
#include "queue/event.hpp"
#include "queue/generation.hpp"
#include "queue/number.hpp"
#include "queue/pack.hpp"
#include "queue/position.hpp"
#include "queue/work.hpp"

extern "C" {
#include "access/genam.h"
#include "catalog/index.h"
#include "commands/sequence.h"
#include "common/hashfn.h"
#include "utils/datum.h"
}

namespace bpt::queue {

namespace {

constexpr int kMaxBuffered = 1000; // events, as COPY buffers
constexpr Size kMaxBufferedBytes = 65535;

constexpr int kFewest = 64;                // the first changes of a statement stand in rows of their own
constexpr int kMaxMore = 1700;             // bytes of them: the row is to be neither compressed nor stored apart
constexpr int kMaxOpen = kSlots * kIdStep; // changes in all rows that are being gathered

// The last id this backend took. Births compare ids within one transaction only, so this backend's own are all that count.
int64 last_id = 0;

/// The clauses of an event as they are stored: of each its id, its version with the lowest bit telling whether there is a
/// hash, and the hash.
Datum packed_clauses(const Event &event)
{
	constexpr int longest = 2 * kMostNumber + 4;
	auto *const packed = static_cast<bytea *>(palloc(VARHDRSZ + static_cast<Size>(longest * event.count)));
	char *const data = VARDATA(packed);
	int length = 0;
	for (int i = 0; i < event.count; i++)
	{
		const auto hash = static_cast<uint32>(event.hashes[i]);
		const uint64 has_hash = hash != 0 ? 1 : 0;
		length += put_number(data + length, static_cast<uint64>(event.event_defs[i]));
		length +=
			put_number(data + length, (static_cast<uint64>(static_cast<uint32>(event.versions[i])) << 1) | has_hash);
		if (has_hash == 0)
			continue;
		for (int shift = 24; shift >= 0; shift -= 8)
			data[length++] = static_cast<char>(hash >> shift);
	}
	SET_VARSIZE(packed, VARHDRSZ + length);
	return PointerGetDatum(packed);
}

} // namespace

void unpack_clauses(Datum clauses, Event *event)
{
	const bytea *const packed = DatumGetByteaPP(clauses);
	const char *at = VARDATA_ANY(packed);
	const char *const end = at + VARSIZE_ANY_EXHDR(packed);
	const Size most = static_cast<Size>(end - at); // a clause takes two bytes at least
	event->count = 0;
	event->event_defs = static_cast<int64 *>(palloc(sizeof(int64) * (most + 1)));
	event->versions = static_cast<int32 *>(palloc(sizeof(int32) * (most + 1)));
	event->hashes = static_cast<int32 *>(palloc(sizeof(int32) * (most + 1)));
	while (at < end)
	{
		uint64 id = 0;
		uint64 version = 0;
		uint32 hash = 0;
		bool whole = take_number(&at, end, &id) && take_number(&at, end, &version);
		const int bytes = whole && (version & 1) != 0 ? 4 : 0;
		whole = whole && end - at >= bytes;
		if (!whole)
			ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("the clauses of an event are not readable")));
		for (int i = 0; i < bytes; i++)
			hash = hash << 8 | static_cast<unsigned char>(*at++);
		event->event_defs[event->count] = static_cast<int64>(id);
		event->versions[event->count] = static_cast<int32>(version >> 1);
		event->hashes[event->count++] = static_cast<int32>(hash);
	}
}

/// A row that is being gathered: its first change, and the others, whose ids follow that of the first.
struct Gathered
{
	int count; // of changes; 0: there is none
	Event first;
	const bytea *clauses;
	StringInfoData more;
};

struct EventWriter
{
	MemoryContext context; // of the writer itself
	MemoryContext rows;    // what the buffered rows point at: `context` until a first flush, then emptied by each
	Oid sequence;
	FullTransactionId xid;
	TimestampTz now;
	int generation; // which table is open; -1: none
	// Of the table:
	Relation table;
	Relation key; // its only index; null: it has others too
	IndexInfo *key_info;
	EState *estate; // for these
	ResultRelInfo *result;
	int buffered;
	Size bytes;
	int made; // slots
	int room; // for them
	TupleTableSlot **slots;
	int added;             // changes
	int open;              // of them in `gathered`
	MemoryContext sharing; // what `gathered` points at
	Gathered *gathered;    // by slot; null: none yet
};

int64 last_event_id()
{
	return last_id + kIdStep - 1;
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
	constexpr int fewest = 4;
	auto *const w = static_cast<EventWriter *>(palloc0(sizeof(EventWriter)));
	w->context = w->rows = CurrentMemoryContext;
	w->sequence = pg::relation_oid("event_id");
	w->xid = GetTopFullTransactionId();
	w->now = GetCurrentTimestamp();
	w->generation = -1;
	w->room = fewest;
	w->slots = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * fewest));
	return w;
}

/// Makes the index entries of a row.
static void index_row(EventWriter *w, TupleTableSlot *slot)
{
	if (w->key == nullptr)
	{
		bpt_insert_index_tuples(w->result, slot, w->estate, false);
		ResetPerTupleExprContext(w->estate);
		return;
	}
	bool isnull = false;
	Datum id = slot_getattr(slot, queue_event::id, &isnull);
	index_insert(w->key, &id, &isnull, &slot->tts_tid, w->table, UNIQUE_CHECK_YES, false, w->key_info);
}

/// Writes what is buffered: heap pages first, then the index entries of each row. Without a bulk insert's ring of buffers: a
/// worker reads the pages soon.
static void flush(EventWriter *w)
{
	if (w->buffered == 0)
		return;
	pg::in_context(w->rows, [&] {
		if (w->buffered == 1)
			table_tuple_insert(w->table, w->slots[0], GetCurrentCommandId(true), 0, nullptr);
		else
			table_multi_insert(w->table, w->slots, w->buffered, GetCurrentCommandId(true), 0, nullptr);
		for (int i = 0; i < w->buffered; i++)
		{
			index_row(w, w->slots[i]);
			ExecClearTuple(w->slots[i]);
		}
	});
	if (w->rows != w->context)
		MemoryContextReset(w->rows);
	w->buffered = 0;
	w->bytes = 0;
}

static void close_table(EventWriter *w)
{
	if (w->generation < 0)
		return;
	flush(w);
	for (int i = 0; i < w->made; i++)
		ExecDropSingleTupleTableSlot(w->slots[i]);
	w->made = 0;
	if (w->key != nullptr)
		index_close(w->key, NoLock); // as the table, it stays locked
	else
	{
		ExecCloseIndices(w->result);
		FreeExecutorState(w->estate);
	}
	table_close(w->table, NoLock);
	w->generation = -1;
}

/// Opens the table's indexes. Where there is but the key, the executor's preparations are spared, which would cost a
/// statement of one row more than its event. Beside it may stand one that an administrator made, or that is to take its
/// place (REINDEX CONCURRENTLY).
static void open_indexes(EventWriter *w, Oid key)
{
	w->key = nullptr;
	if (!w->table->rd_indexvalid)
		list_free(RelationGetIndexList(w->table));
	const List *const indexes = w->table->rd_indexlist; // looked at, not copied
	if (list_length(indexes) == 1 && linitial_oid(indexes) == key)
	{
		w->key = index_open(key, RowExclusiveLock);
		w->key_info = pg::index_info(w->key);
		return;
	}
	w->estate = CreateExecutorState();
	w->result = makeNode(ResultRelInfo);
	InitResultRelInfo(w->result, w->table, 0, nullptr, 0);
	ExecOpenIndices(w->result, false);
}

/// Makes the table of an id the one that is written to.
static void open_table(EventWriter *w, int generation)
{
	if (w->generation == generation)
		return;
	close_table(w);
	pg::in_context(w->context, [&] {
		w->table = table_open(pg::relation_oid(event_tables[generation]), RowExclusiveLock);
		if (RelationGetDescr(w->table)->natts != queue_event::more)
			elog(ERROR, "bpt: table \"%s\" has %d columns, the library expects %d", RelationGetRelationName(w->table),
				 RelationGetDescr(w->table)->natts, static_cast<int>(queue_event::more));
		open_indexes(w, pg::relation_oid(event_keys[generation]));
		w->generation = generation;
	});
}

static void add_slot(EventWriter *w)
{
	pg::in_context(w->context, [&] {
		if (w->made == w->room)
		{
			w->room *= 2;
			w->slots = static_cast<TupleTableSlot **>(
				repalloc(w->slots, sizeof(TupleTableSlot *) * static_cast<Size>(w->room)));
		}
		w->slots[w->made++] = table_slot_create(w->table, nullptr);
	});
}

/// Puts a row in the buffer.
static void put_row(EventWriter *w, const Event &event, const bytea *clauses, const StringInfoData *more)
{
	open_table(w, generation_of(event.id));
	if (w->buffered == w->made)
		add_slot(w);
	TupleTableSlot *const slot = w->slots[w->buffered++];
	pg::in_context(w->rows, [&] {
		const auto put = [&](int column, Datum value) {
			slot->tts_values[column - 1] = value;
			slot->tts_isnull[column - 1] = false;
		};
		ExecClearTuple(slot);
		put(queue_event::id, Int64GetDatum(event.id));
		put(queue_event::xid, FullTransactionIdGetDatum(w->xid));
		put(queue_event::entity_id, Int64GetDatum(event.entity_id));
		put(queue_event::created, TimestampTzGetDatum(w->now));
		put(queue_event::slot, Int16GetDatum(slot_of(event)));
		put(queue_event::operation, CharGetDatum(event.operation));
		put(queue_event::untested, BoolGetDatum(event.untested));
		put(queue_event::clauses, datumCopy(PointerGetDatum(clauses), false, -1));
		put(queue_event::key, CStringGetTextDatum(event.key));
		Size bytes = 100 + strlen(event.key);
		slot->tts_isnull[queue_event::payload - 1] = true;
		if (event.payload != nullptr)
		{
			bytes += VARSIZE(event.payload);
			put(queue_event::payload, datumCopy(JsonbPGetDatum(event.payload), false, -1));
		}
		slot->tts_isnull[queue_event::more - 1] = true;
		if (more != nullptr && more->len > 0)
		{
			bytes += static_cast<Size>(more->len);
			put(queue_event::more, PointerGetDatum(cstring_to_text_with_len(more->data, more->len)));
		}
		ExecStoreVirtualTuple(slot);
		w->bytes += bytes;
	});
	if (w->buffered < kMaxBuffered && w->bytes < kMaxBufferedBytes)
		return;
	flush(w);
	if (w->rows == w->context)
		w->rows = AllocSetContextCreate(w->context, "bpt events", ALLOCSET_DEFAULT_SIZES);
}

/// Puts what was gathered of a slot in the buffer.
static void end_gathering(EventWriter *w, Gathered *gathered)
{
	if (gathered->count > 0)
		put_row(w, gathered->first, gathered->clauses, &gathered->more);
	gathered->count = 0;
}

static void end_gathering(EventWriter *w)
{
	if (w->gathered == nullptr)
		return;
	for (int i = 0; i < kSlots; i++)
		end_gathering(w, &w->gathered[i]);
	MemoryContextReset(w->sharing);
	w->gathered = nullptr;
	w->open = 0;
}

/// Whether a change may stand in a row with those gathered.
static bool fits(const Gathered &gathered, const Event &event, const bytea *clauses)
{
	return gathered.count > 0 && gathered.count < kIdStep && gathered.more.len < kMaxMore &&
		   gathered.first.entity_id == event.entity_id && gathered.first.operation == event.operation &&
		   VARSIZE(gathered.clauses) == VARSIZE(clauses) && memcmp(gathered.clauses, clauses, VARSIZE(clauses)) == 0;
}

/// Gives a change that is the first of its row an id.
static void take_id(const EventWriter *w, Event *event)
{
	last_id = nextval_internal(w->sequence, false);
	event->id = last_id;
}

/// Gathers a change in the row of its slot.
static void gather(EventWriter *w, Event *change, const bytea *clauses)
{
	if (w->sharing == nullptr)
		w->sharing = AllocSetContextCreate(w->context, "bpt events gathered", ALLOCSET_DEFAULT_SIZES);
	Event &event = *change;
	pg::in_context(w->sharing, [&] {
		if (w->gathered == nullptr)
			w->gathered = static_cast<Gathered *>(palloc0(sizeof(Gathered) * kSlots));
		Gathered &gathered = w->gathered[slot_of(event)];
		if (fits(gathered, event, clauses))
		{
			event.id = gathered.first.id + gathered.count++;
			pack_change(&gathered.more, event);
		}
		else
		{
			end_gathering(w, &gathered);
			take_id(w, change);
			gathered.first = event;
			gathered.first.key = pstrdup(event.key);
			if (event.payload != nullptr)
				gathered.first.payload =
					reinterpret_cast<Jsonb *>(DatumGetPointer(datumCopy(JsonbPGetDatum(event.payload), false, -1)));
			gathered.clauses =
				reinterpret_cast<bytea *>(DatumGetPointer(datumCopy(PointerGetDatum(clauses), false, -1)));
			initStringInfo(&gathered.more);
			gathered.count = 1;
		}
	});
	if (++w->open >= kMaxOpen)
		end_gathering(w);
}

void add_event(EventWriter *w, Event *event)
{
	event->xid = w->xid;
	event->created = w->now;
	const auto *const clauses = reinterpret_cast<bytea *>(DatumGetPointer(packed_clauses(*event)));
	if (event->may_share && w->added++ >= kFewest)
		gather(w, event, clauses);
	else
	{
		take_id(w, event);
		put_row(w, *event, clauses, nullptr);
	}
}

void close_events(EventWriter *w)
{
	end_gathering(w);
	close_table(w);
	wake_for_events();
}

Event read_event(const pg::Row &row)
{
	Event event;
	event.id = row.int8(queue_event::id);
	event.xid = DatumGetFullTransactionId(row.at(queue_event::xid));
	event.entity_id = row.int8(queue_event::entity_id);
	event.operation = DatumGetChar(row.at(queue_event::operation));
	event.key = row.text(queue_event::key);
	unpack_clauses(row.at(queue_event::clauses), &event);
	event.untested = row.boolean(queue_event::untested);
	event.in_order = row.int2(queue_event::slot) == 0;
	if (!row.null(queue_event::payload))
		event.payload = DatumGetJsonbPCopy(row.at(queue_event::payload));
	event.created = row.instant(queue_event::created);
	if (!row.null(queue_event::more))
		event.more = DatumGetByteaPP(row.at(queue_event::more));
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
