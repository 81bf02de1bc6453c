// Problems in SQL, found by PostgreSQL's own analysis (examine.hpp). Each piece is analysed in a subtransaction of its own,
// so that one definition shows all its problems at once.
#include "pg/postgres.hpp"

#include "expr/examine.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace bpt::expr {

namespace {

/// The offset in the definition's text of a position (characters, from 1) in the parsed text.
int32 offset_of(const core::Sql &sql, int position, int prefix)
{
	const char *const begin = sql.text.data();
	const char *const end = begin + sql.text.size();
	const char *at = begin;
	for (int left = position - 1 - prefix; left > 0 && at < end; left--)
		at += pg_mblen(at);
	return sql.offset + static_cast<int32>(at - begin);
}

/// Where the fragment's own text begins.
int32 first_of(const core::Sql &sql)
{
	std::size_t blanks = 0;
	while (blanks < sql.text.size() && strchr(" \t\r\n\f\v", sql.text[blanks]) != nullptr)
		blanks++;
	return sql.offset + static_cast<int32>(blanks == sql.text.size() ? 0 : blanks);
}

/// What a definition may not refer to because it ends with the session.
struct Temporary
{
	const char *kind = nullptr;
	const char *name = nullptr;
};

extern "C" {

bool finds_temporary(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	auto *const found = static_cast<Temporary *>(context);
	if (IsA(node, Query))
	{
		auto *const query = reinterpret_cast<Query *>(node);
		ListCell *cell = nullptr;
		foreach (cell, query->rtable)
		{
			const auto *const entry = static_cast<RangeTblEntry *>(lfirst(cell));
			if (entry->rtekind == RTE_RELATION && get_rel_persistence(entry->relid) == RELPERSISTENCE_TEMP)
			{
				found->kind = "table";
				found->name = get_rel_name(entry->relid);
				return true;
			}
		}
		return query_tree_walker(query, bpt_as_walker(finds_temporary), context, 0);
	}
	if (IsA(node, FuncExpr))
	{
		const Oid function = reinterpret_cast<FuncExpr *>(node)->funcid;
		if (isAnyTempNamespace(get_func_namespace(function)))
		{
			found->kind = "function";
			found->name = get_func_name(function);
			return true;
		}
	}
	return expression_tree_walker(node, bpt_as_walker(finds_temporary), context);
}

} // extern "C"

/// Adds a problem if the tree refers to a temporary object.
bool refuse_temporary(Examiner *examiner, const Code *code, Node *tree)
{
	Temporary found;
	if (!finds_temporary(tree, &found))
		return true;
	add_problem(examiner, core::Severity::error, "temporary", first_of(code->sql),
				psprintf("temporary %s \"%s\" cannot be used in a definition", found.kind, found.name),
				"It ends with this session.");
	return false;
}

} // namespace

Examiner make_examiner(Definition *definition, core::Diagnostics *problems)
{
	return {definition, problems, AllocSetContextCreate(CurrentMemoryContext, "bpt check", ALLOCSET_DEFAULT_SIZES)};
}

void end_examiner(Examiner *examiner)
{
	MemoryContextDelete(examiner->scratch);
}

void add_problem(Examiner *examiner, core::Severity severity, const char *code, int32 offset, const char *message,
				 const char *detail, const char *hint, const char *sqlstate)
{
	core::Arena &arena = examiner->definition->arena;
	for (const core::Diagnostic &other : examiner->problems->list)
		if (other.offset == offset && other.message == std::string_view(message))
			return;
	core::Diagnostic problem;
	problem.severity = severity;
	problem.code = code;
	problem.offset = offset;
	problem.message = arena.copy(message);
	if (detail != nullptr)
		problem.detail = arena.copy(detail);
	if (hint != nullptr)
		problem.hint = arena.copy(hint);
	problem.sqlstate = severity == core::Severity::warning ? "01000" : arena.copy(sqlstate).data();
	examiner->problems->add(arena, problem);
}

void add_error(Examiner *examiner, const ErrorData *error, const char *code, const core::Sql &sql, int prefix)
{
	const bool has_place = error->cursorpos > prefix;
	const int32 offset = has_place ? offset_of(sql, error->cursorpos, prefix) : first_of(sql);
	const char *message = error->message;
	if (has_place && offset >= sql.offset + static_cast<int32>(sql.text.size()) &&
		error->sqlerrcode == ERRCODE_SYNTAX_ERROR && strcmp(message, "syntax error at or near \")\"") == 0)
		message = "syntax error at end of input";
	add_problem(examiner, core::Severity::error, code, offset, message, error->detail, error->hint,
				unpack_sql_state(error->sqlerrcode));
}

bool try_or_add(Examiner *examiner, const char *code, const core::Sql &sql, int prefix, void (*f)(void *),
				void *context)
{
	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(examiner->scratch);
	return pg::in_context(examiner->scratch, [&] {
		ErrorData *const error = pg::in_subtransaction([&] { f(context); });
		if (error == nullptr)
			return true;
		if (pg::must_reach_caller(error))
			ReThrowError(error);
		add_error(examiner, error, code, sql, prefix);
		return false;
	});
}

Node *examine_expression(Examiner *examiner, Code *code)
{
	if (!code->sql)
		return nullptr;
	Node *tree = nullptr;
	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(examiner->scratch);
	return pg::in_context(examiner->scratch, [&]() -> Node * {
		ErrorData *const error = pg::in_subtransaction([&] {
			bool sublinks = false;
			Oid type = InvalidOid;
			tree = analyse_expression(code, &sublinks, &type);
		});
		if (error != nullptr)
		{
			if (pg::must_reach_caller(error))
				ReThrowError(error);
			if (!code->follows)
				add_error(examiner, error, code->problem != nullptr ? code->problem : "sql", code->sql, kWrapPrefix);
			return nullptr;
		}
		if (!refuse_temporary(examiner, code, tree))
			return nullptr;
		if (code->kind == CodeKind::condition && contain_volatile_functions(tree))
			add_problem(examiner, core::Severity::warning, "volatile_condition", first_of(code->sql),
						"the condition calls a volatile function",
						"It may be tested any number of times, and its answer may differ each time.");
		return tree;
	});
}

Query *examine_statement(Examiner *examiner, Code *code)
{
	if (!code->sql)
		return nullptr;
	Query *query = nullptr;
	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(examiner->scratch);
	return pg::in_context(examiner->scratch, [&]() -> Query * {
		ErrorData *const error = pg::in_subtransaction([&] { query = analyse_statement(code); });
		if (error != nullptr)
		{
			if (pg::must_reach_caller(error))
				ReThrowError(error);
			if (!code->follows)
				add_error(examiner, error, code->problem != nullptr ? code->problem : "sql", code->sql, 0);
			return nullptr;
		}
		return refuse_temporary(examiner, code, reinterpret_cast<Node *>(query)) ? query : nullptr;
	});
}

List *result_columns(const Query *query)
{
	List *columns = NIL;
	ListCell *cell = nullptr;
	foreach (cell, query->commandType == CMD_SELECT ? query->targetList : query->returningList)
		if (!static_cast<TargetEntry *>(lfirst(cell))->resjunk)
			columns = lappend(columns, lfirst(cell));
	return columns;
}

} // namespace bpt::expr
