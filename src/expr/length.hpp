// Lengths of time that stand as literals in a definition: TIME LIMIT and RETRY EVERY.
#pragma once
#include "expr/code.hpp"
#include "expr/examine.hpp"

namespace bpt::expr {

/// The microseconds of an interval literal, a month being 30 days; within as_owner().
int64 length_of(Definition *definition, const core::Sql &literal);

/// The same in whole milliseconds, rounded up, so that no time limit becomes none.
int64 length_in_ms(Definition *definition, const core::Sql &literal);

/// Adds what is wrong with such a literal, also when its length is not greater than nothing; `what` names its clause.
bool examine_length(Examiner *examiner, const core::Sql &literal, const char *what);

} // namespace bpt::expr
