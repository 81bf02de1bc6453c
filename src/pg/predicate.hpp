// The conditions of partial indexes, prepared once a session instead of by each writer.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// Gives the open indexes of a table that is written into their conditions, prepared.
void prepare_predicates(ResultRelInfo *result);

} // namespace bpt::pg
