// Taking a process out of use.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Drops a process that the caller owns or administers: its functions and triggers go, its name is free, its ended
/// instances stay. 55006 while instances are active, unless they are to be terminated.
void drop_process(const char *name, bool terminate_active);
/// Drops the processes of a schema that has just been dropped itself, their active instances being terminated.
void schema_dropped(Oid schema);

} // namespace bpt::engine
