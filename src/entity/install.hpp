// The triggers on entity tables, as this room alone knows them (install.cpp).
#pragma once
#include "entity/entity.hpp"

namespace bpt::entity {

/// Makes the triggers of a table and of its partitions fit what is listened to, here and above.
void fit_tree(Oid relation);
/// The same for every table that still has one of our triggers: what was detached loses them.
void fit_all_triggered();

} // namespace bpt::entity
