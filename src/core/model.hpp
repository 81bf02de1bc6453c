// The one model of a process definition that stands behind every form of it (text, later jsonb, BPMN, pictures).
//
// The parser makes it, the validator resolves names in it (targets, AFTER, invoked processes stay names), publish and the
// writers read it. All strings point into the definition text or the arena. An `offset` is a byte offset into the text.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

/// An identifier after SQL's folding. Empty text: absent.
struct Name
{
	std::string_view text;
	std::int32_t offset = 0;
	explicit operator bool() const { return !text.empty(); }
};

/// A possibly schema-qualified name.
struct QualifiedName
{
	Name schema;
	Name name;
};

/// SQL as it stood between its parentheses (without them), untouched. offset: of its first byte. Absent: data() == nullptr.
struct Sql
{
	std::string_view text;
	std::int32_t offset = 0;
	explicit operator bool() const { return text.data() != nullptr; }
};

/// Where a text is expected: a literal (its value, unescaped) or an expression in parentheses.
struct TextValue
{
	enum class Kind : std::uint8_t
	{
		absent,
		literal,
		expression,
	};
	Kind kind = Kind::absent;
	std::string_view literal;
	Sql expression;
	std::int32_t offset = 0;
	explicit operator bool() const { return kind != Kind::absent; }
};

/// An input or output: `name [WAS old] type [NOT NULL] [DEFAULT literal | (expr)]`.
struct Variable
{
	Name name;
	Name was;
	Sql type; // the type's text, e.g. "numeric(10,2)"
	bool not_null = false;
	Sql default_value; // the SQL of the literal or of the expression in parentheses
};

/// `name = expr` of SET, or `name => expr` of WITH and of an EXECUTE's arguments.
struct Assignment
{
	Name name;
	Sql value;
};

enum class Op : std::uint8_t
{
	insert,
	update,
};

/// LAUNCH ON, CLOSE ON, START ON: which row changes count, and what they pass on.
struct EventClause
{
	std::int32_t offset = 0;
	Op op = Op::insert;
	QualifiedName table;
	Vec<Name> columns; // UPDATE OF t (…)
	Name as;           // declares an input of the key's type
	Sql where;
	bool or_already = false;
	Vec<Assignment> with;
};

enum class When : std::uint8_t
{
	process_start, // PROCESS only
	ready,
	open,
	start,
	close,
	skip,
};

/// A callback of an activity, or of the process (there `ON ACTIVITY READY` and so on have the same `when`).
struct Callback
{
	When when = When::ready;
	std::int32_t offset = 0;
	Sql check;
	TextValue message;
	Vec<Sql> statements;
	Vec<Assignment> set;
};

enum class TargetKind : std::uint8_t
{
	element,
	end,
	end_terminate,
};

/// Where a connector leads.
struct Target
{
	TargetKind kind = TargetKind::element;
	Name name;                 // of the element
	std::int32_t element = -1; // its index in Process::elements, set by validation
	std::int32_t offset = 0;
};

/// One outcome of a DECISION. `name` is what AS says, else yes/no or the target's name (set by the parser).
struct Outcome
{
	std::int32_t offset = 0; // of WHEN or ELSE
	Name name;
	bool named = false; // by AS
	bool is_else = false;
	Sql condition;
	Target target;
};

enum class Kind : std::uint8_t
{
	start,
	conditional_start,
	human,
	automatic,
	wait,
	decision,
	execute,
	email,
	end,
	comment,
};

/// RETRY [n TIMES] [EVERY 'interval'] [BACKOFF f]. times < 0: without end.
struct Retry
{
	bool given = false;
	std::int32_t times = -1;
	Sql every; // the interval literal's SQL, absent: the default rule
	std::string_view backoff;
	std::int32_t offset = 0;
};

/// One DO (statement).
struct Statement
{
	Sql sql;
	bool strict = false;
};

