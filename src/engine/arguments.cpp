// Arguments (arguments.hpp).
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/arguments.hpp"
#include "engine/array_text.hpp"
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

/// The text that an argument without a type of its own gives a variable; null for NULL.
const char *text_for(const expr::Variable &variable, const Argument &argument)
{
	if (argument.isnull)
		return nullptr;
	const char *const array = argument.array == nullptr ? nullptr : array_text(argument.array, variable.type);
	return array != nullptr ? array : DatumGetCString(argument.value);
}

/// The argument as text of the variable's type.
char *converted(const expr::Variable &variable, const Argument &argument)
{
	bool isnull = argument.isnull;
	const Datum value =
		argument.type == UNKNOWNOID
			? expr::from_text(text_for(variable, argument), variable.type, variable.typmod, &isnull)
			: expr::assign(argument.value, argument.isnull, argument.type, variable.type, variable.typmod, &isnull);
	return expr::to_text(value, isnull, variable.type);
}

} // namespace

Jsonb *inputs_of(const core::Vec<expr::Variable> &declared, const Argument *arguments, int count, Jsonb *start)
{
	Jsonb *inputs = start;
	for (int i = 0; i < count; i++)
		if (find_input(declared, arguments[i].name) == nullptr)
			ereport(ERROR, (errcode(kInvalidArguments), errmsg("there is no input \"%s\"", arguments[i].name)));
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
		ErrorData *const error = pg::in_subtransaction([&] { text = converted(variable, *argument); });
		if (error != nullptr)
		{
			if (pg::must_reach_caller(error))
				ReThrowError(error);
			ereport(ERROR,
					(errcode(kInvalidArguments),
					 errmsg("value for input \"%s\" is not a valid %s", variable.name, format_type_be(variable.type)),
					 errdetail("%s.", error->message)));
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
		argument.type = UNKNOWNOID;
		argument.isnull = item.type == jbvNull;
		if (item.type == jbvString)
			argument.value = CStringGetDatum(pnstrdup(item.val.string.val, static_cast<Size>(item.val.string.len)));
		else if (item.type != jbvNull)
		{
			Jsonb *const json = JsonbValueToJsonb(&item);
			argument.value = CStringGetDatum(JsonbToCString(nullptr, &json->root, VARSIZE(json)));
			argument.array = JB_ROOT_IS_ARRAY(json) && !JB_ROOT_IS_SCALAR(json) ? json : nullptr;
		}
	}
	return next;
}

} // namespace bpt::engine
