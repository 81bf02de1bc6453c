// LAUNCH ON, CLOSE ON and START ON: which row changes a process or an activity listens to.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kTable = "The name of a table is expected here.";
constexpr std::string_view kColumn = "The name of a column is expected here.";

} // namespace

/// True if "ON …" here begins a callback, not the table of `UPDATE OF column ON table`.
bool Parser::callback_follows()
{
	const Token word = ahead(1);
	if (is_word(word, "PROCESS") || is_word(word, "ACTIVITY"))
	{
		const Token next = ahead(2);
		return is_word(next, "START") || is_word(next, "READY") || is_word(next, "OPEN") || is_word(next, "CLOSE") ||
			   is_word(next, "SKIP");
	}
	if (!is_word(word, "READY") && !is_word(word, "OPEN") && !is_word(word, "START") && !is_word(word, "CLOSE") &&
		!is_word(word, "SKIP"))
		return false;
	const Token next = ahead(2);
	return is_word(next, "CHECK") || is_word(next, "DO") || is_word(next, "SET") || is_word(next, "MESSAGE");
}

/// `INSERT INTO t`, `UPDATE OF t [(column, …)]` or `UPDATE OF column, … ON t`.
bool Parser::take_event_table(EventClause &event)
{
	if (take_word("INSERT"))
	{
		event.op = Op::insert;
		return expect_word("INTO") && take_qualified(event.table, kTable);
	}
	if (!take_word("UPDATE"))
		return fail("INSERT INTO table or UPDATE OF table is expected here.");
	event.op = Op::update;
	if (!expect_word("OF") || !take_qualified(event.table, kTable))
		return false;
	if (now.is(',') || (at_word("ON") && !callback_follows()))
	{
		if (event.table.schema)
			return fail("A column stands without its table: UPDATE OF column, … ON table.");
		event.columns.push(arena, event.table.name);
		event.table = {};
		if (take(',') && !take_names(event.columns, kColumn))
			return false;
		return expect_word("ON") && take_qualified(event.table, kTable);
	}
	if (!now.is('('))
		return true;
	std::int32_t close = 0;
	if (!opening_parenthesis(close, kColumn))
		return false;
	if (take_names(event.columns, kColumn) && now.begin < close)
		fail("\",\" or \")\" is expected here.");
	last_end = close + 1;
	jump(close + 1);
	return true;
}

/// Everything behind LAUNCH ON, CLOSE ON or START ON.
bool Parser::take_event(EventClause &event)
{
	if (!take_event_table(event))
		return false;
	bool as = false;
	bool where = false;
	bool with = false;
	while (true)
	{
		const Token word = now;
		bool twice = false;
		if (take_word("AS"))
		{
			twice = as;
			as = true;
			if (!take_name(event.as, "The name of the input that takes the key is expected here."))
				return false;
		}
		else if (take_word("WHERE"))
		{
			twice = where;
			where = true;
			if (!take_sql(event.where, "A condition in parentheses is expected here."))
				return false;
		}
		else if (take_word("OR"))
		{
			twice = event.or_already;
			event.or_already = true;
			if (!expect_word("ALREADY"))
				return false;
		}
		else if (take_word("WITH"))
		{
			twice = with;
			with = true;
			if (!take_assignments(event.with, TokenKind::gives, "WITH", false))
				return false;
		}
		else
			return true;
		if (twice)
			problem(word.begin, "duplicate_clause",
					concat(arena, {is_word(word, "OR") ? "OR ALREADY" : slice(text, word.begin, word.end),
								   " is given more than once for one event"}));
	}
}

} // namespace bpt::core
