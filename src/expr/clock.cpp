// The time that processes go by (clock.hpp): bpt.clock, or the transaction's.
#include "pg/postgres.hpp"

#include "expr/clock.hpp"
#include "pg/settings.hpp"

namespace bpt::expr {

TimestampTz now()
{
	return settings::clock_is_set ? settings::clock_instant : GetCurrentTransactionStartTimestamp();
}

bool clock_is_set()
{
	return settings::clock_is_set;
}

void set_clock(TimestampTz instant)
{
	settings::clock_by_engine = true;
	(void)set_config_option("bpt.clock", timestamptz_to_str(instant), PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true,
							0, false);
	settings::clock_by_engine = false;
}

} // namespace bpt::expr
