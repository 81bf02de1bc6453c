// Compiled SQL of a definition: an expression or a statement with its process names as parameters.
//
// Names resolve by parser hooks (expr/names.cpp) into parameters; a parameter's value is fetched from a Values only when it
// is needed. Simple expressions run without SPI, the others and all statements by kept plans. All user SQL runs inside
// as_owner(); nothing here switches by itself.
#pragma once
#include "expr/definition.hpp"

namespace bpt::expr {

enum class SlotKind : std::uint8_t
{
	process_input,    // index: into Definition::inputs
	process_output,   // index: into Definition::outputs
	process_property, // process_id
	output,           // element, index: into its outputs
	property,         // element, property
	row_new,          // index: attribute number of the event's table
	row_old,
};

/// Runtime properties (BPT.md §3).
enum class Property : std::uint8_t
{
	activity_id,
	closed_instant,
	closed_by,
	skipped,
	expired,
	refusals,
	started_by,
	started_instant,
	terminated,
	email_id,
};

/// What a process name in SQL stands for.
struct Slot
{
	SlotKind kind = SlotKind::process_input;
	Property property = Property::activity_id;
	std::int32_t element = -1;
	std::int32_t index = 0;
	Oid type = InvalidOid;
	std::int32_t typmod = -1;
	Oid collation = InvalidOid;
};

/// Where a piece of SQL stands, which decides what its names can mean. In an event clause the element's own inputs and
/// outputs are not in scope (they have no values yet), its runtime properties are; a LAUNCH ON has no process scope at all.
struct Site
{
	std::int32_t element = -1; // whose predecessors are in scope; -1: the process (its inputs and outputs only)
	bool own = false;          // the element's own inputs, outputs and properties by bare name too
	Oid row = InvalidOid;      // an event clause: bare columns and new.c are of this table
	bool old_row = false;      // and old.c
};

/// The site of an element's own clauses: its predecessors, and its own names.
inline Site own_site(std::int32_t element)
{
	Site site;
	site.element = element;
	site.own = true;
	return site;
}

enum class CodeKind : std::uint8_t
{
	condition, // boolean
	value,     // coerced to want/want_typmod by assignment cast
	text,      // coerced to text
	mail_text, // the same, of a type whose text can be addresses or headers: asked at publish, evaluated as text
	instant,   // timestamptz, or interval (then from bpt.now())
	statement,
};

/// Installs the parser hook for now(), and what keeps compiled SQL right over aborts and changes of tables and rights.
/// Called once by _PG_init.
void register_code_callbacks();

/// The value of a slot at this moment. `fetch` may raise; it returns a Datum that lives at least until the evaluation ends.
struct Values
{
	Datum (*fetch)(void *context, const Slot &slot, bool *isnull) = nullptr;
	void *context = nullptr;
};

/// The compiled form of `sql` at `site`, made on first use, kept with the definition. For kind value: the wanted type.
/// Cheap: analysis happens on first evaluation.
Code *code(Definition *definition, const core::Sql &sql, const Site &site, CodeKind kind, Oid want = InvalidOid,
		   int32 want_typmod = -1);

/// Runs f() as the definition's owner: user, SECURITY_LOCAL_USERID_CHANGE, the pinned search_path, row_security on.
/// On an error the caller's (sub)transaction abort restores all of it.
void as_owner(Definition *definition, void (*f)(void *), void *context);
template <typename F>
void as_owner(Definition *definition, F f)
{
	as_owner(
		definition, [](void *context) { (*static_cast<F *>(context))(); }, &f);
}

/// What as_owner() needs of the settings, from here to the end of the transaction: in a batch of one definition's items it
/// has nothing to set and to put back then.
void pin_for_transaction(const Definition *definition);

/// A statement that the engine builds around a piece of the text: `sql` is all of it, `origin` the piece (its offset names
/// the Code and places errors). site.row is the one table in its FROM, without alias: its columns go by bare name, by the
/// table's name and as `new.column`; other names resolve as at `site`. Run by run_statement.
Code *query(Definition *definition, const char *sql, const core::Sql &origin, const Site &site);
/// True if the condition is analysed and valid now, and made of nothing but row columns, constants, AND, OR, NOT, IS NULL,
/// IS TRUE … and built-in comparison operators over built-in types: it cannot raise and needs no rights, so it may be
/// evaluated outside as_owner() and without a subtransaction. Never raises.
bool is_plain(Code *code);
/// Compiles an expression ahead of its first evaluation; before that nothing counts as plain.
void compile_expression(Code *code);
/// A plain condition on a row as an expression of its own, in the current memory context: the columns of the row as it was
/// and as it is are Vars of these numbers.
Node *plain_expression(const Code *code, int old_varno, int new_varno);

/// The expression's value in the current memory context.
Datum evaluate(Code *code, const Values &values, bool *isnull);
/// A condition's value, NULL being false.
bool holds(Code *code, const Values &values);
/// A text's value (literal or expression), null if NULL or absent, in the current memory context. `where` as for code().
char *text_of(Definition *definition, const core::TextValue &value, const Site &site, const Values &values);
/// The definition's SQL that is being run. It stays when that fails, for whoever records the error and clears it.
extern std::string_view running_sql;

/// An instant's value; false if NULL or absent. An interval counts from bpt.now() (clock.hpp).
bool instant_of(Definition *definition, const core::Sql &sql, const Site &site, const Values &values,
				TimestampTz *result);

/// The one row a statement gave: columns by name. No row: found is false. Values live in the caller's memory context.
struct StatementResult
{
	bool found = false;
	std::int32_t columns = 0;
	const char **names = nullptr;
	Oid *types = nullptr;
	Datum *values = nullptr;
	bool *nulls = nullptr;
};
/// Runs a statement. More than one row is an error (21000), with `strict` no row as well (P0002).
StatementResult run_statement(Code *code, const Values &values, bool strict);
/// Runs a statement to its end, however many rows it gives, and drops them.
void run_whole_statement(Code *code, const Values &values);

/// The text form of a value by its type's output function, and back (null ⇄ NULL).
char *to_text(Datum value, bool isnull, Oid type);
/// True for types whose text may name tables, types or functions as search_path has it: reg… and what may hold them.
bool names_things(Oid type);
/// What the output function of such a type writes, with the schemas of all that it names.
char *written_in_full(FmgrInfo *output, Datum value);
Datum from_text(const char *text, Oid type, int32 typmod, bool *isnull);
/// The value cast to another type as an assignment would; error 42804/22P02… as PostgreSQL raises it.
Datum assign(Datum value, bool isnull, Oid from, Oid to, int32 to_typmod, bool *result_null);

struct RowStamp;

/// One AND-ed equality `column = expression over the scope` of an event clause, by which listeners are found.
struct Correlation
{
	std::int32_t attribute; // of the table
	Oid row_hash;           // hash function of the column's side
	Oid scope_hash;         // … and of the expression's side
	Oid collation;
	Code *scope_side; // evaluated when listening begins
};
/// How an event clause is tested (made once per clause).
struct ClausePlan
{
	core::Vec<Correlation> correlations;
	Code *row_condition =
		nullptr; // what the trigger tests: AND-ed parts on the row alone, non-volatile, without sub-select; may be null
	bool row_only = false;           // row_condition is the whole condition
	Code *condition = nullptr;       // the whole, over row and scope; null: always true
	core::Vec<std::int32_t> columns; // attributes that condition and WITH read of the new row (for the payload)
	core::Vec<std::int32_t> old_columns;
	core::Vec<std::int32_t>
		with_columns; // those that WITH reads: all that is needed once the condition has been tested
	core::Vec<std::int32_t> old_with_columns;
	Code **with = nullptr;     // one for each WITH of the model
	RowStamp *stamp = nullptr; // of the table, and what it was when the plan was made
	uint64 stamp_seen = 0;
};
/// Made anew, with its Codes, when the table's relcache entry has been invalidated since (a column dropped, renamed, of
/// another type): callers ask each time, or after an invalidation of the table, and keep no pointer beyond that.
ClausePlan *clause_plan(Definition *definition, Clause &clause);

} // namespace bpt::expr
