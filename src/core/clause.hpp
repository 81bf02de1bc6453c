// The clauses of the language: their keywords, and which kind of element has which.
//
// One table says it all; the parser finds a clause by its keywords, refuses what a kind does not have, and lists in hints
// what it has.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

enum class Clause : std::uint8_t
{
	is_public,
	was,
	called,
	returns,
	label,
	description,
	detail,
	launch_on,
	light,
	expose_entity,
	priority,
	visible_to,
	close_after_all_flows,
	on_process_start,
	on_activity_ready,
	on_activity_open,
	on_activity_start,
	on_activity_close,
	on_activity_skip,
	on_ready,
	on_open,
	on_start,
	on_close,
	on_skip,
	user,
	role,
	group,
	close_on,
	start_on,
	after,
	destination,
	instructions,
	due,
	allow_skip,
	start_date,
	input,
	output,
	run, // DO
	set,
	time_limit,
	retry,
	commit_each,
	timeout,
	process,
	from,
	to,
	cc,
	bcc,
	subject,
	body,
	html,
	headers,
	log_content,
	terminate,
	reminder,
	schedule,
	count_,
};

using ClauseSet = std::uint64_t;
static_assert(static_cast<int>(Clause::count_) <= 64);

constexpr ClauseSet bit(Clause clause)
{
	return ClauseSet{1} << static_cast<int>(clause);
}

template <typename... Rest>
constexpr ClauseSet clauses(Rest... rest)
{
	return (ClauseSet{0} | ... | bit(rest));
}

/// The keywords of a clause; unused places are empty.
struct ClauseWords
{
	Clause clause;
	std::string_view words[4];
};

/// Every clause with its keywords; a clause whose first words another shares stands behind the longer one.
inline constexpr ClauseWords kClauseWords[] = {
	{Clause::is_public, {"PUBLIC"}},
	{Clause::was, {"WAS"}},
	{Clause::called, {"CALLED"}},
	{Clause::returns, {"RETURNS"}},
	{Clause::label, {"LABEL"}},
	{Clause::description, {"DESCRIPTION"}},
	{Clause::detail, {"DETAIL"}},
	{Clause::launch_on, {"LAUNCH", "ON"}},
	{Clause::light, {"LIGHT"}},
	{Clause::expose_entity, {"EXPOSE", "ENTITY"}},
	{Clause::priority, {"PRIORITY"}},
	{Clause::visible_to, {"VISIBLE", "TO"}},
	{Clause::close_after_all_flows, {"CLOSE", "AFTER", "ALL", "FLOWS"}},
	{Clause::on_process_start, {"ON", "PROCESS", "START"}},
	{Clause::on_activity_ready, {"ON", "ACTIVITY", "READY"}},
	{Clause::on_activity_open, {"ON", "ACTIVITY", "OPEN"}},
	{Clause::on_activity_start, {"ON", "ACTIVITY", "START"}},
	{Clause::on_activity_close, {"ON", "ACTIVITY", "CLOSE"}},
	{Clause::on_activity_skip, {"ON", "ACTIVITY", "SKIP"}},
	{Clause::on_ready, {"ON", "READY"}},
	{Clause::on_open, {"ON", "OPEN"}},
	{Clause::on_start, {"ON", "START"}},
	{Clause::on_close, {"ON", "CLOSE"}},
	{Clause::on_skip, {"ON", "SKIP"}},
	{Clause::user, {"USER"}},
	{Clause::role, {"ROLE"}},
	{Clause::group, {"GROUP"}},
	{Clause::close_on, {"CLOSE", "ON"}},
	{Clause::start_on, {"START", "ON"}},
	{Clause::after, {"AFTER"}},
	{Clause::destination, {"DESTINATION"}},
	{Clause::instructions, {"INSTRUCTIONS"}},
	{Clause::due, {"DUE"}},
	{Clause::allow_skip, {"ALLOW", "SKIP"}},
	{Clause::start_date, {"START", "DATE"}},
	{Clause::input, {"INPUT"}},
	{Clause::output, {"OUTPUT"}},
	{Clause::run, {"DO"}},
	{Clause::set, {"SET"}},
	{Clause::time_limit, {"TIME", "LIMIT"}},
	{Clause::retry, {"RETRY"}},
	{Clause::commit_each, {"COMMIT", "EACH"}},
	{Clause::timeout, {"TIMEOUT"}},
	{Clause::process, {"PROCESS"}},
	{Clause::from, {"FROM"}},
	{Clause::to, {"TO"}},
	{Clause::cc, {"CC"}},
	{Clause::bcc, {"BCC"}},
	{Clause::subject, {"SUBJECT"}},
	{Clause::body, {"BODY"}},
	{Clause::html, {"HTML"}},
	{Clause::headers, {"HEADERS"}},
	{Clause::log_content, {"LOG", "CONTENT"}},
	{Clause::terminate, {"TERMINATE"}},
	{Clause::reminder, {"REMINDER"}},
	{Clause::schedule, {"SCHEDULE"}},
};

