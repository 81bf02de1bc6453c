// The extension's own schema, tables, indexes and sequences, and the extension itself.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// The oid of schema bpt, of a table or index in it; an internal error if it is gone. The name of a relation is a literal: it is
/// known by its address.
Oid schema_oid();
Oid relation_oid(const char *name);
/// How many columns a table has.
int columns_of(const char *name);
/// True for a table without a page: nothing was ever written into it, and no look into its index is needed. Such is what
/// an installation makes no use of. (A SERIALIZABLE transaction looks, so that it conflicts with who writes there.)
bool is_without_pages(const char *name, Relation table);
/// The next value of a sequence in schema bpt.
int64 next_id(const char *sequence);
/// The role that owns the extension.
Oid extension_owner();
/// True if the extension is installed in this database.
bool extension_exists();

} // namespace bpt::pg
