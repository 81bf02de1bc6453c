// What the language needs quotes or parentheses for where a definition is written.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

/// A name as the language reads it: in double quotes where it is a keyword or would be folded.
std::string_view written_name(Arena &arena, std::string_view name);

/// True if this SQL is one string literal and nothing else, not even blanks.
bool is_string_literal(std::string_view sql);
/// True if DEFAULT can have this SQL without parentheses: a number with or without sign, a string, true, false or null.
bool is_literal(std::string_view sql);

} // namespace bpt::core
