// AUTOMATIC: the owner's statements, run by a worker.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// Runs the statements of a ready (or retried) automatic activity, ends it and advances. The instance is locked only
/// after the statements have run; if the activity has ended meanwhile, kEndedMeanwhile is raised so that all is undone.
void run_automatic(const Instance &instance, const pg::Row &activity);

/// True for the error by which run_automatic gives way to whoever ended the activity.
bool ended_meanwhile(const ErrorData *error);

} // namespace bpt::engine
