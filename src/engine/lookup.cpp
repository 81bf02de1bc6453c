// Processes, schemas and functions by name. Takes no locks but those asked for.
#include "engine/lookup.hpp"

extern "C" {
#include "catalog/pg_proc.h"
#include "utils/varlena.h"
}

#include "engine/locks.hpp"
#include "engine/users.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"

namespace bpt::engine {

pg::Row process_in_schema(Oid schema, const char *name, pg::Lock lock)
{
	if (!pg::home_is_elsewhere())
		return pg::find("process_def", "process_def_by_schema", {pg::key_oid(schema), pg::key_text(name)}, lock);
	const char *const schema_name = get_namespace_name(schema);
	return schema_name == nullptr
			   ? pg::Row{}
			   : pg::find("process_def", "process_def_by_name", {pg::key_text(schema_name), pg::key_text(name)}, lock);
}

char *shown_name(const char *qualified)
{
	return NameListToString(textToQualifiedNameList(cstring_to_text(qualified)));
}

void no_such_process(const char *qualified)
{
	ereport(ERROR, (errcode(kNoSuchObject), errmsg("process \"%s\" does not exist", shown_name(qualified))));
	pg_unreachable();
}

pg::Row row_by_name(const char *qualified, pg::Row (*in_schema)(Oid schema, const char *name))
{
	char *schema_name = nullptr;
	char *name = nullptr;
	DeconstructQualifiedName(textToQualifiedNameList(cstring_to_text(qualified)), &schema_name, &name);
	if (schema_name != nullptr)
	{
		const Oid schema = get_namespace_oid(schema_name, true);
		return OidIsValid(schema) ? in_schema(schema, name) : pg::Row{};
	}
	ListCell *cell = nullptr;
	foreach (cell, fetch_search_path(false))
	{
		const pg::Row row = in_schema(lfirst_oid(cell), name);
		if (row)
			return row;
	}
	return {};
}

int64 process_by_name(const char *qualified)
{
	const pg::Row row =
		row_by_name(qualified, [](Oid schema, const char *name) { return process_in_schema(schema, name); });
	if (!row)
		no_such_process(qualified);
	return row.int8(process_def::id);
}

expr::Definition *visible_process(const char *qualified)
{
	const int64 id = process_by_name(qualified);
	if (!may_see(id))
		no_such_process(qualified);
	return expr::definition(id, expr::current_version(id));
}

int64 own_process(const char *qualified)
{
	const int64 id = process_by_name(qualified);
	if (!may_see(id))
		no_such_process(qualified);
	if (!may_administer(id))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be owner of process \"%s\"", shown_name(qualified))));
	return id;
}

pg::Row lock_own_process(int64 process_def_id, const char *qualified)
{
	pg::Row row = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
	uint32 lock = name_lock(row.oid(process_def::schema_oid), row.text(process_def::name));
	lock_names(&lock, 1);
	row = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)}, pg::Lock::no_key_update);
	if (!row || !row.boolean(process_def::is_active))
		no_such_process(qualified);
	return row;
}

expr::Definition *process_to_launch(int64 process_def_id)
{
	lock_for_launch(process_def_id);
	const int32 version = expr::current_version(process_def_id);
	if (version <= 0)
	{
		// Dropped while this launch waited.
		const pg::Row row = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
		no_such_process(
			row ? quote_qualified_identifier(row.text(process_def::schema_name), row.text(process_def::name))
				: "\"?\"");
	}
	return expr::definition(process_def_id, version);
}

Oid stored_schema(Oid schema, const char *name)
{
	if (!pg::home_is_elsewhere() && SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(schema)))
		return schema;
	return get_namespace_oid(name, true);
}

} // namespace bpt::engine
