// Prepared conditions of partial indexes (predicate.hpp). What was prepared stays for the session: an index keeps its
// condition as long as it is there, and what it refers to cannot change without it. Takes no locks.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/predicate.hpp"

extern "C" {
#include "optimizer/optimizer.h"
}

namespace bpt::pg {

namespace {

struct Prepared
{
	Oid index;
	List *predicate;
	ExprState *state;
};

// More than the extension has. What finds no room is prepared by PostgreSQL, each time.
constexpr int kMost = 32;
Prepared all[kMost];
int count = 0;

/// The condition prepared; null if there is no room, or another index had this number before.
ExprState *prepared(Oid index, const List *predicate)
{
	for (int i = 0; i < count; i++)
		if (all[i].index == index)
			return equal(all[i].predicate, predicate) ? all[i].state : nullptr;
	if (count == kMost)
		return nullptr;
	in_context(CacheMemoryContext, [&] {
		auto *const copy = static_cast<List *>(copyObjectImpl(predicate));
		auto *const planned =
			reinterpret_cast<List *>(expression_planner(reinterpret_cast<Expr *>(copyObjectImpl(predicate))));
		all[count] = Prepared{index, copy, ExecInitQual(planned, nullptr)};
		count++;
	});
	return all[count - 1].state;
}

} // namespace

void prepare_predicates(ResultRelInfo *result)
{
	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		IndexInfo *const info = result->ri_IndexRelationInfo[i];
		if (info->ii_Predicate != NIL)
			info->ii_PredicateState = prepared(RelationGetRelid(result->ri_IndexRelationDescs[i]), info->ii_Predicate);
	}
}

} // namespace bpt::pg
