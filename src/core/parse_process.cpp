// PROCESS name (inputs) with its clauses. The elements that follow it are statements of their own and belong to it.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kProcessName = "The name of the process is expected here.";

} // namespace

/// The statement whose keyword PROCESS stands at `begin` and is read.
void Parser::parse_process(std::int32_t begin)
{
	Process made;
	made.offset = now.begin;
	made.source_offset = begin;
	process = &document.processes.push(arena, made);
	Process &into = *process;
	bool well = take_qualified(into.name, kProcessName);
	if (well)
		into.offset = into.name.schema ? into.name.schema.offset : into.name.name.offset;
	ClauseScope scope{"PROCESS", kProcessClauses, 0, false};
	well = well && take_was(into.was);
	if (into.was)
		scope.seen |= bit(Clause::was);
	if (well && now.is('('))
		well = take_variables(into.inputs);
	while (well)
	{
		Clause clause{};
		std::int32_t offset = 0;
		const Found found = find_clause(scope, clause, offset);
		if (found == Found::none)
			break;
		if (found == Found::failed)
			well = false;
		else if ((kProcessClauses & bit(clause)) != 0)
			well = process_clause(into, clause, offset);
		else
		{
			Element unused;
			well = element_clause(unused, clause, offset);
		}
	}
	if (!well)
	{
		into.incomplete = true;
		give_up_statement();
	}
	else
	{
		into.incomplete = !now.is(';') && !statement_follows();
		end_statement("A clause of PROCESS or \";\" is expected here.");
	}
}

/// Everything behind the keywords of one of the process's clauses.
bool Parser::process_clause(Process &into, Clause clause, std::int32_t offset)
{
	switch (clause)
	{
	case Clause::is_public:
		into.is_public = true;
		return true;
	case Clause::was:
		return take_name(into.was, "The former name is expected here.");
	case Clause::called:
		return take_name(into.called, "The name of the function is expected here.");
	case Clause::returns:
		return take_variables(into.outputs);
	case Clause::label:
		return take_text(into.label);
	case Clause::description:
		return take_text(into.description);
	case Clause::detail:
		return take_text(into.detail);
	case Clause::launch_on:
	{
		EventClause event;
		event.offset = offset;
		const bool well = take_event(event);
		into.launches.push(arena, event);
		return well;
	}
	case Clause::light:
		into.is_light = true;
		into.light_offset = offset;
		return true;
	case Clause::expose_entity:
		into.expose_entity = true;
		into.expose_offset = offset;
		return !take_word("AS") || take_name(into.expose_as, "The name of the view is expected here.");
	case Clause::priority:
		return take_priority(into.priority);
	case Clause::visible_to:
		return take_names(into.visible_to, "The name of a role is expected here.");
	case Clause::close_after_all_flows:
		into.close_after_all_flows = true;
		into.close_after_offset = offset;
		return true;
	default:
	{
		Callback callback;
		const bool well = take_callback(callback, clause, offset);
		into.callbacks.push(arena, callback);
		return well;
	}
	}
}

} // namespace bpt::core
