// JSON values as values of PostgreSQL's types: what people give to a launch, a close or a start.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// The value that JSON gives a type. An array fills an array (nested arrays are further dimensions), an object a composite
/// type by the names of its attributes (those left out are NULL), both to any depth; json and jsonb take every value as it
/// is; a string is what the type's input function reads, and so is the text of anything else. JSON's null is NULL
/// everywhere. On an error `path` is the place in the value, as jsonpath writes it.
Datum value_of_json(JsonbValue *json, Oid type, int32 typmod, StringInfo path, bool *isnull);

} // namespace bpt::engine