/// One element with all clauses that any kind can have; the parser admits only those of its kind.
struct Element
{
	Kind kind = Kind::start;
	Name name; // START: empty; COMMENT: empty
	Name was;
	std::int32_t offset = 0; // of the name, or of the keyword where there is none
	bool incomplete = false; // a syntax error cut it short: what it leads to is not known
	TextValue label;
	TextValue description;
	bool is_public = false;
	std::int32_t public_offset = 0;
	Name called; // CALLED name: of the generated function
	Vec<Target> targets;
	Vec<Outcome> outcomes; // DECISION
	Vec<Callback> callbacks;
	Vec<Assignment> set; // SET of the activity itself: at its close

	// HUMAN, WAIT, CONDITIONAL START
	Vec<EventClause> events; // CLOSE ON or START ON
	Vec<Variable> inputs;
	Vec<Variable> outputs;
	bool allow_skip = false;
	Sql start_date;
	// HUMAN
	Sql user;
	Vec<Name> roles;
	Sql group;
	std::int32_t group_offset = 0; // of the keyword
	TextValue destination;
	TextValue detail;
	TextValue instructions;
	Sql due;
	// WAIT
	Sql timeout;
	// CONDITIONAL START
	Vec<Name> after;
	// AUTOMATIC
	Vec<Statement> statements;
	Sql time_limit; // the interval literal's SQL
	Retry retry;
	bool commit_each = false;
	// EXECUTE
	QualifiedName invoked;
	Vec<Assignment> arguments;
	// EMAIL
	TextValue from, to, cc, bcc, subject, body, html, headers;
	bool log_content = false;
	// END
	bool terminate = false;
	// COMMENT
	std::string_view comment;
	bool reminder = false;
};

enum class Priority : std::uint8_t
{
	low,
	normal,
	high,
};

struct Process
{
	QualifiedName name;
	Name was;
	std::int32_t offset = 0; // of the name
	std::string_view source; // this definition's own text, from its first keyword to its last `;`
	std::int32_t source_offset = 0;
	Vec<Variable> inputs;
	Vec<Variable> outputs; // RETURNS
	TextValue label;
	TextValue description;
	TextValue detail;
	bool is_public = false;
	bool is_light = false;
	std::int32_t light_offset = 0;
	bool expose_entity = false;
	Name expose_as;
	std::int32_t expose_offset = 0;
	Priority priority = Priority::normal;
	Vec<Name> visible_to;
	bool close_after_all_flows = false;
	std::int32_t close_after_offset = 0;
	bool incomplete = false;    // a syntax error cut its own clauses short
	bool lost_elements = false; // a syntax error swallowed an element whole
	Name called;
	Vec<EventClause> launches;
	Vec<Callback> callbacks;
	Vec<Element> elements; // in text order, COMMENTs and named ENDs included
};

/// TRANSLATION OF process INTO 'locale' (element LABEL '…' …). An item without element speaks of the process itself.
struct TranslationItem
{
	Name element;
	std::string_view label, description, instructions, detail;
	std::int32_t offset = 0;
};
struct Translation
{
	QualifiedName process;
	std::string_view locale;
	Vec<TranslationItem> items;
	std::int32_t offset = 0;
};

/// TIMER name SCHEDULE '…' [PRIORITY p] [TIME LIMIT '…'] DO (statement).
struct Timer
{
	QualifiedName name;
	Name was;
	Name called;             // CALLED name: of the generated function
	std::string_view source; // this definition's own text, from its first keyword to its last `;`
	std::string_view schedule;
	std::int32_t schedule_offset = 0; // of its first character, of the literal where that is not written as it is
	Priority priority = Priority::normal;
	Sql time_limit;
	Sql statement;
	std::int32_t offset = 0;
};

/// All definitions of one text.
struct Document
{
	std::string_view text;
	Vec<Process> processes;
	Vec<Translation> translations;
	Vec<Timer> timers;
};

} // namespace bpt::core
