// What the files of this room know of a Code that nobody else does, and how they hand it on:
// names (scope) ▶ analyse (tree) ▶ evaluate or statement (run).
//
// A Code lives as long as its definition. Its parameters are numbered as they are met and keep their numbers when the SQL
// is analysed again, so that a plan made earlier stays right.
#pragma once
#include "expr/code.hpp"
#include "expr/parser.hpp"

namespace bpt::expr {

/// Which part of an event clause's condition a Code stands for.
enum class Part : std::uint8_t
{
	whole,
	row,        // the AND-ed parts on the row alone
	scope_side, // the side of one equality that does not read the row
};

/// Counts the relcache invalidations of a table; found by oid, never freed.
struct RowStamp
{
	Oid relation; // the key
	uint64 count;
};

/// A parameter's meaning; for columns of the event's row also the name and what it was found as.
struct Parameter
{
	Slot slot;
	const char *column = nullptr;
};

struct Code
{
	Definition *definition = nullptr;
	core::Sql sql;
	Site site;
	CodeKind kind = CodeKind::condition;
	Oid want = InvalidOid;
	int32 want_typmod = -1;
	Part part = Part::whole;
	int32 conjunct = -1;          // of scope_side: which AND-ed part
	const char *around = nullptr; // of query(): the whole statement, of which sql is a piece

	core::Vec<Parameter> parameters; // number n is parameters[n - 1]
	const char *problem = nullptr;   // the stable word of the last error about a name
	bool follows = false;            // … and it only follows from another problem that is known

	// expressions
	bool compiled = false;
	bool simple = false;         // evaluated without SPI
	bool fresh_snapshot = false; // calls functions that may look at tables
	bool plain = false;          // is_plain()
	Oid type = InvalidOid;       // of the value: as coerced, or (not simple) as the sub-select gives it
	int16 type_length = 0;
	bool type_by_value = false;
	CachedExpression *cached = nullptr;
	MemoryContext state_context = nullptr;
	ExprState *state = nullptr; // null: to be made
	ParamListInfo state_parameters = nullptr;
	Oid state_user = InvalidOid; // whose EXECUTE rights it was made with
	uint64 state_rights = 0;     // … and when
	bool evaluating = false;     // an evaluation began and has not ended: left set by an error
	RowStamp *stamp = nullptr;   // of site.row
	uint64 stamp_seen = 0;

	// statements, and expressions with sub-selects
	SPIPlanPtr plan = nullptr;
	const char *text = nullptr;
	bool returns_rows = false;
	int64 runs = 0;
	int64 next_replan = 0;
	TimestampTz planned = 0;
};

/// A text with a zero byte behind it, in the definition's memory.
const char *c_string(Definition *definition, std::string_view text);

// code.cpp
/// A Code for a part of an event clause's condition (there is only one for each).
Code *part_code(Definition *definition, const core::Sql &sql, const Site &site, Part part, int32 conjunct);

// names.cpp
/// Puts the parser hooks of `code` (a Code) into `pstate`.
void install_names(ParseState *pstate, void *code);
/// The Code by whose names `pstate` resolves, null if it is not one of ours.
Code *code_of(const ParseState *pstate);

// now.cpp
/// Replaces now() and its like by bpt.now() in a tree; `tree` may be changed.
Node *replace_now(Node *tree);
/// True if bpt.now() is called in the tree.
bool calls_now(Node *tree);
/// Whether a tree calls bpt.process_id() or another function of bpt's that answers for the work in progress.
bool calls_current(Node *tree);

// analyse.cpp
/// The expression of `code`, coerced to what its kind wants. Raises what is wrong with it. `sublinks`: it has sub-selects,
/// and `type` is then the type before that coercion.
Node *analyse_expression(Code *code, bool *sublinks, Oid *type);
/// The top-level AND-ed parts of the event condition that `code` stands in.
List *analyse_conjuncts(Code *code);
/// The statement of `code`. Raises what is wrong with it.
Query *analyse_statement(Code *code);
/// Raises unless the raw statements are one that a definition may run.
void require_one_statement(List *raw, const char *text);
/// The text that an expression is handed to the parser as, and how many bytes stand before the expression in it.
char *wrapped(const Code *code);
constexpr int kWrapPrefix = 8; // "SELECT ("
/// Says where an error happened: the error context line, and the position within the fragment.
struct Where
{
	Code *code;
	bool analysing;
	std::string_view outer; // what ran before
	ErrorContextCallback callback;
};
void push_where(Where *where, Code *code, bool analysing);
void pop_where(const Where *where);
/// The type that an expression of this kind is coerced to; InvalidOid: an instant, or what is written to mail,
/// cannot be made of what is given.
Oid wanted_type(const Code *code, Oid given);
/// Whether a tree reads columns of the event's row, or names of the process.
bool reads_row(const Code *code, Node *tree);
bool reads_scope(const Code *code, Node *tree);
/// True if the part can be tested on the row alone, before the event is recorded.
bool is_row_part(const Code *code, Node *conjunct);
/// Of an equality `column = expression over the scope`: its sides; false if the conjunct is none.
struct Equality
{
	OpExpr *operation;
	Node *scope_side;
	int32 attribute;
	bool row_is_left;
};
bool as_equality(const Code *code, Node *conjunct, Equality *equality);

// plain.cpp
/// True if the tree calls a function that may look at tables, or at what an earlier command has done.
bool may_read_tables(Node *tree);
/// True if the planned condition is as is_plain() promises.
bool is_plain_tree(const Code *code, Node *tree);

// evaluate.cpp
/// Installs what evaluation needs to know of aborts, of changed rights and changed tables.
void register_evaluation_callbacks();
/// The stamp of a table, made at first use.
RowStamp *row_stamp(Oid relation);
/// True if the columns of the event's table that `code` reads are still what they were.
bool row_is_unchanged(const Code *code);
/// Where the values of a parameter list come from, and where fetched ones go: its paramFetchArg.
struct Source
{
	Code *code;
	const Values *values;
	MemoryContext fetched;
};
/// A parameter list whose values are fetched when they are needed, once set_source() has said from where.
ParamListInfo make_parameters(Code *code);
void set_source(ParamListInfo parameters, const Values *values, MemoryContext fetched);
/// Forgets the values of the last evaluation.
void clear_parameters(ParamListInfo parameters);
/// Makes a Code be analysed anew from nothing, unless it is being evaluated just now.
void reset_code(Code *code);
/// Frees what a Code holds outside its definition's memory.
void release_code(Code *code);

// owner.cpp
/// Within as_owner(): puts search_path and row_security right again if the owner's own code has changed them.
void keep_pinned(const Definition *definition);

// statement.cpp
/// The single value of a sub-select expression, through SPI, coerced as the kind wants, in the current memory context.
Datum evaluate_by_plan(Code *code, const Values &values, bool *isnull);

} // namespace bpt::expr
