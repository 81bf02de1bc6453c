// The bindings of a version: the ids and types that the names of its text stand for, as jsonb beside the text.
//
//   {"inputs": [{"id", "name", "type"}…], "outputs": […], "clauses": [{"id", "entity"}…],
//    "elements": [{"id", "outputs": [{"id", "name", "type", "input", "mandatory"}…], "roles": [id…], "process": id}…]}
//
// Elements and clauses stand in text order, so they need no names. Types are names with schema and modifier, which survive
// dump and upgrade.
#include "pg/postgres.hpp"

#include "expr/bindings.hpp"
#include "pg/json.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

namespace bpt::expr {

namespace {

/// Writes one jsonb document, value by value.
struct Writer
{
	JsonbParseState *state = nullptr;
	JsonbValue *last = nullptr;

	void token(JsonbIteratorToken what) { last = pushJsonbValue(&state, what, nullptr); }
	void key(const char *name) { string(name, WJB_KEY); }
	void string(const char *value, JsonbIteratorToken what = WJB_VALUE)
	{
		JsonbValue v = pg::json_string(value);
		last = pushJsonbValue(&state, what, &v);
	}
	void number(int64 value, JsonbIteratorToken what = WJB_VALUE)
	{
		JsonbValue v = {};
		v.type = jbvNumeric;
		v.val.numeric = int64_to_numeric(value);
		last = pushJsonbValue(&state, what, &v);
	}
	void boolean(bool value)
	{
		JsonbValue v = {};
		v.type = jbvBool;
		v.val.boolean = value;
		last = pushJsonbValue(&state, WJB_VALUE, &v);
	}
};

void write_variables(Writer &writer, const char *name, const core::Vec<Variable> &list)
{
	writer.key(name);
	writer.token(WJB_BEGIN_ARRAY);
	for (const Variable &variable : list)
	{
		writer.token(WJB_BEGIN_OBJECT);
		writer.key("id");
		writer.number(variable.id);
		writer.key("name");
		writer.string(variable.name);
		writer.key("type");
		writer.string(format_type_extended(variable.type, variable.typmod,
										   FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		writer.key("input");
		writer.boolean(variable.is_input);
		writer.key("mandatory");
		writer.boolean(variable.is_mandatory);
		writer.token(WJB_END_OBJECT);
	}
	writer.token(WJB_END_ARRAY);
}

// Reading: what was written above, or an error that the row is damaged.

[[noreturn]] void raise_damaged(const Definition *definition)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED), errmsg("the bindings of process \"%s\", version %d, do not fit its text",
													 definition->name, definition->version)));
}

JsonbValue member(const Definition *definition, JsonbContainer *object, const char *name, jbvType type)
{
	JsonbValue value = {};
	if (getKeyJsonValueFromContainer(object, name, static_cast<int>(strlen(name)), &value) == nullptr ||
		value.type != type)
		raise_damaged(definition);
	return value;
}

int64 number(const Definition *definition, JsonbContainer *object, const char *name)
{
	const JsonbValue value = member(definition, object, name, jbvNumeric);
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value.val.numeric)));
}

bool boolean(const Definition *definition, JsonbContainer *object, const char *name)
{
	return member(definition, object, name, jbvBool).val.boolean;
}

std::string_view string(const Definition *definition, JsonbContainer *object, const char *name)
{
	const JsonbValue value = member(definition, object, name, jbvString);
	return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

/// The array under `name`.
JsonbContainer *array(const Definition *definition, JsonbContainer *object, const char *name)
{
	return member(definition, object, name, jbvBinary).val.binary.data;
}

/// The array's object number `i`.
JsonbContainer *object_at(const Definition *definition, JsonbContainer *array, int32 i)
{
	const JsonbValue *const value = getIthJsonbValueFromContainer(array, static_cast<uint32>(i));
	if (value == nullptr || value->type != jbvBinary)
		raise_damaged(definition);
	return value->val.binary.data;
}

int32 size_of(JsonbContainer *array)
{
	return static_cast<int32>(JsonContainerSize(array));
}

/// The type of that name; InvalidOid if it is gone.
void read_type(Variable *variable, const char *type)
{
	bpt_parse_type(type, &variable->type, &variable->typmod);
	variable->collation = OidIsValid(variable->type) ? get_typcollation(variable->type) : InvalidOid;
}

void read_variable(Definition *definition, JsonbContainer *object, Variable *variable)
{
	variable->id = number(definition, object, "id");
	variable->is_input = boolean(definition, object, "input");
	variable->is_mandatory = boolean(definition, object, "mandatory");
	read_type(variable, c_string(definition, string(definition, object, "type")));
}

/// Fills a list that the text declares, adding what was inferred at publish.
void read_variables(Definition *definition, JsonbContainer *list, core::Vec<Variable> &variables)
{
	const int32 count = size_of(list);
	core::Vec<Variable> declared_ones = variables;
	variables = {};
	for (int32 i = 0; i < count; i++)
	{
		JsonbContainer *const object = object_at(definition, list, i);
		const std::string_view name = string(definition, object, "name");
		Variable *const known = find_variable(declared_ones, name);
		Variable variable = known != nullptr ? *known : Variable{};
		if (known == nullptr)
			variable.name = c_string(definition, name);
		read_variable(definition, object, &variable);
		variables.push(definition->arena, variable);
	}
}

/// The present oid of a table that is listened to; InvalidOid if it is gone.
Oid relation_of(int64 entity_id)
{
	const pg::Row row = pg::find("entity", "entity_pkey", {pg::key(entity_id)});
	const Oid relation = row ? row.oid(entity_row::relation) : InvalidOid;
	return OidIsValid(relation) && get_rel_name(relation) != nullptr ? relation : InvalidOid;
}

/// The variables that the text declares for an element: INPUT, AS, OUTPUT.
void declare_outputs(Definition *definition, Element &element)
{
	for (const core::Variable &input : element.model->inputs)
		element.outputs.push(definition->arena, declared(definition, input, true));
	for (const core::EventClause &clause : element.model->events)
		if (clause.as && find_variable(element.outputs, clause.as.text) == nullptr)
			element.outputs.push(definition->arena, declared_by_as(definition, clause.as));
	for (const core::Variable &output : element.model->outputs)
		element.outputs.push(definition->arena, declared(definition, output, false));
}

} // namespace

