// How draft() and check() turn what PostgreSQL's analysis raises into problems with a place in the definition's text.
#pragma once
#include "expr/compiled.hpp"
#include "pg/bracket.hpp"

namespace bpt::expr {

/// Where the problems of one definition go.
struct Examiner
{
	Definition *definition;
	core::Diagnostics *problems;
	MemoryContext scratch; // for analysed trees, reset after each piece of SQL
};

Examiner make_examiner(Definition *definition, core::Diagnostics *problems);
void end_examiner(Examiner *examiner);

/// Adds a problem, unless the same stands there already.
void add_problem(Examiner *examiner, core::Severity severity, const char *code, int32 offset, const char *message,
				 const char *detail = nullptr, const char *hint = nullptr, const char *sqlstate = "WF007");
/// Adds an error as a problem of `sql`; `prefix`: bytes before the fragment in the text that was parsed.
void add_error(Examiner *examiner, const ErrorData *error, const char *code, const core::Sql &sql, int prefix);

/// Runs f() in a subtransaction, in the scratch context. False if it raised: then the error is a problem of `sql`.
bool try_or_add(Examiner *examiner, const char *code, const core::Sql &sql, int prefix, void (*f)(void *),
				void *context);
template <typename F>
bool try_or_add(Examiner *examiner, const char *code, const core::Sql &sql, int prefix, F f)
{
	return try_or_add(
		examiner, code, sql, prefix, [](void *context) { (*static_cast<F *>(context))(); }, &f);
}

/// Analyses a piece of SQL and adds what is wrong with it; null if it is. The tree lives until the scratch is reset.
Node *examine_expression(Examiner *examiner, Code *code);
Query *examine_statement(Examiner *examiner, Code *code);
/// The result columns of a statement: its target list without junk.
List *result_columns(const Query *query);

} // namespace bpt::expr
