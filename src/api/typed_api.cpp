// The C functions behind the functions that publish generates, and behind the defaults of their parameters.
#include "pg/postgres.hpp"

#include "engine/typed_call.hpp"

BPT_FUNCTION(bpt_launch_typed)
{
	PG_RETURN_INT64(bpt::engine::call_launch(fcinfo));
}

BPT_FUNCTION(bpt_close_typed)
{
	const int64 next = bpt::engine::call_close(fcinfo);
	if (next == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(next);
}

BPT_FUNCTION(bpt_start_typed)
{
	const int64 next = bpt::engine::call_start(fcinfo);
	if (next == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(next);
}

BPT_FUNCTION(bpt_wake_typed)
{
	bpt::engine::call_wake(fcinfo);
	PG_RETURN_VOID();
}

// bpt.unset(anyelement), bpt.unset_domain(anyarray): NULL, to be recognised by who is called with it.
BPT_FUNCTION(bpt_unset)
{
	PG_RETURN_NULL();
}
