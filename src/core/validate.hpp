// What can be wrong with a parsed process without looking at the database.
#pragma once
#include "core/diagnostic.hpp"
#include "core/flow.hpp"
#include "core/model.hpp"

namespace bpt::core {

/// Resolves the targets of `process` and adds every problem of names, shape and flow: unknown or duplicate names,
/// no or two STARTs, unreachable elements, paths without End, cycles that nothing stops or that never end, clauses
/// that contradict each other, and the warnings of the language. Returns the flow graph (never null).
Flow *validate(Arena &arena, Process &process, Diagnostics &problems);

/// Adds the problems between the definitions of one text: processes of one name, generated functions that clash.
void validate_document(Arena &arena, const Document &document, Diagnostics &problems);

} // namespace bpt::core
