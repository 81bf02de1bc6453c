// Views and indexes of EXPOSE ENTITY (expose.hpp). Locks: those of CREATE and DROP VIEW; SHARE on bpt.process_instance
// while an index is made, ACCESS EXCLUSIVE where one is dropped, to the end of the transaction. Called with the process's
// name lock held.
#include "engine/expose.hpp"

extern "C" {
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/dependency.h"
#include "commands/comment.h"
#include "commands/defrem.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
}

#include "core/text.hpp"
#include "engine/ddl.hpp"
#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "engine/stored_value.hpp"
#include "engine/users.hpp"
#include "pg/arrays.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"
#include "pg/home.hpp"

namespace bpt::engine {

namespace {

/// The name of a process's view, and where the text says it.
core::Name view_name(const core::Process &model)
{
	return model.expose_as ? model.expose_as : model.name.name;
}

/// The view of a row of bpt.exposed_view, InvalidOid if it is gone: by oid, where home is elsewhere by name.
Oid view_of(const pg::Row &row)
{
	Oid view = row.oid(exposed_view::view);
	if (pg::home_is_elsewhere())
	{
		const Oid schema = get_namespace_oid(row.text(exposed_view::schema_name), true);
		view = OidIsValid(schema) ? get_relname_relid(row.text(exposed_view::view_name), schema) : InvalidOid;
	}
	return OidIsValid(view) && get_rel_relkind(view) == RELKIND_VIEW ? view : InvalidOid;
}

pg::Row row_of(int64 process_def_id)
{
	return pg::find("exposed_view", "exposed_view_pkey", {pg::key(process_def_id)});
}

/// The expression that a view shows and an index holds; `alias` with a point, or empty.
char *value_expression(const char *alias, const char *column, const expr::Variable &variable)
{
	return psprintf("bpt.stored_value(%s%s, '" INT64_FORMAT "'::bigint, NULL::%s)", alias, column, variable.id,
					format_type_extended(exposed_type(variable.type), -1, FORMAT_TYPE_FORCE_QUALIFY));
}

/// An output: while the process runs one that was not set shows its default, as bpt.process_output does.
char *output_expression(const expr::Variable &output)
{
	char *const stored = value_expression("p.", "outputs", output);
	if (output.model == nullptr || !output.model->default_value)
		return stored;
	char *const id = psprintf(INT64_FORMAT, output.id);
	char *const unset =
		psprintf("bpt.stored_value(jsonb_build_object('%s', bpt.unset_output(p.id, 0, '%s'::bigint)), '%s'::bigint, "
				 "NULL::%s)",
				 id, id, id, format_type_extended(exposed_type(output.type), -1, FORMAT_TYPE_FORCE_QUALIFY));
	return psprintf("CASE WHEN p.closed IS NOT NULL OR p.outputs ?| ARRAY['%s', '-%s'] THEN %s ELSE %s END", id, id,
					stored, unset);
}

/// The view's query. It joins the definition, so that no row can be written through the view.
char *query_of(const expr::Definition &definition)
{
	StringInfoData sql;
	initStringInfo(&sql);
	appendStringInfo(
		&sql,
		"SELECT p.id AS process_id, "
		"COALESCE(bpt.translated(d.id, 0, 'detail', p.label), bpt.translated(d.id, 0, 'label', p.label), p.label) "
		"AS label, "
		"CASE p.status WHEN 1 THEN CASE WHEN p.is_suspended THEN 'suspended' ELSE 'active' END "
		"WHEN 2 THEN 'closed' ELSE 'terminated' END AS status, "
		"p.is_suspended, p.created, p.created_by, p.closed");
	for (const expr::Variable &input : definition.inputs)
		appendStringInfo(&sql, ", %s AS %s", value_expression("p.", "inputs", input), quote_identifier(input.name));
	for (const expr::Variable &output : definition.outputs)
		appendStringInfo(&sql, ", %s AS %s", output_expression(output), quote_identifier(output.name));
	appendStringInfo(&sql,
					 " FROM bpt.process_def d CROSS JOIN bpt.process_instance p "
					 "WHERE d.id = '" INT64_FORMAT "'::bigint AND p.process_def_id = '" INT64_FORMAT "'::bigint",
					 definition.id, definition.id);
	return sql.data;
}

/// The columns that stand before the inputs: their number.
constexpr int kFixed = 7;

/// True if the view's columns are the first of those wanted, so that it can be replaced.
bool begins_alike(Oid view, const expr::Definition &definition)
{
	Relation const relation = table_open(view, AccessShareLock);
	TupleDesc const columns = RelationGetDescr(relation);
	bool alike = columns->natts <= kFixed + definition.inputs.count + definition.outputs.count;
	for (int i = kFixed; alike && i < columns->natts; i++)
	{
		const int n = i - kFixed;
		const expr::Variable &variable =
			n < definition.inputs.count ? definition.inputs[n] : definition.outputs[n - definition.inputs.count];
		FormData_pg_attribute const *const column = TupleDescAttr(columns, i);
		alike = strcmp(NameStr(column->attname), variable.name) == 0 && column->atttypid == exposed_type(variable.type);
	}
	table_close(relation, AccessShareLock);
	return alike;
}

const char *qualified(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation));
}

