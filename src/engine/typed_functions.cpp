// Making, keeping and dropping typed functions (typed_functions.hpp). Locks: those of CREATE and DROP FUNCTION; called
// with the process's name lock held.
#include "engine/typed_functions.hpp"
#include "pg/arena.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/comment.h"
#include "utils/catcache.h"
#include "utils/regproc.h"
}

#include "core/naming.hpp"
#include "core/text.hpp"
#include "engine/candidate.hpp"
#include "engine/ddl.hpp"
#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "pg/bracket.hpp"
#include "pg/home.hpp"

namespace bpt::engine {

namespace {

constexpr const char *kLaunchSymbol = "bpt_launch_typed";
constexpr const char *kCloseSymbol = "bpt_close_typed";
constexpr const char *kStartSymbol = "bpt_start_typed";
constexpr const char *kWakeSymbol = "bpt_wake_typed";

const char *symbol_of(const TypedFunction &function)
{
	if (function.wakes)
		return kWakeSymbol;
	return function.element < 0 ? kLaunchSymbol : function.starts ? kStartSymbol : kCloseSymbol;
}

Oid result_of(const TypedFunction &function)
{
	return function.wakes ? VOIDOID : INT8OID;
}

/// Says which function an error is about.
void describe_drop(void *signature)
{
	errcontext("replacing or dropping generated function %s", static_cast<char *>(signature));
}

void drop_function(Oid function)
{
	char *const signature = format_procedure_qualified(function);
	ErrorContextCallback callback = {error_context_stack, describe_drop, signature};
	error_context_stack = &callback;
	run_ddl(psprintf("DROP FUNCTION %s RESTRICT", signature));
	error_context_stack = callback.previous;
}

/// Adds one parameter; once one may be left out, PostgreSQL wants a default for all that follow.
void add_parameter(core::Arena &arena, TypedFunction &function, const char *name, Oid type, bool optional)
{
	const bool after_optional =
		!function.parameters.empty() && function.parameters[function.parameters.count - 1].optional;
	function.parameters.push(arena, {name, type, optional || after_optional});
}

void add_inputs(core::Arena &arena, TypedFunction &function, const core::Vec<expr::Variable> &variables)
{
	for (const expr::Variable &variable : variables)
		if (variable.is_input && OidIsValid(variable.type))
			add_parameter(arena, function, variable.name, variable.type, !variable.is_mandatory);
}

/// PostgreSQL's limit; names and their lengths are core's to check.
void check_parameter_count(core::Arena &arena, const TypedFunction &function, core::Diagnostics &problems)
{
	if (function.parameters.count > FUNC_MAX_ARGS)
		problems.add(arena, problem("too_many_inputs", "54023", function.offset,
									core::concat(arena, {"function \"", function.name, "\" would have more than ",
														 core::number_text(arena, FUNC_MAX_ARGS), " parameters"})));
}

/// The typed_function rows of a process.
core::Vec<pg::Row> stored_rows(core::Arena &arena, int64 process_def_id)
{
	return pg::all(arena, "typed_function", "typed_function_process", {pg::key(process_def_id)});
}

Oid function_of(const pg::Row &row)
{
	return pg::stored_function(row.oid(typed_function::function), row.text(typed_function::signature));
}

/// True if a function of the catalog has exactly the wanted name, parameters and body.
bool has_form(HeapTuple tuple, Oid schema, const TypedFunction &wanted)
{
	Form_pg_proc const proc = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
	if (proc->pronamespace != schema || strcmp(NameStr(proc->proname), wanted.name) != 0 ||
		proc->prolang != ClanguageId || proc->prorettype != result_of(wanted) ||
		proc->pronargs != wanted.parameters.count)
		return false;
	bool null = false;
	const Datum source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &null);
	if (null || strcmp(TextDatumGetCString(source), symbol_of(wanted)) != 0)
		return false;
	Oid *types = nullptr;
	char **names = nullptr;
	char *modes = nullptr;
	get_func_arg_info(tuple, &types, &names, &modes);
	const int first_default = proc->pronargs - proc->pronargdefaults;
	for (int i = 0; i < proc->pronargs; i++)
	{
		const TypedParameter &parameter = wanted.parameters[i];
		if (types[i] != parameter.type || names == nullptr || strcmp(names[i], parameter.name) != 0 ||
			(i >= first_default) != parameter.optional)
			return false;
	}
	return true;
}

/// CREATE FUNCTION's text.
char *create_statement(const char *schema_name, const TypedFunction &function)
{
	StringInfoData sql;
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE FUNCTION %s(", quote_qualified_identifier(schema_name, function.name));
	for (int i = 0; i < function.parameters.count; i++)
	{
		const TypedParameter &parameter = function.parameters[i];
		const char *const type = format_type_extended(parameter.type, -1, FORMAT_TYPE_FORCE_QUALIFY);
		appendStringInfo(&sql, "%s%s %s", i == 0 ? "" : ", ", quote_identifier(parameter.name), type);
		if (!parameter.optional)
			continue;
		// NULL cast to a domain may be refused; an array of it may not.
		if (get_typtype(parameter.type) == TYPTYPE_DOMAIN)
			appendStringInfo(&sql, " DEFAULT bpt.unset_domain(NULL::%s[])", type);
		else
			appendStringInfo(&sql, " DEFAULT bpt.unset(NULL::%s)", type);
	}
	appendStringInfo(&sql,
					 ") RETURNS %s LANGUAGE c VOLATILE CALLED ON NULL INPUT SECURITY INVOKER "
					 "PARALLEL UNSAFE AS '$libdir/bpt', '%s'",
					 format_type_extended(result_of(function), -1, FORMAT_TYPE_FORCE_QUALIFY), symbol_of(function));
	return sql.data;
}

/// The function with this name and these parameters.
Oid find_function(Oid schema, const TypedFunction &function)
{
	Oid types[FUNC_MAX_ARGS];
	for (int i = 0; i < function.parameters.count; i++)
		types[i] = function.parameters[i].type;
	oidvector *const vector = buildoidvector(types, function.parameters.count);
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(function.name), PointerGetDatum(vector),
						   ObjectIdGetDatum(schema));
}

/// A function's ACL, the built-in one where none is stored, and its owner.
Acl *acl_of(Oid function, Oid *owner)
{
	HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	*owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
	bool null = false;
	const Datum stored = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proacl, &null);
	Acl *const acl = null ? acldefault(OBJECT_FUNCTION, *owner) : DatumGetAclPCopy(stored);
	ReleaseSysCache(tuple);
	return acl;
}

