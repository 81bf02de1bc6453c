// Where an event clause's SQL stands, for those in this room that look at clauses: clause_plan() and check().
#pragma once
#include "expr/compiled.hpp"

namespace bpt::expr {

/// The site of a clause's condition and WITH.
Site site_of(const Clause &clause);
/// The Code of one WITH, of the type of the input that it sets.
Code *with_code(Definition *definition, const Clause &clause, const core::Assignment &with);

} // namespace bpt::expr
