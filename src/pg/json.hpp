// Strings in jsonb: making them, and looking members up by name.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// A JSON string, which points at the text; JSON's null for a null pointer.
inline JsonbValue json_string(const char *text)
{
	JsonbValue value;
	value.type = jbvNull;
	if (text != nullptr)
	{
		value.type = jbvString;
		value.val.string.val = const_cast<char *>(text);
		value.val.string.len = static_cast<int>(strlen(text));
	}
	return value;
}

/// Puts a member's name, or a text as its value, into an object that is being made.
inline void push_string(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value = json_string(text);
	pushJsonbValue(state, token, &value);
}

/// The member of that name; null if the object has none.
inline JsonbValue *json_member(const JsonbContainer *object, const char *name)
{
	JsonbValue key = json_string(name);
	return findJsonbValueFromContainer(const_cast<JsonbContainer *>(object), JB_FOBJECT, &key);
}

/// A string as a C string, in the current memory context; null if it is something else.
inline char *json_text(const JsonbValue *value)
{
	return value == nullptr || value->type != jbvString
			   ? nullptr
			   : pnstrdup(value->val.string.val, static_cast<Size>(value->val.string.len));
}

/// The string that an object has under a name; null if there is none.
inline char *string_at(const Jsonb *object, const char *name)
{
	return json_text(json_member(&object->root, name));
}

} // namespace bpt::pg