/// Writes a function's ACL and its dependencies on roles.
void write_acl(Oid function, Acl *acl)
{
	Oid owner = InvalidOid;
	Oid *before = nullptr;
	Oid *after = nullptr;
	Acl *const old_acl = acl_of(function, &owner);
	const int count_before = aclmembers(old_acl, &before);
	const int count_after = aclmembers(acl, &after);

	Relation const procs = table_open(ProcedureRelationId, RowExclusiveLock);
	HeapTuple const tuple = SearchSysCacheCopy1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	Datum values[Natts_pg_proc] = {};
	bool nulls[Natts_pg_proc] = {};
	bool replaces[Natts_pg_proc] = {};
	values[Anum_pg_proc_proacl - 1] = PointerGetDatum(acl);
	replaces[Anum_pg_proc_proacl - 1] = true;
	HeapTuple const changed = heap_modify_tuple(tuple, RelationGetDescr(procs), values, nulls, replaces);
	CatalogTupleUpdate(procs, &changed->t_self, changed);
	updateAclDependencies(ProcedureRelationId, function, 0, owner, count_before, before, count_after, after);
	table_close(procs, RowExclusiveLock);
	CommandCounterIncrement();
}

/// EXECUTE for one more, or one fewer, grantee, granted by the owner.
Acl *with_execute(Acl *acl, Oid owner, Oid grantee, int change)
{
	AclItem item = {};
	item.ai_grantee = grantee;
	item.ai_grantor = owner;
	ACLITEM_SET_PRIVS_GOPTIONS(item, ACL_EXECUTE, ACL_NO_RIGHTS);
	return aclupdate(acl, &item, change, owner, DROP_CASCADE);
}

