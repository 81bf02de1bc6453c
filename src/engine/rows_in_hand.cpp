// Keeping rows in memory until they must be written (rows_in_hand.hpp).
#include "pg/postgres.hpp"

#include "engine/rows_in_hand.hpp"
#include "pg/hash.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "utils/datum.h"
}

namespace bpt::engine {

namespace {

struct Entry;

/// A state of a row, and the nesting level of the subtransaction that it belongs to.
struct Version
{
	Version *before;
	Version *below; // in the stack of nested versions
	Entry *entry;
	int level;
	bool is_written; // the table has this state
	bool exists;     // the table has some state of it, at row.tid
	pg::Row row;
};

struct EntryKey
{
	int64 id;
	int64 table; // Kept; as wide as the id, so that the key has no padding
};

struct Entry
{
	EntryKey key;
	Version *top;
};

constexpr const char *kTables[] = {"process_instance", "activity_instance"};

// All of it lives in one context of the top transaction.
MemoryContext context = nullptr;
HTAB *entries = nullptr;
Entry **saved = nullptr; // in the order in which they were saved; those before first_unwritten are written
int saved_count = 0;
int saved_room = 0;
int first_unwritten = 0;
uint64 changes = 0; // of what is in hand
// The versions of open subtransactions, those of the innermost on top: what ends with one is found without looking at others.
Version *nested = nullptr;
Oid table_oids[2];
/// How a table's columns are stored: the length of those that are not passed by value, else 0.
constexpr int kMostColumns = 64;
struct Layout
{
	Oid table;
	int16 lengths[kMostColumns];
};
Layout layouts[2];
ExecutorStart_hook_type next_executor_start = nullptr;
ExecutorRun_hook_type next_executor_run = nullptr;

void forget_all_rows()
{
	// The context goes with the transaction.
	context = nullptr;
	entries = nullptr;
	saved = nullptr;
	nested = nullptr;
	saved_count = 0;
	saved_room = 0;
	first_unwritten = 0;
}

void note_layout(Layout *layout, Oid table)
{
	Relation const relation = table_open(table, AccessShareLock);
	TupleDesc const desc = RelationGetDescr(relation);
	Assert(desc->natts <= kMostColumns);
	for (int i = 0; i < desc->natts; i++)
		layout->lengths[i] = TupleDescAttr(desc, i)->attbyval ? int16{0} : TupleDescAttr(desc, i)->attlen;
	table_close(relation, NoLock);
	layout->table = table;
}

void prepare()
{
	if (entries != nullptr)
		return;
	context = AllocSetContextCreate(TopTransactionContext, "bpt rows in hand", ALLOCSET_DEFAULT_SIZES);
	entries = pg::make_table<EntryKey, Entry>("bpt rows in hand", 256, context);
	for (int i = 0; i < 2; i++)
	{
		table_oids[i] = pg::relation_oid(kTables[i]);
		if (layouts[i].table != table_oids[i])
			note_layout(&layouts[i], table_oids[i]);
	}
}

Entry *find_entry(Kept table, int64 id)
{
	if (entries == nullptr)
		return nullptr;
	const EntryKey key{id, static_cast<int64>(table)};
	return static_cast<Entry *>(hash_search(entries, &key, HASH_FIND, nullptr));
}

/// The row with its values in `memory`; what the version before held already is not copied again.
pg::Row copied(Kept table, const pg::Row &from, const Version *before, MemoryContext memory)
{
	const Size count = static_cast<Size>(from.columns);
	const Layout &layout = layouts[static_cast<int>(table)];
	MemoryContext const outer = MemoryContextSwitchTo(memory);
	pg::Row copy = from;
	copy.values = static_cast<Datum *>(palloc(sizeof(Datum) * count));
	copy.nulls = static_cast<bool *>(palloc(sizeof(bool) * count));
	memcpy(copy.values, from.values, sizeof(Datum) * count);
	memcpy(copy.nulls, from.nulls, sizeof(bool) * count);
	for (int i = 0; i < from.columns; i++)
	{
		const int16 length = layout.lengths[i];
		if (from.nulls[i] || length == 0 ||
			(before != nullptr && !before->row.nulls[i] && before->row.values[i] == from.values[i]))
			continue;
		copy.values[i] = datumCopy(from.values[i], false, length);
	}
	MemoryContextSwitchTo(outer);
	return copy;
}

/// The version that may be changed at this nesting level: the top one, or a copy of it for the subtransaction at hand.
Version *version_here(Entry *entry)
{
	const int level = GetCurrentTransactionNestLevel();
	Version *const top = entry->top;
	if (top != nullptr && top->level == level)
		return top;
	auto *const mine = static_cast<Version *>(MemoryContextAllocZero(context, sizeof(Version)));
	if (top != nullptr)
		*mine = *top;
	mine->before = top;
	mine->entry = entry;
	mine->level = level;
	entry->top = mine;
	if (level > 1)
	{
		mine->below = nested;
		nested = mine;
	}
	return mine;
}

Entry *entry_of(Kept table, int64 id)
{
	prepare();
	const EntryKey key{id, static_cast<int64>(table)};
	bool found = false;
	auto *const entry = static_cast<Entry *>(hash_search(entries, &key, HASH_ENTER, &found));
	if (!found)
		entry->top = nullptr;
	return entry;
}

void remember(Entry *entry)
{
	if (saved_count == saved_room)
	{
		saved_room = Max(saved_room * 2, 256);
		const Size size = sizeof(Entry *) * static_cast<Size>(saved_room);
		saved = static_cast<Entry **>(saved == nullptr ? MemoryContextAlloc(context, size) : repalloc(saved, size));
	}
	saved[saved_count++] = entry;
}

/// Puts a state of a row in hand; `is_read`: it is what the table has.
void put(Kept table, const pg::Row &row, bool is_read)
{
	Entry *const entry = entry_of(table, row.int8(1));
	changes++;
	const bool is_new = entry->top == nullptr;
	Version *const version = version_here(entry);
	const ItemPointerData tid = version->row.tid;
	version->row = copied(table, row, is_new ? nullptr : version, context);
	version->row.found = true;
	if (is_read)
	{
		version->exists = true;
		version->is_written = true;
		return;
	}
	// Where the row stands in the table is known better here than by who read it before it was written.
	if (is_new)
		version->exists = ItemPointerIsValid(&row.tid);
	else
		version->row.tid = tid;
	version->row.xmin = GetCurrentTransactionId();
	version->is_written = false;
	remember(entry);
}

/// Writes the unwritten rows of one table: new ones many at a time.
void write_table(Kept table)
{
	pg::Writer *writer = nullptr;
	pg::Row *fresh[pg::kMaxTogether];
	int count = 0;
	const auto flush = [&] {
		if (count > 0)
			pg::write(writer, fresh, count);
		count = 0;
	};
	for (int i = first_unwritten; i < saved_count; i++)
	{
		Entry *const entry = saved[i];
		if (entry->key.table != static_cast<int64>(table) || entry->top == nullptr || entry->top->is_written)
			continue;
		if (writer == nullptr)
			writer = pg::open_writer(kTables[static_cast<int>(table)]);
		Version *const version = version_here(entry);
		if (version->exists)
			pg::rewrite(writer, version->row);
		else
		{
			fresh[count++] = &version->row;
			if (count == pg::kMaxTogether)
				flush();
		}
		version->exists = true;
		version->is_written = true;
	}
	flush();
	if (writer != nullptr)
		pg::close_writer(writer);
}

/// Has a query that reads the tables see what is in hand.
void show_to(QueryDesc *query)
{
	if (first_unwritten == saved_count)
		return;
	const ListCell *cell = nullptr;
	foreach (cell, query->plannedstmt->relationOids)
	{
		if (lfirst_oid(cell) != table_oids[0] && lfirst_oid(cell) != table_oids[1])
			continue;
		write_rows();
		PushCopiedSnapshot(query->snapshot);
		UpdateActiveSnapshotCommandId();
		Snapshot const snapshot = RegisterSnapshot(GetActiveSnapshot());
		PopActiveSnapshot();
		UnregisterSnapshot(query->snapshot);
		query->snapshot = snapshot;
		return;
	}
}

extern "C" void bpt_rows_executor_start(QueryDesc *query, int flags)
{
	show_to(query);
	if (next_executor_start != nullptr)
		next_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

/// Where a query got a newer snapshot at its start, what it calls gets that one too: a STABLE function sees no less than its
/// query.
extern "C" void bpt_rows_executor_run(QueryDesc *query, bpt_executor_run_parameters)
{
	const bool is_newer =
		query->snapshot != nullptr && ActiveSnapshotSet() && query->snapshot->curcid > GetActiveSnapshot()->curcid;
	if (is_newer)
		PushActiveSnapshot(query->snapshot);
	if (next_executor_run != nullptr)
		next_executor_run(query, bpt_executor_run_arguments);
	else
		standard_ExecutorRun(query, bpt_executor_run_arguments);
	if (is_newer)
		PopActiveSnapshot();
}

/// A scan of a table finds what is in hand.
void before_scan(const char *table)
{
	if (first_unwritten < saved_count && (strcmp(table, kTables[0]) == 0 || strcmp(table, kTables[1]) == 0))
		write_rows();
}

/// A subtransaction ended: its versions become its parent's, or go.
extern "C" void bpt_rows_on_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
	if (entries == nullptr || (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB))
		return;
	const int level = GetCurrentTransactionNestLevel();
	if (nested == nullptr || nested->level < level)
		return;
	Version *kept = nullptr; // the parent's from now on, upside down
	while (nested != nullptr && nested->level >= level)
	{
		Version *const version = nested;
		Entry *const entry = version->entry;
		nested = version->below;
		if (event == SUBXACT_EVENT_ABORT_SUB)
			entry->top = version->before;
		else if (version->before != nullptr && version->before->level == level - 1)
		{
			// The parent's own version, which has its place already, takes over the state.
			Version *const parent = version->before;
			parent->is_written = version->is_written;
			parent->exists = version->exists;
			parent->row = version->row;
			entry->top = parent;
		}
		else
		{
			version->level = level - 1;
			version->below = kept;
			kept = version;
		}
	}
	while (kept != nullptr)
	{
		Version *const version = kept;
		kept = version->below;
		if (level - 1 == 1)
			continue; // the transaction's own: nothing but its end undoes it
		version->below = nested;
		nested = version;
	}
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		return;
	changes++;
	// What the subtransaction had written is not written any more.
	first_unwritten = 0;
}

extern "C" void bpt_rows_on_transaction(XactEvent event, void *)
{
	switch (event)
	{
	case XACT_EVENT_PRE_COMMIT:
	case XACT_EVENT_PRE_PREPARE:
		// What DROP EXTENSION took with it in this transaction is not there to be written.
		if (first_unwritten < saved_count && !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table_oids[0])))
			forget_all_rows();
		write_rows();
		break;
	case XACT_EVENT_COMMIT:
	case XACT_EVENT_ABORT:
	case XACT_EVENT_PREPARE:
		forget_all_rows();
		break;
	default:
		break;
	}
}

} // namespace

