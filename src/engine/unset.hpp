// What an output that nobody has set reads as, for the views: its default, evaluated for one running instance.
//
// A default is an expression of the process's owner. Here it runs read-only and in a subtransaction, and a default that
// fails reads as NULL, so that no instance can keep a view from showing the others. Locks: none.
#pragma once
#include "pg/postgres.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

/// The default of an output as text, in the current memory context: of an output of one of the process's activities, or
/// with activity_id 0 of the process's own. Null if there is none, it is NULL or it cannot be evaluated.
char *unset_output(const pg::Row &process, int64 activity_id, int64 variable_id);

} // namespace bpt::engine
