// Making and dropping what a table's triggers test (plan.hpp).
//
// A definition that cannot be loaded or analysed any more must not fail the user's statement: each clause is prepared in a
// subtransaction, and one that fails is tried again by the next statement and makes its rows untested events until then.
// Locks: AccessShareLock on the table, as a statement on a partition takes it, too.
#include "pg/postgres.hpp"

#include "entity/capture.hpp"
#include "entity/entity.hpp"
#include "entity/identity.hpp"
#include "entity/plan.hpp"
#include "pg/bracket.hpp"
#include "pg/relation.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "utils/typcache.h"
}

namespace bpt::entity {

namespace {

Plan *plans = nullptr;
bool callback_registered = false;

/// A relation's entry was invalidated (InvalidOid: all): plans that know it are to be made anew.
void on_relcache(Datum, Oid relation)
{
	for (Plan *p = plans; p != nullptr; p = p->next)
	{
		if (!OidIsValid(relation) || relation == p->relation)
			p->stale = true;
		for (const Member *m = p->members; m != nullptr; m = m->next)
			if (m->relation == relation)
				p->stale = true;
	}
}

/// An incomplete plan serves the statement for which it was made, so that its next rows need not try again.
bool is_usable(const Plan *plan)
{
	return plan->made && !plan->stale && (plan->complete || plan->made_at == GetCurrentStatementStartTimestamp());
}

/// Takes what `plan_of` had made for this entity out of the list and frees it.
void discard(int64 entity_id)
{
	for (Plan **link = &plans; *link != nullptr; link = &(*link)->next)
		if ((*link)->entity_id == entity_id)
		{
			Plan *const plan = *link;
			*link = plan->next;
			for (int i = 0; i < plan->test_count; i++)
				if (plan->tests[i].definition != nullptr)
					expr::let_go(plan->tests[i].definition);
			MemoryContextDelete(plan->context);
			return;
		}
}

/// The ways of a column to text and to equality. The built-in types compare as IS DISTINCT FROM does; other types'
/// equality could raise or be slow, so their values count as changed when their bytes are.
void prepare_column(Column *column, Form_pg_attribute attribute)
{
	column->name = pstrdup(NameStr(attribute->attname));
	column->type = attribute->atttypid;
	column->collation = attribute->attcollation;
	column->by_value = attribute->attbyval;
	column->length = attribute->attlen;
	if (attribute->attisdropped)
		return;
	Oid const base = getBaseType(attribute->atttypid);
	if (base >= FirstNormalObjectId)
		return;
	TypeCacheEntry *const type = lookup_type_cache(base, TYPECACHE_EQ_OPR_FINFO);
	if (!OidIsValid(type->eq_opr_finfo.fn_oid))
		return;
	fmgr_info_cxt(type->eq_opr_finfo.fn_oid, &column->equal, CurrentMemoryContext);
	column->has_equal = true;
}

bool is_text(Oid type)
{
	char category = '\0';
	bool preferred = false;
	get_type_category_preferred(getBaseType(type), &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

/// Everything of the plan that the table alone decides.
void describe_table(Plan *plan, Relation relation)
{
	plan->is_partition = relation->rd_rel->relispartition;
	plan->desc = CreateTupleDescCopyConstr(RelationGetDescr(relation));
	plan->columns = static_cast<Column *>(palloc0(sizeof(Column) * static_cast<Size>(Max(plan->desc->natts, 1))));
	for (int i = 0; i < plan->desc->natts; i++)
	{
		Form_pg_attribute const attribute = TupleDescAttr(plan->desc, i);
		prepare_column(&plan->columns[i], attribute);
		if (plan->label == 0 && !attribute->attisdropped && is_text(attribute->atttypid))
			plan->label = static_cast<AttrNumber>(i + 1);
	}
	plan->key_count = pg::primary_key(relation, plan->key);
	if (plan->key_count > 1)
	{
		TupleDesc const desc = CreateTemplateTupleDesc(plan->key_count);
		for (int i = 0; i < plan->key_count; i++)
			TupleDescCopyEntry(desc, static_cast<AttrNumber>(i + 1), plan->desc, plan->key[i]);
		plan->key_desc = BlessTupleDesc(desc);
	}
}

/// The part of a clause's test that can fail: loads the definition, splits the condition, looks up columns and hashes.
void prepare_test(Plan *plan, Test *test, int64 process_def_id)
{
	test->definition = expr::definition(process_def_id, test->version);
	expr::keep(test->definition);
	const core::Flow &flow = *test->definition->flow;
	test->in_order = flow.chains_events || (flow.chains_if_executed && is_executed(process_def_id));
	expr::Clause *clause = nullptr;
	for (expr::Clause &c : test->definition->clauses)
		if (c.id == test->event_def_id)
			clause = &c;
	if (clause == nullptr)
		elog(ERROR, "bpt: version %d of process %lld has no event clause %lld", test->version,
			 static_cast<long long>(process_def_id), static_cast<long long>(test->event_def_id));
	test->launches = clause->element < 0;
	test->label = test->launches && !test->definition->model->detail && !test->definition->model->is_light;

	const core::Vec<core::Name> &names = clause->model->columns;
	test->only_changed = !names.empty();
	test->columns = static_cast<AttrNumber *>(palloc(sizeof(AttrNumber) * static_cast<Size>(Max(names.count, 1))));
	for (const core::Name &name : names)
	{
		char *const column = pnstrdup(name.text.data(), name.text.size());
		AttrNumber const attribute = get_attnum(plan->relation, column);
		if (attribute <= 0)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", column)));
		test->columns[test->column_count++] = attribute;
	}

	resolve(*clause);
	expr::ClausePlan *split = nullptr;
	expr::as_owner(test->definition, [&] {
		split = expr::clause_plan(test->definition, *clause);
		if (split->row_condition != nullptr)
			expr::compile_expression(split->row_condition);
	});
	test->hashes = static_cast<Hash *>(palloc0(sizeof(Hash) * static_cast<Size>(Max(split->correlations.count, 1))));
	test->builtin_hashes = true;
	for (const expr::Correlation &c : split->correlations)
	{
		Hash &hash = test->hashes[test->hash_count++];
		hash.attribute = static_cast<AttrNumber>(c.attribute);
		hash.collation = c.collation;
		fmgr_info_cxt(c.row_hash, &hash.function, plan->context);
		if (c.row_hash >= FirstNormalObjectId)
			test->builtin_hashes = false;
	}
	test->plan = split;
}

/// Reads the active clauses with the latest snapshot and prepares each. False: one of them could not be.
bool prepare_tests(Plan *plan)
{
	struct Found
	{
		Plan *plan;
		int64 *processes;
		int room;
	} found{plan, nullptr, 0};
	pg::each("event_def", "event_def_entity", {pg::key(plan->entity_id)}, [&found](pg::Row &row) {
		Plan *const p = found.plan;
		if (!row.boolean(event_def::is_active))
			return true;
		if (p->test_count == found.room)
		{
			found.room = Max(8, found.room * 2);
			const Size tests = sizeof(Test) * static_cast<Size>(found.room);
			const Size ids = sizeof(int64) * static_cast<Size>(found.room);
			p->tests = static_cast<Test *>(p->tests == nullptr ? palloc(tests) : repalloc(p->tests, tests));
			found.processes =
				static_cast<int64 *>(found.processes == nullptr ? palloc(ids) : repalloc(found.processes, ids));
		}
		Test *const test = &p->tests[p->test_count];
		*test = Test{};
		test->event_def_id = row.int8(event_def::id);
		test->version = row.int4(event_def::last_version);
		test->operation = DatumGetChar(row.at(event_def::operation));
		found.processes[p->test_count++] = row.int8(event_def::process_def_id);
		return true;
	});

	bool complete = true;
	for (int i = 0; i < plan->test_count; i++)
	{
		Test *const test = &plan->tests[i];
		ErrorData *const error = pg::in_subtransaction([&] {
			XactReadOnly = true;
			prepare_test(plan, test, found.processes[i]);
		});
		if (error == nullptr)
			continue;
		if (fails_statement(error))
			ReThrowError(error);
		test->plan = nullptr;
		test->column_count = 0;
		test->only_changed = false;
		test->hash_count = 0;
		complete = false;
	}
	return complete;
}

} // namespace

bool is_executed(int64 process_def_id)
{
	return pg::find("activity_def", "activity_def_invoked", {pg::key(process_def_id)}).found;
}

Plan *plan_of(int64 entity_id)
{
	for (Plan *p = plans; p != nullptr; p = p->next)
		if (p->entity_id == entity_id)
		{
			if (is_usable(p))
				return p;
			discard(entity_id);
			break;
		}
	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(on_relcache, Datum{0});
		callback_registered = true;
	}

	Oid const oid = relation_of(entity_id);
	Relation const relation = OidIsValid(oid) ? try_relation_open(oid, AccessShareLock) : nullptr;
	if (relation == nullptr)
		return nullptr;
	MemoryContext const context = AllocSetContextCreate(CacheMemoryContext, "bpt entity", ALLOCSET_SMALL_SIZES);
	Plan *const plan = static_cast<Plan *>(MemoryContextAllocZero(context, sizeof(Plan)));
	plan->context = context;
	plan->entity_id = entity_id;
	plan->relation = oid;
	// It stands in the list while it is being made, so that an invalidation that arrives meanwhile is not lost; an error
	// leaves it there as not made.
	plan->next = plans;
	plans = plan;
	const bool complete = pg::in_context(context, [&] {
		describe_table(plan, relation);
		return prepare_tests(plan);
	});
	relation_close(relation, NoLock);
	plan->made = true;
	plan->complete = complete;
	plan->made_at = GetCurrentStatementStartTimestamp();
	return plan;
}

void forget_plans(const Oid *relations, int count)
{
	for (int i = 0; i < count; i++)
		if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relations[i])))
			CacheInvalidateRelcacheByRelid(relations[i]);
}

Plan *fresh_plan_of(int64 entity_id)
{
	discard(entity_id);
	return plan_of(entity_id);
}

Member *member_of(Plan *plan, Relation relation)
{
	Oid const oid = RelationGetRelid(relation);
	for (Member *m = plan->members; m != nullptr; m = m->next)
		if (m->relation == oid)
			return m;
	if (oid != plan->relation &&
		(!relation->rd_rel->relispartition || !list_member_oid(get_partition_ancestors(oid), plan->relation)))
		return nullptr;
	return pg::in_context(plan->context, [&] {
		Member *const m = static_cast<Member *>(palloc0(sizeof(Member)));
		m->relation = oid;
		if (oid != plan->relation)
			m->map = convert_tuples_by_name(RelationGetDescr(relation), plan->desc);
		m->next = plan->members;
		plan->members = m;
		return m;
	});
}

} // namespace bpt::entity
