// Asking PostgreSQL's functions for event triggers (command.hpp). Locks: none.
#include "pg/command.hpp"

#include "pg/bracket.hpp"

namespace bpt::pg {

namespace {

/// The objects of a query. It uses no operators and no functions but by their schema: the path is the caller's.
List *objects_of(const char *query)
{
	MemoryContext const outer = CurrentMemoryContext;
	return with_spi([&]() -> List * {
		if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
			elog(ERROR, "bpt: event trigger query failed");
		List *result = NIL;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool no_catalog = false;
			bool no_id = false;
			Datum const catalog = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &no_catalog);
			Datum const id = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &no_id);
			if (no_catalog || no_id)
				continue;
			in_context(outer, [&] {
				Object *const object = static_cast<Object *>(palloc(sizeof(Object)));
				*object = {DatumGetObjectId(catalog), DatumGetObjectId(id)};
				result = lappend(result, object);
			});
		}
		return result;
	});
}

} // namespace

List *changed_objects()
{
	return objects_of("SELECT classid, objid FROM pg_catalog.pg_event_trigger_ddl_commands()");
}

List *dropped_objects()
{
	return objects_of("SELECT classid, objid FROM pg_catalog.pg_event_trigger_dropped_objects()");
}

} // namespace bpt::pg
