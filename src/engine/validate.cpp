// Checking published definitions again (validate.hpp). Writes nothing; each definition is checked in a subtransaction, so
// that one that breaks keeps nobody from seeing the others. Table locks are those of parse analysis.
#include "engine/validate.hpp"
#include "pg/arena.hpp"

#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "engine/users.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

/// What stands in for the problems of a definition that could not be checked to the end.
Checked *failed_check(MemoryContext context, const pg::Row &version, const ErrorData *error)
{
	Checked *const checked = static_cast<Checked *>(MemoryContextAllocZero(context, sizeof(Checked)));
	checked->context = context;
	checked->arena = pg::arena_in(context);
	checked->text = version.text(process_version::definition);
	core::Diagnostic broken =
		problem("check_failed", pstrdup(unpack_sql_state(error->sqlerrcode)), 0, pstrdup(error->message));
	if (error->detail != nullptr)
		broken.detail = error->detail;
	checked->problems.add(checked->arena, broken);
	return checked;
}

} // namespace

void validate_all(void (*f)(void *context, const char *process, const Checked &checked), void *context)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<pg::Row> processes;
	pg::each("process_def", "process_def_pkey", {}, [&](pg::Row &row) {
		if (row.boolean(process_def::is_active))
			processes.push(arena, row);
		return true;
	});
	MemoryContext const each = AllocSetContextCreate(CurrentMemoryContext, "bpt validate", ALLOCSET_DEFAULT_SIZES);
	for (const pg::Row &process : processes)
	{
		CHECK_FOR_INTERRUPTS();
		pg::in_context(each, [&] {
			if (!may_see(process.int8(process_def::id)))
				return;
			const pg::Row version =
				pg::find("process_version", "process_version_pkey",
						 {pg::key(process.int8(process_def::id)), pg::key_int4(process.int4(process_def::version))});
			Checked *checked = nullptr;
			ErrorData *const error = pg::in_subtransaction([&] { checked = check_published(each, process, version); });
			if (error != nullptr)
			{
				if (pg::must_reach_caller(error))
					ReThrowError(error);
				checked = failed_check(each, version, error);
			}
			f(context,
			  quote_qualified_identifier(process.text(process_def::schema_name), process.text(process_def::name)),
			  *checked);
		});
		MemoryContextReset(each);
	}
	MemoryContextDelete(each);
}

} // namespace bpt::engine
