// Expressions without sub-selects, evaluated by the executor's expression machine without SPI.
//
// The planned expression is PostgreSQL's CachedExpression, which knows when it has become wrong; the ExprState is kept over
// transactions and made anew when the expression, the user, anybody's memberships or an earlier error ask for it. One
// Code can be met again while it is being evaluated (a function in it may act on its own process): then it is run apart.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"
#include "pg/bracket.hpp"
#include "pg/hash.hpp"

extern "C" {
#include "utils/datum.h"
}

namespace bpt::expr {

namespace {

constexpr int kMaxDepth = 32;

/// The evaluations in progress, innermost last, each with the transaction nesting level that it began in.
struct Active
{
	const Code *code;
	int level;
};
Active active[kMaxDepth];
int depth = 0;
ExprContext *contexts[kMaxDepth];

/// Counts the changes of roles and memberships: EXECUTE rights are checked when an ExprState is made.
uint64 rights = 1;
HTAB *stamps = nullptr;
MemoryContext kept = nullptr;

/// Where everything of this file lives that outlasts a transaction.
MemoryContext room_context()
{
	if (kept == nullptr)
		kept = AllocSetContextCreate(CacheMemoryContext, "bpt expressions", ALLOCSET_SMALL_SIZES);
	return kept;
}

bool is_active(const Code *code)
{
	for (int i = depth - 1; i >= 0; i--)
		if (active[i].code == code)
			return true;
	return false;
}

extern "C" {

static void on_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	const int level = GetCurrentTransactionNestLevel();
	while (depth > 0 && active[depth - 1].level >= level)
		depth--;
}

static void on_transaction(XactEvent event, void *)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PARALLEL_ABORT)
		depth = 0;
}

void on_rights(Datum, int, uint32)
{
	rights++;
}

void on_relation(Datum, Oid relation)
{
	if (stamps == nullptr)
		return;
	if (OidIsValid(relation))
	{
		auto *const stamp = static_cast<RowStamp *>(hash_search(stamps, &relation, HASH_FIND, nullptr));
		if (stamp != nullptr)
			stamp->count++;
		return;
	}
	HASH_SEQ_STATUS all;
	hash_seq_init(&all, stamps);
	while (auto *const stamp = static_cast<RowStamp *>(hash_seq_search(&all)))
		stamp->count++;
}

/// Fetches a parameter's value the first time an evaluation asks for it.
ParamExternData *fetch_parameter(ParamListInfo parameters, int number, bool, ParamExternData *)
{
	ParamExternData *const parameter = &parameters->params[number - 1];
	if (OidIsValid(parameter->ptype))
		return parameter;
	const auto *const source = static_cast<Source *>(parameters->paramFetchArg);
	const Slot &slot = source->code->parameters[number - 1].slot;
	if (source->values == nullptr || source->values->fetch == nullptr)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a name of the process is read where it has no value")));
	MemoryContext const before = MemoryContextSwitchTo(source->fetched);
	bool isnull = false;
	const Datum value = source->values->fetch(source->values->context, slot, &isnull);
	MemoryContextSwitchTo(before);
	parameter->value = value;
	parameter->isnull = isnull;
	parameter->pflags = PARAM_FLAG_CONST;
	parameter->ptype = slot.type;
	return parameter;
}

} // extern "C"