void drop_view(Oid view)
{
	run_ddl(psprintf("DROP VIEW %s RESTRICT", qualified(view)));
}

/// Who may do what with a view; null: only its owner may.
Acl *acl_of(Oid view)
{
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
	bool isnull = true;
	const Datum acl =
		HeapTupleIsValid(tuple) ? SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &isnull) : Datum{0};
	Acl *const copy = isnull ? nullptr : DatumGetAclPCopy(acl);
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return copy;
}

/// Gives a view that was made anew the rights on the one before, by those who granted them.
void write_acl(Oid view, Acl *acl)
{
	Relation const classes = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple const tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(view));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", view);
	Oid *before = nullptr;
	Oid *after = nullptr;
	Acl *const present = acl_of(view);
	const int count_before = present == nullptr ? 0 : aclmembers(present, &before);
	const int count_after = aclmembers(acl, &after);
	Datum values[Natts_pg_class] = {};
	bool nulls[Natts_pg_class] = {};
	bool replaces[Natts_pg_class] = {};
	values[Anum_pg_class_relacl - 1] = PointerGetDatum(acl);
	replaces[Anum_pg_class_relacl - 1] = true;
	HeapTuple const changed = heap_modify_tuple(tuple, RelationGetDescr(classes), values, nulls, replaces);
	CatalogTupleUpdate(classes, &changed->t_self, changed);
	updateAclDependencies(RelationRelationId, view, 0, reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner,
						  count_before, before, count_after, after);
	table_close(classes, RowExclusiveLock);
	CommandCounterIncrement();
}

