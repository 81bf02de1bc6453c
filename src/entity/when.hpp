// The WHEN condition of a row trigger: so that rows which no clause can want cost no call.
#pragma once
#include "entity/entity.hpp"

namespace bpt::entity {

/// What an updated row must satisfy for some active clause to want it, over the row as it was (PRS2_OLD_VARNO) and as it is
/// (PRS2_NEW_VARNO); null: no such condition, or one that could fail.
Node *update_condition(int64 entity_id);

} // namespace bpt::entity