/// Analyses and plans the expression.
void compile(Code *code)
{
	if (code->stamp != nullptr && code->stamp_seen != code->stamp->count && !row_is_unchanged(code))
		reset_code(code);
	Where where;
	push_where(&where, code, true);
	if (OidIsValid(code->site.row))
	{
		code->stamp = row_stamp(code->site.row);
		code->stamp_seen = code->stamp->count;
	}
	MemoryContext const scratch = AllocSetContextCreate(CurrentMemoryContext, "bpt analysis", ALLOCSET_DEFAULT_SIZES);
	pg::in_context(scratch, [&] {
		bool sublinks = false;
		Oid type = InvalidOid;
		Node *const tree = analyse_expression(code, &sublinks, &type);
		code->simple = !sublinks;
		if (sublinks)
		{
			code->type = type;
			return;
		}
		code->type = exprType(tree);
		get_typlenbyval(code->type, &code->type_length, &code->type_by_value);
		code->fresh_snapshot = may_read_tables(tree);
		CachedExpression *const fresh = GetCachedExpression(tree);
		if (code->cached != nullptr)
			FreeCachedExpression(code->cached);
		code->cached = fresh;
		code->plain = code->kind == CodeKind::condition && is_plain_tree(code, fresh->expr);
	});
	MemoryContextDelete(scratch);
	code->state = nullptr;
	code->compiled = true;
	pop_where(&where);
}

bool is_current(Code *code)
{
	if (!code->compiled)
		return false;
	if (code->simple && !code->cached->is_valid)
		return false;
	if (code->stamp != nullptr && code->stamp_seen != code->stamp->count)
	{
		if (!row_is_unchanged(code))
			return false;
		code->stamp_seen = code->stamp->count;
	}
	return true;
}

/// Makes the ExprState, checking the present user's right to execute what it calls.
void make_state(Code *code)
{
	code->state = nullptr;
	if (code->state_context == nullptr)
		code->state_context = AllocSetContextCreate(room_context(), "bpt expression", ALLOCSET_SMALL_SIZES);
	else
		MemoryContextReset(code->state_context);
	pg::in_context(code->state_context, [&] {
		code->state_parameters = make_parameters(code);
		code->state = ExecInitExprWithParams(reinterpret_cast<Expr *>(code->cached->expr), code->state_parameters);
	});
	code->state_user = GetUserId();
	code->state_rights = rights;
	code->evaluating = false;
}

/// Runs the machine in `context` and copies the result out of it, with the snapshot that the called functions need.
Datum run(Code *code, ExprState *state, ParamListInfo parameters, ExprContext *context, bool *isnull)
{
	bool pushed = false;
	if (code->fresh_snapshot)
	{
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
		pushed = true;
	}
	else if (!ActiveSnapshotSet())
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		pushed = true;
	}
	context->ecxt_param_list_info = parameters;
	Datum result = ExecEvalExprSwitchContext(state, context, isnull);
	if (!*isnull && !code->type_by_value)
		result = datumCopy(result, false, code->type_length);
	if (pushed)
		PopActiveSnapshot();
	ResetExprContext(context);
	return result;
}

/// An evaluation inside an evaluation of the same Code: with a state of its own.
Datum evaluate_apart(Code *code, const Values &values, bool *isnull)
{
	MemoryContext const own = AllocSetContextCreate(CurrentMemoryContext, "bpt evaluation", ALLOCSET_SMALL_SIZES);
	MemoryContext const outer = MemoryContextSwitchTo(own);
	ParamListInfo const parameters = make_parameters(code);
	ExprState *const state = ExecInitExprWithParams(reinterpret_cast<Expr *>(code->cached->expr), parameters);
	ExprContext *const context = CreateStandaloneExprContext();
	set_source(parameters, &values, context->ecxt_per_tuple_memory);
	MemoryContextSwitchTo(outer);
	const Datum result = run(code, state, parameters, context, isnull);
	FreeExprContext(context, true);
	MemoryContextDelete(own);
	return result;
}

ExprContext *context_at(int level)
{
	if (contexts[level] == nullptr)
		contexts[level] = pg::in_context(room_context(), [] { return CreateStandaloneExprContext(); });
	return contexts[level];
}

} // namespace

void register_evaluation_callbacks()
{
	RegisterSubXactCallback(on_subtransaction, nullptr);
	RegisterXactCallback(on_transaction, nullptr);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, on_rights, Datum{0});
	CacheRegisterSyscacheCallback(AUTHOID, on_rights, Datum{0});
	CacheRegisterRelcacheCallback(on_relation, Datum{0});
}

