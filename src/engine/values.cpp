// Value sets (values.hpp).
#include "pg/postgres.hpp"

#include "engine/values.hpp"

namespace bpt::engine {

namespace {

JsonbValue key_of(int64 variable_id, bool is_default)
{
	JsonbValue key;
	key.type = jbvString;
	key.val.string.val = psprintf(is_default ? "-" INT64_FORMAT : INT64_FORMAT, variable_id);
	key.val.string.len = static_cast<int>(strlen(key.val.string.val));
	return key;
}

JsonbValue value_of(const char *text)
{
	JsonbValue value;
	if (text == nullptr)
		value.type = jbvNull;
	else
	{
		value.type = jbvString;
		value.val.string.val = const_cast<char *>(text);
		value.val.string.len = static_cast<int>(strlen(text));
	}
	return value;
}

bool find_key(const Jsonb *values, int64 variable_id, bool is_default, char **text)
{
	JsonbValue key = key_of(variable_id, is_default);
	JsonbValue *const found =
		findJsonbValueFromContainer(const_cast<JsonbContainer *>(&values->root), JB_FOBJECT, &key);
	if (found == nullptr)
		return false;
	*text =
		found->type == jbvString ? pnstrdup(found->val.string.val, static_cast<Size>(found->val.string.len)) : nullptr;
	return true;
}

bool same_key(const JsonbValue &a, const JsonbValue &b)
{
	return a.val.string.len == b.val.string.len &&
		   memcmp(a.val.string.val, b.val.string.val, static_cast<Size>(a.val.string.len)) == 0;
}

} // namespace

Held look_up(const Jsonb *values, int64 variable_id, char **text)
{
	*text = nullptr;
	if (values == nullptr)
		return Held::missing;
	if (find_key(values, variable_id, false, text))
		return Held::as_set;
	return find_key(values, variable_id, true, text) ? Held::as_default : Held::missing;
}

Jsonb *with_value(const Jsonb *values, int64 variable_id, const char *text, bool is_default)
{
	JsonbValue set_key = key_of(variable_id, false);
	JsonbValue default_key = key_of(variable_id, true);
	JsonbParseState *state = nullptr;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
	if (values != nullptr)
	{
		JsonbIterator *it = JsonbIteratorInit(const_cast<JsonbContainer *>(&values->root));
		JsonbValue item = {};
		JsonbIteratorToken token = WJB_DONE;
		bool copied = false;
		while ((token = JsonbIteratorNext(&it, &item, true)) != WJB_DONE)
		{
			if (token == WJB_KEY)
			{
				copied = !same_key(item, set_key) && !same_key(item, default_key);
				if (copied)
					pushJsonbValue(&state, WJB_KEY, &item);
			}
			else if (token == WJB_VALUE && copied)
				pushJsonbValue(&state, WJB_VALUE, &item);
		}
	}
	JsonbValue value = value_of(text);
	pushJsonbValue(&state, WJB_KEY, is_default ? &default_key : &set_key);
	pushJsonbValue(&state, WJB_VALUE, &value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

char *string_at(const Jsonb *object, const char *name)
{
	JsonbValue key;
	key.type = jbvString;
	key.val.string.val = const_cast<char *>(name);
	key.val.string.len = static_cast<int>(strlen(name));
	const JsonbValue *const found =
		findJsonbValueFromContainer(const_cast<JsonbContainer *>(&object->root), JB_FOBJECT, &key);
	return found == nullptr || found->type != jbvString
			   ? nullptr
			   : pnstrdup(found->val.string.val, static_cast<Size>(found->val.string.len));
}

Jsonb *jsonb_column(Datum value, bool isnull)
{
	return isnull ? nullptr : DatumGetJsonbP(value);
}

} // namespace bpt::engine
