// Statements, and expressions with sub-selects: kept SPI plans, run as whoever the session is now.
//
// PostgreSQL chooses between a custom and a generic plan, and drops plans when a table or statistics change. A generic plan
// made while a table was almost empty may be bad as soon as the table has grown, long before anything analyses it: so a
// generic plan is made anew after 8, 64, 512 … runs and when it is older than a second, which costs next to nothing.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"
#include "pg/bracket.hpp"

extern "C" {
#include "utils/datum.h"
}

namespace bpt::expr {

namespace {

constexpr int64 kFirstReplan = 8;
constexpr int64 kReplanAge = USECS_PER_SEC;

void setup_names(ParseState *pstate, void *code)
{
	install_names(pstate, code);
}

/// What is handed to SPI.
const char *statement_text(Code *code)
{
	if (code->around != nullptr)
		return code->around;
	if (code->kind == CodeKind::statement)
		return c_string(code->definition, code->sql.text);
	return c_string(code->definition, wrapped(code));
}

/// Prepares and keeps the plan. Within SPI.
void prepare(Code *code)
{
	if (code->text == nullptr)
		code->text = statement_text(code);
	if (code->kind == CodeKind::statement)
		require_one_statement(raw_parser(code->text, RAW_PARSE_DEFAULT), code->text);
	SPIPrepareOptions options = {};
	options.parserSetup = setup_names;
	options.parserSetupArg = code;
	options.parseMode = RAW_PARSE_DEFAULT;
	SPIPlanPtr const plan = SPI_prepare_extended(code->text, &options);
	if (plan == nullptr)
		elog(ERROR, "bpt: SPI_prepare_extended: %s", SPI_result_code_string(SPI_result));
	const auto *const source = static_cast<CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan)));
	code->returns_rows = source->resultDesc != nullptr;
	SPI_keepplan(plan);
	code->plan = plan;
	code->planned = GetCurrentTimestamp();
	code->next_replan = kFirstReplan;
	code->runs = 0;
}

/// Lets go of a generic plan that has become old, so that this run makes another.
void age(Code *code)
{
	code->runs++;
	const TimestampTz now = GetCurrentTimestamp();
	if (code->runs < code->next_replan && now - code->planned < kReplanAge && now >= code->planned)
		return;
	if (code->runs >= code->next_replan)
		code->next_replan *= 8;
	code->planned = now;
	ListCell *cell = nullptr;
	foreach (cell, SPI_plan_get_plan_sources(code->plan))
	{
		const auto *const source = static_cast<CachedPlanSource *>(lfirst(cell));
		if (source->gplan != nullptr)
			source->gplan->is_valid = false;
	}
}

/// Runs the kept plan within SPI; what it fetches lives until SPI_finish. `to`: where its rows go instead, all of them.
void execute(Code *code, const Values &values, Where *where, DestReceiver *to = nullptr)
{
	keep_pinned(code->definition);
	if (code->plan == nullptr)
	{
		where->analysing = true;
		prepare(code);
		where->analysing = false;
	}
	age(code);
	ParamListInfo const parameters = make_parameters(code);
	set_source(parameters, &values, CurrentMemoryContext);
	SPIExecuteOptions options = {};
	options.params = parameters;
	options.tcount = code->returns_rows && to == nullptr ? 2 : 0;
	options.dest = to;
	const int result = SPI_execute_plan_extended(code->plan, &options);
	if (result < 0)
		elog(ERROR, "bpt: SPI_execute_plan_extended: %s", SPI_result_code_string(result));
}

/// Copies the first row of SPI_tuptable out of SPI, into the current memory context.
void copy_row(StatementResult *result, SPITupleTable *table)
{
	TupleDesc const shape = table->tupdesc;
	const int columns = shape->natts;
	result->columns = columns;
	const auto array = [columns](std::size_t size) {
		return palloc0(size * static_cast<std::size_t>(Max(columns, 1)));
	};
	result->names = static_cast<const char **>(array(sizeof(char *)));
	result->types = static_cast<Oid *>(array(sizeof(Oid)));
	result->values = static_cast<Datum *>(array(sizeof(Datum)));
	result->nulls = static_cast<bool *>(array(sizeof(bool)));
	for (int i = 0; i < columns; i++)
	{
		const FormData_pg_attribute *const attribute = TupleDescAttr(shape, i);
		result->names[i] = pstrdup(NameStr(attribute->attname));
		result->types[i] = attribute->atttypid;
		result->nulls[i] = true;
		if (table->numvals == 0)
			continue;
		const Datum value = SPI_getbinval(table->vals[0], shape, i + 1, &result->nulls[i]);
		if (!result->nulls[i])
			result->values[i] = datumCopy(value, attribute->attbyval, attribute->attlen);
	}
}

} // namespace

StatementResult run_statement(Code *code, const Values &values, bool strict)
{
	MemoryContext const outer = CurrentMemoryContext;
	StatementResult result;
	Where where;
	push_where(&where, code, false);
	SPI_connect();
	execute(code, values, &where);
	const uint64 rows = SPI_processed;
	if (code->returns_rows && rows > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION), errmsg("statement returned more than one row"),
				 errhint("The result of a statement becomes outputs of the activity: add a condition or LIMIT 1.")));
	if (strict && rows == 0)
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), code->returns_rows ? errmsg("statement returned no row")
																		   : errmsg("statement affected no row")));
	result.found = rows > 0;
	if (SPI_tuptable != nullptr)
		pg::in_context(outer, [&] { copy_row(&result, SPI_tuptable); });
	SPI_finish();
	pop_where(&where);
	return result;
}

void run_whole_statement(Code *code, const Values &values)
{
	Where where;
	push_where(&where, code, false);
	SPI_connect();
	execute(code, values, &where, None_Receiver);
	SPI_finish();
	pop_where(&where);
}

Datum evaluate_by_plan(Code *code, const Values &values, bool *isnull)
{
	MemoryContext const outer = CurrentMemoryContext;
	Datum result = Datum{0};
	*isnull = true;
	Where where;
	push_where(&where, code, false);
	SPI_connect();
	execute(code, values, &where);
	if (SPI_processed > 0)
	{
		TupleDesc const shape = SPI_tuptable->tupdesc;
		const Datum value = SPI_getbinval(SPI_tuptable->vals[0], shape, 1, isnull);
		const Oid given = TupleDescAttr(shape, 0)->atttypid;
		pg::in_context(outer, [&] {
			const int32 typmod = code->kind == CodeKind::value ? code->want_typmod : -1;
			if (!*isnull)
				result = datumCopy(value, TupleDescAttr(shape, 0)->attbyval, TupleDescAttr(shape, 0)->attlen);
			result = assign(result, *isnull, given, wanted_type(code, given), typmod, isnull);
		});
	}
	SPI_finish();
	pop_where(&where);
	return result;
}

} // namespace bpt::expr
