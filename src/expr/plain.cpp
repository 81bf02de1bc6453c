// What an expression may do, read off its tree: whether it may look at tables, and whether it is so plain that it can be
// evaluated anywhere.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"

extern "C" {
#include "catalog/pg_language.h"
}

namespace bpt::expr {

namespace {

extern "C" {

/// True for a call that may look at tables, or at what an earlier command has done.
bool may_read(Oid function, void *)
{
	if (function < FirstNormalObjectId)
		return false;
	HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	const auto *const row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
	const bool result = row->provolatile != PROVOLATILE_IMMUTABLE && row->prolang != ClanguageId;
	ReleaseSysCache(tuple);
	return result;
}

bool finds_reader(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (check_functions_in_node(node, may_read, context))
		return true;
	return expression_tree_walker(node, bpt_as_walker(finds_reader), context);
}

/// True for a comparison of built-in types that cannot raise.
bool is_plain_comparison(Oid operation, Oid collation, Node *left, Oid right_type)
{
	const Oid left_type = exprType(left);
	for (const Oid type : {left_type, right_type})
		if (type >= FirstGenbkiObjectId || get_typtype(type) != TYPTYPE_BASE || OidIsValid(get_element_type(type)) ||
			(type_is_collatable(type) && !OidIsValid(collation)))
			return false;
	const Oid function = get_opcode(operation);
	return operation < FirstGenbkiObjectId && function < FirstGenbkiObjectId && func_strict(function) &&
		   func_volatile(function) == PROVOLATILE_IMMUTABLE && bpt_get_op_interpretation(operation) != NIL;
}

bool finds_not_plain(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	switch (nodeTag(node))
	{
	case T_Const:
	case T_List:
	case T_BoolExpr:
	case T_NullTest:
	case T_BooleanTest:
	case T_RelabelType:
		break;
	case T_Param:
	{
		const auto *const code = static_cast<const Code *>(context);
		const SlotKind kind = code->parameters[reinterpret_cast<Param *>(node)->paramid - 1].slot.kind;
		if (kind != SlotKind::row_new && kind != SlotKind::row_old)
			return true;
		break;
	}
	case T_OpExpr:
	case T_DistinctExpr:
	{
		const auto *const operation = reinterpret_cast<OpExpr *>(node);
		if (list_length(operation->args) != 2 ||
			!is_plain_comparison(operation->opno, operation->inputcollid,
								 static_cast<Node *>(linitial(operation->args)),
								 exprType(static_cast<Node *>(lsecond(operation->args)))))
			return true;
		break;
	}
	case T_ScalarArrayOpExpr:
	{
		const auto *const operation = reinterpret_cast<ScalarArrayOpExpr *>(node);
		auto *const list = static_cast<Node *>(lsecond(operation->args));
		if (!IsA(list, Const) ||
			!is_plain_comparison(operation->opno, operation->inputcollid,
								 static_cast<Node *>(linitial(operation->args)), get_element_type(exprType(list))))
			return true;
		break;
	}
	default:
		return true;
	}
	return expression_tree_walker(node, bpt_as_walker(finds_not_plain), context);
}

/// Which Vars stand for the row.
struct RowVars
{
	const Code *code;
	int old_varno;
	int new_varno;
};

/// Puts Vars in the place of parameters.
Node *with_vars(Node *node, void *context)
{
	if (node == nullptr)
		return nullptr;
	if (!IsA(node, Param))
		return expression_tree_mutator(node, bpt_as_mutator(with_vars), context);
	const auto *const vars = static_cast<const RowVars *>(context);
	const auto *const param = reinterpret_cast<const Param *>(node);
	const Slot &slot = vars->code->parameters[param->paramid - 1].slot;
	return reinterpret_cast<Node *>(makeVar(slot.kind == SlotKind::row_new ? vars->new_varno : vars->old_varno,
											static_cast<AttrNumber>(slot.index), param->paramtype, param->paramtypmod,
											param->paramcollid, 0));
}

} // extern "C"

} // namespace

Node *plain_expression(const Code *code, int old_varno, int new_varno)
{
	RowVars vars{code, old_varno, new_varno};
	return with_vars(code->cached->expr, &vars);
}

bool may_read_tables(Node *tree)
{
	return finds_reader(tree, nullptr);
}

bool is_plain_tree(const Code *code, Node *tree)
{
	return !finds_not_plain(tree, const_cast<Code *>(code));
}

} // namespace bpt::expr
