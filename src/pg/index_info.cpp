// Opening indexes for writing (index_info.hpp). What is known of an index, its condition prepared, stays for the session,
// until the index changes, and what is in use then to the end of the transaction. Locks: RowExclusiveLock on the indexes.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/index_info.hpp"

extern "C" {
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "optimizer/optimizer.h"
}

namespace bpt::pg {

namespace {

struct Kept
{
	Oid index;
	bool is_stale; // it changed, or has gone
	MemoryContext memory;
	IndexInfo *info;
};

// More than the extension has of those that are written often. What finds no room is made each time.
constexpr int kMost = 64;
Kept all[kMost];
int count = 0;
bool watches_indexes = false;
uint64 changes = 0; // of relations, as far as this session has been told

/// An index was changed or dropped (InvalidOid: any may have been).
extern "C" void bpt_index_changed(Datum, Oid relation)
{
	changes++;
	for (int i = 0; i < count; i++)
		if (!OidIsValid(relation) || all[i].index == relation)
			all[i].is_stale = true;
}

/// The place where an index is kept, or may be; null if there is no room.
Kept *place_of(Oid index)
{
	for (int i = 0; i < count; i++)
		if (all[i].index == index)
			return &all[i];
	for (int i = 0; i < count; i++)
		if (all[i].is_stale)
			return &all[i];
	if (!watches_indexes)
		CacheRegisterRelcacheCallback(bpt_index_changed, Datum{0});
	watches_indexes = true;
	return count < kMost ? &all[count] : nullptr;
}

/// Only what is the same for every writer is kept: no expressions, which the executor prepares for one query, and nothing
/// that an index under construction is about to become.
bool may_be_kept(Relation index, const IndexInfo *info)
{
	return index->rd_rel->relam == BTREE_AM_OID && info->ii_Expressions == NIL && info->ii_ReadyForInserts;
}

} // namespace

IndexInfo *index_info(Relation index)
{
	Oid const oid = RelationGetRelid(index);
	Kept *const kept = place_of(oid);
	if (kept != nullptr && kept->index == oid && !kept->is_stale)
		return kept->info;
	const uint64 changes_before = changes;
	IndexInfo *const info = BuildIndexInfo(index);
	if (kept == nullptr || !may_be_kept(index, info))
		return info;
	MemoryContext const memory = AllocSetContextCreate(CacheMemoryContext, "bpt index", ALLOCSET_SMALL_SIZES);
	IndexInfo *const lasting = in_context(memory, [&] {
		IndexInfo *const built = BuildIndexInfo(index);
		if (built->ii_Predicate != NIL)
			built->ii_PredicateState = ExecInitQual(
				reinterpret_cast<List *>(expression_planner(reinterpret_cast<Expr *>(built->ii_Predicate))), nullptr);
		return built;
	});
	// Who has the index open may go on with what was known before.
	if (kept->memory != nullptr)
		MemoryContextSetParent(kept->memory, TopTransactionContext);
	*kept = Kept{oid, changes != changes_before, memory, lasting};
	if (kept == &all[count])
		count++;
	return lasting;
}

void open_indexes(ResultRelInfo *result)
{
	Relation const table = result->ri_RelationDesc;
	List *const indexes = RelationGetIndexList(table);
	const int number = list_length(indexes);
	if (number == 0)
		return;
	result->ri_IndexRelationDescs = static_cast<RelationPtr>(palloc(sizeof(Relation) * static_cast<Size>(number)));
	result->ri_IndexRelationInfo = static_cast<IndexInfo **>(palloc(sizeof(IndexInfo *) * static_cast<Size>(number)));
	for (int i = 0; i < number; i++)
	{
		Relation const index = index_open(list_nth_oid(indexes, i), RowExclusiveLock);
		result->ri_IndexRelationDescs[i] = index;
		result->ri_IndexRelationInfo[i] = index_info(index);
	}
	result->ri_NumIndices = number;
	list_free(indexes);
}

} // namespace bpt::pg
