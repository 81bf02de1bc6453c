// SQL functions on events that failed: read the arguments, call the engine, return. sql/ext/36_event_actions.sql documents them.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"

namespace {

/// The event_id argument; NULL is refused.
int64 event_id_of(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("event_id must not be null")));
	return PG_GETARG_INT64(0);
}

} // namespace

BPT_FUNCTION(bpt_event_retry)
{
	bpt::engine::retry_event(event_id_of(fcinfo));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_event_discard)
{
	bpt::engine::discard_event(event_id_of(fcinfo));
	PG_RETURN_VOID();
}
