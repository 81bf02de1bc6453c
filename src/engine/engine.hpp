// The engine as the worker and the SQL functions see it.
//
// Locks: the process row FOR NO KEY UPDATE, then its activity rows; queue rows were claimed before by the worker. Nothing
// about an instance is kept in memory across user code.
#pragma once
#include "expr/code.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

/// The role as which a claimed item's user code runs and its transaction commits; InvalidOid if it has none (it only
/// touches engine tables, such as spreading an event over several targets, or its process is gone or dropped). An error WF004 if
/// the process has lost its owner.
Oid owner_of(queue::Item item);

/// True if the item's process has lost its owner: it can only fail.
bool is_ownerless(queue::Item item);

/// What was found out about an event for its terms, and serves to handle it.
struct Plan;

/// On what terms an item may share a transaction with others.
struct Terms
{
	Oid owner = InvalidOid;                       // as owner_of
	const expr::Definition *definition = nullptr; // whose user code it is
	bool alone = false;                           // never with others: COMMIT EACH, retries
	bool is_slow = false;                         // takes long, or nobody knows yet: nothing done before waits for it
	bool may_be_lost = false;                     // a commit that a crash loses is only done again: not waited for
	Plan *plan = nullptr;                         // of an event; in the memory that was current
};
Terms terms_of(queue::Item &item);
/// True if this transaction has used so many subtransactions that it should take no more items.
bool is_full();

/// Does a claimed item's work, whose terms were asked for just now, and deletes its row. Raises if the item failed: then the caller rolls back and calls
/// record_failure in a new transaction. With `batched`, automatic activities that the item leads to run at once, in the same
/// transaction; if one of them fails, the item is to be done again without. Returns false if the item was left as it is (its
/// instance is locked by another).
bool perform(queue::Item &item, const Terms &terms, bool batched = false);

/// Who is told which automatic activity runs now on account of an item that led to it: set by the worker room.
extern void (*on_run_in_line)(int64 process_id, const char *process, int64 activity_id, const char *activity);

/// Records that an item failed: incident, status error and retry (or failed), the row taken out of the way. `attempt` as
/// the error said; called with the item claimed again. For crashes and ended workers the error has phase "crash".
/// `last`: nothing retries it but an administrator.
void record_failure(queue::Item &item, const ErrorData *error, const char *phase, bool last = false);

/// What an item is, for bpt.worker and pg_stat_activity: "order_handling 17 pack" in the current memory context.
char *describe(queue::Item &item);

} // namespace bpt::engine
