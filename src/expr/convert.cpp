// Values to text and back, and casts as an assignment makes them.
//
// Stored text must mean the same to every session: dates, intervals and floats are written in ISO style and in full,
// whatever the session has set. Casts are planned once per pair of types, as PL/pgSQL does it.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"
#include "pg/bracket.hpp"
#include "pg/hash.hpp"

extern "C" {
#include "utils/datum.h"
#include "utils/float.h"
}

namespace bpt::expr {

namespace {

/// A cast from one type to another; `cast` null: the types are binary the same.
struct Cast
{
	struct Key
	{
		Oid from;
		Oid to;
		int32 typmod;
	} key;
	CachedExpression *cast;
	ExprState *state;
	MemoryContext context;
	ExprContext *evaluation;
	Oid user;
	LocalTransactionId running; // the transaction in which it is being evaluated, or was when an error ended that
};
HTAB *casts = nullptr;

// Under it the text of what is in any other schema names that too.
constexpr const char *kNoPath = "pg_catalog";

/// True if the session writes values as they are stored.
bool writes_plainly()
{
	return DateStyle == USE_ISO_DATES && IntervalStyle == INTSTYLE_POSTGRES && extra_float_digits >= 1;
}

/// True for types whose text does not depend on settings.
bool is_independent(Oid type)
{
	switch (type)
	{
	case INT8OID:
	case INT4OID:
	case INT2OID:
	case TEXTOID:
	case VARCHAROID:
	case NUMERICOID:
	case BOOLOID:
	case UUIDOID:
		return true;
	default:
		return false;
	}
}

/// The cast expression over a placeholder for the value, null if there is no such cast.
Node *cast_expression(Oid from, Oid to, int32 typmod)
{
	CaseTestExpr *const value = makeNode(CaseTestExpr);
	value->typeId = from;
	value->typeMod = -1;
	value->collation = get_typcollation(from);
	ParseState *const pstate = make_parsestate(nullptr);
	Node *const result = coerce_to_target_type(pstate, reinterpret_cast<Node *>(value), from, to, typmod,
											   COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
	if (result != nullptr)
		assign_expr_collations(pstate, result);
	free_parsestate(pstate);
	return result;
}

/// The entry for a cast, its expression planned.
Cast *cast_between(Oid from, Oid to, int32 typmod)
{
	if (casts == nullptr)
	{
		casts = pg::make_table<Cast::Key, Cast>("bpt casts", 32, CacheMemoryContext);
	}
	Cast::Key key = {from, to, typmod};
	bool found = false;
	auto *const cast = static_cast<Cast *>(hash_search(casts, &key, HASH_ENTER, &found));
	if (!found)
	{
		cast->cast = nullptr;
		cast->state = nullptr;
		cast->context = nullptr;
		cast->evaluation = nullptr;
		cast->user = InvalidOid;
		cast->running = InvalidLocalTransactionId;
	}
	if (cast->cast == nullptr || !cast->cast->is_valid)
	{
		Node *const expression = cast_expression(from, to, typmod);
		if (expression == nullptr)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("a value of type %s cannot be assigned to type %s",
																format_type_be(from), format_type_be(to))));
		CachedExpression *const fresh = GetCachedExpression(expression);
		if (cast->cast != nullptr)
			FreeCachedExpression(cast->cast);
		cast->cast = fresh;
		cast->state = nullptr;
	}
	return cast;
}

/// Makes the cast's lasting state anew where the user has changed or an error has ended its last evaluation.
void make_ready(Cast *cast)
{
	if (cast->state != nullptr && cast->running == InvalidLocalTransactionId && cast->user == GetUserId())
		return;
	cast->state = nullptr;
	if (cast->context == nullptr)
		cast->context = AllocSetContextCreate(CacheMemoryContext, "bpt cast", ALLOCSET_SMALL_SIZES);
	else
		MemoryContextReset(cast->context);
	MemoryContext const before = MemoryContextSwitchTo(cast->context);
	cast->evaluation = CreateStandaloneExprContext();
	cast->state = ExecInitExpr(reinterpret_cast<Expr *>(cast->cast->expr), nullptr);
	MemoryContextSwitchTo(before);
	cast->user = GetUserId();
}

/// Evaluates a cast's expression and copies the result into the current memory context.
Datum run_cast(ExprState *state, ExprContext *context, Datum value, bool isnull, Oid to, bool *result_null)
{
	context->caseValue_datum = value;
	context->caseValue_isNull = isnull;
	Datum result = ExecEvalExprSwitchContext(state, context, result_null);
	if (!*result_null)
	{
		int16 length = 0;
		bool by_value = false;
		get_typlenbyval(to, &length, &by_value);
		result = datumCopy(result, by_value, length);
	}
	ResetExprContext(context);
	return result;
}

} // namespace

