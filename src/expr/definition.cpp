// Published definitions, loaded at first use and kept until others have been used more recently.
//
// Each transaction may go on using what it has asked for, and what somebody keeps (keep) stays. Of the rest so many are kept
// as a busy database has processes: versions that nothing runs on any more give way to others, however many are published.
//
// A version never changes, so nothing invalidates the cache but what makes the version itself unreal: the abort of the
// (sub)transaction that published it, and DROP EXTENSION (another extension would give the same ids again). What is
// forgotten by an abort stays in memory until a later transaction loads something: the aborting code may still hold it.
#include "pg/postgres.hpp"
#include "pg/arena.hpp"

#include "core/parser.hpp"
#include "core/validate.hpp"
#include "expr/bindings.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"
#include "pg/hash.hpp"
#include "pg/home.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "lib/ilist.h"
}

namespace bpt::expr {

namespace {

constexpr long kMostCached = 256; // besides those that somebody keeps

struct Forgotten;
struct Cached
{
	struct Key
	{
		int64 id;
		int64 version;
	} key;
	Definition *definition;
	Forgotten *note;               // for when it is dropped
	SubTransactionId published_by; // this transaction's own version, not committed yet; else InvalidSubTransactionId
	LocalTransactionId used;       // the last transaction that asked for it
	dlist_node place;              // in by_use
};
HTAB *cache = nullptr;
constinit dlist_head by_use = DLIST_STATIC_INIT(by_use); // first the one that was asked for last
long kept = 0;                                           // definitions that somebody keeps
Oid cached_of = InvalidOid;                              // bpt.process_version: another oid means another extension
bool has_own = false;

/// A forgotten definition whose memory is still to be freed.
struct Forgotten
{
	Definition *definition;
	LocalTransactionId transaction;
	Forgotten *next;
};
Forgotten *forgotten = nullptr;

/// Takes an entry out. Allocates nothing from the backend, so it may run in an abort.
void drop(Cached *entry)
{
	Definition *const definition = entry->definition;
	Forgotten *const note = entry->note;
	dlist_delete(&entry->place);
	(void)hash_search(cache, &entry->key, HASH_REMOVE, nullptr);
	note->definition = definition;
	note->transaction = bpt_local_transaction_id();
	note->next = forgotten;
	forgotten = note;
}

/// Frees what earlier transactions have forgotten and nobody keeps.
void free_forgotten()
{
	Forgotten **link = &forgotten;
	while (*link != nullptr)
	{
		Forgotten *const note = *link;
		if (note->transaction == bpt_local_transaction_id() || note->definition->keepers > 0)
		{
			link = &note->next;
			continue;
		}
		*link = note->next;
		Definition *const definition = note->definition;
		for (int32 i = 0; i < definition->code_room; i++)
			if (definition->codes[i] != nullptr)
				release_code(definition->codes[i]);
		MemoryContextDelete(definition->context);
	}
}

/// Calls f for each entry; f may drop it.
template <typename F>
void each_cached(F f)
{
	if (cache == nullptr)
		return;
	HASH_SEQ_STATUS all;
	hash_seq_init(&all, cache);
	while (auto *const entry = static_cast<Cached *>(hash_seq_search(&all)))
		f(entry);
}

extern "C" {

static void on_subtransaction(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *)
{
	if (!has_own)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		each_cached([own](Cached *entry) {
			if (entry->published_by == own)
				drop(entry);
		});
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		each_cached([own, parent](Cached *entry) {
			if (entry->published_by == own)
				entry->published_by = parent;
		});
}

static void on_transaction(XactEvent event, void *)
{
	if (!has_own)
		return;
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		each_cached([](Cached *entry) {
			if (entry->published_by != InvalidSubTransactionId)
				drop(entry);
		});
	else if (event == XACT_EVENT_COMMIT)
		each_cached([](Cached *entry) { entry->published_by = InvalidSubTransactionId; });
	else
		return;
	has_own = false;
}

} // extern "C"

/// True if this transaction itself wrote the row.
bool is_own(const char *table, const pg::Row &row)
{
	Relation const relation = table_open(pg::relation_oid(table), AccessShareLock);
	TupleTableSlot *const slot = table_slot_create(relation, nullptr);
	ItemPointerData tid = row.tid;
	bool own = false;
	if (table_tuple_fetch_row_version(relation, &tid, SnapshotAny, slot))
	{
		bool isnull = false;
		const Datum xmin = slot_getsysattr(slot, MinTransactionIdAttributeNumber, &isnull);
		own = !isnull && TransactionIdIsCurrentTransactionId(DatumGetTransactionId(xmin));
	}
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, AccessShareLock);
	return own;
}

[[noreturn]] void raise_unknown(int64 id, int32 version)
{
	ereport(ERROR, (errcode(kNoSuchObject),
					errmsg("process definition " INT64_FORMAT ", version %d, does not exist", id, version)));
}

/// Makes a definition of its stored row, in a memory context of its own.
Definition *load(const pg::Row &version, const pg::Row &process)
{
	MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "bpt definition", ALLOCSET_SMALL_SIZES);
	core::Arena arena = pg::arena_in(context);
	Definition *const definition = arena.make<Definition>();
	definition->context = context;
	definition->arena = arena;
	definition->id = version.int8(process_version::process_def_id);
	definition->version = version.int4(process_version::version);
	definition->schema = c_string(definition, process.text(process_def::schema_name));
	definition->name = c_string(definition, process.text(process_def::name));
	definition->launch_function =
		pg::stored_function(process.oid(process_def::launch_function), process.text(process_def::launch_signature));
	definition->search_path = c_string(definition, version.text(process_version::search_path));
	definition->text = definition->arena.copy(version.text(process_version::definition));