pg::Row in_hand(Kept table, int64 id)
{
	const Entry *const entry = find_entry(table, id);
	if (entry == nullptr || entry->top == nullptr || !entry->top->row.found)
		return {};
	const pg::Row &kept = entry->top->row;
	const Size count = static_cast<Size>(kept.columns);
	pg::Row row = kept;
	row.values = static_cast<Datum *>(palloc(sizeof(Datum) * count));
	row.nulls = static_cast<bool *>(palloc(sizeof(bool) * count));
	memcpy(row.values, kept.values, sizeof(Datum) * count);
	memcpy(row.nulls, kept.nulls, sizeof(bool) * count);
	return row;
}

bool is_in_hand(Kept table, int64 id)
{
	const Entry *const entry = find_entry(table, id);
	return entry != nullptr && entry->top != nullptr && entry->top->row.found;
}

pg::Row copy_of(Kept table, const pg::Row &row, MemoryContext memory)
{
	return copied(table, row, nullptr, memory);
}

void keep(Kept table, const pg::Row &row)
{
	put(table, row, true);
}

void save(Kept table, pg::Row &row)
{
	PreventCommandIfReadOnly("a change of a process");
	put(table, row, false);
	row.found = true;
}

void discard(Kept table, const pg::Row &row)
{
	Entry *const entry = find_entry(table, row.int8(1));
	if (entry == nullptr || entry->top == nullptr)
	{
		pg::remove(kTables[static_cast<int>(table)], row);
		return;
	}
	changes++;
	Version *const version = version_here(entry);
	if (version->exists)
		pg::remove(kTables[static_cast<int>(table)], version->row);
	version->row.found = false;
	version->exists = false;
	version->is_written = true;
}

void write_rows()
{
	if (first_unwritten == saved_count)
		return;
	// At a commit no snapshot is active; what replaces or deletes a long value that is stored apart needs one.
	const bool needs_snapshot = !ActiveSnapshotSet();
	if (needs_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	write_table(Kept::process);
	write_table(Kept::activity);
	if (needs_snapshot)
		PopActiveSnapshot();
	first_unwritten = saved_count;
}

uint64 changes_in_hand()
{
	return changes;
}

void register_rows_in_hand()
{
	RegisterXactCallback(bpt_rows_on_transaction, nullptr);
	RegisterSubXactCallback(bpt_rows_on_subtransaction, nullptr);
	next_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = bpt_rows_executor_start;
	next_executor_run = ExecutorRun_hook;
	ExecutorRun_hook = bpt_rows_executor_run;
	pg::before_scan = before_scan;
}

} // namespace bpt::engine
