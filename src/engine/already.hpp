// OR ALREADY: what begins to listen looks for a row that satisfies one of its clauses now.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// Whether the element has a clause with OR ALREADY.
bool looks_back(const expr::Definition *definition, int element);
/// OR ALREADY: if a row satisfies a clause now, the activity ends by it. A failure puts it in error.
void look_already(Advance &a, int64 activity_id);

} // namespace bpt::engine
