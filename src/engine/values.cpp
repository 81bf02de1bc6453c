// Value sets (values.hpp).
#include "pg/postgres.hpp"

#include "engine/values.hpp"
#include "pg/json.hpp"

namespace bpt::engine {

namespace {

const char *key_of(int64 variable_id, bool is_default)
{
	return psprintf(is_default ? "-" INT64_FORMAT : INT64_FORMAT, variable_id);
}

bool find_key(const Jsonb *values, int64 variable_id, bool is_default, char **text)
{
	const JsonbValue *const found = pg::json_member(&values->root, key_of(variable_id, is_default));
	*text = pg::json_text(found);
	return found != nullptr;
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
	const JsonbValue set_key = pg::json_string(key_of(variable_id, false));
	const JsonbValue default_key = pg::json_string(key_of(variable_id, true));
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
	pg::push_string(&state, WJB_KEY, is_default ? default_key.val.string.val : set_key.val.string.val);
	pg::push_string(&state, WJB_VALUE, text);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

} // namespace bpt::engine
