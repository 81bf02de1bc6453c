// Event clauses and other parts of a definition as text for people and for recognising them in a later version.
#pragma once
#include "expr/definition.hpp"

namespace bpt::engine {

/// "UPDATE OF shop.orders (paid_at) WHERE (…) OR ALREADY WITH (…)", in the current memory context.
char *clause_text(const expr::Clause &clause);
/// The same, followed by what else its meaning hangs on: the types of the names it may read, and the search_path. Two
/// clauses of one element whose identities are equal find the same listeners.
char *clause_identity(const expr::Definition &definition, const expr::Clause &clause);
/// The clauses of an element (-1: LAUNCH ON), comma-separated; null if there are none.
char *clauses_text(const expr::Definition &definition, int element);
/// A text as it is shown before it is evaluated: a literal's value, an expression in its parentheses; null if absent.
char *source_of(const core::TextValue &value);
/// A data type as it is shown.
char *type_text(Oid type, int32 typmod);

} // namespace bpt::engine
