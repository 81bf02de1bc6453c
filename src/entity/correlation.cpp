// The correlation hash (correlation.hpp).
#include "pg/postgres.hpp"

#include "entity/correlation.hpp"

extern "C" {
#include "common/hashfn.h"
}

namespace bpt::entity {

uint32 combine(uint32 hash, FmgrInfo *function, Oid collation, Datum value)
{
	return hash_combine(hash, DatumGetUInt32(FunctionCall1Coll(function, collation, value)));
}

int32 finish(uint32 hash)
{
	const int32 result = static_cast<int32>(hash);
	return result == kAnyHash ? 1 : result;
}

bool hash_of_row(const Test &test, TupleTableSlot *row, int32 *hash)
{
	uint32 combined = 0;
	for (int i = 0; i < test.hash_count; i++)
	{
		Hash &h = test.hashes[i];
		bool null = false;
		Datum const value = slot_getattr(row, h.attribute, &null);
		if (null)
			return false;
		combined = combine(combined, &h.function, h.collation, value);
	}
	*hash = finish(combined);
	return true;
}

bool hash_of_scope(const expr::ClausePlan *plan, const expr::Values &scope, int32 *hash)
{
	uint32 combined = 0;
	for (const expr::Correlation &c : plan->correlations)
	{
		bool null = false;
		Datum const value = expr::evaluate(c.scope_side, scope, &null);
		if (null)
			return false;
		FmgrInfo function;
		fmgr_info(c.scope_hash, &function);
		combined = combine(combined, &function, c.collation, value);
	}
	*hash = finish(combined);
	return true;
}

} // namespace bpt::entity
