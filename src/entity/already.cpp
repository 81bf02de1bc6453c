// OR ALREADY: looking for a row that satisfies a clause's condition now (BPT.md §4).
//
// The look is a query over the table as the process's owner, with the row-level security that holds for them. It locks
// no row, and in READ COMMITTED sees everything committed before it. Ids and payload of what it finds are those of an
// event that has no place in the queue: id 0.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "entity/payload.hpp"
#include "pg/json.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
}

namespace bpt::entity {

namespace {

/// Appends `new.column, ` for one attribute: that form always means the row.
void append_column(StringInfo query, Oid relation, AttrNumber attribute)
{
	const char *const column = get_attname(relation, attribute, false);
	appendStringInfo(query, "%snew.%s", query->data[query->len - 1] == ' ' ? "" : ", ", quote_identifier(column));
}

/// A key of several columns, as the trigger writes it.
char *composite_key(const expr::StatementResult &row, int count, Oid relation, const AttrNumber *key)
{
	TupleDesc const desc = CreateTemplateTupleDesc(count);
	for (int i = 0; i < count; i++)
		TupleDescInitEntry(desc, static_cast<AttrNumber>(i + 1), get_attname(relation, key[i], false), row.types[i], -1,
						   0);
	HeapTuple const tuple = heap_form_tuple(BlessTupleDesc(desc), row.values, row.nulls);
	return expr::to_text(HeapTupleGetDatum(tuple), false, RECORDOID);
}

/// The payload that the trigger would have made of the columns that stand behind the key.
Jsonb *payload_of_result(const expr::StatementResult &row, int first, Oid relation,
						 const core::Vec<std::int32_t> &attributes)
{
	if (attributes.empty())
		return nullptr;
	JsonbParseState *state = nullptr;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
	pg::push_string(&state, WJB_KEY, "new");
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
	for (int i = 0; i < attributes.count; i++)
	{
		pg::push_string(&state, WJB_KEY, get_attname(relation, static_cast<AttrNumber>(attributes[i]), false));
		pg::push_string(&state, WJB_VALUE,
						expr::to_text(row.values[first + i], row.nulls[first + i], row.types[first + i]));
	}
	pushJsonbValue(&state, WJB_END_OBJECT, nullptr);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

} // namespace

bool already(expr::Definition *definition, expr::Clause &clause, const expr::Values &scope, queue::Event *found)
{
	resolve(clause);
	Oid const relation = clause.relation;
	AttrNumber key[INDEX_MAX_KEYS];
	const int key_count = pg::primary_key(relation, key);
	if (key_count == 0)
		refuse_without_key(relation);
	const expr::ClausePlan *const plan = expr::clause_plan(definition, clause);

	StringInfoData query;
	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT ");
	for (int i = 0; i < key_count; i++)
		append_column(&query, relation, key[i]);
	for (const std::int32_t attribute : plan->columns)
		append_column(&query, relation, static_cast<AttrNumber>(attribute));
	appendStringInfo(
		&query, " FROM %s",
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation)));
	if (clause.model->where)
		appendStringInfo(&query, " WHERE (%.*s\n)", static_cast<int>(clause.model->where.text.size()),
						 clause.model->where.text.data());
	appendStringInfoString(&query, " LIMIT 1");

	// Where there is no condition, the name of the table is the piece of the text that the query is about.
	core::Sql origin = clause.model->where;
	if (!origin)
		origin = {clause.model->table.name.text, clause.model->table.name.offset};
	const expr::Site site{.element = clause.element, .own = false, .row = relation, .old_row = false};
	expr::Code *const code = expr::query(definition, query.data, origin, site);
	const expr::StatementResult row = expr::run_statement(code, scope, false);
	if (row.found)
	{
		const int level = begin_output();
		*found = queue::Event{};
		found->entity_id = clause.entity_id;
		found->operation = clause.model->op == core::Op::insert ? 'I' : 'U';
		found->key = key_count == 1 ? expr::to_text(row.values[0], row.nulls[0], row.types[0])
									: composite_key(row, key_count, relation, key);
		found->count = 1;
		found->event_defs = static_cast<int64 *>(palloc(sizeof(int64)));
		found->event_defs[0] = clause.id;
		found->versions = static_cast<int32 *>(palloc(sizeof(int32)));
		found->versions[0] = definition->version;
		found->hashes = static_cast<int32 *>(palloc0(sizeof(int32)));
		found->payload = payload_of_result(row, key_count, relation, plan->columns);
		found->created = GetCurrentTimestamp();
		end_output(level);
	}
	return row.found;
}

} // namespace bpt::entity