RowStamp *row_stamp(Oid relation)
{
	if (stamps == nullptr)
	{
		stamps = pg::make_table<Oid, RowStamp>("bpt tables of event clauses", 64, room_context());
	}
	bool found = false;
	auto *const stamp = static_cast<RowStamp *>(hash_search(stamps, &relation, HASH_ENTER, &found));
	if (!found)
		stamp->count = 0;
	return stamp;
}

bool row_is_unchanged(const Code *code)
{
	for (const Parameter &parameter : code->parameters)
	{
		if (parameter.column == nullptr)
			continue;
		const Slot &slot = parameter.slot;
		if (get_attnum(code->site.row, parameter.column) != slot.index)
			return false;
		Oid type = InvalidOid;
		int32 typmod = -1;
		Oid collation = InvalidOid;
		get_atttypetypmodcoll(code->site.row, static_cast<AttrNumber>(slot.index), &type, &typmod, &collation);
		if (type != slot.type || typmod != slot.typmod || collation != slot.collation)
			return false;
	}
	return true;
}

ParamListInfo make_parameters(Code *code)
{
	ParamListInfo const parameters = makeParamList(code->parameters.count);
	parameters->paramFetch = fetch_parameter;
	auto *const source = static_cast<Source *>(palloc0(sizeof(Source)));
	source->code = code;
	parameters->paramFetchArg = source;
	clear_parameters(parameters);
	return parameters;
}

void set_source(ParamListInfo parameters, const Values *values, MemoryContext fetched)
{
	auto *const source = static_cast<Source *>(parameters->paramFetchArg);
	source->values = values;
	source->fetched = fetched;
}

void clear_parameters(ParamListInfo parameters)
{
	for (int i = 0; i < parameters->numParams; i++)
		parameters->params[i].ptype = InvalidOid;
}

void reset_code(Code *code)
{
	if (is_active(code))
		return;
	code->parameters.count = 0;
	code->compiled = false;
	if (code->plan != nullptr)
		SPI_freeplan(code->plan);
	code->plan = nullptr;
}

void release_code(Code *code)
{
	if (code->cached != nullptr)
		FreeCachedExpression(code->cached);
	if (code->plan != nullptr)
		SPI_freeplan(code->plan);
	if (code->state_context != nullptr)
		MemoryContextDelete(code->state_context);
	code->cached = nullptr;
	code->plan = nullptr;
	code->state_context = nullptr;
	code->state = nullptr;
	code->compiled = false;
}

void compile_expression(Code *code)
{
	keep_pinned(code->definition);
	if (!is_current(code))
		compile(code);
}

bool is_plain(Code *code)
{
	return code->compiled && code->simple && code->plain && code->cached->is_valid &&
		   (code->stamp == nullptr || code->stamp_seen == code->stamp->count);
}

Datum evaluate(Code *code, const Values &values, bool *isnull)
{
	compile_expression(code);
	if (!code->simple)
		return evaluate_by_plan(code, values, isnull);

	Where where;
	push_where(&where, code, false);
	Datum result = Datum{0};
	if (depth == kMaxDepth || is_active(code))
		result = evaluate_apart(code, values, isnull);
	else
	{
		if (code->state == nullptr || code->evaluating || code->state_rights != rights ||
			code->state_user != GetUserId())
			make_state(code);
		else
			clear_parameters(code->state_parameters);
		ExprContext *const context = context_at(depth);
		set_source(code->state_parameters, &values, context->ecxt_per_tuple_memory);
		code->evaluating = true;
		active[depth].code = code;
		active[depth].level = GetCurrentTransactionNestLevel();
		depth++;
		result = run(code, code->state, code->state_parameters, context, isnull);
		depth--;
		code->evaluating = false;
	}
	pop_where(&where);
	return result;
}

bool holds(Code *code, const Values &values)
{
	bool isnull = false;
	const Datum value = evaluate(code, values, &isnull);
	return !isnull && DatumGetBool(value);
}

} // namespace bpt::expr
