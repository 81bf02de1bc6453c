// Which errors no bracket may swallow (bracket.hpp).
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"

namespace bpt::pg {

bool must_reach_caller(const ErrorData *error)
{
	const int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	return category == ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR);
}

} // namespace bpt::pg
