// From SQL text to an analysed tree, by PostgreSQL's parser with the names of expr/names.cpp.
//
// An expression is parsed as `SELECT (…)`: the language has seen to it that its parentheses balance, so nothing can break
// out, and a sub-select may stand as it is. Everything here raises; positions of errors are those in the parsed text, which
// check() maps to the definition's text and push_where() to the fragment.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "optimizer/clauses.h"
#include "tcop/utility.h"
}

namespace bpt::expr {

std::string_view running_sql;

namespace {

const char *what_is(const Code *code)
{
	switch (code->kind)
	{
	case CodeKind::condition:
		return "condition";
	case CodeKind::statement:
		return "statement";
	case CodeKind::value:
	case CodeKind::text:
	case CodeKind::mail_text:
	case CodeKind::instant:
		break;
	}
	return "expression";
}

const char *kind_word(core::Kind kind)
{
	switch (kind)
	{
	case core::Kind::start:
		return "start";
	case core::Kind::conditional_start:
		return "conditional start";
	case core::Kind::human:
		return "human activity";
	case core::Kind::automatic:
		return "automatic activity";
	case core::Kind::wait:
		return "wait";
	case core::Kind::decision:
		return "decision";
	case core::Kind::execute:
		return "execute";
	case core::Kind::email:
		return "email";
	case core::Kind::end:
		return "end";
	case core::Kind::comment:
		return "comment";
	}
	return "element";
}

/// Moves the position of an error within the parsed text to the fragment, and says where the fragment stands.
void say_where(void *argument)
{
	const auto *const where = static_cast<Where *>(argument);
	const Code *const code = where->code;
	const int position = geterrposition();
	if (where->analysing && position > 0)
	{
		const int prefix = code->kind == CodeKind::statement ? 0 : kWrapPrefix;
		errposition(0);
		internalerrposition(position > prefix ? position - prefix : 1);
		internalerrquery(code->around != nullptr ? code->around : c_string(code->definition, code->sql.text));
	}
	if (code->site.element < 0)
	{
		errcontext("%s of process \"%s\"", what_is(code), code->definition->name);
		return;
	}
	const core::Element &element = code->definition->model->elements[code->site.element];
	errcontext("%s of %s \"%.*s\" in process \"%s\"", what_is(code), kind_word(element.kind),
			   static_cast<int>(element.name.text.size()), element.name.text.data(), code->definition->name);
}

/// The parse tree of the expression itself.
Node *raw_expression(const Code *code, const char *text)
{
	List *const raw = raw_parser(text, RAW_PARSE_DEFAULT);
	if (list_length(raw) == 1)
	{
		Node *const statement = linitial_node(RawStmt, raw)->stmt;
		if (IsA(statement, SelectStmt))
		{
			const auto *const select = reinterpret_cast<SelectStmt *>(statement);
			if (list_length(select->targetList) == 1 && select->op == SETOP_NONE && select->fromClause == NIL &&
				select->whereClause == nullptr && select->intoClause == nullptr)
				return linitial_node(ResTarget, select->targetList)->val;
		}
	}
	ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("%s expected", what_is(code))));
}

/// What is analysed: the parts of a condition come out of all of it.
CodeKind kind_of_whole(const Code *code)
{
	return code->part == Part::whole ? code->kind : CodeKind::condition;
}

bool is_null_constant(const Node *node)
{
	return IsA(node, Const) && reinterpret_cast<const Const *>(node)->constisnull;
}

/// False if what the type writes as text is never an address, nor a JSON object: of an array, a row, a number, an instant …
/// Who has made a cast to text will know.
bool can_be_mail_text(Oid type)
{
	Oid function = InvalidOid;
	(void)find_coercion_pathway(TEXTOID, type, COERCION_ASSIGNMENT, &function);
	if (function >= FirstNormalObjectId)
		return true;
	char category = '\0';
	bool is_preferred = false;
	get_type_category_preferred(getBaseType(type), &category, &is_preferred);
	return category == TYPCATEGORY_STRING || category == TYPCATEGORY_ENUM || category == TYPCATEGORY_USER ||
		   category == TYPCATEGORY_UNKNOWN;
}

