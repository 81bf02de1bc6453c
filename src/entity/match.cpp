// What delivery asks about an event: its row's values, its key, and whether the whole condition of a clause holds for it.
//
// The row's values are those of the moment of the event, from its payload; everything else is read now. Locks: what the
// condition's own sub-selects take.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "entity/payload.hpp"
#include "pg/relation.hpp"

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
	const auto attribute = static_cast<AttrNumber>(slot.index);
	char *text = nullptr;
	if (!payload_column(values->event->payload, old, values->relation, attribute, &text))
	{
		const char *const column = get_attname(values->relation, attribute, true);
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the event does not carry the %s value of column \"%s\"", old ? "old" : "new",
						column == nullptr ? "(dropped)" : column),
				 errdetail("Table \"%s\" was altered after its row had changed, or the row was updated before the "
						   "definition read this column.",
						   OidIsValid(values->relation) ? get_rel_name(values->relation) : "(dropped)")));
	}
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

void refuse_without_key(Oid relation)
{
	AttrNumber key[INDEX_MAX_KEYS];
	const int count = pg::primary_key(relation, key);
	const char *const name = OidIsValid(relation) ? get_rel_name(relation) : nullptr;
	if (name == nullptr)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("the table of the event clause does not exist")));
	if (count > 1)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the primary key of table \"%s\" has %d columns", name, count),
						errhint("Leave AS out and pass the columns with WITH.")));
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("table \"%s\" has no primary key", name),
					errdetail("An event tells by the primary key which row it is about."),
					errhint("Use ALTER TABLE ... ADD PRIMARY KEY on \"%s\".", name)));
}

const char *key_of(const queue::Event &event, Oid relation)
{
	if (!lacks_key(event.payload))
		return event.key;
	AttrNumber key[INDEX_MAX_KEYS];
	char *text = nullptr;
	const bool found =
		pg::primary_key(relation, key) == 1 && payload_column(event.payload, false, relation, key[0], &text);
	return found ? text : nullptr;
}

Datum key_value(const queue::Event &event, Oid relation, Oid type, int32 typmod, bool *isnull)
{
	const char *const key = key_of(event, relation);
	AttrNumber attributes[INDEX_MAX_KEYS];
	if (key == nullptr || (key[0] == '(' && pg::primary_key(relation, attributes) > 1))
		refuse_without_key(relation);
	return expr::from_text(key, type, typmod, isnull);
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
