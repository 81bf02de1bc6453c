// bpt.now(): the time that processes go by.
#include "pg/postgres.hpp"

#include "expr/clock.hpp"

BPT_FUNCTION(bpt_now)
{
	PG_RETURN_TIMESTAMPTZ(bpt::expr::now());
}
