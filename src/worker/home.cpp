// Holding and releasing a database's work (home.hpp).
//
// A dump carries names but not oids, and a copy made as a template carries both. So in a database that is not the noted
// home a stored name that resolves wins over the stored oid; an oid counts only if what it names is unmistakably ours.
// At home the oid wins while it exists. Locks: SHARE ROW EXCLUSIVE on bpt.home, so that hold, release and the first
// publish come one after another.
#include "pg/postgres.hpp"

#include "engine/ddl.hpp"
#include "engine/expose.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"
#include "pg/home.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"
#include "queue/work.hpp"
#include "worker/home.hpp"
#include "worker/worker.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/fmgroids.h"
}

namespace bpt::worker {

namespace {

constexpr const char *kTriggerPrefix = "bpt_event_";

void require_administrator(const char *action)
{
	if (!engine::is_admin())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to %s", action),
						errhint("Members of bpt_admin may do it.")));
}

/// The row of bpt.home, locked against others; made if it is missing.
pg::Row locked_home()
{
	LockRelationOid(pg::relation_oid("home"), ShareRowExclusiveLock);
	pg::write_home();
	return pg::find("home", "home_pkey", {});
}

/// Calls f(oid of the trigger) for each event trigger of ours on the table.
template <typename F>
void each_trigger(Oid relation, F f)
{
	Relation const triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	SysScanDesc const scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, nullptr, 1, &key);
	while (HeapTuple const tuple = systable_getnext(scan))
	{
		auto *const trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
		if (!trigger->tgisinternal && strncmp(NameStr(trigger->tgname), kTriggerPrefix, strlen(kTriggerPrefix)) == 0)
			f(trigger->oid);
	}
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
}

bool function_exists(Oid function)
{
	return SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function));
}

/// The oid that holds: by name where we are elsewhere, else the stored one while it exists. `is_ours`: the stored oid
/// names something that can only be meant.
Oid resolve(bool elsewhere, Oid stored, bool exists, Oid by_name, bool is_ours)
{
	if (elsewhere)
		return OidIsValid(by_name) ? by_name : exists && is_ours ? stored : InvalidOid;
	return exists ? stored : by_name;
}

void warn_missing(const char *kind, const char *name)
{
	ereport(WARNING, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("%s \"%s\" does not exist", kind, name),
					  errdetail("Processes refer to it; what needs it fails until it is there again and the process is "
								"published anew.")));
}

/// Calls f for every row of a table; f may write it.
template <typename F>
void each_row(const char *table, const char *index, F f)
{
	// Collected first: a row that is written while it is scanned would come by again.
	List *rows = NIL;
	pg::each(table, index, {}, [&](pg::Row &row) {
		pg::Row *const kept = static_cast<pg::Row *>(palloc(sizeof(pg::Row)));
		*kept = row;
		rows = lappend(rows, kept);
		return true;
	});
	ListCell *cell = nullptr;
	foreach (cell, rows)
		f(*static_cast<pg::Row *>(lfirst(cell)));
}

/// Writes an oid into a row if it is another one.
void store(const char *table, pg::Row &row, int column, Oid oid)
{
	if (row.oid(column) == oid)
		return;
	row.set(column, ObjectIdGetDatum(oid));
	pg::update(table, row);
}

void resolve_entities(bool elsewhere)
{
	each_row("entity", "entity_pkey", [&](pg::Row &row) {
		const char *const schema = row.text(entity_row::schema_name);
		const char *const table = row.text(entity_row::table_name);
		Oid const stored = row.oid(entity_row::relation);
		Oid const schema_oid = get_namespace_oid(schema, true);
		Oid const by_name = OidIsValid(schema_oid) ? get_relname_relid(table, schema_oid) : InvalidOid;
		bool is_ours = false;
		each_trigger(stored, [&](Oid) { is_ours = true; });
		Oid const relation =
			resolve(elsewhere, stored, SearchSysCacheExists1(RELOID, ObjectIdGetDatum(stored)), by_name, is_ours);
		if (!OidIsValid(relation))
			warn_missing("table", quote_qualified_identifier(schema, table));
		store("entity", row, entity_row::relation, relation);
		if (OidIsValid(relation))
			each_trigger(relation, [&](Oid trigger) { engine::depend_on_extension(TriggerRelationId, trigger); });
	});
}

