// SQL functions of the Taskbox API: sql/ext/45_taskbox_api.sql documents them. Those that list tasks read bpt.taskbox as
// the caller, with a search_path of their own.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/taskbox.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"

extern "C" {
#include "funcapi.h"
}

namespace {

using namespace bpt;

/// A row number or count; NULL is `by_default`.
int64 whole_argument(FunctionCallInfo fcinfo, int argument, const char *name, int64 by_default)
{
	if (PG_ARGISNULL(argument))
		return by_default;
	const int64 value = PG_GETARG_INT32(argument);
	if (value < 0)
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("%s must not be negative", name)));
	return value;
}

/// Runs a query over the tasks of a user, and f() with its result.
template <typename F>
void query_tasks(const char *user, const char *sql, int count, Oid *types, Datum *values, const char *nulls, F f)
{
	const auto run = [&] {
		const int result = SPI_execute_with_args(sql, count, types, values, nulls, false, 0);
		if (result != SPI_OK_SELECT)
			elog(ERROR, "bpt: reading the taskbox failed: %s", SPI_result_code_string(result));
		f();
	};
	engine::for_user(user, [&] { pg::with_fixed_path([&] { pg::with_spi(run); }); });
}

/// A row of the function's result type.
Datum record(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc desc = nullptr;
	if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "bpt: a function that returns a record was called as another");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

} // namespace

BPT_FUNCTION(bpt_api_get_activities)
{
	const char *const user = api::text_argument(fcinfo, 0, "user_id");
	const int64 start = whole_argument(fcinfo, 2, "start_index", 0);
	const int64 lines = whole_argument(fcinfo, 3, "line_count", PG_INT64_MAX);
	InitMaterializedSRF(fcinfo, 0);
	auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	Oid types[] = {TEXTOID, INT8OID, INT8OID};
	Datum values[] = {fcinfo->args[1].value, Int64GetDatum(start), Int64GetDatum(lines)};
	query_tasks(user,
				"SELECT activity_id, label, label_lang, detail, due_date, is_opened, is_seen FROM bpt.taskbox "
				"WHERE $1 IS NULL OR strpos(lower(label), lower($1)) > 0 "
				"ORDER BY is_opened DESC, due_date NULLS LAST, activity_id OFFSET $2 LIMIT $3",
				3, types, values, fcinfo->args[1].isnull ? "n  " : "   ", [&] {
					for (uint64 i = 0; i < SPI_processed; i++)
						tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
				});
	PG_RETURN_NULL();
}

BPT_FUNCTION(bpt_api_get_activity_pagination)
{
	const char *const user = api::text_argument(fcinfo, 0, "user_id");
	Oid type = TEXTOID;
	Datum counts[2] = {};
	bool nulls[2] = {};
	query_tasks(user,
				"SELECT count(*), count(*) FILTER (WHERE NOT is_seen) FROM bpt.taskbox "
				"WHERE $1 IS NULL OR strpos(lower(label), lower($1)) > 0",
				1, &type, &fcinfo->args[1].value, fcinfo->args[1].isnull ? "n" : " ", [&] {
					for (int i = 0; i < 2; i++)
						counts[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &nulls[i]);
				});
	PG_RETURN_DATUM(record(fcinfo, counts, nulls));
}

BPT_FUNCTION(bpt_api_get_new_open_activity)
{
	const char *const user = api::text_argument(fcinfo, 0, "user_id");
	api::require(fcinfo, 1, "previous_activity_id");
	return api::id_or_null(fcinfo, engine::opened_after(user, PG_GETARG_INT64(1)));
}

BPT_FUNCTION(bpt_api_mark_activities_as_seen)
{
	engine::mark_as_seen(api::text_argument(fcinfo, 0, "user_id"));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_api_get_activity_visualization)
{
	api::require(fcinfo, 0, "activity_id");
	const engine::Display display = engine::display_of(PG_GETARG_INT64(0));
	const bool has_instructions = display.instructions != nullptr;
	Datum values[] = {BoolGetDatum(display.hide_done), BoolGetDatum(display.hide_release),
					  has_instructions ? CStringGetTextDatum(display.instructions) : Datum{0}};
	bool nulls[] = {false, false, !has_instructions};
	PG_RETURN_DATUM(record(fcinfo, values, nulls));
}

BPT_FUNCTION(bpt_api_set_activity_visualization)
{
	api::require(fcinfo, 0, "activity_id");
	api::require(fcinfo, 1, "hide_done");
	api::require(fcinfo, 2, "hide_release");
	engine::Display display;
	display.hide_done = PG_GETARG_BOOL(1);
	display.hide_release = PG_GETARG_BOOL(2);
	display.instructions = api::optional_text(fcinfo, 3);
	engine::set_display(PG_GETARG_INT64(0), display);
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_inbox_disable_in_server)
{
	engine::switch_inbox(false);
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_inbox_enable_in_server)
{
	engine::switch_inbox(true);
	PG_RETURN_VOID();
}
