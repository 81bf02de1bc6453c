// The values that process names have for one activity of one instance: expr's Values over the rows.
//
// A name of another activity means its most recent instance among the predecessors, found along the chain of precedent
// activities. What a change in progress will write (inputs given, expired, closed_by …) is seen before it is written.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// What ending an activity will write; its callbacks already see it.
struct Change
{
	bool expired = false;
	bool skipped = false;
	const char *closed_by = nullptr;
	bool closing = false; // closed_by and closed_instant have their coming values
	TimestampTz closed_instant = 0;
	Jsonb *outputs = nullptr;
};

struct Scope
{
	Instance instance;
	int element = -1;      // whose names are its own; -1: the process's
	int64 activity_id = 0; // its activity, 0: none (yet)
	int64 precedent = 0;   // where the chain of predecessors begins
	Change *change = nullptr;
	const pg::Row *process = nullptr; // a process row that is not written yet

	// The row last read, good as long as this transaction has changed nothing since, written or in hand. It is read while an expression is
	// evaluated, in memory that ends with that expression: so it is kept where the scope was made.
	MemoryContext context = CurrentMemoryContext;
	CommandId read_at = InvalidCommandId;
	uint64 read_after = 0; // changes_in_hand() then
	pg::Row process_row;
};

/// The scope of an activity's row.
Scope scope_of(const Instance &instance, const pg::Row &activity);
expr::Values values_of(Scope *scope);
/// Gives a scope the process row that was read just now.
void know_process(Scope *scope, const pg::Row &process);

/// The definition's index of the element of an activity row; an error WF004 if the version has it no longer.
int element_of(const Instance &instance, const pg::Row &activity);

/// The stored or default value of a process output as text, by the default in the version that the instance runs; null
/// if it is unset and has no default. `is_set` tells whether it was set.
char *process_output_text(const Instance &instance, const pg::Row &process, const expr::Variable &output, bool *is_set);

} // namespace bpt::engine
