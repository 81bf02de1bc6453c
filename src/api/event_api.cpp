// SQL functions on events that failed: read the arguments, call the engine, return. sql/ext/36_event_actions.sql documents them.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/actions.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_event_retry)
{
	api::require(fcinfo, 0, "event_id");
	engine::retry_event(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_event_discard)
{
	api::require(fcinfo, 0, "event_id");
	engine::discard_event(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}
