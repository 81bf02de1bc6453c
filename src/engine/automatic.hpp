// AUTOMATIC: the owner's statements, run by a worker.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// Runs the statements of a ready (or retried) automatic activity, ends it and advances. The rows are as they were seen
/// without a lock, the process's first: the instance is locked only after the statements have run. If the activity has ended
/// meanwhile, kEndedMeanwhile is raised so that all is undone.
void run_automatic(const pg::Row &process, const pg::Row &activity);

/// True if an element has proven slow in this backend, or has not run there: what was done before is committed first.
bool may_take_long(const expr::Definition *definition, int element);
/// True if an automatic activity that is reached now may run at once in the transaction at hand: a batch, an element that
/// has proven quick in this backend, no COMMIT EACH.
bool may_run_in_line(const expr::Definition *definition, int element);
/// Runs a just reached activity in the advance that reached it.
void run_in_line(Advance &a, int64 activity_id);

/// TIME LIMIT in milliseconds.
int64 time_limit_of(expr::Definition *definition, const core::Element &model);

/// True for the error by which run_automatic gives way to whoever ended the activity.
bool ended_meanwhile(const ErrorData *error);

} // namespace bpt::engine
