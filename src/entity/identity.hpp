// The parts of entity identity that only this room uses (identity.cpp).
#pragma once
#include "entity/entity.hpp"

namespace bpt::entity {

/// The bpt.entity id of a relation, 0: it has none.
int64 find_entity(Oid relation);
/// A definition in the cache may know a table that was dropped and made anew since: turns its clause to the present one.
void resolve(expr::Clause &clause);
/// Writes the present names of renamed tables into bpt.entity.
void refresh_names();
/// A dropped table's oid may come back for another: lets go of it. The name stays, for a table made anew.
void forget_relation(Oid relation);

} // namespace bpt::entity
