// Other forms between PostgreSQL and the core (forms.hpp). Reads definitions and instances, writes nothing, takes no locks.
#include "engine/forms.hpp"

extern "C" {
#include "utils/jsonb.h"
}

#include "core/form.hpp"
#include "core/mermaid.hpp"
#include "core/parser.hpp"
#include "core/write_text.hpp"
#include "engine/candidate.hpp"
#include "engine/instance.hpp"
#include "engine/users.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/tables.hpp"

namespace bpt::engine {

namespace {

/// A text value of a slice.
text *text_of(std::string_view value)
{
	return cstring_to_text_with_len(value.data(), static_cast<int>(value.size()));
}

/// Adds what one activity tells of its element's progress.
void add_progress(core::Arena &arena, core::InstanceProgress &progress, int element, const pg::Row &row)
{
	core::Progress &own = progress.elements[element];
	const auto status = static_cast<ActivityStatus>(row.int2(activity_instance::status));
	const bool is_start = !row.null(activity_instance::started_instant);
	const bool is_listening =
		row.int2(activity_instance::kind) == static_cast<int16>(ActivityKind::conditional_start) && !is_start;
	if (status == ActivityStatus::error || status == ActivityStatus::failed)
		own.error = true;
	else if (!is_ended(status))
		own.active = true;
	else if (status == ActivityStatus::terminated || status == ActivityStatus::discarded)
		own.terminated = own.terminated || !is_listening;
	else
		own.passed = own.passed || !is_listening;
	own.passed = own.passed || is_start;
	if (!row.null(activity_instance::precedent_outcome))
		progress.arrivals.push(arena, {element, row.text(activity_instance::precedent_outcome)});
}

} // namespace

const char *text_of_json(Jsonb *json, core::Diagnostics &problems)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const char *const form = JsonbToCString(nullptr, &json->root, static_cast<int>(VARSIZE(json)));
	const core::Document *const document = core::read_json(arena, form, problems);
	return problems.has_errors() ? nullptr : c_string(core::write_text(arena, *document));
}

const char *text_of_json(Jsonb *json)
{
	core::Diagnostics problems;
	const char *const text = text_of_json(json, problems);
	if (text != nullptr)
		return text;
	const core::Diagnostic &first = problems.list[0];
	StringInfoData detail;
	initStringInfo(&detail);
	for (const core::Diagnostic &problem : problems.list)
		appendStringInfo(&detail, "%s%s", detail.len > 0 ? "\n" : "", c_string(problem.message));
	ereport(ERROR, (errcode(kInvalidDefinition), errmsg_internal("%s", c_string(first.message)),
					problems.list.count > 1 ? errdetail_internal("%s", detail.data) : 0,
					first.hint.empty() ? 0 : errhint("%s", c_string(first.hint))));
	pg_unreachable();
}

Datum json_of_text(const char *text)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Diagnostics problems;
	const core::Document *const document = core::parse(arena, text, problems, [] { CHECK_FOR_INTERRUPTS(); });
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(c_string(core::write_json(arena, *document))));
}

text *mermaid_of_version(int64 process_def_id, int32 version)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	return text_of(core::write_mermaid(arena, *expr::definition(process_def_id, version)->model));
}

text *mermaid_of_instance(int64 process_id)
{
	const pg::Row process = read_process(process_id);
	if (!process || !may_see(process.int8(process_instance::process_def_id)))
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("process " INT64_FORMAT " does not exist", process_id)));
	const expr::Definition &definition =
		*expr::definition(process.int8(process_instance::process_def_id), process.int4(process_instance::version));
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::InstanceProgress progress;
	progress.elements = static_cast<core::Progress *>(
		palloc0(sizeof(core::Progress) * static_cast<Size>(definition.model->elements.count + 1)));
	pg::each("activity_instance", "activity_instance_process", {pg::key(process_id)}, [&](const pg::Row &row) {
		const int element = definition.element_by_id(row.int8(activity_instance::activity_def_id));
		if (element >= 0)
			add_progress(arena, progress, element, row);
		return true;
	});
	return text_of(core::write_mermaid(arena, *definition.model, &progress));
}

} // namespace bpt::engine
