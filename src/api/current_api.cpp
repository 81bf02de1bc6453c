// What the SQL of a process asks about the work that it is part of; NULL outside of any.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "expr/current.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_process_id)
{
	return api::id_or_null(fcinfo, expr::current.process_id);
}

BPT_FUNCTION(bpt_activity_id)
{
	return api::id_or_null(fcinfo, expr::current.activity_id);
}

BPT_FUNCTION(bpt_activity_name)
{
	return api::text_or_null(fcinfo, expr::current.activity_name);
}

BPT_FUNCTION(bpt_event_id)
{
	return api::id_or_null(fcinfo, expr::current.event_id);
}
