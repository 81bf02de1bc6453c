// A JSON array as PostgreSQL writes an array.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// The text that an array type reads, of a JSON array; nested arrays are further dimensions, elements of json and jsonb stay
/// JSON. Null if the type is no array, or over none.
char *array_text(const Jsonb *json, Oid type);

} // namespace bpt::engine
