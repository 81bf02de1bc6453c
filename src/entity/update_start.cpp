// What PostgreSQL would do for our UPDATE triggers again for each row, or each statement, and need not (entity.hpp).
//
// - An AFTER row trigger makes it fetch the old version of each updated row and ask the trigger's column list, although the
//   columns that a statement sets are known when it starts. Where no row trigger of a relation can fire for these columns,
//   the statement takes the relation for one without.
// - A WHEN condition is read from its text and planned by each statement. Ours, which call nothing but what is built in, are
//   kept as planned.
// Which triggers fire, and when, stays what PostgreSQL says. Nothing is done to relations without a trigger of ours.
//
// Locks: none.
#include "pg/postgres.hpp"

#include "entity/entity.hpp"
#include "pg/bracket.hpp"
#include "pg/hash.hpp"

extern "C" {
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteManip.h"
}

namespace bpt::entity {

namespace {

/// A condition as planned, with OLD and NEW where ExecARUpdateTriggers has them.
struct Condition
{
	Oid trigger;
	const char *text; // from which it was made
	List *planned;    // implicitly AND-ed
};

ExecutorStart_hook_type next_executor_start = nullptr;
MemoryContext context = nullptr;
HTAB *conditions = nullptr;        // by trigger
Oid trigger_function = InvalidOid; // once it is known

bool is_ours(const Trigger &trigger)
{
	if (trigger.tgfoid == trigger_function)
		return true;
	const char *const name = get_func_name(trigger.tgfoid);
	if (name == nullptr || strcmp(name, "entity_event") != 0 ||
		get_func_namespace(trigger.tgfoid) != get_namespace_oid("bpt", true))
		return false;
	trigger_function = trigger.tgfoid;
	return true;
}

bool fires_for_updated_row(const Trigger &trigger)
{
	return TRIGGER_TYPE_MATCHES(trigger.tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_AFTER, TRIGGER_TYPE_UPDATE);
}

/// Whether the column list lets the trigger fire.
bool names_one_of(const Trigger &trigger, const Bitmapset *updated)
{
	if (trigger.tgnattr == 0)
		return true;
	for (int i = 0; i < trigger.tgnattr; i++)
		if (bms_is_member(trigger.tgattr[i] - FirstLowInvalidHeapAttributeNumber, updated))
			return true;
	return false;
}

void make_table()
{
	context = AllocSetContextCreate(TopMemoryContext, "bpt trigger conditions", ALLOCSET_SMALL_SIZES);
	conditions = pg::make_table<Oid, Condition>("bpt trigger conditions", 16, context);
}

/// The planned condition of a trigger, made as PostgreSQL makes it.
List *planned_condition(const Trigger &trigger)
{
	if (conditions == nullptr)
		make_table();
	const auto *const known = static_cast<Condition *>(hash_search(conditions, &trigger.tgoid, HASH_FIND, nullptr));
	if (known != nullptr && strcmp(known->text, trigger.tgqual) == 0)
		return known->planned;
	auto *const condition = static_cast<Node *>(stringToNode(trigger.tgqual));
	ChangeVarNodes(condition, PRS2_OLD_VARNO, INNER_VAR, 0);
	ChangeVarNodes(condition, PRS2_NEW_VARNO, OUTER_VAR, 0);
	List *const all = make_ands_implicit(reinterpret_cast<Expr *>(condition));
	Expr *const planned = expression_planner(reinterpret_cast<Expr *>(all));
	return pg::in_context(context, [&] {
		const Condition made{trigger.tgoid, pstrdup(trigger.tgqual), static_cast<List *>(copyObjectImpl(planned))};
		auto *const entry = static_cast<Condition *>(hash_search(conditions, &trigger.tgoid, HASH_ENTER, nullptr));
		*entry = made;
		return entry->planned;
	});
}

/// One relation that a statement updates.
void prepare(ResultRelInfo *relation, EState *estate)
{
	TriggerDesc *const triggers = relation->ri_TrigDesc;
	if (triggers == nullptr || !triggers->trig_update_after_row)
		return;
	int ours = -1;
	for (int i = 0; i < triggers->numtriggers && ours < 0; i++)
		if (fires_for_updated_row(triggers->triggers[i]) && is_ours(triggers->triggers[i]))
			ours = i;
	if (ours < 0)
		return;
	const Bitmapset *const updated = ExecGetAllUpdatedCols(relation, estate);
	bool any = false;
	for (int i = 0; i < triggers->numtriggers && !any; i++)
		any = fires_for_updated_row(triggers->triggers[i]) && names_one_of(triggers->triggers[i], updated);
	triggers->trig_update_after_row = any;
	const Trigger &trigger = triggers->triggers[ours];
	if (any && trigger.tgqual != nullptr && relation->ri_TrigWhenExprs[ours] == nullptr &&
		names_one_of(trigger, updated) && !bpt_has_virtual_columns(RelationGetDescr(relation->ri_RelationDesc)))
		relation->ri_TrigWhenExprs[ours] = ExecInitQual(planned_condition(trigger), nullptr);
}

extern "C" void bpt_update_executor_start(QueryDesc *query, int flags)
{
	if (next_executor_start != nullptr)
		next_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
	EState *const estate = query->estate;
	if (query->operation != CMD_UPDATE || estate == nullptr)
		return;
	pg::in_context(estate->es_query_cxt, [estate] {
		const ListCell *cell = nullptr;
		foreach (cell, estate->es_opened_result_relations)
			prepare(static_cast<ResultRelInfo *>(lfirst(cell)), estate);
	});
}

} // namespace

void register_update_start()
{
	next_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = bpt_update_executor_start;
}

} // namespace bpt::entity
