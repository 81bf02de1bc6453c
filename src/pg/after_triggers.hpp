// Whether triggers may wait for the commit.
//
// PostgreSQL does not tell. But it notes calls of AFTER triggers, deferred or not, in memory of the transaction that it makes
// with the first of them, under a name that has not changed since it is there (9.0).
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// False only if the transaction has called no AFTER trigger so far, and has deferred none.
inline bool may_have_deferred_triggers()
{
	for (MemoryContext context = TopTransactionContext->firstchild; context != nullptr; context = context->nextchild)
		if (strcmp(context->name, "AfterTriggerEvents") == 0)
			return true;
	return false;
}

} // namespace bpt::pg
