// Starting instances.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// Where an instance comes from.
struct Origin
{
	int64 entity_id = 0; // the launching row, 0: an explicit launch
	const char *key = nullptr;
	const char *row_label = nullptr; // its first text column
	const char *created_by = nullptr;
	int64 event_id = 0;
};

/// Makes the instance with these inputs (set ones only: defaults are filled in), runs ON PROCESS START and advances it.
/// Raises what the inputs, DETAIL or ON PROCESS START raise. Returns the advance, for next_task.
Advance start_instance(expr::Definition *definition, Jsonb *inputs, const Origin &origin);

/// Raises WF005 if a variable that may not be NULL is.
void check_not_null(const expr::Variable &variable, bool isnull);

} // namespace bpt::engine
