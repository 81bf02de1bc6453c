// A definition that is being published: its types, tables and the outputs of its statements, found as its owner.
//
// Statements are analysed in an order in which each finds the outputs it reads: what precedes an element on all paths has
// fewer elements before it than the element itself.
#include "pg/postgres.hpp"
#include "pg/arena.hpp"

#include "expr/bindings.hpp"
#include "expr/examine.hpp"
#include "pg/relation.hpp"

namespace bpt::expr {

namespace {

core::Sql as_sql(const core::Name &name)
{
	return {name.text, name.offset};
}

/// Refuses types of which no value can be kept.
bool refuse_type(Examiner *examiner, Oid type, const char *name, int32 offset)
{
	if (get_typtype(type) == TYPTYPE_PSEUDO)
	{
		add_problem(examiner, core::Severity::error, "wrong_type", offset,
					psprintf("\"%s\" cannot be of pseudo-type %s", name, format_type_be(type)));
		return true;
	}
	HeapTuple const tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	const bool temporary =
		HeapTupleIsValid(tuple) && isAnyTempNamespace(reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typnamespace);
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (temporary)
		add_problem(examiner, core::Severity::error, "temporary", offset,
					psprintf("temporary type \"%s\" cannot be used in a definition", format_type_be(type)),
					"It ends with this session.");
	return temporary;
}

/// Finds the type that a variable is declared with.
void find_type(Examiner *examiner, Variable &variable)
{
	if (variable.model == nullptr || !variable.model->type)
		return;
	const core::Sql &sql = variable.model->type;
	Oid type = InvalidOid;
	int32 typmod = -1;
	const bool found = try_or_add(examiner, "unknown_type", sql, 0, [&] {
		bpt_require_type(pnstrdup(sql.text.data(), sql.text.size()), &type, &typmod);
	});
	if (!found || refuse_type(examiner, type, variable.name, sql.offset))
		return;
	variable.type = type;
	variable.typmod = typmod;
	variable.collation = get_typcollation(type);
}

void find_types(Examiner *examiner, core::Vec<Variable> &list)
{
	for (Variable &variable : list)
		find_type(examiner, variable);
}

/// Finds the table of a clause, and whether the columns that it names are there.
void find_table(Examiner *examiner, Clause &clause)
{
	const core::QualifiedName &name = clause.model->table;
	if (!name.name)
		return; // swallowed by a syntax error
	const core::Sql place = as_sql(name.schema ? name.schema : name.name);
	Oid relation = InvalidOid;
	const bool found = try_or_add(examiner, "unknown_table", place, 0, [&] {
		char *const schema = name.schema ? pnstrdup(name.schema.text.data(), name.schema.text.size()) : nullptr;
		RangeVar *const table = makeRangeVar(schema, pnstrdup(name.name.text.data(), name.name.text.size()), -1);
		relation = RangeVarGetRelid(table, NoLock, false);
	});
	if (!found)
		return;
	clause.relation = relation;
	for (const core::Name &column : clause.model->columns)
		if (get_attnum(relation, c_string(examiner->definition, column.text)) <= 0)
			add_problem(examiner, core::Severity::error, "unknown_column", column.offset,
						psprintf("column \"%s\" of relation \"%s\" does not exist",
								 c_string(examiner->definition, column.text), get_rel_name(relation)),
						nullptr, nullptr, "42703");
}

/// The one column of the table's primary key, 0 where there is none: a table without a key is refused by the check of the
/// table, a composite one here.
AttrNumber key_column(Examiner *examiner, const Clause &clause)
{
	const char kind = get_rel_relkind(clause.relation);
	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		return 0;
	AttrNumber columns[INDEX_MAX_KEYS];
	const int count = pg::primary_key(clause.relation, columns);
	if (count > 1 && clause.model->as)
		add_problem(examiner, core::Severity::error, "composite_key", clause.model->as.offset,
					psprintf("the primary key of table \"%s\" has %d columns", get_rel_name(clause.relation), count),
					"AS passes a key of one column.", "Pass the columns one by one, by WITH (input => column, …).");
	return count == 1 ? columns[0] : AttrNumber{0};
}

/// Gives the input that AS declares the type of the key.
void type_by_key(Examiner *examiner, const Clause &clause)
{
	const AttrNumber column = key_column(examiner, clause);
	if (column <= 0 || !clause.model->as)
		return;
	Definition *const definition = examiner->definition;
	core::Vec<Variable> &list = clause.element < 0 ? definition->inputs : definition->elements[clause.element].outputs;
	Variable *const input = find_variable(list, clause.model->as.text);
	if (input->model->type)
		return; // declared with a type of its own
	Oid type = InvalidOid;
	int32 typmod = -1;
	Oid collation = InvalidOid;
	get_atttypetypmodcoll(clause.relation, column, &type, &typmod, &collation);
	if (OidIsValid(input->type) && input->type != type)
		add_problem(examiner, core::Severity::error, "wrong_type", clause.model->as.offset,
					psprintf("\"%s\" is declared as the key of two tables, of types %s and %s", input->name,
							 format_type_be(input->type), format_type_be(type)),
					nullptr, "Declare it as an input with a type, or use two names.");
	input->type = type;
	input->typmod = typmod;
	input->collation = get_typcollation(type);
}

/// True if the clause gives the process's input of that name a value.
bool sets(const core::EventClause &clause, const char *name)
{
	if (clause.as && clause.as.text == std::string_view(name))
		return true;
	for (const core::Assignment &with : clause.with)
		if (with.name.text == std::string_view(name))
			return true;
	return false;
}

/// A key that every LAUNCH ON passes must be given by callers too.
void find_mandatory(Definition *definition)
{
	for (Variable &input : definition->inputs)
	{
		if (input.model->type)
			continue;
		input.is_mandatory = true;
		for (const core::EventClause &launch : definition->model->launches)
			input.is_mandatory = input.is_mandatory && sets(launch, input.name);
	}
}

/// Adds the result columns of one statement to the outputs of its activity.
void infer(Examiner *examiner, Element &element, int32 index, const core::Statement &statement)
{
	Definition *const definition = examiner->definition;
	Site site;
	site.element = index;
	Code *const code = expr::code(definition, statement.sql, site, CodeKind::statement);
	const Query *const query = examine_statement(examiner, code);
	if (query == nullptr)
	{
		element.outputs_unknown = true;
		return;
	}
	ListCell *cell = nullptr;
	foreach (cell, result_columns(query))
	{
		const auto *const column = static_cast<TargetEntry *>(lfirst(cell));
		const auto *const value = reinterpret_cast<Node *>(column->expr);
		Oid type = exprType(value);
		if (column->resname == nullptr || strcmp(column->resname, "?column?") == 0 || type == VOIDOID)
			continue;
		if (type == UNKNOWNOID)
			type = TEXTOID;
		if (find_variable(element.outputs, column->resname) != nullptr)
		{
			add_problem(examiner, core::Severity::error, "duplicate_output", statement.sql.offset,
						psprintf("output \"%s\" of activity \"%.*s\" is given more than once", column->resname,
								 static_cast<int>(element.model->name.text.size()), element.model->name.text.data()),
						nullptr, "Name the result columns differently, with AS.");
			continue;
		}
		if (refuse_type(examiner, type, column->resname, statement.sql.offset))
		{
			element.outputs_unknown = true;
			continue;
		}
		Variable output;
		output.name = c_string(definition, column->resname);
		output.type = type;
		output.typmod = exprTypmod(value);
		output.collation = get_typcollation(type);
		element.outputs.push(definition->arena, output);
	}
}

int32 count_before(const Definition *definition, int32 element)
{
	int32 count = 0;
	for (int32 other = 0; other < definition->elements.count; other++)
		count += definition->flow->precedes(other, element);
	return count;
}

/// An EXECUTE has the outputs of the process that it runs.
void take_outputs_of_invoked(Definition *definition, Element &element)
{
	element.outputs_unknown = element.invoked == nullptr;
	if (element.invoked == nullptr)
		return;
	for (const Variable &returned : element.invoked->outputs)
	{
		Variable output;
		output.name = c_string(definition, returned.name);
		output.type = returned.type;
		output.typmod = returned.typmod;
		output.collation = returned.collation;
		element.outputs.push(definition->arena, output);
	}
}

/// Infers the outputs of all AUTOMATICs and EXECUTEs, those with the fewest elements before them first.
void infer_all(Examiner *examiner)
{
	Definition *const definition = examiner->definition;
	const int32 size = definition->elements.count;
	auto *const before = static_cast<int32 *>(palloc(sizeof(int32) * static_cast<std::size_t>(size + 1)));
	for (int32 e = 0; e < size; e++)
		before[e] = count_before(definition, e);
	for (int32 rank = 0; rank <= size; rank++)
		for (int32 e = 0; e < size; e++)
		{
			Element &element = definition->elements[e];
			if (before[e] != rank)
				continue;
			if (element.model->kind == core::Kind::execute)
				take_outputs_of_invoked(definition, element);
			for (const core::Statement &statement : element.model->statements)
				infer(examiner, element, e, statement);
		}
	pfree(before);
}

} // namespace

Definition *draft(MemoryContext context, core::Arena &arena, core::Process *process, core::Flow *flow,
				  std::string_view text, const char *schema, const char *search_path, Oid owner,
				  core::Diagnostics &problems)
{
	core::Arena own = pg::arena_in(context);
	Definition *const definition = own.make<Definition>();
	definition->context = context;
	definition->arena = own;
	definition->schema = c_string(definition, schema);
	definition->name = c_string(definition, process->name.name.text);
	definition->search_path = c_string(definition, search_path);
	definition->text = text;
	definition->draft_owner = owner;
	set_lists(definition, process, flow);

	as_owner(definition, [&] {
		Examiner examiner = make_examiner(definition, &problems);
		find_types(&examiner, definition->inputs);
		find_types(&examiner, definition->outputs);
		for (Element &element : definition->elements)
			find_types(&examiner, element.outputs);
		for (Clause &clause : definition->clauses)
		{
			find_table(&examiner, clause);
			if (OidIsValid(clause.relation))
				type_by_key(&examiner, clause);
		}
		find_mandatory(definition);
		end_examiner(&examiner);
	});
	return definition;
}

void infer_outputs(Definition *draft, core::Diagnostics &problems)
{
	as_owner(draft, [&] {
		Examiner examiner = make_examiner(draft, &problems);
		infer_all(&examiner);
		end_examiner(&examiner);
	});
}

} // namespace bpt::expr
