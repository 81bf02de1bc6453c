// Taking a process out of use.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Drops a process that the caller owns or administers: its functions and triggers go, its name is free, its ended
/// instances stay. 55006 while instances are active, unless they are to be terminated.
void drop_process(const char *name, bool terminate_active);

} // namespace bpt::engine
