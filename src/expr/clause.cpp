// How an event clause is tested: its condition taken apart into what the trigger can test on the row alone, what finds the
// listeners by hash, and the whole, which is always tested again at delivery.
#include "pg/postgres.hpp"

#include "expr/clause.hpp"
#include "pg/bracket.hpp"

namespace bpt::expr {

namespace {

/// Adds the columns that a Code reads of the new and of the old row. It must have been analysed.
void add_columns(Definition *definition, core::Vec<std::int32_t> &columns, core::Vec<std::int32_t> &old_columns,
				 const Code *code)
{
	const auto add = [&](core::Vec<std::int32_t> &list, int32 attribute) {
		for (const std::int32_t known : list)
			if (known == attribute)
				return;
		list.push(definition->arena, attribute);
	};
	for (const Parameter &parameter : code->parameters)
	{
		if (parameter.slot.kind == SlotKind::row_new)
			add(columns, parameter.slot.index);
		else if (parameter.slot.kind == SlotKind::row_old)
			add(old_columns, parameter.slot.index);
	}
}

/// Splits the condition.
void split(Definition *definition, const Clause &clause, const Site &site, ClausePlan *plan)
{
	const core::Sql &where = clause.model->where;
	plan->condition = code(definition, where, site, CodeKind::condition);
	bool any_row_part = false;
	bool all_row_parts = true;
	int32 number = 0;
	ListCell *cell = nullptr;
	foreach (cell, analyse_conjuncts(plan->condition))
	{
		auto *const conjunct = static_cast<Node *>(lfirst(cell));
		const bool row_part = is_row_part(plan->condition, conjunct);
		any_row_part = any_row_part || row_part;
		all_row_parts = all_row_parts && row_part;
		Equality equality;
		if (clause.element >= 0 && as_equality(plan->condition, conjunct, &equality))
		{
			Correlation correlation = {};
			RegProcedure left = InvalidOid;
			RegProcedure right = InvalidOid;
			if (get_op_hash_functions(equality.operation->opno, &left, &right))
			{
				correlation.attribute = equality.attribute;
				correlation.row_hash = equality.row_is_left ? left : right;
				correlation.scope_hash = equality.row_is_left ? right : left;
				correlation.collation = equality.operation->inputcollid;
				correlation.scope_side = part_code(definition, where, site, Part::scope_side, number);
				plan->correlations.push(definition->arena, correlation);
			}
		}
		number++;
	}
	if (any_row_part)
		plan->row_condition = part_code(definition, where, site, Part::row, -1);
	plan->row_only = all_row_parts;
}

ClausePlan *make_plan(Definition *definition, const Clause &clause)
{
	ClausePlan *const plan = definition->arena.make<ClausePlan>();
	const Site site = site_of(clause);
	plan->stamp = row_stamp(clause.relation);
	plan->stamp_seen = plan->stamp->count;
	if (clause.model->where)
		split(definition, clause, site, plan);
	else
		plan->row_only = true;
	if (plan->condition != nullptr)
		add_columns(definition, plan->columns, plan->old_columns, plan->condition);
	const core::Vec<core::Assignment> &with = clause.model->with;
	plan->with =
		static_cast<Code **>(definition->arena.take(sizeof(Code *) * static_cast<std::size_t>(Max(with.count, 1))));
	for (int32 i = 0; i < with.count; i++)
	{
		plan->with[i] = with_code(definition, clause, with[i]);
		bool sublinks = false;
		Oid type = InvalidOid;
		analyse_expression(plan->with[i], &sublinks, &type);
		add_columns(definition, plan->columns, plan->old_columns, plan->with[i]);
		add_columns(definition, plan->with_columns, plan->old_with_columns, plan->with[i]);
	}
	return plan;
}

/// Takes back what the Codes of an outdated plan know of the table.
void forget_columns(const Clause &clause)
{
	if (clause.plan->condition != nullptr)
		reset_code(clause.plan->condition);
	for (int32 i = 0; i < clause.model->with.count; i++)
		reset_code(clause.plan->with[i]);
}

/// True if every Code of the plan reads the columns that are there now.
bool is_current(const Clause &clause)
{
	ClausePlan *const plan = clause.plan;
	if (plan == nullptr)
		return false;
	if (plan->stamp_seen == plan->stamp->count)
		return true;
	if (plan->condition != nullptr && !row_is_unchanged(plan->condition))
		return false;
	for (int32 i = 0; i < clause.model->with.count; i++)
		if (!row_is_unchanged(plan->with[i]))
			return false;
	plan->stamp_seen = plan->stamp->count;
	return true;
}

} // namespace

Site site_of(const Clause &clause)
{
	Site site;
	site.element = clause.element;
	site.row = clause.relation;
	site.old_row = clause.model->op == core::Op::update;
	return site;
}

Code *with_code(Definition *definition, const Clause &clause, const core::Assignment &with)
{
	const core::Vec<Variable> &inputs =
		clause.element < 0 ? definition->inputs : definition->elements[clause.element].outputs;
	for (const Variable &input : inputs)
		if (input.is_input && with.name.text == std::string_view(input.name))
			return code(definition, with.value, site_of(clause), CodeKind::value, input.type, input.typmod);
	return code(definition, with.value, site_of(clause), CodeKind::value);
}

ClausePlan *clause_plan(Definition *definition, Clause &clause)
{
	if (is_current(clause))
		return clause.plan;
	if (!OidIsValid(clause.relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the table of an event clause of process \"%s\" does not exist any more", definition->name)));
	Where where;
	MemoryContext const scratch = AllocSetContextCreate(CurrentMemoryContext, "bpt clause", ALLOCSET_DEFAULT_SIZES);
	Code *const shown = code(definition, clause.model->where, site_of(clause), CodeKind::condition);
	push_where(&where, shown, true);
	clause.plan = pg::in_context(scratch, [&] {
		if (clause.plan != nullptr)
			forget_columns(clause);
		return make_plan(definition, clause);
	});
	pop_where(&where);
	MemoryContextDelete(scratch);
	return clause.plan;
}

} // namespace bpt::expr