/// Raises that nothing of the wanted type can be made of what is given.
[[noreturn]] void refuse_type(ParseState *pstate, const Code *code, Oid given, int location)
{
	const bool is_unknown = given == UNKNOWNOID;
	const bool is_array = OidIsValid(get_base_element_type(given));
	if (kind_of_whole(code) == CodeKind::mail_text)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("text expected, not %s", format_type_be(given)),
						is_array ? errhint("array_to_string(…, ', ') makes one text of an array.") : 0,
						parser_errposition(pstate, location)));
	ereport(
		ERROR,
		(errcode(ERRCODE_DATATYPE_MISMATCH),
		 errmsg("timestamptz or interval expected, not %s", is_unknown ? "an untyped literal" : format_type_be(given)),
		 is_unknown ? errhint("Write interval '…' or timestamptz '…'.") : 0, parser_errposition(pstate, location)));
	pg_unreachable();
}

/// Coerces the expression to what its kind wants.
Node *coerce(ParseState *pstate, const Code *code, Node *expression)
{
	const CodeKind kind = kind_of_whole(code);
	const Oid given = exprType(expression);
	const Oid wanted = kind == CodeKind::instant && given == UNKNOWNOID && is_null_constant(expression)
						   ? TIMESTAMPTZOID
						   : wanted_type(code, given);
	const int32 typmod = kind == CodeKind::value ? code->want_typmod : -1;
	const int location = exprLocation(expression);
	if (!OidIsValid(wanted))
		refuse_type(pstate, code, given, location);
	Node *const coerced =
		coerce_to_target_type(pstate, expression, given, wanted, typmod, COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
	if (coerced == nullptr)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						kind == CodeKind::condition
							? errmsg("condition must be of type boolean, not type %s", format_type_be(given))
							: errmsg("expression is of type %s, but type %s is wanted", format_type_be(given),
									 format_type_be(wanted)),
						kind == CodeKind::condition ? 0 : errhint("You will need to rewrite or cast the expression."),
						parser_errposition(pstate, location)));
	return coerced;
}

/// Analyses the whole expression; a part of a condition is taken from it afterwards.
Node *analyse_whole(Code *code, bool *sublinks, Oid *type)
{
	char *const text = wrapped(code);
	Node *const raw = raw_expression(code, text);
	ParseState *const pstate = make_parsestate(nullptr);
	pstate->p_sourcetext = text;
	install_names(pstate, code);
	Node *expression = transformExpr(pstate, raw, EXPR_KIND_OTHER);
	const int location = exprLocation(expression);
	if (pstate->p_hasAggs)
		ereport(ERROR, (errcode(ERRCODE_GROUPING_ERROR), errmsg("aggregate functions are not allowed here"),
						errhint("Write a sub-select."), parser_errposition(pstate, location)));
	if (pstate->p_hasWindowFuncs)
		ereport(ERROR, (errcode(ERRCODE_WINDOWING_ERROR), errmsg("window functions are not allowed here"),
						errhint("Write a sub-select."), parser_errposition(pstate, location)));
	if (expression_returns_set(expression))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("set-returning functions are not allowed here"),
						errhint("Write a sub-select."), parser_errposition(pstate, location)));
	if (exprType(expression) == UNKNOWNOID && kind_of_whole(code) == CodeKind::value && !OidIsValid(code->want))
		expression =
			coerce_type(pstate, expression, UNKNOWNOID, TEXTOID, -1, COERCION_IMPLICIT, COERCE_IMPLICIT_CAST, -1);
	*sublinks = pstate->p_hasSubLinks;
	*type = exprType(expression);
	expression = coerce(pstate, code, expression);
	assign_expr_collations(pstate, expression);
	free_parsestate(pstate);
	return replace_now(expression);
}

