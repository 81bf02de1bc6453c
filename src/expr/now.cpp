// now() in a definition means bpt.now(): the calls are replaced in the analysed tree, of our code only.
//
// Expressions are rewritten where they are analysed; statements by PostgreSQL's hook behind parse analysis, which knows them
// by their parser hooks.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"
#include "pg/rows.hpp"

extern "C" {
#include "utils/fmgroids.h"
}

namespace bpt::expr {

namespace {

post_parse_analyze_hook_type previous_hook = nullptr;

/// The oid of bpt.now(), InvalidOid without the extension.
Oid now_function()
{
	oidvector *const none = buildoidvector(nullptr, 0);
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("now"), PointerGetDatum(none),
						   ObjectIdGetDatum(pg::schema_oid()));
}

Node *call_now()
{
	const Oid function = now_function();
	if (!OidIsValid(function))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("function bpt.now() does not exist")));
	return reinterpret_cast<Node *>(
		makeFuncExpr(function, TIMESTAMPTZOID, NIL, InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
}

extern "C" {

Node *replace_in(Node *node, void *context)
{
	if (node == nullptr)
		return nullptr;
	if (IsA(node, Query))
		return reinterpret_cast<Node *>(query_tree_mutator(reinterpret_cast<Query *>(node), bpt_as_mutator(replace_in),
														   context, QTW_DONT_COPY_QUERY));
	if (IsA(node, FuncExpr))
	{
		const Oid function = reinterpret_cast<FuncExpr *>(node)->funcid;
		if (function == F_NOW || function == F_TRANSACTION_TIMESTAMP)
			return call_now();
	}
	if (IsA(node, SQLValueFunction))
	{
		const auto *const value = reinterpret_cast<SQLValueFunction *>(node);
		switch (value->op)
		{
		case SVFOP_CURRENT_DATE:
		case SVFOP_CURRENT_TIME:
		case SVFOP_CURRENT_TIME_N:
		case SVFOP_CURRENT_TIMESTAMP:
		case SVFOP_CURRENT_TIMESTAMP_N:
		case SVFOP_LOCALTIME:
		case SVFOP_LOCALTIME_N:
		case SVFOP_LOCALTIMESTAMP:
		case SVFOP_LOCALTIMESTAMP_N:
			return coerce_to_target_type(nullptr, call_now(), TIMESTAMPTZOID, value->type, value->typmod,
										 COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
		default:
			break;
		}
	}
	return expression_tree_mutator(node, bpt_as_mutator(replace_in), context);
}

bool finds_now(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, FuncExpr) && reinterpret_cast<FuncExpr *>(node)->funcid == *static_cast<Oid *>(context))
		return true;
	if (IsA(node, Query))
		return query_tree_walker(reinterpret_cast<Query *>(node), bpt_as_walker(finds_now), context, 0);
	return expression_tree_walker(node, bpt_as_walker(finds_now), context);
}

bool finds_current(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, FuncExpr))
	{
		const Oid function = reinterpret_cast<FuncExpr *>(node)->funcid;
		if (function != *static_cast<Oid *>(context) && function >= FirstNormalObjectId &&
			get_func_namespace(function) == pg::schema_oid())
			return true;
	}
	if (IsA(node, Query))
		return query_tree_walker(reinterpret_cast<Query *>(node), bpt_as_walker(finds_current), context, 0);
	return expression_tree_walker(node, bpt_as_walker(finds_current), context);
}

/// PostgreSQL's hook: a statement of ours has been analysed.
void after_analysis(ParseState *pstate, Query *query, JumbleState *jumble)
{
	if (code_of(pstate) != nullptr && query->commandType != CMD_UTILITY)
		replace_now(reinterpret_cast<Node *>(query));
	if (previous_hook != nullptr)
		previous_hook(pstate, query, jumble);
}

} // extern "C"

} // namespace

Node *replace_now(Node *tree)
{
	return replace_in(tree, nullptr);
}

bool calls_now(Node *tree)
{
	Oid function = now_function();
	return OidIsValid(function) && finds_now(tree, &function);
}

bool calls_current(Node *tree)
{
	Oid now = now_function();
	return finds_current(tree, &now);
}

void register_code_callbacks()
{
	previous_hook = post_parse_analyze_hook;
	post_parse_analyze_hook = after_analysis;
	register_evaluation_callbacks();
}

} // namespace bpt::expr
