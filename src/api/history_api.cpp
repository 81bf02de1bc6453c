// bpt.set_history_retention: arguments in.
#include "pg/postgres.hpp"

#include "engine/retention.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_set_history_retention)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("process must not be null")));
	engine::set_history_retention(text_to_cstring(PG_GETARG_TEXT_PP(0)),
								  PG_ARGISNULL(1) ? nullptr : PG_GETARG_INTERVAL_P(1));
	PG_RETURN_VOID();
}
