// What delivery asks about an event: its row's values, its key, and whether the whole condition of a clause holds for it.
//
// The row's values are those of the moment of the event, from its payload; everything else is read now. Locks: what the
// condition's own sub-selects take.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "entity/payload.hpp"

extern "C" {
#include "catalog/objectaddress.h"
#include "utils/acl.h"
}

namespace bpt::entity {

namespace {

/// A slot's value: of the row from the payload, all others from the scope.
Datum fetch_value(void *context, const expr::Slot &slot, bool *isnull)
{
	const EventValues *const values = static_cast<EventValues *>(context);
	const bool old = slot.kind == expr::SlotKind::row_old;
	if (!old && slot.kind != expr::SlotKind::row_new)
		return values->scope.fetch(values->scope.context, slot, isnull);
	const char *const column = get_attname(values->relation, static_cast<AttrNumber>(slot.index), true);
	char *text = nullptr;
	if (column == nullptr || !payload_column(values->event->payload, old, column, &text))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the event does not carry the %s value of column \"%s\"", old ? "old" : "new",
						column == nullptr ? "(dropped)" : column),
				 errdetail("Table \"%s\" was altered after its row had changed, or the row was updated before the "
						   "definition read this column.",
						   OidIsValid(values->relation) ? get_rel_name(values->relation) : "(dropped)")));
	return expr::from_text(text, slot.type, slot.typmod, isnull);
}

/// The owner, as whom this runs, must still be allowed to read the table.
void check_select(Oid relation)
{
	if (!OidIsValid(relation) || get_rel_relkind(relation) == '\0')
		return;
	const AclResult result = pg_class_aclcheck(relation, GetUserId(), ACL_SELECT);
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE, get_rel_name(relation));
}

} // namespace

expr::Values event_values(EventValues *values)
{
	return {fetch_value, values};
}

Datum key_value(const queue::Event &event, Oid relation, Oid type, int32 typmod, bool *isnull)
{
	return expr::from_text(event.key, type, typmod, isnull);
}

bool matches(expr::Definition *definition, expr::Clause &clause, EventValues *values)
{
	check_select(values->relation);
	resolve(clause);
	const expr::ClausePlan *const plan = expr::clause_plan(definition, clause);
	if (plan->condition == nullptr || (plan->row_only && !values->event->untested))
		return true;
	return expr::holds(plan->condition, event_values(values));
}

} // namespace bpt::entity