char *to_text(Datum value, bool isnull, Oid type)
{
	if (isnull)
		return nullptr;
	Oid output = InvalidOid;
	bool is_varlena = false;
	getTypeOutputInfo(type, &output, &is_varlena);
	if (is_independent(type))
		return OidOutputFunctionCall(output, value);
	const bool names = names_things(type);
	if (!names && writes_plainly())
		return OidOutputFunctionCall(output, value);
	const int level = NewGUCNestLevel();
	pg::set_in_scope("datestyle", "ISO");
	pg::set_in_scope("intervalstyle", "postgres");
	pg::set_in_scope("extra_float_digits", "1");
	if (names)
		pg::set_in_scope("search_path", kNoPath);
	char *const text = OidOutputFunctionCall(output, value);
	AtEOXact_GUC(true, level);
	return text;
}

bool names_things(Oid type)
{
	switch (type)
	{
	case REGPROCOID:
	case REGPROCEDUREOID:
	case REGOPEROID:
	case REGOPERATOROID:
	case REGCLASSOID:
	case REGCOLLATIONOID:
	case REGTYPEOID:
	case REGCONFIGOID:
	case REGDICTIONARYOID:
	case REGPROCARRAYOID:
	case REGPROCEDUREARRAYOID:
	case REGOPERARRAYOID:
	case REGOPERATORARRAYOID:
	case REGCLASSARRAYOID:
	case REGCOLLATIONARRAYOID:
	case REGTYPEARRAYOID:
	case REGCONFIGARRAYOID:
	case REGDICTIONARYARRAYOID:
	case RECORDOID:
		return true;
	default:
		break;
	}
	if (type < FirstGenbkiObjectId)
		return false; // PostgreSQL's own: no look-up
	if (const Oid element = get_element_type(type); OidIsValid(element))
		return names_things(element);
	const char kind = get_typtype(type);
	return kind == TYPTYPE_COMPOSITE || (kind == TYPTYPE_DOMAIN && names_things(getBaseType(type)));
}

char *written_in_full(FmgrInfo *output, Datum value)
{
	const int level = NewGUCNestLevel();
	pg::set_in_scope("search_path", kNoPath);
	char *const text = OutputFunctionCall(output, value);
	AtEOXact_GUC(true, level);
	return text;
}

Datum from_text(const char *text, Oid type, int32 typmod, bool *isnull)
{
	*isnull = text == nullptr;
	if (text == nullptr)
		return Datum{0};
	Oid input = InvalidOid;
	Oid parameter = InvalidOid;
	getTypeInputInfo(type, &input, &parameter);
	return OidInputFunctionCall(input, const_cast<char *>(text), parameter, typmod);
}

Datum assign(Datum value, bool isnull, Oid from, Oid to, int32 to_typmod, bool *result_null)
{
	*result_null = isnull;
	if (from == to && (to_typmod == -1 || isnull) && get_typtype(to) != TYPTYPE_DOMAIN)
		return value;
	if (from == UNKNOWNOID)
		return from_text(isnull ? nullptr : DatumGetCString(value), to, to_typmod, result_null);
	Cast *const cast = cast_between(from, to, to_typmod);
	const LocalTransactionId transaction = bpt_local_transaction_id();
	if (cast->running == transaction)
	{
		// The cast's own function casts the same way, or did so until an error: with a state of its own.
		ExprContext *const apart = CreateStandaloneExprContext();
		ExprState *const state = ExecInitExpr(reinterpret_cast<Expr *>(cast->cast->expr), nullptr);
		const Datum result = run_cast(state, apart, value, isnull, to, result_null);
		FreeExprContext(apart, true);
		return result;
	}
	make_ready(cast);
	cast->running = transaction;
	const Datum result = run_cast(cast->state, cast->evaluation, value, isnull, to, result_null);
	cast->running = InvalidLocalTransactionId;
	return result;
}

} // namespace bpt::expr