Oid owner_of(Oid relation)
{
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/// Whether a view's owner has granted a role to read it.
bool is_granted(Oid view, Oid role, bool may_grant)
{
	const Acl *const acl = acl_of(view);
	Oid const owner = owner_of(view);
	for (int i = 0; acl != nullptr && i < ACL_NUM(acl); i++)
	{
		const AclItem &item = ACL_DAT(acl)[i];
		if (item.ai_grantee == role && item.ai_grantor == owner && (ACLITEM_GET_PRIVS(item) & ACL_SELECT) != 0 &&
			(!may_grant || role == owner || (ACLITEM_GET_GOPTIONS(item) & ACL_SELECT) != 0))
			return true;
	}
	return false;
}

void grant(Oid view, Oid role, bool may_grant = false)
{
	if (OidIsValid(role) && !is_granted(view, role, may_grant))
		run_ddl(psprintf("GRANT SELECT ON %s TO %s%s", qualified(view),
						 quote_identifier(GetUserNameFromId(role, false)), may_grant ? " WITH GRANT OPTION" : ""));
}

/// Those who see the instances may read the view; the process's owner lets others. Who has it already is left alone; who was
/// dropped and made anew has it not.
void grant_view(Oid view, const expr::Definition &definition, Oid owner)
{
	grant(view, owner, true);
	grant(view, get_role_oid("bpt_admin", true));
	grant(view, get_role_oid("bpt_monitor", true));
	for (const core::Name &role : definition.model->visible_to)
		grant(view, get_role_oid(c_string(role.text), true));
}

/// Makes or replaces the view.
Oid make_view(const expr::Definition &definition, Oid schema, const char *name, const char *query)
{
	const char *const full = quote_qualified_identifier(get_namespace_name(schema), name);
	run_ddl(psprintf("CREATE OR REPLACE VIEW %s WITH (security_barrier) AS %s", full, query));
	const Oid view = get_relname_relid(name, schema);
	depend_on_extension(RelationRelationId, view);
	CreateComments(view, RelationRelationId, 0,
				   psprintf("Instances of process %s. Made by bpt.publish().", definition.name));
	CommandCounterIncrement();
	return view;
}

/// Brings the view up to date; one that has its form already is left alone.
Oid install_view(const expr::Definition &definition, Oid schema)
{
	char *const name = c_string(view_name(*definition.model).text);
	char *const query = query_of(definition);
	pg::Row row = row_of(definition.id);
	Oid view = row ? view_of(row) : InvalidOid;
	Acl *acl = nullptr;
	if (OidIsValid(view))
	{
		const bool in_place = get_rel_namespace(view) == schema && strcmp(get_rel_name(view), name) == 0;
		if (in_place && strcmp(row.text(exposed_view::query), query) == 0)
		{
			depend_on_extension(RelationRelationId, view);
			if (row.oid(exposed_view::view) != view)
			{
				row.set(exposed_view::view, ObjectIdGetDatum(view));
				pg::update("exposed_view", row);
			}
			return view;
		}
		if (!in_place || !begins_alike(view, definition))
		{
			acl = acl_of(view);
			drop_view(view);
		}
	}
	view = make_view(definition, schema, name, query);
	if (acl != nullptr)
		write_acl(view, acl);
	const bool is_new = !row;
	if (is_new)
		row = pg::new_row("exposed_view");
	row.set(exposed_view::process_def_id, Int64GetDatum(definition.id));
	row.set(exposed_view::view, ObjectIdGetDatum(view));
	row.set_text(exposed_view::schema_name, get_namespace_name(schema));
	row.set_text(exposed_view::view_name, name);
	row.set_text(exposed_view::query, query);
	if (is_new)
		pg::insert("exposed_view", row);
	else
		pg::update("exposed_view", row);
	return view;
}

char *index_name(int64 variable_id)
{
	return psprintf("exposed_" INT64_FORMAT, variable_id);
}

Oid index_of(int64 variable_id)
{
	return get_relname_relid(index_name(variable_id), pg::schema_oid());
}

void drop_index(Oid index)
{
	run_ddl(psprintf("DROP INDEX %s RESTRICT", qualified(index)));
}

/// True if an index holds the values of an input as its view shows them.
bool fits(Oid index, const expr::Variable &input, const char *method)
{
	Relation const relation = index_open(index, AccessShareLock);
	const List *const expressions = RelationGetIndexExpressions(relation);
	const bool result = list_length(expressions) == 1 && relation->rd_index->indisvalid &&
						relation->rd_rel->relam == get_index_am_oid(method, false) &&
						exprType(static_cast<Node *>(linitial(expressions))) == exposed_type(input.type);
	index_close(relation, AccessShareLock);
	return result;
}

/// Makes the index of one input, keeping one that fits.
void install_index(const expr::Definition &definition, const expr::Variable &input)
{
	const char *const method = exposed_index_method(exposed_type(input.type));
	const Oid present = index_of(input.id);
	if (OidIsValid(present))
	{
		if (method != nullptr && fits(present, input, method))
			return;
		drop_index(present);
	}
	if (method != nullptr)
		run_ddl(psprintf("CREATE INDEX %s ON bpt.process_instance USING %s (%s) "
						 "WHERE process_def_id = '" INT64_FORMAT "'::bigint",
						 quote_identifier(index_name(input.id)), method, value_expression("", "inputs", input),
						 definition.id));
}

bool has_input(const expr::Definition *definition, int64 variable_id)
{
	if (definition != nullptr)
		for (const expr::Variable &input : definition->inputs)
			if (input.id == variable_id)
				return true;
	return false;
}

/// Drops the indexes of the inputs that a process had and that `definition` (null: none) has not.
void drop_indexes(int64 process_def_id, const expr::Definition *definition)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<Oid> indexes;
	pg::each("variable_def", "variable_def_owner", {pg::key(process_def_id)}, [&](pg::Row &row) {
		const int64 id = row.int8(variable_def::id);
		const Oid index = has_input(definition, id) ? InvalidOid : index_of(id);
		if (OidIsValid(index))
			indexes.push(arena, index);
		return true;
	});
	for (const Oid index : indexes)
		drop_index(index);
}

/// True if a candidate before this one in the text asks for a view of the same name.
bool is_taken_in_text(const Checked &checked, const Candidate &candidate, std::string_view name)
{
	for (const Candidate &other : checked.candidates)
	{
		if (&other == &candidate)
			return false;
		if (other.model->expose_entity && other.schema == candidate.schema && view_name(*other.model).text == name)
			return true;
	}
	return false;
}

