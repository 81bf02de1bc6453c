// Events that a light process handles: one UPDATE of the order for each row inserted.
#pragma once
#include "trial.hpp"

namespace bpt_bench {

/// Makes bpt, the orders, and the light process; held, with a backlog of that many events.
void prepare_light(Database &database, long events);
/// Drains it, checks what came out, and returns events a second.
double drain_light(Database &database, long events);

} // namespace bpt_bench
