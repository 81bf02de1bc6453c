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
	int64 parent_process_id = 0; // of an EXECUTE, 0: none
	int64 parent_activity_id = 0;
	int64 top_process_id = 0;
};

/// An instance that is not written yet.
struct NewInstance
{
	Instance instance;
	pg::Row row;
};

/// Makes an instance with these inputs (set ones only: defaults are filled in) and its label; writes nothing. Raises what
/// the inputs and DETAIL raise.
NewInstance new_instance(expr::Definition *definition, Jsonb *inputs, const Origin &origin);
/// Writes it and runs ON PROCESS START.
void enter_instance(NewInstance &made);
/// Begins the main flow of an instance that was entered, and runs it.
void begin_paths(Advance &a);

/// All of it: makes an instance, enters and advances it. Raises what the inputs, DETAIL or ON PROCESS START raise. Returns
/// the advance, for next_task.
Advance start_instance(expr::Definition *definition, Jsonb *inputs, const Origin &origin);

/// Raises WF005 if a variable that may not be NULL is.
void check_not_null(const expr::Variable &variable, bool isnull);

} // namespace bpt::engine
