// TIMER name [WAS old] [CALLED function] SCHEDULE '…' [PRIORITY p] [TIME LIMIT '…'] DO (statement).
#include "core/grammar.hpp"
#include "core/schedule.hpp"

namespace bpt::core {

/// SCHEDULE's text, and whether it is a schedule; what is wrong with it is pointed at where the literal stands as it is.
bool Parser::take_schedule(Timer &timer)
{
	const std::int32_t begin = now.begin;
	if (!take_string(timer.schedule, "A schedule in quotes, such as '*/5 * * * *', is expected here."))
		return false;
	const std::size_t inside = slice(text, begin, last_end).find(timer.schedule);
	const bool as_it_is = inside != std::string_view::npos;
	timer.schedule_offset = begin + (as_it_is ? static_cast<std::int32_t>(inside) : 0);
	Schedule schedule;
	ScheduleProblem found;
	if (!parse_schedule(arena, timer.schedule, &schedule, &found))
		problem(timer.schedule_offset + (as_it_is ? found.at : 0), "wrong_schedule", found.message, found.hint);
	return true;
}

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
	well = well && take_was(made.was);
	if (made.was)
		scope.seen |= bit(Clause::was);
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
			well = take_schedule(made);
		else if (clause == Clause::was)
			well = take_name(made.was, "The former name is expected here.");
		else if (clause == Clause::called)
			well = take_name(made.called, "The name of the function is expected here.");
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
	made.source = slice(text, begin, last_end);
	document.timers.push(arena, made);
}

} // namespace bpt::core