Variable declared(Definition *definition, const core::Variable &model, bool is_input)
{
	Variable variable;
	variable.name = c_string(definition, model.name.text);
	variable.model = &model;
	variable.is_input = is_input;
	variable.is_mandatory = is_input && !model.default_value;
	return variable;
}

Variable declared_by_as(Definition *definition, const core::Name &name)
{
	core::Variable *const model = definition->arena.make<core::Variable>();
	model->name = name;
	Variable variable = declared(definition, *model, true);
	variable.is_mandatory = false;
	return variable;
}

Variable *find_variable(core::Vec<Variable> &list, std::string_view name)
{
	for (Variable &variable : list)
		if (name == std::string_view(variable.name))
			return &variable;
	return nullptr;
}

void set_lists(Definition *definition, core::Process *process, core::Flow *flow)
{
	core::Arena &arena = definition->arena;
	definition->model = process;
	definition->flow = flow;
	for (const core::Variable &input : process->inputs)
		definition->inputs.push(arena, declared(definition, input, true));
	for (const core::EventClause &clause : process->launches)
		if (clause.as && find_variable(definition->inputs, clause.as.text) == nullptr)
			definition->inputs.push(arena, declared_by_as(definition, clause.as));
	for (const core::Variable &output : process->outputs)
		definition->outputs.push(arena, declared(definition, output, false));

	const auto add_clause = [&](const core::EventClause &model, int element, int position) {
		Clause clause;
		clause.model = &model;
		clause.element = element;
		clause.position = position;
		definition->clauses.push(arena, clause);
		return definition->clauses.count - 1;
	};
	for (int32 i = 0; i < process->launches.count; i++)
		add_clause(process->launches[i], -1, i);
	for (int32 e = 0; e < process->elements.count; e++)
	{
		Element element;
		element.model = &process->elements[e];
		declare_outputs(definition, element);
		for (int32 i = 0; i < element.model->events.count; i++)
			element.clauses.push(arena, add_clause(element.model->events[i], e, i));
		definition->elements.push(arena, element);
	}
}

Jsonb *write_bindings(const Definition *definition)
{
	Writer writer;
	writer.token(WJB_BEGIN_OBJECT);
	write_variables(writer, "inputs", definition->inputs);
	write_variables(writer, "outputs", definition->outputs);
	writer.key("elements");
	writer.token(WJB_BEGIN_ARRAY);
	for (const Element &element : definition->elements)
	{
		writer.token(WJB_BEGIN_OBJECT);
		writer.key("id");
		writer.number(element.id);
		write_variables(writer, "outputs", element.outputs);
		writer.key("roles");
		writer.token(WJB_BEGIN_ARRAY);
		for (const int64 role : element.role_ids)
			writer.number(role, WJB_ELEM);
		writer.token(WJB_END_ARRAY);
		if (element.invoked_id != 0)
		{
			writer.key("process");
			writer.number(element.invoked_id);
		}
		writer.token(WJB_END_OBJECT);
	}
	writer.token(WJB_END_ARRAY);
	writer.key("clauses");
	writer.token(WJB_BEGIN_ARRAY);
	for (const Clause &clause : definition->clauses)
	{
		writer.token(WJB_BEGIN_OBJECT);
		writer.key("id");
		writer.number(clause.id);
		writer.key("entity");
		writer.number(clause.entity_id);
		writer.token(WJB_END_OBJECT);
	}
	writer.token(WJB_END_ARRAY);
	writer.token(WJB_END_OBJECT);
	return JsonbValueToJsonb(writer.last);
}

void read_bindings(Definition *definition, Jsonb *bindings)
{
	JsonbContainer *const root = &bindings->root;
	read_variables(definition, array(definition, root, "inputs"), definition->inputs);
	read_variables(definition, array(definition, root, "outputs"), definition->outputs);
	JsonbContainer *const elements = array(definition, root, "elements");
	JsonbContainer *const clauses = array(definition, root, "clauses");
	if (size_of(elements) != definition->elements.count || size_of(clauses) != definition->clauses.count)
		raise_damaged(definition);
	for (int32 i = 0; i < definition->elements.count; i++)
	{
		JsonbContainer *const object = object_at(definition, elements, i);
		Element &element = definition->elements[i];
		element.id = number(definition, object, "id");
		read_variables(definition, array(definition, object, "outputs"), element.outputs);
		if (element.model->kind == core::Kind::execute)
			element.invoked_id = number(definition, object, "process");
		JsonbContainer *const roles = array(definition, object, "roles");
		for (int32 r = 0; r < size_of(roles); r++)
		{
			const JsonbValue *const role = getIthJsonbValueFromContainer(roles, static_cast<uint32>(r));
			element.role_ids.push(definition->arena,
								  DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(role->val.numeric))));
		}
	}
	for (int32 i = 0; i < definition->clauses.count; i++)
	{
		JsonbContainer *const object = object_at(definition, clauses, i);
		Clause &clause = definition->clauses[i];
		clause.id = number(definition, object, "id");
		clause.entity_id = number(definition, object, "entity");
		clause.relation = relation_of(clause.entity_id);
	}
}

} // namespace bpt::expr
