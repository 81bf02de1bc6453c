// Making and dropping the triggers on entity tables (entity.hpp, install.hpp).
//
// What stands on a relation follows from what is listened to alone (wanted.cpp), so that publish, drop_process and the DDL
// event triggers all call the same function. Triggers are made as the extension's owner, marked DEPENDS ON EXTENSION, and
// carry the entity's id.
//
// Locks: lock_entities takes SHARE ROW EXCLUSIVE on the tables and their partitions in oid order; making a trigger takes
// the same on its relation.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "entity/install.hpp"
#include "entity/wanted.hpp"
#include "pg/bracket.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
}

namespace bpt::entity {

namespace {

Oid trigger_function()
{
	List *const name = list_make2(makeString(pstrdup("bpt")), makeString(pstrdup("entity_event")));
	return LookupFuncName(name, 0, nullptr, false);
}

/// The attribute numbers of a list of column names, in the order in which a trigger stores them: as a set.
Bitmapset *attributes_of(Oid relation, List *columns)
{
	Bitmapset *result = nullptr;
	ListCell *cell = nullptr;
	foreach (cell, columns)
	{
		AttrNumber const attribute = get_attnum(relation, static_cast<char *>(lfirst(cell)));
		if (attribute > 0)
			result = bms_add_member(result, attribute);
	}
	return result;
}

/// True if the names all exist: a clause whose column is gone has its rows looked at, and becomes an incident.
bool all_exist(Oid relation, List *columns)
{
	ListCell *cell = nullptr;
	foreach (cell, columns)
		if (get_attnum(relation, static_cast<char *>(lfirst(cell))) <= 0)
			return false;
	return true;
}

/// Whether a trigger that stands there is the one wanted.
bool fits(Oid relation, const Wanted &w, HeapTuple tuple, TupleDesc desc)
{
	const auto *const trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
	int16 type = 0;
	if (w.row)
		TRIGGER_SETT_ROW(type);
	if (w.operation == 'I')
		TRIGGER_SETT_INSERT(type);
	else
		TRIGGER_SETT_UPDATE(type);
	bool null = false;
	heap_getattr(tuple, Anum_pg_trigger_tgnewtable, desc, &null);
	if (trigger->tgtype != type || null == !w.row)
		return false;
	const Datum when = heap_getattr(tuple, Anum_pg_trigger_tgqual, desc, &null);
	if (!equal(null ? nullptr : stringToNode(TextDatumGetCString(when)), w.when))
		return false;

	const bytea *const arguments = DatumGetByteaPP(heap_getattr(tuple, Anum_pg_trigger_tgargs, desc, &null));
	char id[32];
	snprintf(id, sizeof(id), "%lld", static_cast<long long>(w.entity_id));
	if (trigger->tgnargs != 1 || strcmp(VARDATA_ANY(arguments), id) != 0)
		return false;

	Bitmapset *present = nullptr;
	for (int i = 0; i < trigger->tgattr.dim1; i++)
		present = bms_add_member(present, trigger->tgattr.values[i]);
	return bms_equal(present, attributes_of(relation, w.columns));
}

void drop_trigger(Oid trigger)
{
	const ObjectAddress address = {TriggerRelationId, trigger, 0};
	performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
}

Node *transition(const char *name, bool is_new)
{
	TriggerTransition *const t = makeNode(TriggerTransition);
	t->name = pstrdup(name);
	t->isNew = is_new;
	t->isTable = true;
	return reinterpret_cast<Node *>(t);
}

void make_trigger(Oid relation, const Wanted &w, Oid function)
{
	CreateTrigStmt *const statement = makeNode(CreateTrigStmt);
	statement->trigname = pstrdup(w.name);
	statement->funcname = list_make2(makeString(pstrdup("bpt")), makeString(pstrdup("entity_event")));
	statement->args = list_make1(makeString(psprintf("%lld", static_cast<long long>(w.entity_id))));
	statement->row = w.row;
	statement->timing = TRIGGER_TYPE_AFTER;
	statement->events = w.operation == 'I' ? TRIGGER_TYPE_INSERT : TRIGGER_TYPE_UPDATE;
	Bitmapset *seen = nullptr;
	ListCell *cell = nullptr;
	foreach (cell, w.columns)
	{
		char *const column = static_cast<char *>(lfirst(cell));
		AttrNumber const attribute = get_attnum(relation, column);
		if (bms_is_member(attribute, seen))
			continue;
		seen = bms_add_member(seen, attribute);
		statement->columns = lappend(statement->columns, makeString(column));
	}
	if (!w.row)
	{
		statement->transitionRels = list_make1(transition("bpt_new", true));
		if (w.operation == 'U')
			statement->transitionRels = lappend(statement->transitionRels, transition("bpt_old", false));
	}
	const ObjectAddress address = CreateTrigger(statement, nullptr, relation, InvalidOid, InvalidOid, InvalidOid,
												function, InvalidOid, w.when, false, false);
	CommandCounterIncrement();
	const ObjectAddress extension = {ExtensionRelationId, get_extension_oid("bpt", false), 0};
	recordDependencyOn(&address, &extension, DEPENDENCY_AUTO_EXTENSION);
	// A column may be dropped or retyped all the same: the DDL event trigger then makes the trigger anew without its list
	// and condition.
	deleteDependencyRecordsForSpecific(TriggerRelationId, address.objectId, DEPENDENCY_NORMAL, RelationRelationId,
									   relation);
	CreateComments(address.objectId, TriggerRelationId, 0,
				   w.operation == 'I'
					   ? "Records inserted rows for the processes that listen to this table; made by bpt.publish()"
					   : "Records updated rows for the processes that listen to this table; made by bpt.publish()");
	CommandCounterIncrement();
}

/// The triggers of one relation: those that have to stand there, and what does.
struct Standing
{
	Wanted wanted[kMaxWanted];
	int count = 0;
	bool fits[kMaxWanted] = {};
	TriggerState states[kMaxWanted] = {};
	List *superfluous = NIL; // oids of ours that are not wanted as they are
	Oid function = InvalidOid;
};

Standing standing_on(Oid relation)
{
	Standing result;
	const char relkind = get_rel_relkind(relation);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		return result;
	Wanted *const wanted = result.wanted;
	const int count = result.count = wanted_on(relation, wanted);
	for (int i = 0; i < count; i++)
	{
		result.states[i] = TriggerState::missing;
		if (!all_exist(relation, wanted[i].columns))
			wanted[i].columns = NIL;
	}
	Oid const function = result.function = trigger_function();

	Relation const triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	SysScanDesc const scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, nullptr, 1, &key);
	while (HeapTuple const tuple = systable_getnext(scan))
	{
		const auto *const trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
		// What PostgreSQL cloned from a table above follows that one.
		if (trigger->tgfoid != function || OidIsValid(trigger->tgparentid) ||
			strncmp(NameStr(trigger->tgname), "bpt_event_", 10) != 0)
			continue;
		bool keep = false;
		for (int i = 0; i < count; i++)
			if (strcmp(NameStr(trigger->tgname), wanted[i].name) == 0)
			{
				const bool fires =
					trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN || trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
				result.states[i] = fires ? TriggerState::stands : TriggerState::disabled;
				result.fits[i] = fits(relation, wanted[i], tuple, RelationGetDescr(triggers));
				keep = result.fits[i];
			}
		if (!keep)
			result.superfluous = lappend_oid(result.superfluous, trigger->oid);
	}
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	return result;
}

/// Makes, replaces and drops the triggers of one relation.
void fit_relation(Oid relation)
{
	const Standing standing = standing_on(relation);
	ListCell *cell = nullptr;
	foreach (cell, standing.superfluous)
		drop_trigger(lfirst_oid(cell));
	for (int i = 0; i < standing.count; i++)
		if (!standing.fits[i])
			make_trigger(relation, standing.wanted[i], standing.function);
}

/// As the extension's owner: the publisher's own rights have been checked, and the triggers are not theirs.
template <typename F>
void as_extension_owner(F f)
{
	pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, f);
}

