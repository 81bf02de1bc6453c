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

namespace {

/// Whether a row found by its schema's name is really of that schema: its stored oid must have lost its meaning.
bool is_of_named_schema(const pg::Row &row, Oid schema)
{
	const Oid stored = row.oid(process_def::schema_oid);
	return stored == schema || pg::home_is_elsewhere() ||
		   !SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(stored));
}

} // namespace

pg::Row process_in_schema(Oid schema, const char *name, pg::Lock lock)
{
	const bool elsewhere = pg::home_is_elsewhere();
	if (!elsewhere)
	{
		pg::Row row = pg::find("process_def", "process_def_by_schema", {pg::key_oid(schema), pg::key_text(name)}, lock);
		if (row)
			return row;
	}
	const char *const schema_name = get_namespace_name(schema);
	pg::Row found;
	if (schema_name == nullptr)
		return found;
	pg::each(
		"process_def", "process_def_by_name", {pg::key_text(schema_name), pg::key_text(name)},
		[&](pg::Row &row) {
			if (!is_of_named_schema(row, schema))
				return true;
			found = row;
			return false;
		},
		lock);
	return found;
}

void no_such_process(const char *qualified)
{
	ereport(ERROR, (errcode(kNoSuchObject), errmsg("process \"%s\" does not exist", qualified)));
	pg_unreachable();
}

int64 process_by_name(const char *qualified)
{
	char *schema_name = nullptr;
	char *name = nullptr;
	DeconstructQualifiedName(textToQualifiedNameList(cstring_to_text(qualified)), &schema_name, &name);
	if (schema_name != nullptr)
	{
		const Oid schema = get_namespace_oid(schema_name, true);
		const pg::Row row = OidIsValid(schema) ? process_in_schema(schema, name) : pg::Row{};
		if (!row)
			no_such_process(qualified);
		return row.int8(process_def::id);
	}
	ListCell *cell = nullptr;
	foreach (cell, fetch_search_path(false))
	{
		const pg::Row row = process_in_schema(lfirst_oid(cell), name);
		if (row)
			return row.int8(process_def::id);
	}
	no_such_process(qualified);
}

expr::Definition *visible_process(const char *qualified)
{
	const int64 id = process_by_name(qualified);
	if (!may_see(id))
		no_such_process(qualified);
	return expr::definition(id, expr::current_version(id));
}

expr::Definition *process_to_launch(int64 process_def_id)
{
	lock_for_launch(process_def_id);
	const int32 version = expr::current_version(process_def_id);
	if (version <= 0)
	{
		// Dropped while this launch waited.
		const pg::Row row = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
		no_such_process(row ? quote_qualified_identifier(row.text(process_def::schema_name), row.text(process_def::name))
							: "?");
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
