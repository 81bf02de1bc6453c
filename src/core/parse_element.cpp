// The elements of a process: START, CONDITIONAL START, HUMAN, AUTOMATIC, WAIT, DECISION, EXECUTE, EMAIL, END, COMMENT.
//
// Each is a name, its clauses in any order, and its connectors.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kExpression = "An expression in parentheses is expected here.";
constexpr std::string_view kInterval = "An interval in quotes, such as '5 minutes', is expected here.";

bool has_targets(Kind kind)
{
	return kind != Kind::end && kind != Kind::comment && kind != Kind::decision;
}

/// True for a decimal number that is at least 1.
bool is_at_least_one(std::string_view number)
{
	bool positive = false;
	for (std::size_t i = 0; i < number.size() && number[i] != '.'; i++)
	{
		if (number[i] < '0' || number[i] > '9')
			return false;
		positive = positive || number[i] != '0';
	}
	for (const char c : number)
		if (c != '.' && (c < '0' || c > '9'))
			return false;
	return positive;
}

bool has_name(Kind kind)
{
	return kind != Kind::start && kind != Kind::comment;
}

} // namespace

/// The statement of an element whose keyword stands at `begin` and is read.
void Parser::parse_element(Kind kind, std::int32_t begin)
{
	Process &into = process != nullptr ? *process : orphanage;
	if (process == nullptr && !orphan_reported)
	{
		orphan_reported = true;
		problem(begin, "misplaced_element", concat(arena, {keyword_of(kind), " stands outside a process"}),
				"Elements follow the PROCESS that they belong to; TRANSLATION and TIMER end it.");
	}
	Element element;
	element.kind = kind;
	element.offset = begin;
	const bool well = element_body(element);
	if (!well)
	{
		element.incomplete = true;
		give_up_statement();
	}
	else if (kind == Kind::decision)
		name_outcomes(element);
	if (!has_name(kind) || element.name)
		into.elements.push(arena, element);
	else
		into.lost_elements = true;
}

/// Name, clauses and connectors, up to and with the ";".
bool Parser::element_body(Element &element)
{
	const std::string_view keyword = keyword_of(element.kind);
	ClauseScope scope{keyword, clauses_of(element.kind), 0, has_targets(element.kind)};
	if (has_name(element.kind))
	{
		const Token name = now;
		if (!take_name(element.name, concat(arena, {"The name of the ", keyword, " element is expected here."})))
			return false;
		element.offset = element.name.offset;
		if (is_word(name, "START") || is_word(name, "END") || is_word(name, "TERMINATE"))
			problem(name.begin, "reserved_name",
					concat(arena, {"an element named \"", name.text, "\" must be written in double quotes"}));
		if (!take_was(element.was))
			return false;
		if (element.was)
			scope.seen |= bit(Clause::was);
	}
	else if (element.kind == Kind::comment && !take_string(element.comment, "The comment in quotes is expected here."))
		return false;

	while (true)
	{
		if (element.kind == Kind::decision && (at_word("WHEN") || at_word("ELSE")))
			break;
		Clause clause{};
		std::int32_t offset = 0;
		const Found found = find_clause(scope, clause, offset);
		if (found == Found::none)
			break;
		if (found == Found::failed)
			return false;
		Process unused_process;
		Element unused;
		const bool is_own = (scope.allowed & bit(clause)) != 0;
		const bool is_processes = (kOnlyProcess & bit(clause)) != 0 || clause == Clause::priority;
		if (!is_own && is_processes ? !process_clause(unused_process, clause, offset)
									: !element_clause(is_own ? element : unused, clause, offset))
			return false;
	}

	if (element.kind == Kind::decision && (at_word("WHEN") || at_word("ELSE")))
	{
		if (!take_outcomes(element))
			return false;
		return end_statement("WHEN, ELSE or \";\" is expected here; clauses stand before the first WHEN.");
	}
	if (now.kind == TokenKind::arrow)
	{
		if (element.kind == Kind::decision)
			return fail(
				"A DECISION has its connectors behind conditions: WHEN (condition) -> target … ELSE -> target.");
		if (!scope.has_targets)
			return fail(concat(arena, {keyword, " has no connectors."}));
		if (!take_targets(element))
			return false;
		return end_statement("\",\" or \";\" is expected here; clauses stand before the connectors.");
	}
	if (!now.is(';') && !at_end())
		element.incomplete = true;
	if (element.kind == Kind::decision)
		return end_statement("A clause of DECISION, WHEN or \";\" is expected here.");
	return end_statement(concat(
		arena, {"A clause of ", keyword, scope.has_targets ? ", \"->\" or \";\"" : " or \";\"", " is expected here."}));
}

