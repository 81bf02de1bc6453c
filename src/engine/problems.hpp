// Problems of a definition as PostgreSQL's messages.
#pragma once
#include "core/diagnostic.hpp"
#include "pg/postgres.hpp"

namespace bpt::engine {

/// One error, to be added to a list.
inline core::Diagnostic problem(const char *code, const char *sqlstate, std::int32_t offset, std::string_view message,
								std::string_view hint = {})
{
	core::Diagnostic result;
	result.code = code;
	result.offset = offset;
	result.message = message;
	result.hint = hint;
	result.sqlstate = sqlstate;
	return result;
}

/// Raises one error if there is any: its message and position those of the first in text order, its DETAIL all of them.
void raise_errors(core::Arena &arena, std::string_view text, const core::Diagnostics &problems);
/// Tells warnings as WARNINGs and reminders as NOTICEs, each with its place.
void tell_warnings(std::string_view text, const core::Diagnostics &problems);

} // namespace bpt::engine
