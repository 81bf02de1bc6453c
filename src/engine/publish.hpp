// Publishing definitions: check everything, store a version, make triggers and typed functions, in one transaction.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// What bpt.publish tells of one definition.
struct Published
{
	const char *process; // schema-qualified name
	int32 version;       // 0: it has none (a timer, a translation)
	bool changed;
	int64 upgraded;
	int64 suspended;
};

/// Publishes a text. Raises WF007 with all problems (message, position, DETAIL), 42501, 0A000.
/// Returns the number of definitions, in text order, in the current memory context.
int publish(const char *text, const char *running, Published **result);

} // namespace bpt::engine
