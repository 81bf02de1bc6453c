// Facts about a user's table that the catalogs know: its primary key, foreign tables among its partitions.
//
// Nothing here locks more than AccessShareLock; the callers hold what they need on the table itself.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// The columns of the primary key in key order (at most INDEX_MAX_KEYS), also of a deferrable one; 0: there is none.
int primary_key(Relation relation, AttrNumber *attributes);
/// The same by oid; takes AccessShareLock for the moment.
int primary_key(Oid relation, AttrNumber *attributes);
/// A partition of it, at any depth, that is a foreign table; InvalidOid: there is none.
Oid foreign_partition(Oid relation);

} // namespace bpt::pg