/// The relations and all partitions of them, each once, in oid order.
List *with_partitions(const Oid *relations, int count)
{
	List *all = NIL;
	for (int i = 0; i < count; i++)
		if (get_rel_relkind(relations[i]) == RELKIND_PARTITIONED_TABLE)
			all = list_concat_unique_oid(all, find_all_inheritors(relations[i], NoLock, nullptr));
		else
			all = list_append_unique_oid(all, relations[i]);
	list_sort(all, list_oid_cmp);
	return all;
}

} // namespace

void lock_entities(const Oid *relations, int count)
{
	// A partition attached while we waited is met in the next round; then nothing can be attached any more.
	List *locked = NIL;
	for (;;)
	{
		List *const all = with_partitions(relations, count);
		if (equal(all, locked))
			return;
		ListCell *cell = nullptr;
		foreach (cell, all)
			if (!list_member_oid(locked, lfirst_oid(cell)))
				LockRelationOid(lfirst_oid(cell), ShareRowExclusiveLock);
		locked = all;
	}
}

void install_triggers(const Oid *relations, int count)
{
	as_extension_owner([&] {
		for (int i = 0; i < count; i++)
		{
			if (get_rel_relkind(relations[i]) == '\0')
				continue;
			ListCell *cell = nullptr;
			foreach (cell, with_partitions(&relations[i], 1))
				fit_relation(lfirst_oid(cell));
			// Also where no trigger changes: what the triggers test may have.
			CacheInvalidateRelcacheByRelid(relations[i]);
		}
	});
}

