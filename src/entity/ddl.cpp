// Event triggers that keep what was made on entity tables in step with later DDL: partitions that come and go, BEFORE
// triggers that come, names that change, tables that are dropped.
//
// They do nothing in a restored or copied database (a restore creates tables, triggers and partitions in an order of its
// own) and nothing where nothing was published. Locks: SHARE ROW EXCLUSIVE on relations whose triggers change, on top of
// what the DDL itself has taken.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "entity/install.hpp"
#include "entity/wanted.hpp"
#include "pg/command.hpp"
#include "pg/home.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "utils/fmgroids.h"
}

namespace bpt::entity {

namespace {

/// The table of a trigger, InvalidOid if it is gone.
Oid table_of_trigger(Oid trigger)
{
	Relation const triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	SysScanDesc const scan = systable_beginscan(triggers, TriggerOidIndexId, true, nullptr, 1, &key);
	HeapTuple const tuple = systable_getnext(scan);
	Oid const relation =
		HeapTupleIsValid(tuple) ? reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple))->tgrelid : InvalidOid;
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	return relation;
}

/// The tables from which this one inherits directly.
List *parents_of(Oid relation)
{
	List *result = NIL;
	Relation const inherits = table_open(InheritsRelationId, AccessShareLock);
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	SysScanDesc const scan = systable_beginscan(inherits, InheritsRelidSeqnoIndexId, true, nullptr, 1, &key);
	while (HeapTuple const tuple = systable_getnext(scan))
		result = lappend_oid(result, reinterpret_cast<Form_pg_inherits>(GETSTRUCT(tuple))->inhparent);
	systable_endscan(scan);
	table_close(inherits, AccessShareLock);
	return result;
}

/// A foreign partition would make every statement on the table fail that moves its rows through the triggers.
void refuse_foreign_partition(Oid relation)
{
	Oid top = relation;
	if (get_rel_relispartition(relation))
		top = llast_oid(get_partition_ancestors(relation));
	Oid const foreign = pg::foreign_partition(top);
	if (OidIsValid(foreign))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("foreign table \"%s\" cannot be a partition of table \"%s\"", get_rel_name(foreign),
						get_rel_name(top)),
				 errdetail("Processes listen to table \"%s\", and changes of rows in a foreign table are not seen.",
						   get_rel_name(top))));
}

/// Brings the triggers in step after a command on this relation.
void follow(Oid relation)
{
	const char relkind = get_rel_relkind(relation);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE && relkind != RELKIND_FOREIGN_TABLE)
		return;
	if (isAnyTempNamespace(get_rel_namespace(relation)))
		return;
	if (is_listened_to(relation))
	{
		refuse_foreign_partition(relation);
		fit_tree(relation);
	}
	if (!get_rel_relispartition(relation))
	{
		ListCell *cell = nullptr;
		foreach (cell, parents_of(relation))
			if (is_listened_to(lfirst_oid(cell)))
				fit_tree(lfirst_oid(cell));
	}
	// The command on a partitioned table does not tell which partition it attached or detached.
	if (relkind == RELKIND_PARTITIONED_TABLE)
		fit_all_triggered();
}

/// Whether there is anything to keep in step here.
bool has_work()
{
	if (creating_extension || !pg::extension_exists() || !OidIsValid(get_relname_relid("entity", pg::schema_oid())))
		return false;
	return pg::find("entity", "entity_pkey", {}) && !pg::home_is_elsewhere();
}

void check_call(FunctionCallInfo fcinfo, const char *name)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function \"%s\" was not called by event trigger manager", name)));
}

} // namespace

} // namespace bpt::entity

/// bpt.entity_ddl_end(): after CREATE TABLE, ALTER TABLE, CREATE TRIGGER, ALTER SCHEMA.
BPT_FUNCTION(bpt_entity_ddl_end)
{
	using namespace bpt::entity;
	using namespace bpt;
	check_call(fcinfo, "bpt.entity_ddl_end");
	if (!has_work())
		PG_RETURN_NULL();
	ListCell *cell = nullptr;
	foreach (cell, pg::changed_objects())
	{
		const auto *const object = static_cast<pg::Object *>(lfirst(cell));
		if (object->catalog == RelationRelationId)
			follow(object->id);
		else if (object->catalog == TriggerRelationId)
			follow(table_of_trigger(object->id));
	}
	const CommandTag tag = reinterpret_cast<EventTriggerData *>(fcinfo->context)->tag;
	if (tag == CMDTAG_ALTER_TABLE || tag == CMDTAG_ALTER_SCHEMA)
		refresh_names();
	PG_RETURN_NULL();
}

/// bpt.entity_dropped(): lets go of the oids of dropped tables.
BPT_FUNCTION(bpt_entity_dropped)
{
	using namespace bpt::entity;
	using namespace bpt;
	check_call(fcinfo, "bpt.entity_dropped");
	if (!has_work())
		PG_RETURN_NULL();
	ListCell *cell = nullptr;
	foreach (cell, pg::dropped_objects())
	{
		const auto *const object = static_cast<pg::Object *>(lfirst(cell));
		if (object->catalog == RelationRelationId && get_rel_relkind(object->id) == '\0')
			forget_relation(object->id);
	}
	PG_RETURN_NULL();
}
