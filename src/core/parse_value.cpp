// Values inside clauses: SQL in parentheses, texts, literals, and the lists of names, variables and assignments.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kVariable = "A list of names with types, as in (parcels int, weight numeric DEFAULT 0), is "
									   "expected here.";

} // namespace

/// Stands on "(" and finds the ")" that closes it; reading goes on behind "(".
bool Parser::opening_parenthesis(std::int32_t &close, std::string_view hint)
{
	if (!now.is('('))
		return fail(hint);
	const std::int32_t open = now.begin;
	const SqlEnd end = skip_sql(text, now.end, false, lexer.interrupt);
	if (!end.closed)
	{
		if (end.unterminated.kind == RawKind::unterminated)
		{
			lexer.complain(end.unterminated.begin, end.unterminated.complaint);
			lexer.broken = true;
		}
		else
		{
			problem(open, "syntax_error", "unterminated parenthesis", "The \")\" that closes it is missing.");
			stopped = stopped || unbalanced;
		}
		advance();
		return false;
	}
	close = end.stop;
	advance();
	return true;
}

/// SQL between parentheses, as it stands.
bool Parser::take_sql(Sql &sql, std::string_view hint)
{
	const std::int32_t open = now.begin;
	std::int32_t close = 0;
	if (!opening_parenthesis(close, hint))
		return false;
	if (now.begin >= close)
		problem(open, "syntax_error", "nothing stands between the parentheses", hint);
	sql.text = slice(text, open + 1, close);
	sql.offset = open + 1;
	last_end = close + 1;
	jump(close + 1);
	return true;
}

/// A text: a literal, or an expression in parentheses.
bool Parser::take_text(TextValue &value)
{
	value.offset = now.begin;
	if (now.kind == TokenKind::string)
	{
		value.kind = TextValue::Kind::literal;
		value.literal = now.text;
		advance();
		return true;
	}
	value.kind = TextValue::Kind::expression;
	return take_sql(value.expression, "A text in quotes, or an expression in parentheses, is expected here.");
}

bool Parser::take_string(std::string_view &value, std::string_view hint)
{
	if (now.kind != TokenKind::string)
		return fail(hint);
	value = now.text;
	advance();
	return true;
}

/// A string literal kept as SQL.
bool Parser::take_literal_sql(Sql &sql, std::string_view hint)
{
	if (now.kind != TokenKind::string)
		return fail(hint);
	sql.text = slice(text, now.begin, now.end);
	sql.offset = now.begin;
	advance();
	return true;
}

/// Names with commas between them.
bool Parser::take_names(Vec<Name> &names, std::string_view what)
{
	do
	{
		Name name;
		if (!take_name(name, what))
			return false;
		names.push(arena, name);
	} while (take(','));
	return true;
}

bool Parser::take_priority(Priority &priority)
{
	if (take_word("LOW"))
		priority = Priority::low;
	else if (take_word("NORMAL"))
		priority = Priority::normal;
	else if (take_word("HIGH"))
		priority = Priority::high;
	else
		return fail("LOW, NORMAL or HIGH is expected here.");
	return true;
}

/// After a problem in one item of a list: goes to the comma before the next item, or to the list's end.
void Parser::skip_item(std::int32_t close)
{
	if (now.begin >= close)
	{
		jump(close);
		return;
	}
	const SqlEnd end = skip_sql(text, now.begin, true, lexer.interrupt);
	jump(end.stop < close ? end.stop : close);
}

/// `(name type [NOT NULL] [DEFAULT …], …)`; the list may be empty.
bool Parser::take_variables(Vec<Variable> &variables)
{
	std::int32_t close = 0;
	if (!opening_parenthesis(close, kVariable))
		return false;
	if (now.begin < close)
		while (true)
		{
			Variable variable;
			if (!take_variable(variable))
				skip_item(close);
			else if (now.begin < close && !now.is(','))
			{
				fail("\",\" or \")\" is expected here.");
				skip_item(close);
			}
			if (variable.name)
				variables.push(arena, variable);
			if (now.begin >= close || stopped)
				break;
			advance();
		}
	last_end = close + 1;
	jump(close + 1);
	return true;
}

