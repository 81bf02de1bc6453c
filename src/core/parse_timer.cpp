// TIMER name SCHEDULE '…' [PRIORITY p] [TIME LIMIT '…'] DO (statement).
#include "core/grammar.hpp"

namespace bpt::core {

/// The statement whose keyword TIMER stands at `begin` and is read.
void Parser::parse_timer(std::int32_t begin)
{
	process = nullptr;
	Timer made;
	made.offset = begin;
	ClauseScope scope{"TIMER", kTimerClauses, 0, false};
	bool well = take_qualified(made.name, "The name of the timer is expected here.");
	if (well)
		made.offset = made.name.schema ? made.name.schema.offset : made.name.name.offset;
	while (well)
	{
		Clause clause{};
		std::int32_t offset = 0;
		const Found found = find_clause(scope, clause, offset);
		if (found == Found::none)
			break;
		Element element;
		Process unused;
		if (found == Found::failed)
			well = false;
		else if (clause == Clause::schedule)
			well = take_string(made.schedule, "A schedule in quotes, such as '*/5 * * * *', is expected here.");
		else if (clause == Clause::priority)
			well = take_priority(made.priority);
		else if (clause == Clause::run && made.statement)
		{
			problem(offset, "duplicate_clause", "clause DO is given more than once");
			well = element_clause(element, clause, offset);
		}
		else if ((kOnlyProcess & bit(clause)) != 0)
			well = process_clause(unused, clause, offset);
		else
		{
			well = element_clause(element, clause, offset);
			if (clause == Clause::time_limit)
				made.time_limit = element.time_limit;
			else if (clause == Clause::run && well)
				made.statement = element.statements[0].sql;
		}
	}
	if (!well)
	{
		give_up_statement();
		return;
	}
	end_statement("A clause of TIMER or \";\" is expected here.");
	if (made.schedule.data() == nullptr)
		problem(made.offset, "missing_clause", concat(arena, {"timer \"", made.name.name.text, "\" has no SCHEDULE"}));
	if (!made.statement)
		problem(made.offset, "missing_clause", concat(arena, {"timer \"", made.name.name.text, "\" has no DO"}));
	document.timers.push(arena, made);
}

} // namespace bpt::core
