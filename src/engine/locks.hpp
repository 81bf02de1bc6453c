// The locks that keep publishes, drops and launches of one process apart.
//
// Order: names (sorted), then entity tables (in oid order), then bpt.process_instance (where an index of EXPOSE ENTITY comes
// or goes), then launches; publish waits for nothing after that.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// The name of a process, existing or not: held by publish and drop_process to the end of their transaction.
uint32 name_lock(Oid schema, std::string_view name);
/// Takes name locks, sorted here, so that two publishes of several processes do not wait for each other crosswise.
void lock_names(uint32 *names, int count);

/// Held by a transaction that launches an instance, until it ends: an uncommitted instance that publish cannot see keeps
/// the clauses of its version alive. Taken before the current version is read.
void lock_for_launch(int64 process_def_id);
/// True if no transaction in flight has launched an instance of the process; then none can until this one ends.
bool lock_out_launches(int64 process_def_id);
/// As lock_for_launch, for a launch by an event, which keeps the version that was current when the row was changed: publish
/// need not keep it away. False if the process is being dropped, for which a worker does not wait.
bool lock_for_event_launch(int64 process_def_id);
/// Waits until no transaction in flight has launched an instance of the process, by call or by event.
void wait_for_launches(int64 process_def_id);

/// Held by a transaction that runs a timer, until it ends. False if another one is running it.
bool lock_for_run(int64 timer_id);
/// Held by a transaction that does a run that waited in the queue, or that counts on it to begin later, until it ends. False
/// if another one is at it.
bool lock_waiting_run(int64 ready_id);

/// Held by a transaction that deletes old history, until it ends. False if another one is at it.
bool lock_for_deletion();

} // namespace bpt::engine