/// What COMMENT ON says of it.
char *comment_of(const expr::Definition &definition, const TypedFunction &function)
{
	if (function.wakes)
		return psprintf("Runs timer %s now. Made by bpt.publish().", definition.name);
	if (function.element < 0)
		return psprintf("Starts process %s and returns its id. Made by bpt.publish().", definition.name);
	return psprintf("%s %s of process %s and returns the next task's id. Made by bpt.publish().",
					function.starts ? "Starts" : "Closes",
					c_string(definition.model->elements[function.element].name.text), definition.name);
}

/// Makes one function: owner, ACL (null: for the owner, or for all if it checks rights itself), comment, dependency.
Oid make_function(const expr::Definition &definition, Oid schema, Oid owner, const TypedFunction &function, Acl *acl)
{
	run_ddl(create_statement(get_namespace_name(schema), function));
	const Oid oid = find_function(schema, function);
	if (!OidIsValid(oid))
		elog(ERROR, "bpt: function \"%s\" was not made", function.name);
	const char *const signature = format_procedure_qualified(oid);
	run_ddl(psprintf("ALTER FUNCTION %s OWNER TO %s", signature, quote_identifier(GetUserNameFromId(owner, false))));
	run_ddl(psprintf("ALTER FUNCTION %s DEPENDS ON EXTENSION bpt", signature));
	if (acl == nullptr)
		acl = function.element < 0 ? with_execute(make_empty_acl(), owner, owner, ACL_MODECHG_ADD)
								   : acldefault(OBJECT_FUNCTION, owner);
	write_acl(oid, acl);
	CreateComments(oid, ProcedureRelationId, 0, comment_of(definition, function));
	CommandCounterIncrement();
	return oid;
}

/// The id under which a function's row is known: of its activity, 0 for launch.
int64 activity_of(const expr::Definition &definition, const TypedFunction &function)
{
	return function.element < 0 ? 0 : definition.elements[function.element].id;
}

void write_row(const expr::Definition &definition, const TypedFunction &function, Oid oid)
{
	pg::Row row = pg::new_row("typed_function");
	row.set(typed_function::id, Int64GetDatum(pg::next_id("definition_id")));
	row.set(typed_function::function, ObjectIdGetDatum(oid));
	row.set_text(typed_function::signature, format_procedure_qualified(oid));
	row.set(typed_function::process_def_id, Int64GetDatum(definition.id));
	if (function.element >= 0)
		row.set(typed_function::activity_def_id, Int64GetDatum(activity_of(definition, function)));
	row.set(typed_function::version, Int32GetDatum(definition.version));
	pg::insert("typed_function", row);
}

/// Brings a function that keeps its form up to date in what is not part of the form.
void keep_function(Oid oid, Oid owner, pg::Row &row)
{
	Oid present = InvalidOid;
	acl_of(oid, &present);
	const char *const signature = format_procedure_qualified(oid);
	if (present != owner)
		run_ddl(
			psprintf("ALTER FUNCTION %s OWNER TO %s", signature, quote_identifier(GetUserNameFromId(owner, false))));
	if (row.oid(typed_function::function) == oid && strcmp(row.text(typed_function::signature), signature) == 0)
		return;
	row.set(typed_function::function, ObjectIdGetDatum(oid));
	row.set_text(typed_function::signature, signature);
	pg::update("typed_function", row);
}

/// What is known of one planned function while the present ones are gone through.
struct Plan
{
	Oid kept = InvalidOid;
	Acl *acl = nullptr; // of the one it replaces
};

/// Keeps or drops the function of one row; tells the plan of the function that it belongs to.
void settle_row(const expr::Definition &definition, Oid schema, Oid owner, const core::Vec<TypedFunction> &functions,
				Plan *plans, pg::Row &row)
{
	int wanted = -1;
	for (int i = 0; i < functions.count; i++)
		if (activity_of(definition, functions[i]) == row.int8(typed_function::activity_def_id))
			wanted = i;
	const Oid oid = function_of(row);
	if (OidIsValid(oid) && wanted >= 0)
	{
		HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
		const bool fits = has_form(tuple, schema, functions[wanted]);
		ReleaseSysCache(tuple);
		if (fits)
		{
			plans[wanted].kept = oid;
			keep_function(oid, owner, row);
			return;
		}
		Oid old_owner = InvalidOid;
		Acl *const acl = acl_of(oid, &old_owner);
		plans[wanted].acl = old_owner == owner ? acl : aclnewowner(acl, old_owner, owner);
	}
	if (OidIsValid(oid))
		drop_function(oid);
	pg::remove("typed_function", row);
}

} // namespace

