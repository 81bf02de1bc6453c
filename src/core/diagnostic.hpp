// Problems of a definition as data: every problem of a text is collected, each with a stable code and its place.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

enum class Severity : std::uint8_t
{
	error,
	warning,
	notice, // a reminder of a COMMENT
};

/// One problem. `code` is a stable word such as "unknown_name"; `offset` is a byte offset into the definition text;
/// `sqlstate` is the five letters that `bpt.validate` shows (WF007 unless the problem lies in SQL or is not built yet).
struct Diagnostic
{
	Severity severity = Severity::error;
	const char *code = "";
	std::int32_t offset = 0;
	std::string_view message;
	std::string_view detail;
	std::string_view hint;
	const char *sqlstate = "WF007";
};

struct Diagnostics
{
	Vec<Diagnostic> list;

	void add(Arena &arena, const Diagnostic &problem) { list.push(arena, problem); }
	bool has_errors() const
	{
		for (const Diagnostic &d : list)
			if (d.severity == Severity::error)
				return true;
		return false;
	}
};

/// Line and column of a byte offset, both from 1, columns in characters (UTF-8), and the whole source line.
struct Place
{
	std::int32_t line;
	std::int32_t column;
	std::string_view source_line;
};
Place place_of(std::string_view text, std::int32_t offset);

/// Puts the problems into the order of the text; those of one place stay in the order in which they were found.
void sort_by_place(Arena &arena, Diagnostics &problems);

/// All errors for the DETAIL of publish: each as `line:column: message`, its source line, and a line with a caret.
std::string_view render(Arena &arena, std::string_view text, const Diagnostics &problems);

} // namespace bpt::core
