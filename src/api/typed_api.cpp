// The C functions behind the functions that publish generates, and behind the defaults of their parameters.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/typed_call.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_launch_typed)
{
	PG_RETURN_INT64(engine::call_launch(fcinfo));
}

BPT_FUNCTION(bpt_close_typed)
{
	return api::id_or_null(fcinfo, engine::call_close(fcinfo));
}

BPT_FUNCTION(bpt_start_typed)
{
	return api::id_or_null(fcinfo, engine::call_start(fcinfo));
}

BPT_FUNCTION(bpt_wake_typed)
{
	engine::call_wake(fcinfo);
	PG_RETURN_VOID();
}

// bpt.unset(anyelement), bpt.unset_domain(anyarray): NULL, to be recognised by who is called with it.
BPT_FUNCTION(bpt_unset)
{
	PG_RETURN_NULL();
}
