// bpt.publish, definition, validate (of text and jsonb), drop_process: arguments in, rows out.
#include "pg/postgres.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "commands/event_trigger.h"
#include "utils/jsonb.h"
}

#include "api/arguments.hpp"
#include "engine/candidate.hpp"
#include "engine/drop_process.hpp"
#include "engine/forms.hpp"
#include "engine/lookup.hpp"
#include "engine/publish.hpp"
#include "engine/validate.hpp"
#include "pg/command.hpp"
#include "pg/errors.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

namespace {

using namespace bpt;

/// The first argument, a definition in JSON.
Jsonb *json_argument(FunctionCallInfo fcinfo)
{
	api::require(fcinfo, 0, "definition");
	return PG_GETARG_JSONB_P(0);
}

/// Where the rows of a set-returning function go.
struct Rows
{
	ReturnSetInfo *info;

	void put(Datum *values, bool *nulls) { tuplestore_putvalues(info->setResult, info->setDesc, values, nulls); }
};

Rows start_rows(FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
	return {reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)};
}

/// One row under construction.
struct RowValues
{
	Datum values[10] = {};
	bool nulls[10] = {};
	int count = 0;

	void add(Datum value) { values[count++] = value; }
	void add_null() { nulls[count++] = true; }
	void add_text(std::string_view text)
	{
		nulls[count] = text.empty();
		values[count++] = text.empty()
							  ? Datum{0}
							  : PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
	}
};

/// The errors and warnings of a check as rows, with the process in front if there is one.
void put_problems(Rows rows, const char *process, const engine::Checked &checked)
{
	for (const core::Diagnostic &told : checked.problems.list)
	{
		if (told.severity == core::Severity::notice)
			continue;
		const core::Place place = core::place_of(checked.text, told.offset);
		RowValues row;
		if (process != nullptr)
			row.add_text(process);
		row.add_text(told.severity == core::Severity::error ? "error" : "warning");
		row.add_text(told.code);
		row.add(Int32GetDatum(place.line));
		row.add(Int32GetDatum(place.column));
		row.add_text(told.message);
		row.add_text(told.detail);
		row.add_text(told.hint);
		row.add_text(told.sqlstate);
		row.add_text(place.source_line);
		rows.put(row.values, row.nulls);
	}
}

/// Problems of the JSON form as rows: they have a path in their message, and no line.
void put_form_problems(Rows rows, const core::Diagnostics &problems)
{
	for (const core::Diagnostic &told : problems.list)
	{
		RowValues row;
		row.add_text("error");
		row.add_text(told.code);
		row.add_null();
		row.add_null();
		row.add_text(told.message);
		row.add_text(told.detail);
		row.add_text(told.hint);
		row.add_text(told.sqlstate);
		row.add_null();
		rows.put(row.values, row.nulls);
	}
}

/// Publishes a text; its rows.
void publish_rows(FunctionCallInfo fcinfo, const char *source)
{
	const char *const running = api::text_argument(fcinfo, 1, "running");
	Rows rows = start_rows(fcinfo);
	engine::Published *published = nullptr;
	const int count = engine::publish(source, running, &published);
	for (int i = 0; i < count; i++)
	{
		RowValues row;
		row.add_text(published[i].process);
		row.nulls[row.count] = published[i].version == 0;
		row.add(Int32GetDatum(published[i].version));
		row.add(BoolGetDatum(published[i].changed));
		row.add(Int64GetDatum(published[i].upgraded));
		row.add(Int64GetDatum(published[i].suspended));
		rows.put(row.values, row.nulls);
	}
}

/// The row of the process and version that the arguments name.
pg::Row version_argument(FunctionCallInfo fcinfo)
{
	const char *const name = api::text_argument(fcinfo, 0, "process");
	const expr::Definition *const definition = engine::visible_process(name);
	const int32 wanted = PG_ARGISNULL(1) ? definition->version : PG_GETARG_INT32(1);
	const pg::Row version =
		pg::find("process_version", "process_version_pkey", {pg::key(definition->id), pg::key_int4(wanted)});
	if (!version)
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("version %d of process \"%s\" does not exist", wanted, name)));
	return version;
}

} // namespace

BPT_FUNCTION(bpt_publish)
{
	publish_rows(fcinfo, api::text_argument(fcinfo, 0, "definition"));
	return Datum{0};
}

BPT_FUNCTION(bpt_publish_json)
{
	publish_rows(fcinfo, engine::text_of_json(json_argument(fcinfo)));
	return Datum{0};
}

BPT_FUNCTION(bpt_definition)
{
	PG_RETURN_DATUM(version_argument(fcinfo).at(process_version::definition));
}

BPT_FUNCTION(bpt_definition_json)
{
	PG_RETURN_DATUM(engine::json_of_text(version_argument(fcinfo).text(process_version::definition)));
}

BPT_FUNCTION(bpt_mermaid)
{
	const pg::Row version = version_argument(fcinfo);
	PG_RETURN_TEXT_P(engine::mermaid_of_version(version.int8(process_version::process_def_id),
												version.int4(process_version::version)));
}

BPT_FUNCTION(bpt_mermaid_instance)
{
	api::require(fcinfo, 0, "process_id");
	PG_RETURN_TEXT_P(engine::mermaid_of_instance(PG_GETARG_INT64(0)));
}

BPT_FUNCTION(bpt_validate_text)
{
	const char *const source = api::text_argument(fcinfo, 0, "definition");
	Rows rows = start_rows(fcinfo);
	put_problems(rows, nullptr, *engine::check_text(CurrentMemoryContext, source, false));
	return Datum{0};
}

BPT_FUNCTION(bpt_validate_json)
{
	Jsonb *const json = json_argument(fcinfo);
	Rows rows = start_rows(fcinfo);
	core::Diagnostics problems;
	const char *const source = engine::text_of_json(json, problems);
	if (source != nullptr)
		put_problems(rows, nullptr, *engine::check_text(CurrentMemoryContext, source, false));
	else
		put_form_problems(rows, problems);
	return Datum{0};
}

BPT_FUNCTION(bpt_validate_all)
{
	Rows rows = start_rows(fcinfo);
	engine::validate_all(
		[](void *context, const char *process, const engine::Checked &checked) {
			put_problems(*static_cast<Rows *>(context), process, checked);
		},
		&rows);
	return Datum{0};
}

BPT_FUNCTION(bpt_drop_process)
{
	const char *const name = api::text_argument(fcinfo, 0, "process");
	api::require(fcinfo, 1, "terminate_active");
	engine::drop_process(name, PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_schema_dropped)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		elog(ERROR, "bpt: schema_dropped() was not called as an event trigger");
	ListCell *cell = nullptr;
	foreach (cell, pg::dropped_objects())
	{
		const auto *const object = static_cast<pg::Object *>(lfirst(cell));
		if (object->catalog == NamespaceRelationId)
			engine::schema_dropped(object->id);
	}
	return Datum{0};
}
