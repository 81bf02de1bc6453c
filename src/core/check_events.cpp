// LAUNCH ON, CLOSE ON, START ON: what they pass on must be declared, and OR ALREADY must have something to look for.
#include "core/checks.hpp"
#include "core/lexer.hpp"

namespace bpt::core {

namespace {

/// Where SQL reads the row as it was: the offset of `old` before a period, or -1.
std::int32_t old_row_in(Sql sql)
{
	std::int32_t at = 0;
	bool behind_period = false;
	while (sql)
	{
		const RawToken token = scan(sql.text, at);
		if (token.kind == RawKind::end || token.kind == RawKind::unterminated)
			break;
		const std::string_view word = slice(sql.text, token.begin, token.end);
		const bool old = (token.kind == RawKind::word && same_word(word, "old")) || word == "\"old\"";
		if (old && !behind_period)
		{
			const RawToken next = scan(sql.text, token.end);
			if (next.kind == RawKind::symbol && sql.text[static_cast<std::size_t>(next.begin)] == '.')
				return sql.offset + token.begin;
		}
		behind_period = word == ".";
		at = token.end;
	}
	return -1;
}

} // namespace

/// WITH passes values to declared inputs, each once; the key of AS is one of them.
void Checker::event_arguments(const EventClause &event, const Vec<Variable> &inputs, const Vec<EventClause> &all,
							  std::string_view owner)
{
	NameIndex seen;
	seen.prepare(arena, event.with.count + 1);
	if (event.as)
		seen.add(event.as.text, 0);
	for (const Assignment &argument : event.with)
	{
		const std::string_view name = argument.name.text;
		if (seen.add(name, 0) >= 0)
			error("duplicate_name", argument.name.offset,
				  concat(arena, {"input ", quote(name), " is given more than once"}));
		bool known = false;
		Suggestion nearest{name, {}, 0};
		for (const Variable &input : inputs)
		{
			known = known || input.name.text == name;
			nearest.offer(input.name.text);
		}
		for (const EventClause &other : all)
			known = known || (other.as && other.as.text == name);
		if (!known)
			error("unknown_name", argument.name.offset, concat(arena, {quote(name), " is not an input of ", owner}),
				  nearest.best.empty() ? std::string_view{}
									   : concat(arena, {"Did you mean ", quote(nearest.best), "?"}));
	}
	NameIndex columns;
	columns.prepare(arena, event.columns.count);
	for (const Name &column : event.columns)
		if (columns.add(column.text, 0) >= 0)
			error("duplicate_name", column.offset,
				  concat(arena, {"column ", quote(column.text), " is named more than once"}));
}

/// What launches a process must pass every input that has no default.
void Checker::launches()
{
	for (const EventClause &launch : process.launches)
	{
		event_arguments(launch, process.inputs, process.launches, "the process");
		if (launch.or_already)
			error("wrong_clause", launch.offset, "OR ALREADY cannot be used with LAUNCH ON",
				  "It belongs to CLOSE ON: rows that exist already do not launch processes.");
		if (process.incomplete)
			continue;
		for (const Variable &input : process.inputs)
		{
			bool given = input.default_value || (launch.as && launch.as.text == input.name.text);
			for (const Assignment &argument : launch.with)
				given = given || argument.name.text == input.name.text;
			if (!given)
				error("missing_input", launch.offset,
					  concat(arena, {"LAUNCH ON does not set the mandatory input ", quote(input.name.text)}),
					  concat(arena, {"Add WITH (", input.name.text, " => expression), or give the input a DEFAULT."}));
		}
	}
}

void Checker::or_already(const EventClause &event)
{
	std::int32_t old = old_row_in(event.where);
	for (const Assignment &argument : event.with)
		if (old < 0)
			old = old_row_in(argument.value);
	if (old >= 0)
		error("wrong_clause", old, "OR ALREADY cannot be used with the old row",
			  "A row that exists already has no former values.");
}

void Checker::element_events(const Element &owner)
{
	for (const EventClause &event : owner.events)
	{
		event_arguments(event, owner.inputs, owner.events, display(owner));
		if (event.or_already && owner.kind == Kind::conditional_start)
			error("wrong_clause", event.offset, "OR ALREADY cannot be used with START ON",
				  "It belongs to CLOSE ON: rows that exist already do not start flows.");
		else if (event.or_already)
			or_already(event);
	}
}

} // namespace bpt::core
