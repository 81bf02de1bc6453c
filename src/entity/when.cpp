// The WHEN condition of a row trigger (when.hpp).
//
// PostgreSQL tests it before it calls anything, as whoever changes the row. So it holds nothing but what can neither fail
// nor be denied: comparisons of built-in types (expr::is_plain). The trigger tests the clauses one by one all the same.
#include "pg/postgres.hpp"

#include "entity/plan.hpp"
#include "entity/when.hpp"

extern "C" {
#include "rewrite/prs2lock.h"
}

namespace bpt::entity {

Node *update_condition(int64 entity_id)
{
	const Plan *const plan = fresh_plan_of(entity_id);
	if (plan == nullptr || !plan->complete)
		return nullptr;
	List *conditions = NIL;
	for (int i = 0; i < plan->test_count; i++)
	{
		const Test &test = plan->tests[i];
		if (test.operation != 'U')
			continue;
		expr::Code *const condition = test.plan->row_condition;
		if (condition == nullptr || !expr::is_plain(condition))
			return nullptr;
		conditions = list_append_unique(conditions, expr::plain_expression(condition, PRS2_OLD_VARNO, PRS2_NEW_VARNO));
	}
	if (list_length(conditions) <= 1)
		return conditions == NIL ? nullptr : static_cast<Node *>(linitial(conditions));
	return reinterpret_cast<Node *>(makeBoolExpr(OR_EXPR, conditions, -1));
}

} // namespace bpt::entity