void flatten(Node *condition, List **conjuncts)
{
	if (IsA(condition, BoolExpr) && reinterpret_cast<BoolExpr *>(condition)->boolop == AND_EXPR)
	{
		ListCell *cell = nullptr;
		foreach (cell, reinterpret_cast<BoolExpr *>(condition)->args)
			flatten(static_cast<Node *>(lfirst(cell)), conjuncts);
		return;
	}
	*conjuncts = lappend(*conjuncts, condition);
}

/// Which names a tree reads.
struct Reads
{
	const Code *code;
	bool row; // of the row, else of the scope
};

bool finds_read(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, Param) && reinterpret_cast<Param *>(node)->paramkind == PARAM_EXTERN)
	{
		const auto *const reads = static_cast<Reads *>(context);
		const SlotKind kind = reads->code->parameters[reinterpret_cast<Param *>(node)->paramid - 1].slot.kind;
		return (kind == SlotKind::row_new || kind == SlotKind::row_old) == reads->row;
	}
	if (IsA(node, Query))
		return query_tree_walker(reinterpret_cast<Query *>(node), bpt_as_walker(finds_read), context, 0);
	return expression_tree_walker(node, bpt_as_walker(finds_read), context);
}

/// The column that one side of an equality is, 0 if it is none.
int32 column_side(const Code *code, Node *side)
{
	while (IsA(side, RelabelType))
		side = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(side)->arg);
	if (!IsA(side, Param) || reinterpret_cast<Param *>(side)->paramkind != PARAM_EXTERN)
		return 0;
	const Slot &slot = code->parameters[reinterpret_cast<Param *>(side)->paramid - 1].slot;
	return slot.kind == SlotKind::row_new ? slot.index : 0;
}

/// True if the side can be evaluated when listening begins, and means the same later.
bool is_scope_side(const Code *code, Node *side)
{
	return reads_scope(code, side) && !reads_row(code, side) && !contain_subplans(side) &&
		   !contain_volatile_functions(side) && !calls_now(side);
}

} // namespace

void push_where(Where *where, Code *code, bool analysing)
{
	where->code = code;
	where->analysing = analysing;
	where->outer = running_sql;
	running_sql = code->sql.text;
	where->callback.callback = say_where;
	where->callback.arg = where;
	where->callback.previous = error_context_stack;
	error_context_stack = &where->callback;
}

void pop_where(const Where *where)
{
	error_context_stack = where->callback.previous;
	running_sql = where->outer;
}

char *wrapped(const Code *code)
{
	return psprintf("SELECT (%.*s\n)", static_cast<int>(code->sql.text.size()), code->sql.text.data());
}

Oid wanted_type(const Code *code, Oid given)
{
	switch (kind_of_whole(code))
	{
	case CodeKind::condition:
		return BOOLOID;
	case CodeKind::text:
		return TEXTOID;
	case CodeKind::mail_text:
		return can_be_mail_text(given) ? TEXTOID : InvalidOid;
	case CodeKind::instant:
		if (given == INTERVALOID || given == TIMESTAMPTZOID)
			return given;
		if (getBaseType(given) == INTERVALOID)
			return INTERVALOID;
		if (given == TIMESTAMPOID || given == DATEOID || getBaseType(given) == TIMESTAMPTZOID)
			return TIMESTAMPTZOID;
		return InvalidOid;
	case CodeKind::value:
	case CodeKind::statement:
		break;
	}
	return OidIsValid(code->want) ? code->want : given;
}

bool reads_row(const Code *code, Node *tree)
{
	Reads reads = {code, true};
	return finds_read(tree, &reads);
}

bool reads_scope(const Code *code, Node *tree)
{
	Reads reads = {code, false};
	return finds_read(tree, &reads);
}

bool is_row_part(const Code *code, Node *conjunct)
{
	return !reads_scope(code, conjunct) && !calls_current(conjunct) && !contain_subplans(conjunct) &&
		   !contain_volatile_functions(conjunct);
}

