// Sets of values as rows keep them: jsonb objects from variable_def.id to the value's text.
//
// A value that was set stands under its id, a default that was stored at the end under "-id"; a missing key is a value
// never set.
#pragma once
#include "expr/definition.hpp"

namespace bpt::engine {

/// Whether and how a variable stands in a set.
enum class Held
{
	missing,
	as_default,
	as_set,
};

/// Looks a variable up; `text` is its text, null for NULL. `values` may be null: an empty set.
Held look_up(const Jsonb *values, int64 variable_id, char **text);
/// The set with one value more or replaced (a stored default gives way to a set value).
Jsonb *with_value(const Jsonb *values, int64 variable_id, const char *text, bool is_default = false);

} // namespace bpt::engine