	core::Diagnostics problems;
	core::Document *const document = core::parse(definition->arena, definition->text, problems);
	if (document->processes.count != 1 || problems.has_errors())
		ereport(ERROR, (errcode(kInvalidDefinition),
						errmsg("the text of process \"%s\", version %d, is not understood by this library",
							   definition->name, definition->version)));
	core::Process *const model = &document->processes[0];
	set_lists(definition, model, core::validate(definition->arena, *model, problems));
	Jsonb *const bindings = version.json(process_version::bindings);
	// Without an owner its instances are still seen and ended. Nobody's code runs here: only a superuser makes type modifiers.
	const Oid owner = find_owner(definition);
	pg::as_user(OidIsValid(owner) ? owner : pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE,
				[&] { read_bindings(definition, bindings); });
	MemoryContextSetParent(context, CacheMemoryContext);
	return definition;
}

/// Empties the cache if it was filled from another extension than the present one.
void check_extension()
{
	const Oid table = pg::relation_oid("process_version");
	if (table == cached_of)
		return;
	forget_all();
	cached_of = table;
}

/// Marks an entry as asked for by this transaction.
void use(Cached *entry)
{
	entry->used = bpt_local_transaction_id();
	dlist_move_head(&by_use, &entry->place);
}

Cached *entry_at(dlist_node *place)
{
	return reinterpret_cast<Cached *>(reinterpret_cast<char *>(place) - offsetof(Cached, place));
}

/// Drops what has not been asked for the longest, so that there is room for another.
void make_room()
{
	long excess = hash_get_num_entries(cache) + 1 - kept - kMostCached;
	dlist_node *node = dlist_is_empty(&by_use) ? nullptr : dlist_tail_node(&by_use);
	while (excess > 0 && node != nullptr)
	{
		Cached *const entry = entry_at(node);
		if (entry->used == bpt_local_transaction_id())
			return;
		node = dlist_has_prev(&by_use, node) ? dlist_prev_node(&by_use, node) : nullptr;
		if (entry->definition->keepers > 0)
			continue;
		drop(entry);
		excess--;
	}
}

void make_cache()
{
	cache = pg::make_table<Cached::Key, Cached>("bpt definitions", 64, CacheMemoryContext);
}

} // namespace

int Definition::element_by_id(int64 activity_def_id) const
{
	for (int32 i = 0; i < elements.count; i++)
		if (elements[i].id == activity_def_id && activity_def_id != 0)
			return i;
	return -1;
}

Definition *definition(int64 process_def_id, int32 version)
{
	check_extension();
	if (cache == nullptr)
		make_cache();
	Cached::Key key = {process_def_id, version};
	auto *const known = static_cast<Cached *>(hash_search(cache, &key, HASH_FIND, nullptr));
	if (known != nullptr)
	{
		use(known);
		return known->definition;
	}

	free_forgotten();
	make_room();
	const pg::Row row =
		pg::find("process_version", "process_version_pkey", {pg::key(process_def_id), pg::key_int4(version)});
	const pg::Row process = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
	if (!row || !process)
		raise_unknown(process_def_id, version);
	Definition *const loaded = load(row, process);
	auto *const note = loaded->arena.make<Forgotten>();
	auto *const entry = static_cast<Cached *>(hash_search(cache, &key, HASH_ENTER, nullptr));
	entry->definition = loaded;
	entry->note = note;
	entry->published_by = InvalidSubTransactionId;
	dlist_push_head(&by_use, &entry->place);
	use(entry);
	if (is_own("process_version", row))
	{
		entry->published_by = GetCurrentSubTransactionId();
		has_own = true;
	}
	return loaded;
}

void keep(Definition *definition)
{
	if (definition->keepers++ == 0)
		kept++;
}

void let_go(Definition *definition)
{
	if (--definition->keepers == 0)
		kept--;
}

int32 current_version(int64 process_def_id)
{
	const pg::Row row = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
	return row && row.boolean(process_def::is_active) ? row.int4(process_def::version) : 0;
}

void forget(int64 process_def_id)
{
	each_cached([process_def_id](Cached *entry) {
		if (entry->key.id == process_def_id)
			drop(entry);
	});
}

void forget_all()
{
	each_cached([](Cached *entry) { drop(entry); });
}

void register_definition_callbacks()
{
	RegisterSubXactCallback(on_subtransaction, nullptr);
	RegisterXactCallback(on_transaction, nullptr);
}

const Variable *output_for_set(Definition *definition, int element, std::string_view name)
{
	if (element >= 0)
	{
		const Variable *const own = find_variable(definition->elements[element].outputs, name);
		if (own != nullptr && !own->is_input && own->model != nullptr)
			return own;
	}
	return find_variable(definition->outputs, name);
}

} // namespace bpt::expr
