// bpt.set_history_retention: arguments in.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/retention.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_set_history_retention)
{
	const char *const process = api::text_argument(fcinfo, 0, "process");
	engine::set_history_retention(process, PG_ARGISNULL(1) ? nullptr : PG_GETARG_INTERVAL_P(1));
	PG_RETURN_VOID();
}
