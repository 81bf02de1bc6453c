// What time it is for processes: bpt.clock where it is set, else the transaction's now().
#pragma once
#include "pg/postgres.hpp"

namespace bpt::expr {

/// bpt.now().
TimestampTz now();
/// True while bpt.clock is set.
bool clock_is_set();
/// bpt.run(until): sets the virtual clock for the rest of the transaction (as SET LOCAL bpt.clock).
void set_clock(TimestampTz instant);

} // namespace bpt::expr
