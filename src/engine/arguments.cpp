// Arguments (arguments.hpp).
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/arguments.hpp"
#include "engine/json_value.hpp"
#include "engine/launch.hpp"
#include "engine/values.hpp"
#include "expr/code.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace {

const expr::Variable *find_input(const core::Vec<expr::Variable> &declared, const char *name)
{
	for (const expr::Variable &variable : declared)
		if (variable.is_input && strcmp(variable.name, name) == 0)
			return &variable;
	return nullptr;
}

const Argument *find_argument(const Argument *arguments, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(arguments[i].name, name) == 0)
			return &arguments[i];
	return nullptr;
}

/// The argument as text of the variable's type.
char *converted(const expr::Variable &variable, const Argument &argument, StringInfo path)
{
	bool isnull = argument.isnull;
	const Datum value =
		argument.json != nullptr
			? value_of_json(argument.json, variable.type, variable.typmod, path, &isnull)
			: expr::assign(argument.value, argument.isnull, argument.type, variable.type, variable.typmod, &isnull);
	return expr::to_text(value, isnull, variable.type);
}

/// Says which value is refused, and why: at the place in it where `path` stands.
[[noreturn]] void refuse(const expr::Variable &variable, const char *path, const char *why)
{
	const bool inside = path != nullptr && strcmp(path, "$") != 0;
	ereport(ERROR, (errcode(kInvalidArguments),
					errmsg("value for input \"%s\" is not a valid %s", variable.name, format_type_be(variable.type)),
					inside ? errdetail("At %s: %s.", path, why) : errdetail("%s.", why)));
}

/// What inputs there are, for who names another one.
char *names_of(const core::Vec<expr::Variable> &declared)
{
	StringInfoData names;
	initStringInfo(&names);
	for (const expr::Variable &variable : declared)
		if (variable.is_input)
			appendStringInfo(&names, "%s\"%s\"", names.len == 0 ? "" : ", ", variable.name);
	return names.data;
}

[[noreturn]] void refuse_unknown(const core::Vec<expr::Variable> &declared, const char *name)
{
	const char *const names = names_of(declared);
	ereport(ERROR, (errcode(kInvalidArguments), errmsg("there is no input \"%s\"", name),
					names[0] == '\0' ? errhint("It has no inputs.") : errhint("It has the inputs %s.", names)));
	pg_unreachable();
}

} // namespace

Jsonb *inputs_of(const core::Vec<expr::Variable> &declared, const Argument *arguments, int count, Jsonb *start)
{
	Jsonb *inputs = start;
	StringInfoData path = {};
	for (int i = 0; i < count; i++)
		if (find_input(declared, arguments[i].name) == nullptr)
			refuse_unknown(declared, arguments[i].name);
	for (const expr::Variable &variable : declared)
	{
		if (!variable.is_input)
			continue;
		const Argument *const argument = find_argument(arguments, count, variable.name);
		if (argument == nullptr)
		{
			if (variable.is_mandatory)
				ereport(ERROR, (errcode(kInvalidArguments), errmsg("input \"%s\" is missing", variable.name)));
			continue;
		}
		char *text = nullptr;
		ErrorData *const error = pg::in_subtransaction([&] { text = converted(variable, *argument, &path); });
		if (error != nullptr)
		{
			if (pg::must_reach_caller(error))
				ReThrowError(error);
			refuse(variable, path.data, error->message);
		}
		check_not_null(variable, text == nullptr);
		inputs = with_value(inputs, variable.id, text);
	}
	return inputs;
}

int arguments_of(Jsonb *object, Argument **arguments)
{
	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("arguments must be a JSON object"),
						errhint("Write {\"input\": value, …}.")));
	const int count = static_cast<int>(JB_ROOT_COUNT(object));
	*arguments = static_cast<Argument *>(palloc0(sizeof(Argument) * static_cast<Size>(count + 1)));
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbValue item = {};
	JsonbIteratorToken token = WJB_DONE;
	int next = 0;
	const char *name = nullptr;
	while ((token = JsonbIteratorNext(&it, &item, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(item.val.string.val, static_cast<Size>(item.val.string.len));
		if (token != WJB_VALUE)
			continue;
		Argument &argument = (*arguments)[next++];
		argument.name = name;
		argument.isnull = item.type == jbvNull;
		argument.json = static_cast<JsonbValue *>(palloc(sizeof(JsonbValue)));
		*argument.json = item;
	}
	return next;
}

} // namespace bpt::engine
