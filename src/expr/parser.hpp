// PostgreSQL's parser, planner and plan cache, as this room needs them beside pg/postgres.hpp.
#pragma once
#include "pg/postgres.hpp"

extern "C" {
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "utils/plancache.h"
}

namespace bpt::expr {

/// PostgreSQL 15 declares the functions it walks trees with as taking no arguments; 16 casts by itself.
inline bool (*as_walker(bool (*walker)(Node *, void *)))()
{
	return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker));
}
inline Node *(*as_mutator(Node *(*mutator)(Node *, void *)))()
{
	return reinterpret_cast<Node *(*)()>(reinterpret_cast<void (*)()>(mutator));
}

} // namespace bpt::expr
