// The shape of single elements, of LIGHT processes, and the language's advice (warnings and reminders).
#include "core/checks.hpp"
#include "core/email.hpp"
#include "core/lexer.hpp"

namespace bpt::core {

namespace {

/// True if a comment speaks of something still to do.
bool reminds(std::string_view comment)
{
	std::size_t at = 0;
	while (at < comment.size())
	{
		std::size_t end = at;
		while (end < comment.size() && lower(comment[end]) >= 'a' && lower(comment[end]) <= 'z')
			end++;
		const std::string_view word{comment.data() + at, end - at};
		if (same_word(word, "TODO") || same_word(word, "TBD") || same_word(word, "REMINDER"))
			return true;
		at = end + 1;
	}
	return false;
}

} // namespace

/// What an element must have, and must not have.
void Checker::element(const Element &checked)
{
	if (checked.is_public && !process.is_public && !process.incomplete)
		error("wrong_clause", checked.public_offset,
			  concat(arena, {quote(checked.name.text), " cannot be PUBLIC in a process that is not"}),
			  "Add PUBLIC to the process.");
	if (checked.incomplete)
		return;
	named(checked.user, "USER");
	named(checked.group, "GROUP");
	switch (checked.kind)
	{
	case Kind::decision:
		decision(checked);
		break;
	case Kind::execute:
		if (!checked.invoked.name)
			error("missing_clause", checked.offset,
				  concat(arena, {"EXECUTE ", quote(checked.name.text), " does not say which process"}),
				  "Add PROCESS name (input => expression, …).");
		break;
	case Kind::email:
		if (!checked.to && !checked.cc && !checked.bcc)
			error("missing_clause", checked.offset,
				  concat(arena, {"EMAIL ", quote(checked.name.text), " has no recipient"}), "Add TO, CC or BCC.");
		for (const TextValue *list : {&checked.from, &checked.to, &checked.cc, &checked.bcc})
			addresses(*list);
		headers(checked.headers);
		break;
	default:
		break;
	}
}

/// Nobody has an empty name. What expressions give is judged when the task becomes ready.
void Checker::named(const Sql &clause, const char *keyword)
{
	const std::size_t begin = clause.text.find_first_not_of(" \t\n\r\f\v");
	if (begin == std::string_view::npos)
		return;
	const std::size_t end = clause.text.find_last_not_of(" \t\n\r\f\v");
	if (slice(clause.text, static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end + 1)) == "''")
		error("empty_name", clause.offset, concat(arena, {keyword, " is an empty name"}),
			  concat(arena, {"Leave ", keyword, " out, or have it give NULL, where there is no limit."}));
}

/// Addresses that stand in the text are judged there; those that expressions give, when the message is queued.
void Checker::addresses(const TextValue &list)
{
	if (list.kind != TextValue::Kind::literal)
		return;
	MailProblem problem;
	parse_mailboxes(arena, list.literal, problem);
	if (problem)
		error("wrong_address", list.offset,
			  concat(arena, {quote(problem.what.empty() ? list.literal : problem.what),
							 " cannot be used as an address: ", problem.reason}));
}

/// The same of HEADERS.
void Checker::headers(const TextValue &json)
{
	if (json.kind != TextValue::Kind::literal)
		return;
	const MailProblem problem = check_headers(arena, json.literal);
	if (problem)
		error("wrong_headers", json.offset,
			  concat(arena, {problem.what.empty() ? "this text" : quote(problem.what),
							 " cannot be used in HEADERS: ", problem.reason}),
			  "Write HEADERS (jsonb_build_object('X-Order', order_id)).");
}

/// A DECISION has at least one WHEN, and ELSE once and last; names given with AS are distinct.
void Checker::decision(const Element &checked)
{
	bool any_when = false;
	std::int32_t first_else = -1;
	NameIndex named;
	named.prepare(arena, checked.outcomes.count);
	for (std::int32_t i = 0; i < checked.outcomes.count; i++)
	{
		const Outcome &outcome = checked.outcomes[i];
		any_when = any_when || !outcome.is_else;
		if (outcome.is_else && first_else >= 0)
			error("wrong_else", outcome.offset,
				  concat(arena, {"decision ", quote(checked.name.text), " has a second ELSE"}));
		else if (outcome.is_else)
			first_else = i;
		else if (first_else >= 0)
			error("wrong_else", outcome.offset,
				  concat(arena, {"WHEN stands behind the ELSE of decision ", quote(checked.name.text)}),
				  "ELSE is the last outcome.");
		if (outcome.named && named.add(outcome.name.text, i) >= 0)
			error("duplicate_name", outcome.name.offset,
				  concat(arena, {"outcome ", quote(outcome.name.text), " is defined more than once"}));
	}
	if (!any_when)
		error("missing_clause", checked.offset, concat(arena, {"decision ", quote(checked.name.text), " has no WHEN"}));
	else if (first_else < 0)
		report(Severity::warning, "decision_without_else", checked.offset,
			   concat(arena, {"decision ", quote(checked.name.text), " has no ELSE"}),
			   "When no condition is true, it is an error that is retried.");
}

/// A LIGHT process is START -> one AUTOMATIC -> END, launched by an event.
void Checker::light()
{
	if (!process.is_light)
		return;
	const auto refuse = [&](std::int32_t offset, std::string_view what) {
		error("not_light", offset, concat(arena, {"a LIGHT process cannot have ", what}),
			  "A LIGHT process is START, one AUTOMATIC and END, and is launched by an event.");
	};
	if (process.launches.empty() && !process.incomplete)
		error("not_light", process.light_offset, "a LIGHT process must be launched by an event", "Add LAUNCH ON.");
	if (!process.outputs.empty())
		refuse(process.outputs[0].name.offset, "RETURNS");
	if (process.expose_entity)
		refuse(process.expose_offset, "EXPOSE ENTITY");
	if (!process.callbacks.empty())
		refuse(process.callbacks[0].offset, "callbacks");
	std::int32_t automatics = 0;
	for (const Element &checked : process.elements)
	{
		if (checked.kind == Kind::automatic && ++automatics > 1)
			refuse(checked.offset, "a second AUTOMATIC");
		else if (checked.kind != Kind::automatic && checked.kind != Kind::start && checked.kind != Kind::end &&
				 checked.kind != Kind::comment)
			refuse(checked.offset, keyword_of(checked.kind));
		if (checked.start_date)
			refuse(checked.start_date.offset, "START DATE");
		if (checked.targets.count > 1)
			refuse(checked.targets[1].offset, "parallel paths");
	}
	if (automatics == 0 && !process.lost_elements)
		error("not_light", process.light_offset, "a LIGHT process must have an AUTOMATIC");
}

/// Warnings about tasks without a description of their own, and the reminders of comments.
void Checker::advice()
{
	for (const Element &checked : process.elements)
	{
		if (checked.kind == Kind::human && !checked.detail && !process.detail && !checked.incomplete &&
			!process.incomplete)
			report(Severity::warning, "task_without_detail", checked.offset,
				   concat(arena, {"task ", quote(checked.name.text), " has no DETAIL"}),
				   "Without a DETAIL, its own or the process's, people cannot tell one task from another.");
		if (checked.kind == Kind::comment && (checked.reminder || reminds(checked.comment)))
			report(Severity::notice, "reminder", checked.offset, checked.comment);
	}
}

} // namespace bpt::core
