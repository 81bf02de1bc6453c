// Event clauses by id (event_def.hpp).
//
// Rows of bpt.event_def are never deleted and their ids never given twice, so an entry stays right as long as the extension
// is the same; what a rolled-back publish leaves here nobody asks for.
#include "pg/postgres.hpp"

#include "engine/event_def.hpp"
#include "pg/hash.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

namespace bpt::engine {

namespace {

HTAB *cache = nullptr;
Oid cached_of = InvalidOid; // bpt.event_def: another oid means another extension

void begin_cache(Oid table)
{
	if (cache != nullptr)
		hash_destroy(cache);
	cache = pg::make_table<int64, EventDef>("bpt event clauses", 64, CacheMemoryContext);
	cached_of = table;
}

} // namespace

const EventDef *find_event_def(int64 id)
{
	const Oid table = pg::relation_oid("event_def");
	if (cache == nullptr || table != cached_of)
		begin_cache(table);
	auto *entry = static_cast<EventDef *>(hash_search(cache, &id, HASH_FIND, nullptr));
	if (entry != nullptr)
		return entry;
	const pg::Row row = pg::find("event_def", "event_def_pkey", {pg::key(id)});
	if (!row)
		return nullptr;
	entry = static_cast<EventDef *>(hash_search(cache, &id, HASH_ENTER, nullptr));
	entry->process_def_id = row.int8(event_def::process_def_id);
	entry->activity_def_id = row.int8(event_def::activity_def_id);
	return entry;
}

int64 process_of_event_def(int64 id)
{
	const EventDef *const def = find_event_def(id);
	return def == nullptr ? 0 : def->process_def_id;
}

} // namespace bpt::engine
