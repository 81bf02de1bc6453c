// Facts about a user's table that the catalogs know (relation.hpp).
#include "pg/postgres.hpp"

#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
}

namespace bpt::pg {

/// Looks for the valid primary index among the table's indexes; rd_pkindex would leave out a deferrable key.
int primary_key(Relation relation, AttrNumber *attributes)
{
	int count = 0;
	List *const indexes = RelationGetIndexList(relation);
	ListCell *cell = nullptr;
	foreach (cell, indexes)
	{
		HeapTuple const tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
		if (!HeapTupleIsValid(tuple))
			continue;
		const auto *const index = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
		if (index->indisprimary)
		{
			count = index->indnkeyatts;
			for (int i = 0; i < count; i++)
				attributes[i] = index->indkey.values[i];
		}
		ReleaseSysCache(tuple);
		if (count > 0)
			break;
	}
	list_free(indexes);
	return count;
}

int primary_key(Oid relation, AttrNumber *attributes)
{
	Relation const opened = try_relation_open(relation, AccessShareLock);
	if (opened == nullptr)
		return 0;
	const int count = primary_key(opened, attributes);
	relation_close(opened, AccessShareLock);
	return count;
}

Oid foreign_partition(Oid relation)
{
	if (get_rel_relkind(relation) != RELKIND_PARTITIONED_TABLE)
		return InvalidOid;
	ListCell *cell = nullptr;
	foreach (cell, find_all_inheritors(relation, AccessShareLock, nullptr))
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_FOREIGN_TABLE)
			return lfirst_oid(cell);
	return InvalidOid;
}

} // namespace bpt::pg