void resolve_roles(bool other_server)
{
	each_row("role_ref", "role_ref_pkey", [&](pg::Row &row) {
		const char *const name = row.text(role_ref::role_name);
		Oid const stored = row.oid(role_ref::role);
		Oid const role = resolve(other_server, stored, SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(stored)),
								 get_role_oid(name, true), false);
		if (!OidIsValid(role))
			warn_missing("role", name);
		store("role_ref", row, role_ref::role, role);
	});
}

void resolve_functions(bool elsewhere)
{
	each_row("process_def", "process_def_pkey", [&](pg::Row &row) {
		if (!row.boolean(process_def::is_active))
			return;
		Oid const schema = get_namespace_oid(row.text(process_def::schema_name), true);
		Oid const stored_schema = row.oid(process_def::schema_oid);
		row.set(process_def::schema_oid,
				ObjectIdGetDatum(resolve(elsewhere, stored_schema,
										 SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(stored_schema)), schema,
										 false)));
		const char *const signature = row.text(process_def::launch_signature);
		Oid const stored = row.oid(process_def::launch_function);
		Oid const function = resolve(elsewhere, stored, function_exists(stored), pg::function_of(signature), false);
		if (!OidIsValid(function))
			warn_missing("function", signature);
		row.set(process_def::launch_function, ObjectIdGetDatum(function));
		pg::update("process_def", row);
		if (OidIsValid(function))
			engine::depend_on_extension(ProcedureRelationId, function);
	});
	each_row("timer_def", "timer_def_pkey", [&](pg::Row &row) {
		Oid const stored = row.oid(timer_def::schema_oid);
		Oid const schema = resolve(elsewhere, stored, SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(stored)),
								   get_namespace_oid(row.text(timer_def::schema_name), true), false);
		if (row.boolean(timer_def::is_active))
			store("timer_def", row, timer_def::schema_oid, schema);
	});
	each_row("typed_function", "typed_function_pkey", [&](pg::Row &row) {
		const char *const signature = row.text(typed_function::signature);
		Oid const stored = row.oid(typed_function::function);
		Oid const function = resolve(elsewhere, stored, function_exists(stored), pg::function_of(signature), false);
		if (!OidIsValid(function))
			warn_missing("function", signature);
		store("typed_function", row, typed_function::function, function);
		if (OidIsValid(function))
			engine::depend_on_extension(ProcedureRelationId, function);
	});
}

} // namespace

Home find_home()
{
	const pg::Home home = pg::read_home();
	if (!home.is_noted)
		return Home::unknown;
	return home.is_held || home.is_elsewhere ? Home::held : Home::here;
}

void hold()
{
	require_administrator("hold the work of this database");
	PreventCommandIfReadOnly("bpt.hold()");
	pg::Row row = locked_home();
	row.set(home::held, BoolGetDatum(true));
	pg::update("home", row);
	queue::wake_everybody_at_commit();
}

void release()
{
	require_administrator("release the work of this database");
	PreventCommandIfReadOnly("bpt.release()");
	pg::Row row = locked_home();
	const pg::Home home = pg::read_home();
	resolve_entities(home.is_elsewhere);
	resolve_roles(home.is_on_other_server);
	resolve_functions(home.is_elsewhere);
	// What crashed a server before may be tried again; what another server was at says nothing about this one.
	each_row("attempt", "attempt_pkey", [](pg::Row &line) { pg::remove("attempt", line); });
	pg::set_home(row);
	pg::update("home", row);
	engine::restore_exposed();
	if (home.is_elsewhere)
		entity::install_all_triggers();
	// Last, as writers of events hold locks on the tables of the triggers.
	if (home.is_on_other_server)
		adopt_events();
	queue::wake_everybody_at_commit();
}

} // namespace bpt::worker