inline constexpr ClauseSet kEverywhere = clauses(Clause::label, Clause::description);

/// Clauses that may stand more than once.
inline constexpr ClauseSet kRepeatable = clauses(Clause::launch_on, Clause::close_on, Clause::start_on, Clause::run);

inline constexpr ClauseSet kProcessClauses =
	kEverywhere | clauses(Clause::is_public, Clause::was, Clause::called, Clause::returns, Clause::detail,
						  Clause::launch_on, Clause::light, Clause::expose_entity, Clause::priority, Clause::visible_to,
						  Clause::close_after_all_flows, Clause::on_process_start, Clause::on_activity_ready,
						  Clause::on_activity_open, Clause::on_activity_start, Clause::on_activity_close,
						  Clause::on_activity_skip);

/// Clauses that only PROCESS has; every other belongs to some element, SCHEDULE to TIMER.
inline constexpr ClauseSet kOnlyProcess =
	kProcessClauses &
	~(kEverywhere | clauses(Clause::is_public, Clause::was, Clause::called, Clause::detail, Clause::priority));

inline constexpr ClauseSet kTimerClauses =
	clauses(Clause::was, Clause::called, Clause::schedule, Clause::priority, Clause::time_limit, Clause::run);

/// The clauses that elements of a kind have.
constexpr ClauseSet clauses_of(Kind kind)
{
	switch (kind)
	{
	case Kind::start:
		return kEverywhere;
	case Kind::conditional_start:
		return kEverywhere | clauses(Clause::is_public, Clause::was, Clause::called, Clause::start_on, Clause::after,
									 Clause::input, Clause::output, Clause::set, Clause::on_ready, Clause::on_start);
	case Kind::human:
		return kEverywhere | clauses(Clause::is_public, Clause::was, Clause::called, Clause::user, Clause::role,
									 Clause::group, Clause::close_on, Clause::destination, Clause::detail,
									 Clause::instructions, Clause::due, Clause::allow_skip, Clause::start_date,
									 Clause::input, Clause::output, Clause::set, Clause::on_ready, Clause::on_open,
									 Clause::on_close, Clause::on_skip);
	case Kind::automatic:
		return kEverywhere | clauses(Clause::was, Clause::run, Clause::set, Clause::start_date, Clause::time_limit,
									 Clause::retry, Clause::commit_each);
	case Kind::wait:
		return kEverywhere | clauses(Clause::is_public, Clause::was, Clause::called, Clause::close_on, Clause::timeout,
									 Clause::allow_skip, Clause::input, Clause::output, Clause::set, Clause::on_ready,
									 Clause::on_close, Clause::on_skip);
	case Kind::decision:
		return kEverywhere | clauses(Clause::was);
	case Kind::execute:
		return kEverywhere | clauses(Clause::was, Clause::process, Clause::set);
	case Kind::email:
		return kEverywhere | clauses(Clause::was, Clause::from, Clause::to, Clause::cc, Clause::bcc, Clause::subject,
									 Clause::body, Clause::html, Clause::headers, Clause::log_content, Clause::set);
	case Kind::end:
		return kEverywhere | clauses(Clause::was, Clause::terminate);
	case Kind::comment:
		return kEverywhere | clauses(Clause::reminder);
	}
	return 0;
}

/// What a kind is called in the language.
constexpr std::string_view keyword_of(Kind kind)
{
	switch (kind)
	{
	case Kind::start:
		return "START";
	case Kind::conditional_start:
		return "CONDITIONAL START";
	case Kind::human:
		return "HUMAN";
	case Kind::automatic:
		return "AUTOMATIC";
	case Kind::wait:
		return "WAIT";
	case Kind::decision:
		return "DECISION";
	case Kind::execute:
		return "EXECUTE";
	case Kind::email:
		return "EMAIL";
	case Kind::end:
		return "END";
	case Kind::comment:
		return "COMMENT";
	}
	return "";
}

/// Whether elements of this kind are activities: run, have a row, can be named in AFTER.
constexpr bool is_activity(Kind kind)
{
	return kind == Kind::conditional_start || kind == Kind::human || kind == Kind::automatic || kind == Kind::wait ||
		   kind == Kind::execute || kind == Kind::email;
}

/// The keywords of a clause, blank-separated.
std::string_view clause_name(Arena &arena, Clause clause);

/// The names of all clauses of a set, comma-separated, in table order.
std::string_view clause_names(Arena &arena, ClauseSet set);

} // namespace bpt::core
