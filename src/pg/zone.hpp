// PostgreSQL's time zones, as the core asks for them.
#pragma once
#include "core/schedule.hpp"
#include "pg/postgres.hpp"

namespace bpt::pg {

/// The zone of that name; false if PostgreSQL knows none. It lasts as long as the backend.
bool find_zone(const char *name, core::Zone *zone);
/// An instant's whole seconds since 1970, and back.
int64 unix_seconds(TimestampTz instant);
TimestampTz from_unix_seconds(int64 seconds);

} // namespace bpt::pg
