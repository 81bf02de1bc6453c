// The correlation hash: how an event finds the instances that wait for it by an index look-up.
//
// The trigger combines the hashes of the row's columns, listen() those of the scope's values; both sides of one equality
// hash alike because their operator's hash family says so. Equal hashes are only candidates: delivery rechecks.
#pragma once
#include "entity/plan.hpp"

namespace bpt::entity {

/// Stands for a hash that could not be told: the event is for all listeners of the clause.
constexpr int32 kAnyHash = PG_INT32_MIN;

/// Takes one more value into a hash that began with 0.
uint32 combine(uint32 hash, FmgrInfo *function, Oid collation, Datum value);
/// The finished hash, which is never kAnyHash.
int32 finish(uint32 hash);

/// Of a row; false if a correlated column is NULL: then nobody can be waiting for it.
bool hash_of_row(const Test &test, TupleTableSlot *row, int32 *hash);
/// Of a listener's scope; false if a value is NULL. Inside as_owner.
bool hash_of_scope(const expr::ClausePlan *plan, const expr::Values &scope, int32 *hash);

} // namespace bpt::entity
