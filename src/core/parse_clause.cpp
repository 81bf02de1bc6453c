// Finding clauses by their keywords: what a kind has, what it does not have, what was given before, what was misspelt.
#include "core/grammar.hpp"

namespace bpt::core {

/// Looks for a clause at the cursor and reads its keywords.
Parser::Found Parser::find_clause(ClauseScope &scope, Clause &clause, std::int32_t &offset)
{
	if (now.kind != TokenKind::identifier || now.quoted)
		return Found::none;
	offset = now.begin;
	const Token tokens[4] = {now, ahead(1), ahead(2), ahead(3)};
	int most = 0;
	std::string_view expected;
	for (const ClauseWords &entry : kClauseWords)
	{
		int matched = 0;
		while (matched < 4 && !entry.words[matched].empty() && is_word(tokens[matched], entry.words[matched]))
			matched++;
		if (matched == 4 || entry.words[matched].empty())
		{
			if ((scope.allowed & bit(entry.clause)) == 0 && statement_follows())
				return Found::none;
			clause = entry.clause;
			for (int i = 0; i < matched; i++)
				advance();
			admit(scope, clause, offset);
			return Found::yes;
		}
		if (matched > most)
		{
			most = matched;
			expected = entry.words[matched];
		}
		else if (matched == most && matched > 0)
			expected = concat(arena, {expected, " or ", entry.words[matched]});
	}
	if (statement_follows())
		return Found::none;
	if (most > 0)
	{
		fail_at(tokens[most], concat(arena, {expected, " is expected here."}));
		return Found::failed;
	}
	if (!misspelt_clause(scope, clause))
		return Found::none;
	admit(scope, clause, offset);
	return Found::yes;
}

/// Reports a word that is nearly the first of a clause, and reads on as if it had been written right.
bool Parser::misspelt_clause(const ClauseScope &scope, Clause &clause)
{
	Suggestion nearest{now.text, {}, 0};
	for (const ClauseWords &entry : kClauseWords)
		if ((scope.allowed & bit(entry.clause)) != 0)
			nearest.offer(entry.words[0]);
	if (nearest.best.empty())
		return false;
	for (const ClauseWords &entry : kClauseWords)
	{
		if ((scope.allowed & bit(entry.clause)) == 0 || entry.words[0] != nearest.best)
			continue;
		int matched = 1;
		while (matched < 4 && !entry.words[matched].empty() && is_word(ahead(matched), entry.words[matched]))
			matched++;
		if (matched < 4 && !entry.words[matched].empty())
			continue;
		fail(concat(arena, {"Did you mean ", clause_name(arena, entry.clause), "?"}));
		clause = entry.clause;
		for (int i = 0; i < matched; i++)
			advance();
		return true;
	}
	return false;
}

/// Reports a clause that its owner does not have, or has already. The clause is read all the same.
void Parser::admit(ClauseScope &scope, Clause clause, std::int32_t offset)
{
	const std::string_view name = clause_name(arena, clause);
	if ((scope.allowed & bit(clause)) == 0)
	{
		std::string_view hint = concat(arena, {scope.owner, " has ", clause_names(arena, scope.allowed), "."});
		if (scope.owner == "PROCESS" && clause == Clause::input)
			hint = "The inputs of a process stand in parentheses behind its name.";
		else if (scope.owner == "PROCESS" && clause == Clause::output)
			hint = "The outputs of a process are declared with RETURNS (…).";
		problem(offset, "wrong_clause", concat(arena, {scope.owner, " has no clause ", name}), hint);
	}
	else if ((scope.seen & bit(clause)) != 0 && (kRepeatable & bit(clause)) == 0)
		problem(offset, "duplicate_clause", concat(arena, {"clause ", name, " is given more than once"}));
	scope.seen |= bit(clause);
}

} // namespace bpt::core
