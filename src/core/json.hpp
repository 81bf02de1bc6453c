// JSON as far as the core needs it: a tree of values read from a text, and strings written.
//
// Numbers stay text. A string has its value decoded; bytes above ASCII pass as they are. Nesting is bounded, so reading
// needs little stack.
#pragma once
#include "core/output.hpp"

namespace bpt::core {

enum class JsonKind : std::uint8_t
{
	null,
	boolean,
	number,
	string,
	array,
	object,
};

/// One value; the children of an array or object are a chain.
struct JsonValue
{
	JsonKind kind = JsonKind::null;
	bool truth = false;
	bool used = false;       // a member that its reader knows
	std::int32_t offset = 0; // of its first byte
	std::string_view key;    // of a member
	std::string_view text;   // of a string its value, of a number its digits
	JsonValue *first = nullptr;
	JsonValue *next = nullptr;
};

struct JsonProblem
{
	std::int32_t offset = 0;
	std::string_view message; // empty: none
};

/// Reads one JSON value that fills the text. Null, with `problem` set, if it is not JSON or nested deeper than any form is.
JsonValue *read_json_value(Arena &arena, std::string_view text, JsonProblem &problem);

/// Adds a string in its quotes.
void add_json_string(Output &out, std::string_view value);

/// True if this is a number as JSON writes it.
bool is_json_number(std::string_view text);

} // namespace bpt::core