/// Everything behind the keywords of a clause that some elements have.
bool Parser::element_clause(Element &element, Clause clause, std::int32_t offset)
{
	switch (clause)
	{
	case Clause::label:
		return take_text(element.label);
	case Clause::description:
		return take_text(element.description);
	case Clause::is_public:
		element.is_public = true;
		element.public_offset = offset;
		return true;
	case Clause::was:
		return take_name(element.was, "The former name is expected here.");
	case Clause::called:
		return take_name(element.called, "The name of the function is expected here.");
	case Clause::terminate:
		element.terminate = true;
		return true;
	case Clause::reminder:
		element.reminder = true;
		return true;
	case Clause::process:
		return take_qualified(element.invoked, "The name of the process to run is expected here.") &&
			   (!now.is('(') || take_assignments(element.arguments, TokenKind::gives, "EXECUTE", true));
	case Clause::from:
		return take_text(element.from);
	case Clause::to:
		return take_text(element.to);
	case Clause::cc:
		return take_text(element.cc);
	case Clause::bcc:
		return take_text(element.bcc);
	case Clause::subject:
		return take_text(element.subject);
	case Clause::body:
		return take_text(element.body);
	case Clause::html:
		return take_text(element.html);
	case Clause::headers:
		return take_text(element.headers);
	case Clause::log_content:
		element.log_content = true;
		return true;
	case Clause::schedule:
	{
		std::string_view unused;
		return take_string(unused, "A schedule in quotes is expected here.");
	}
	default:
		return activity_clause(element, clause, offset);
	}
}

/// The clauses of what waits or works: HUMAN, WAIT, CONDITIONAL START, AUTOMATIC.
bool Parser::activity_clause(Element &element, Clause clause, std::int32_t offset)
{
	switch (clause)
	{
	case Clause::user:
		return now.kind == TokenKind::string ? take_literal_sql(element.user, kExpression)
											 : take_sql(element.user, kExpression);
	case Clause::role:
		return take_names(element.roles, "The name of a role is expected here.");
	case Clause::group:
		element.group_offset = offset;
		return now.kind == TokenKind::string ? take_literal_sql(element.group, kExpression)
											 : take_sql(element.group, kExpression);
	case Clause::close_on:
	case Clause::start_on:
	{
		EventClause event;
		event.offset = offset;
		const bool well = take_event(event);
		element.events.push(arena, event);
		return well;
	}
	case Clause::after:
		return take_names(element.after, "The name of an element is expected here.");
	case Clause::destination:
		return take_text(element.destination);
	case Clause::detail:
		return take_text(element.detail);
	case Clause::instructions:
		return take_text(element.instructions);
	case Clause::due:
		return take_sql(element.due, kExpression);
	case Clause::timeout:
		return take_sql(element.timeout, kExpression);
	case Clause::start_date:
		return take_sql(element.start_date, kExpression);
	case Clause::allow_skip:
		element.allow_skip = true;
		return true;
	case Clause::input:
		return take_variables(element.inputs);
	case Clause::output:
		return take_variables(element.outputs);
	case Clause::run:
	{
		Statement statement;
		statement.strict = take_word("STRICT");
		const bool well = take_sql(statement.sql, "A statement in parentheses is expected here.");
		if (well)
			element.statements.push(arena, statement);
		return well;
	}
	case Clause::set:
		return take_assignments(element.set, TokenKind::symbol, "SET", false);
	case Clause::time_limit:
		return take_literal_sql(element.time_limit, kInterval);
	case Clause::retry:
		element.retry.given = true;
		element.retry.offset = offset;
		return take_retry(element.retry);
	case Clause::commit_each:
		element.commit_each = true;
		return true;
	default:
	{
		Callback callback;
		const bool well = take_callback(callback, clause, offset);
		element.callbacks.push(arena, callback);
		return well;
	}
	}
}

/// `[n TIMES] [EVERY 'interval'] [BACKOFF f]`.
bool Parser::take_retry(Retry &retry)
{
	if (now.kind == TokenKind::number || now.is('-'))
	{
		const std::int32_t begin = now.begin;
		const bool minus = take('-');
		std::int64_t times = 0;
		for (const char c : now.text)
			times = c < '0' || c > '9' || times > INT32_MAX ? INT64_MAX / 16 : times * 10 + (c - '0');
		if (minus || times < 1 || times > INT32_MAX)
		{
			problem(begin, "bad_number", "the number of attempts must be a whole number from 1 to 2147483647");
			times = 1;
		}
		retry.times = static_cast<std::int32_t>(times);
		advance();
		if (!expect_word("TIMES"))
			return false;
	}
	if (take_word("EVERY") && !take_literal_sql(retry.every, kInterval))
		return false;
	if (take_word("BACKOFF"))
	{
		const std::int32_t begin = now.begin;
		const bool minus = take('-');
		if (now.kind != TokenKind::number)
			return fail("A number such as 2 or 1.5 is expected here.");
		if (minus || !is_at_least_one(now.text))
			problem(begin, "bad_number", "BACKOFF must be a decimal number that is at least 1");
		retry.backoff = now.text;
		advance();
	}
	return true;
}

} // namespace bpt::core
