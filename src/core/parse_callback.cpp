// Callbacks: `ON CLOSE [CHECK (condition) [MESSAGE text]] [DO (statement) …] [SET (output = expr, …)]`.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

When when_of(Clause clause)
{
	switch (clause)
	{
	case Clause::on_process_start:
		return When::process_start;
	case Clause::on_activity_open:
	case Clause::on_open:
		return When::open;
	case Clause::on_activity_start:
	case Clause::on_start:
		return When::start;
	case Clause::on_activity_close:
	case Clause::on_close:
		return When::close;
	case Clause::on_activity_skip:
	case Clause::on_skip:
		return When::skip;
	default:
		return When::ready;
	}
}

} // namespace

/// Everything behind the keywords of a callback, whose first stands at `offset`.
bool Parser::take_callback(Callback &callback, Clause clause, std::int32_t offset)
{
	callback.when = when_of(clause);
	callback.offset = offset;
	bool any = false;
	bool set = false;
	while (true)
	{
		const std::int32_t begin = now.begin;
		if (take_word("CHECK"))
		{
			if (callback.check)
				problem(begin, "duplicate_clause", "CHECK is given more than once for one callback",
						"Conditions can be joined with AND.");
			if (!take_sql(callback.check, "A condition in parentheses is expected here."))
				return false;
			if (take_word("MESSAGE") && !take_text(callback.message))
				return false;
		}
		else if (take_word("DO"))
		{
			Sql statement;
			if (!take_sql(statement, "A statement in parentheses is expected here."))
				return false;
			callback.statements.push(arena, statement);
		}
		else if (take_word("SET"))
		{
			if (set)
				problem(begin, "duplicate_clause", "SET is given more than once for one callback");
			set = true;
			if (!take_assignments(callback.set, TokenKind::symbol, "SET", false))
				return false;
		}
		else if (take_word("MESSAGE"))
		{
			TextValue unused;
			problem(begin, "syntax_error", "MESSAGE has no CHECK before it", "Write CHECK (condition) MESSAGE text.");
			if (!take_text(unused))
				return false;
		}
		else if (any)
			return true;
		else
			return fail("CHECK, DO or SET is expected here.");
		any = true;
	}
}

} // namespace bpt::core
