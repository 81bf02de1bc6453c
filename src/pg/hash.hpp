// PostgreSQL's hash tables, by key and entry.
#pragma once
#include "pg/postgres.hpp"

extern "C" {
#include "utils/hsearch.h"
}

namespace bpt::pg {

/// An empty table, in a memory context of its own below `context`. Entries begin with their key, which is compared byte by
/// byte.
template <typename Key, typename Entry>
HTAB *make_table(const char *name, long size, MemoryContext context)
{
	static_assert(sizeof(Key) <= sizeof(Entry));
	HASHCTL control = {};
	control.keysize = sizeof(Key);
	control.entrysize = sizeof(Entry);
	control.hcxt = context;
	return hash_create(name, size, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

} // namespace bpt::pg
