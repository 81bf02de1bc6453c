// Checking published definitions again (validate.hpp). Writes nothing; each definition is checked in a subtransaction, so
// that one that breaks keeps nobody from seeing the others. Table locks are those of parse analysis.
#include "engine/validate.hpp"
#include "pg/arena.hpp"

#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "engine/timer_publish.hpp"
#include "engine/users.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

/// What stands in for the problems of a definition that could not be checked to the end.
Checked *failed_check(MemoryContext context, const char *text, const ErrorData *error)
{
	Checked *const checked = static_cast<Checked *>(MemoryContextAllocZero(context, sizeof(Checked)));
	checked->context = context;
	checked->arena = pg::arena_in(context);
	checked->text = text;
	core::Diagnostic broken =
		problem("check_failed", pstrdup(unpack_sql_state(error->sqlerrcode)), 0, pstrdup(error->message));
	if (error->detail != nullptr)
		broken.detail = error->detail;
	checked->problems.add(checked->arena, broken);
	return checked;
}

/// Where the problems of each definition go.
struct Report
{
	void (*f)(void *context, const char *process, const Checked &checked);
	void *context;
	MemoryContext each; // emptied after each definition
};

/// Checks one definition by check() in a subtransaction, and reports; a schema by the name that it has now.
template <typename F>
void check_one(const Report &report, Oid schema, const char *schema_name, const char *name, const char *text, F check)
{
	Checked *checked = nullptr;
	ErrorData *const error = pg::in_subtransaction([&] { checked = check(); });
	if (error != nullptr)
	{
		if (pg::must_reach_caller(error))
			ReThrowError(error);
		checked = failed_check(report.each, text, error);
	}
	const Oid present = stored_schema(schema, schema_name);
	const char *const shown = OidIsValid(present) ? get_namespace_name(present) : schema_name;
	report.f(report.context, quote_qualified_identifier(shown, name), *checked);
}

/// The rows of definitions that are in use and that the caller may see, in order of id.
core::Vec<pg::Row> active_rows(core::Arena &arena, const char *table, const char *index, int id, int is_active)
{
	core::Vec<pg::Row> rows;
	pg::each(table, index, {}, [&](pg::Row &row) {
		if (row.boolean(is_active) && may_see(row.int8(id)))
			rows.push(arena, row);
		return true;
	});
	return rows;
}

void check_process(const Report &report, const pg::Row &process)
{
	const pg::Row version =
		pg::find("process_version", "process_version_pkey",
				 {pg::key(process.int8(process_def::id)), pg::key_int4(process.int4(process_def::version))});
	check_one(report, process.oid(process_def::schema_oid), process.text(process_def::schema_name),
			  process.text(process_def::name), version.text(process_version::definition),
			  [&] { return check_published(report.each, process, version); });
}

void check_timer(const Report &report, const pg::Row &timer)
{
	check_one(report, timer.oid(timer_def::schema_oid), timer.text(timer_def::schema_name), timer.text(timer_def::name),
			  timer.text(timer_def::definition), [&] { return check_published_timer(report.each, timer); });
}

} // namespace

void validate_all(void (*f)(void *context, const char *process, const Checked &checked), void *context)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const core::Vec<pg::Row> processes =
		active_rows(arena, "process_def", "process_def_pkey", process_def::id, process_def::is_active);
	const core::Vec<pg::Row> timers =
		active_rows(arena, "timer_def", "timer_def_pkey", timer_def::id, timer_def::is_active);
	const Report report{f, context,
						AllocSetContextCreate(CurrentMemoryContext, "bpt validate", ALLOCSET_DEFAULT_SIZES)};
	const auto one = [&](const pg::Row &row, void (*check)(const Report &, const pg::Row &)) {
		CHECK_FOR_INTERRUPTS();
		pg::in_context(report.each, [&] { check(report, row); });
		MemoryContextReset(report.each);
	};
	for (const pg::Row &process : processes)
		one(process, check_process);
	for (const pg::Row &timer : timers)
		one(timer, check_timer);
	MemoryContextDelete(report.each);
}

} // namespace bpt::engine
