// From changed rows to events: tests rows against the active clauses and queues what passes.
//
// Rows come in batches, in the table's own row type. Conditions that cannot raise and need no rights are evaluated as they
// are; all others as the process's owner in one read-only subtransaction a batch. Where one raises, that row and the rest
// of the batch become untested events of its clause, which delivery tests again, and whose error is an incident there.
#pragma once
#include "entity/plan.hpp"

namespace bpt::entity {

/// True for errors that are the system's or the user's own doing (cancellation, serialization, resources): these fail the
/// statement, all others make untested events.
bool fails_statement(const ErrorData *error);

/// True if a clause of this operation compares with, or carries, the old row.
bool needs_old(const Plan *plan, char operation);

struct Batch
{
	int count;
	TupleTableSlot **rows;
	TupleTableSlot **olds; // entries are null where there is none
};

/// Tests a batch and queues what passes. `writer` is opened when it is first needed; the caller closes it. Allocates in
/// the current memory context, which the caller empties.
void capture(Plan *plan, char operation, const Batch &batch, queue::EventWriter **writer, MemoryContext writer_context);

} // namespace bpt::entity
