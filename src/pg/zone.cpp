// Time zones (zone.hpp). PostgreSQL keeps every zone that it has loaded, so a pointer to one stays good.
#include "pg/zone.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "pgtime.h"
}

namespace bpt::pg {

namespace {

constexpr int64 kEpochs = int64{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE} * SECS_PER_DAY;

/// Seconds that the zone's clocks are ahead of UTC; where the calendar ends, none.
std::int32_t offset_at(const void *context, std::int64_t instant)
{
	const pg_time_t time = instant;
	const pg_tm *const local = pg_localtime(&time, static_cast<const pg_tz *>(context));
	return local == nullptr ? 0 : static_cast<std::int32_t>(local->tm_gmtoff);
}

} // namespace

bool find_zone(const char *name, core::Zone *zone)
{
	pg_tz *const found = pg_tzset(name);
	if (found == nullptr || !pg_tz_acceptable(found))
		return false;
	*zone = {offset_at, found};
	return true;
}

int64 unix_seconds(TimestampTz instant)
{
	const int64 whole = instant / USECS_PER_SEC;
	return whole - (instant % USECS_PER_SEC < 0 ? 1 : 0) + kEpochs;
}

TimestampTz from_unix_seconds(int64 seconds)
{
	return (seconds - kEpochs) * USECS_PER_SEC;
}

} // namespace bpt::pg