bool as_equality(const Code *code, Node *conjunct, Equality *equality)
{
	if (!IsA(conjunct, OpExpr))
		return false;
	auto *const operation = reinterpret_cast<OpExpr *>(conjunct);
	if (list_length(operation->args) != 2)
		return false;
	auto *const left = static_cast<Node *>(linitial(operation->args));
	auto *const right = static_cast<Node *>(lsecond(operation->args));
	equality->operation = operation;
	equality->attribute = column_side(code, left);
	equality->row_is_left = equality->attribute > 0;
	if (!equality->row_is_left)
		equality->attribute = column_side(code, right);
	if (equality->attribute <= 0)
		return false;
	equality->scope_side = equality->row_is_left ? right : left;
	return is_scope_side(code, equality->scope_side) && op_hashjoinable(operation->opno, exprType(left));
}

List *analyse_conjuncts(Code *code)
{
	bool sublinks = false;
	Oid type = InvalidOid;
	Node *const condition = analyse_whole(code, &sublinks, &type);
	List *conjuncts = NIL;
	flatten(condition, &conjuncts);
	return conjuncts;
}

Node *analyse_expression(Code *code, bool *sublinks, Oid *type)
{
	code->problem = nullptr;
	code->follows = false;
	if (code->part == Part::whole)
		return analyse_whole(code, sublinks, type);
	List *const conjuncts = analyse_conjuncts(code);
	*sublinks = false;
	if (code->part == Part::row)
	{
		List *parts = NIL;
		ListCell *cell = nullptr;
		foreach (cell, conjuncts)
			if (is_row_part(code, static_cast<Node *>(lfirst(cell))))
				parts = lappend(parts, lfirst(cell));
		*type = BOOLOID;
		return parts == NIL ? makeBoolConst(true, false) : reinterpret_cast<Node *>(make_ands_explicit(parts));
	}
	Equality equality;
	if (code->conjunct >= list_length(conjuncts) ||
		!as_equality(code, static_cast<Node *>(list_nth(conjuncts, code->conjunct)), &equality))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("an equality of the condition is none any more")));
	*type = exprType(equality.scope_side);
	return equality.scope_side;
}

void require_one_statement(List *raw, const char *text)
{
	if (list_length(raw) == 0)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("a statement is expected")));
	if (list_length(raw) > 1)
	{
		const auto *const second = lsecond_node(RawStmt, raw);
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("only one statement may stand here"),
						errposition(pg_mbstrlen_with_len(text, second->stmt_location) + 1)));
	}
	const Node *const statement = linitial_node(RawStmt, raw)->stmt;
	switch (nodeTag(statement))
	{
	case T_InsertStmt:
	case T_UpdateStmt:
	case T_DeleteStmt:
	case T_MergeStmt:
		return;
	case T_SelectStmt:
	{
		const auto *select = reinterpret_cast<const SelectStmt *>(statement);
		while (select->op != SETOP_NONE)
			select = select->larg;
		if (select->intoClause == nullptr)
			return;
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("SELECT INTO is not allowed in a definition"),
						errhint("Result columns become outputs of the activity."), errposition(1)));
		break;
	}
	default:
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("%s is not allowed in a definition",
							   GetCommandTagName(CreateCommandTag(const_cast<Node *>(statement)))),
						errdetail("Only SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE and WITH are."), errposition(1)));
	}
}

Query *analyse_statement(Code *code)
{
	code->problem = nullptr;
	code->follows = false;
	const char *const text =
		code->around != nullptr ? code->around : pnstrdup(code->sql.text.data(), code->sql.text.size());
	List *const raw = raw_parser(text, RAW_PARSE_DEFAULT);
	require_one_statement(raw, text);
	return parse_analyze_withcb(
		linitial_node(RawStmt, raw), text, [](ParseState *pstate, void *argument) { install_names(pstate, argument); },
		code, nullptr);
}

} // namespace bpt::expr
