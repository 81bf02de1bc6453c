// NOTIFY bpt_taskbox: tells clients that show tasks that some have changed.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Notes that tasks of a database have changed, and wakes a worker (queue::on_tasks_changed).
void note_changed_tasks(Oid database);
/// Sends what has been noted, if the last one was sent long enough ago. Returns when to look again; PG_INT64_MAX: when woken.
TimestampTz notify_taskbox(MemoryContext context);

} // namespace bpt::worker