/// Brings what one process of a restored database has up to date.
void restore(const pg::Row &process)
{
	const Oid schema = stored_schema(process.oid(process_def::schema_oid), process.text(process_def::schema_name));
	const int64 id = process.int8(process_def::id);
	if (!OidIsValid(schema))
		return;
	install_exposed(*expr::definition(id, process.int4(process_def::version)), schema, process_owner(id));
	const Oid view = view_of(row_of(id));
	if (owner_of(view) != pg::extension_owner())
		run_ddl(psprintf("ALTER VIEW %s OWNER TO %s", qualified(view),
						 quote_identifier(GetUserNameFromId(pg::extension_owner(), false))));
}

} // namespace

void check_exposed(Checked &checked, const Candidate &candidate)
{
	if (!candidate.model->expose_entity)
		return;
	const core::Name name = view_name(*candidate.model);
	char *const wanted = c_string(name.text);
	const pg::Row row = candidate.existing ? row_of(candidate.existing.int8(process_def::id)) : pg::Row{};
	const Oid own = row ? view_of(row) : InvalidOid;
	const Oid relation = get_relname_relid(wanted, candidate.schema);
	const Oid type =
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(wanted), ObjectIdGetDatum(candidate.schema));
	const bool relation_taken = OidIsValid(relation) && relation != own;
	// PostgreSQL moves the array types that it has made by itself out of the way.
	const bool type_taken =
		OidIsValid(type) && get_typ_typrelid(type) == InvalidOid && !OidIsValid(get_element_type(type));
	if (relation_taken || is_taken_in_text(checked, candidate, name.text))
		refuse(checked, "relation_exists", "42P07", name.offset,
			   core::concat(checked.arena,
							{"relation \"", wanted, "\" already exists in schema \"", candidate.schema_name, "\""}),
			   "Name the view with EXPOSE ENTITY AS, or drop the other one.");
	else if (type_taken)
		refuse(checked, "type_exists", "42710", name.offset,
			   core::concat(checked.arena,
							{"type \"", wanted, "\" already exists in schema \"", candidate.schema_name, "\""}),
			   "A view has a row type of its name. Name the view with EXPOSE ENTITY AS.");
}

void install_exposed(const expr::Definition &definition, Oid schema, Oid owner)
{
	if (!definition.model->expose_entity)
		return drop_exposed(definition.id);
	grant_view(install_view(definition, schema), definition, owner);
	drop_indexes(definition.id, &definition);
	for (const expr::Variable &input : definition.inputs)
		install_index(definition, input);
}

void revoke_exposed(const pg::Row &process)
{
	const pg::Row row = row_of(process.int8(process_def::id));
	const Oid view = row ? view_of(row) : InvalidOid;
	if (!OidIsValid(view) || process.null(process_def::visible_to))
		return;
	int count = 0;
	const int64 *const roles = pg::int8_items(process.at(process_def::visible_to), &count);
	for (int i = 0; i < count; i++)
	{
		const Oid role = role_of_ref(roles[i]);
		if (OidIsValid(role))
			run_ddl(psprintf("REVOKE SELECT ON %s FROM %s", qualified(view),
							 quote_identifier(GetUserNameFromId(role, false))));
	}
}

bool may_read_exposed(int64 process_def_id)
{
	const pg::Row row = row_of(process_def_id);
	const Oid view = row ? view_of(row) : InvalidOid;
	return OidIsValid(view) && pg_class_aclcheck(view, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

void drop_exposed(int64 process_def_id)
{
	const pg::Row row = row_of(process_def_id);
	if (!row)
		return;
	const Oid view = view_of(row);
	if (OidIsValid(view))
		drop_view(view);
	drop_indexes(process_def_id, nullptr);
	pg::remove("exposed_view", row);
}

void restore_exposed()
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<pg::Row> processes;
	pg::each("process_def", "process_def_pkey", {}, [&](pg::Row &row) {
		if (row.boolean(process_def::is_active) && row.boolean(process_def::expose_process_entity))
			processes.push(arena, row);
		return true;
	});
	for (const pg::Row &process : processes)
	{
		ErrorData *const failure = pg::in_subtransaction([&] { restore(process); });
		if (failure == nullptr)
			continue;
		if (pg::must_reach_caller(failure))
			ReThrowError(failure);
		ereport(WARNING,
				(errcode(failure->sqlerrcode),
				 errmsg("process \"%s\" is not exposed: %s", process.text(process_def::name), failure->message),
				 errhint("Publish it again when the cause is gone.")));
	}
}

} // namespace bpt::engine
