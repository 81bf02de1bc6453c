// Connectors: where an element leads to, and the outcomes of a DECISION.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kTarget = "The name of an element, END or END TERMINATE is expected here.";

/// What an outcome without AS is named after its target.
std::string_view target_name(const Target &target)
{
	switch (target.kind)
	{
	case TargetKind::element:
		return target.name.text;
	case TargetKind::end:
		return "end";
	case TargetKind::end_terminate:
		return "terminate";
	}
	return {};
}

} // namespace

/// One target: `name`, `END` or `END TERMINATE`.
bool Parser::take_target(Target &target)
{
	target.offset = now.begin;
	if (take_word("END"))
	{
		target.kind = take_word("TERMINATE") ? TargetKind::end_terminate : TargetKind::end;
		return true;
	}
	target.kind = TargetKind::element;
	if (at_word("START") || at_word("TERMINATE"))
		return fail(at_word("START") ? "No connector leads to START; an element of that name is written \"start\"."
									 : "Write END TERMINATE; an element of that name is written \"terminate\".");
	return take_name(target.name, kTarget);
}

/// `-> target [, …]`.
bool Parser::take_targets(Element &element)
{
	advance();
	do
	{
		Target target;
		if (!take_target(target))
			return false;
		element.targets.push(arena, target);
	} while (take(','));
	return true;
}

/// `WHEN (condition) [AS outcome] -> target … [ELSE [AS outcome] -> target]`, in whatever order they stand.
bool Parser::take_outcomes(Element &element)
{
	while (at_word("WHEN") || at_word("ELSE"))
	{
		Outcome outcome;
		outcome.offset = now.begin;
		outcome.is_else = at_word("ELSE");
		advance();
		if (!outcome.is_else && !take_sql(outcome.condition, "A condition in parentheses is expected here."))
			return false;
		if (take_word("AS"))
		{
			outcome.named = true;
			if (!take_name(outcome.name, "The name of the outcome is expected here."))
				return false;
		}
		if (now.kind != TokenKind::arrow)
			return fail(outcome.named ? "\"->\" is expected here." : "AS or \"->\" is expected here.");
		advance();
		if (!take_target(outcome.target))
			return false;
		element.outcomes.push(arena, outcome);
		if (now.is(','))
			return fail("An outcome of a DECISION leads to one target.");
	}
	return true;
}

/// Gives outcomes without AS their names: yes and no where there are two and neither has one, else the target's.
void Parser::name_outcomes(Element &element)
{
	Vec<Outcome> &outcomes = element.outcomes;
	const bool yes_no = outcomes.count == 2 && !outcomes[0].named && !outcomes[1].named;
	for (std::int32_t i = 0; i < outcomes.count; i++)
		if (!outcomes[i].named)
		{
			outcomes[i].name.text = !yes_no ? target_name(outcomes[i].target) : i == 0 ? "yes" : "no";
			outcomes[i].name.offset = outcomes[i].offset;
		}
}

} // namespace bpt::core
