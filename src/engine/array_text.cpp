// JSON arrays as array literals (array_text.hpp). What an element means is left to its type's input function.
#include "engine/array_text.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace bpt::engine {

namespace {

struct Writer
{
	StringInfoData text;
	char delimiter;
	bool is_json; // elements are json or jsonb

	void quoted(const char *value, int length)
	{
		appendStringInfoChar(&text, '"');
		for (int i = 0; i < length; i++)
		{
			if (value[i] == '"' || value[i] == '\\')
				appendStringInfoChar(&text, '\\');
			appendStringInfoChar(&text, value[i]);
		}
		appendStringInfoChar(&text, '"');
	}

	void as_json(JsonbValue *value)
	{
		Jsonb *const json = JsonbValueToJsonb(value);
		const char *const written = JsonbToCString(nullptr, &json->root, VARSIZE(json));
		quoted(written, static_cast<int>(strlen(written)));
	}

	void element(JsonbValue *value)
	{
		if (value->type == jbvNull && !is_json)
			appendStringInfoString(&text, "NULL");
		else if (value->type == jbvString && !is_json)
			quoted(value->val.string.val, value->val.string.len);
		else if (value->type == jbvBinary && !is_json && JsonContainerIsArray(value->val.binary.data))
			array(value->val.binary.data);
		else
			as_json(value);
	}

	void array(JsonbContainer *container)
	{
		check_stack_depth();
		JsonbIterator *it = JsonbIteratorInit(container);
		JsonbValue value = {};
		JsonbIteratorToken token = WJB_DONE;
		bool first = true;
		appendStringInfoChar(&text, '{');
		while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
		{
			if (token != WJB_ELEM)
				continue;
			if (!first)
				appendStringInfoChar(&text, delimiter);
			first = false;
			element(&value);
		}
		appendStringInfoChar(&text, '}');
	}
};

} // namespace

char *array_text(const Jsonb *json, Oid type)
{
	const Oid array = getBaseType(type);
	const Oid element = get_element_type(array);
	if (!OidIsValid(element) || get_array_type(element) != array)
		return nullptr;
	int16 length = 0;
	bool by_value = false;
	char align = 0;
	Writer writer;
	Oid parameter = InvalidOid;
	Oid input = InvalidOid;
	get_type_io_data(element, IOFunc_input, &length, &by_value, &align, &writer.delimiter, &parameter, &input);
	const Oid base = getBaseType(element);
	writer.is_json = base == JSONOID || base == JSONBOID;
	initStringInfo(&writer.text);
	writer.array(const_cast<JsonbContainer *>(&json->root));
	return writer.text.data;
}

} // namespace bpt::engine
