// What the SQL of a process asks about the work that it is part of; NULL outside of any.
#include "pg/postgres.hpp"

#include "expr/current.hpp"

using bpt::expr::current;

BPT_FUNCTION(bpt_process_id)
{
	if (current.process_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(current.process_id);
}

BPT_FUNCTION(bpt_activity_id)
{
	if (current.activity_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(current.activity_id);
}

BPT_FUNCTION(bpt_activity_name)
{
	if (current.activity_name == nullptr)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(current.activity_name));
}

BPT_FUNCTION(bpt_event_id)
{
	if (current.event_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(current.event_id);
}