bool Parser::take_variable(Variable &variable)
{
	if (!take_name(variable.name, "The name of an input or output is expected here."))
		return false;
	if (!take_was(variable.was) || !take_type(variable))
		return false;
	while (true)
	{
		if (at_word("NOT"))
		{
			advance();
			if (!expect_word("NULL"))
				return false;
			if (variable.not_null)
				problem(variable.name.offset, "duplicate_clause",
						concat(arena, {"NOT NULL is given more than once for \"", variable.name.text, "\""}));
			variable.not_null = true;
		}
		else if (at_word("DEFAULT"))
		{
			const std::int32_t offset = now.begin;
			advance();
			if (variable.default_value)
				problem(offset, "duplicate_clause",
						concat(arena, {"DEFAULT is given more than once for \"", variable.name.text, "\""}));
			if (!take_default(variable))
				return false;
		}
		else
			return true;
	}
}

/// The words of a type, up to NOT, DEFAULT or the item's end.
bool Parser::take_type(Variable &variable)
{
	const std::int32_t begin = now.begin;
	const std::string_view hint = concat(arena, {"The type of \"", variable.name.text, "\" is expected here."});
	if (now.kind != TokenKind::identifier || at_word("NOT") || at_word("DEFAULT"))
		return fail(hint);
	std::int32_t end = begin;
	while (!at_end() && !at_word("NOT") && !at_word("NULL") && !at_word("DEFAULT") && !now.is(',') && !now.is(')'))
	{
		if (now.is('('))
		{
			Sql modifier;
			if (!take_sql(modifier, hint))
				return false;
		}
		else if (now.kind == TokenKind::identifier || now.kind == TokenKind::number || now.is('.') || now.is('[') ||
				 now.is(']') || now.is('%'))
			advance();
		else
			return fail("NOT NULL, DEFAULT, \",\" or \")\" is expected here.");
		end = last_end;
	}
	variable.type.text = slice(text, begin, end);
	variable.type.offset = begin;
	return true;
}

/// What DEFAULT says: a number with or without sign, a string, true, false, null, or an expression in parentheses.
bool Parser::take_default(Variable &variable)
{
	constexpr std::string_view hint = "A literal, or an expression in parentheses, is expected here.";
	if (now.is('('))
		return take_sql(variable.default_value, hint);
	const std::int32_t begin = now.begin;
	const bool sign = now.is('-') || now.is('+');
	if (sign)
		advance();
	const bool word = !sign && (at_word("TRUE") || at_word("FALSE") || at_word("NULL"));
	if (now.kind != TokenKind::number && !word && (sign || now.kind != TokenKind::string))
		return fail(hint);
	advance();
	variable.default_value.text = slice(text, begin, last_end);
	variable.default_value.offset = begin;
	return true;
}

/// `(name => expr, …)` or, with `link` symbol, `(name = expr, …)`; `owner` names the clause in hints.
bool Parser::take_assignments(Vec<Assignment> &list, TokenKind link, std::string_view owner, bool may_be_empty)
{
	const std::string_view sign = link == TokenKind::gives ? "=>" : "=";
	std::int32_t close = 0;
	if (!opening_parenthesis(close, concat(arena, {owner, " takes a list such as (name ", sign, " expression, …)."})))
		return false;
	if (now.begin >= close && !may_be_empty)
		fail(concat(arena, {owner, " takes at least one name ", sign, " expression."}));
	if (now.begin < close)
		while (true)
		{
			Assignment assignment;
			if (take_assignment(assignment, link, owner, close))
				list.push(arena, assignment);
			else
				skip_item(close);
			if (now.begin >= close || stopped)
				break;
			advance();
		}
	last_end = close + 1;
	jump(close + 1);
	return true;
}

bool Parser::take_assignment(Assignment &assignment, TokenKind link, std::string_view owner, std::int32_t close)
{
	const std::string_view sign = link == TokenKind::gives ? "=>" : "=";
	const std::string_view hint = concat(arena, {owner, " takes name ", sign, " expression."});
	if (!take_name(assignment.name, hint))
		return false;
	const bool is_link = now.kind == TokenKind::gives || now.is('=');
	if (!is_link)
		return fail(hint);
	if ((now.kind == TokenKind::gives) != (link == TokenKind::gives))
		fail(hint);
	const std::int32_t begin = now.end;
	const SqlEnd end = skip_sql(text, begin, true, lexer.interrupt);
	if (end.first == end.last)
	{
		jump(begin);
		return fail("An expression is expected here.");
	}
	assignment.value.text = slice(text, end.first, end.last);
	assignment.value.offset = end.first;
	jump(end.stop < close ? end.stop : close);
	return true;
}

} // namespace bpt::core