core::Vec<TypedFunction> plan_functions(core::Arena &arena, const expr::Definition &draft, core::Diagnostics &problems)
{
	core::Vec<TypedFunction> functions;
	const core::Process &model = *draft.model;

	TypedFunction launch;
	const core::Name launch_name = core::launch_function(arena, model);
	launch.offset = launch_name.offset;
	launch.name = c_string(launch_name.text);
	add_inputs(arena, launch, draft.inputs);
	functions.push(arena, launch);

	for (int i = 0; i < draft.elements.count; i++)
	{
		const core::Element &element = *draft.elements[i].model;
		const core::Name name = core::activity_function(arena, model, element);
		if (!name)
			continue;
		TypedFunction function;
		function.element = i;
		function.starts = element.kind == core::Kind::conditional_start;
		function.offset = name.offset;
		function.name = c_string(name.text);
		add_parameter(arena, function, function.starts ? "process_id" : "activity_id", INT8OID, false);
		add_inputs(arena, function, draft.elements[i].outputs);
		functions.push(arena, function);
	}
	for (const TypedFunction &function : functions)
		check_parameter_count(arena, function, problems);
	return functions;
}

TypedFunction plan_wake(core::Arena &arena, const core::Timer &timer)
{
	TypedFunction wake;
	wake.wakes = true;
	const core::Name name = core::wake_function(arena, timer);
	wake.offset = name.offset;
	wake.name = c_string(name.text);
	return wake;
}

void check_clashes(core::Arena &arena, Oid schema, int64 process_def_id, const core::Vec<TypedFunction> &functions,
				   core::Diagnostics &problems)
{
	const core::Vec<pg::Row> own = stored_rows(arena, process_def_id);
	for (const TypedFunction &function : functions)
	{
		CatCList *const list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(function.name));
		for (int i = 0; i < list->n_members; i++)
		{
			Form_pg_proc const proc = reinterpret_cast<Form_pg_proc>(GETSTRUCT(&list->members[i]->tuple));
			bool is_own = proc->pronamespace != schema;
			for (const pg::Row &row : own)
				is_own = is_own || function_of(row) == proc->oid;
			if (is_own)
				continue;
			problems.add(arena,
						 problem("function_exists", "42723", function.offset,
								 core::concat(arena, {"function \"", function.name, "\" already exists in schema \"",
													  get_namespace_name(schema), "\""}),
								 "Name the generated function with CALLED, or drop the other one."));
			break;
		}
		ReleaseSysCacheList(list);
	}
}

Oid install_functions(const expr::Definition &definition, Oid schema, Oid owner,
					  const core::Vec<TypedFunction> &functions)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	Plan *const plans = static_cast<Plan *>(palloc0(sizeof(Plan) * static_cast<Size>(functions.count)));
	core::Vec<pg::Row> rows = stored_rows(arena, definition.id);
	for (pg::Row &row : rows)
		settle_row(definition, schema, owner, functions, plans, row);

	Oid launch = InvalidOid;
	for (int i = 0; i < functions.count; i++)
	{
		Oid oid = plans[i].kept;
		if (!OidIsValid(oid))
		{
			oid = make_function(definition, schema, owner, functions[i], plans[i].acl);
			write_row(definition, functions[i], oid);
		}
		if (functions[i].element < 0)
			launch = oid;
	}
	return launch;
}

void set_public(Oid launch_function, bool is_public)
{
	Oid owner = InvalidOid;
	Acl *const acl = acl_of(launch_function, &owner);
	write_acl(launch_function, with_execute(acl, owner, ACL_ID_PUBLIC, is_public ? ACL_MODECHG_ADD : ACL_MODECHG_DEL));
}

void drop_functions(int64 process_def_id)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<pg::Row> rows = stored_rows(arena, process_def_id);
	for (pg::Row &row : rows)
	{
		const Oid oid = function_of(row);
		if (OidIsValid(oid))
			drop_function(oid);
		pg::remove("typed_function", row);
	}
}

} // namespace bpt::engine