bool lacks_triggers(Oid relation)
{
	bool result = false;
	as_extension_owner([&] {
		ListCell *cell = nullptr;
		foreach (cell, with_partitions(&relation, 1))
		{
			const Standing standing = standing_on(lfirst_oid(cell));
			for (int i = 0; i < standing.count; i++)
				result = result || !standing.fits[i];
		}
	});
	return result;
}

TriggerState trigger_state(Oid relation, char operation, Oid *where)
{
	TriggerState result = TriggerState::stands;
	as_extension_owner([&] {
		ListCell *cell = nullptr;
		foreach (cell, with_partitions(&relation, 1))
		{
			const Standing standing = standing_on(lfirst_oid(cell));
			for (int i = 0; i < standing.count && result == TriggerState::stands; i++)
				if (standing.wanted[i].operation == operation && standing.states[i] != TriggerState::stands)
				{
					result = standing.states[i];
					*where = lfirst_oid(cell);
				}
		}
	});
	return result;
}

void install_all_triggers()
{
	List *relations = NIL;
	pg::each("entity", "entity_pkey", {}, [&relations](pg::Row &row) {
		Oid const relation = relation_of(row.int8(entity_row::id));
		if (OidIsValid(relation))
			relations = lappend_oid(relations, relation);
		return true;
	});
	list_sort(relations, list_oid_cmp);
	ListCell *cell = nullptr;
	foreach (cell, relations)
		fit_tree(lfirst_oid(cell));
}

void fit_tree(Oid relation)
{
	as_extension_owner([&] {
		ListCell *cell = nullptr;
		foreach (cell, with_partitions(&relation, 1))
			fit_relation(lfirst_oid(cell));
	});
}

void fit_all_triggered()
{
	as_extension_owner([&] {
		List *relations = NIL;
		Oid const function = trigger_function();
		Relation const triggers = table_open(TriggerRelationId, AccessShareLock);
		SysScanDesc const scan = systable_beginscan(triggers, InvalidOid, false, nullptr, 0, nullptr);
		while (HeapTuple const tuple = systable_getnext(scan))
		{
			const auto *const trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
			if (trigger->tgfoid == function)
				relations = list_append_unique_oid(relations, trigger->tgrelid);
		}
		systable_endscan(scan);
		table_close(triggers, AccessShareLock);
		ListCell *cell = nullptr;
		foreach (cell, relations)
			fit_relation(lfirst_oid(cell));
	});
}

} // namespace bpt::entity
