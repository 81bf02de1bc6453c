// Finding what the extension consists of (own.hpp). Locks: AccessShareLock for moments.
#include "pg/postgres.hpp"

#include "pg/own.hpp"

extern "C" {
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "commands/sequence.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
}

namespace bpt::pg {

namespace {

/// A relation by the address of its name, which is a literal: some names stand here several times.
struct Known
{
	const char *name;
	Oid relation;
	bool has_pages; // it had some once
	int columns;    // 0: not known yet
};

constexpr int kMaxKnown = 128;
Known known_relations[kMaxKnown];
int next_known = 0;
bool watches_relations = false;

/// A relation was changed or dropped (InvalidOid: any may have been).
extern "C" void bpt_known_relation_changed(Datum, Oid relation)
{
	for (Known &known : known_relations)
		if (!OidIsValid(relation) || known.relation == relation)
			known.relation = InvalidOid;
}

void remember(const char *name, Oid relation)
{
	if (!watches_relations)
		CacheRegisterRelcacheCallback(bpt_known_relation_changed, Datum{0});
	watches_relations = true;
	known_relations[next_known] = Known{name, relation, false, 0};
	next_known = (next_known + 1) % kMaxKnown;
}

} // namespace

Oid schema_oid()
{
	return get_namespace_oid("bpt", false);
}

Oid relation_oid(const char *name)
{
	for (const Known &known : known_relations)
		if (known.name == name && OidIsValid(known.relation))
			return known.relation;
	Oid const relation = get_relname_relid(name, schema_oid());
	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"bpt.%s\" does not exist", name),
				 errhint("Is the extension bpt installed in this database, in a version that fits its library?")));
	remember(name, relation);
	return relation;
}

bool extension_exists()
{
	return OidIsValid(get_extension_oid("bpt", true));
}

Oid extension_owner()
{
	Relation const extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData scan_key;
	ScanKeyInit(&scan_key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("bpt"));
	SysScanDesc const scan = systable_beginscan(extensions, ExtensionNameIndexId, true, nullptr, 1, &scan_key);
	HeapTuple const tuple = systable_getnext(scan);
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("extension \"bpt\" does not exist")));
	Oid const owner = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return owner;
}

int columns_of(const char *name)
{
	Oid const oid = relation_oid(name);
	Known *known = known_relations;
	while (known->name != name || known->relation != oid)
		known++;
	if (known->columns == 0)
	{
		Relation const relation = table_open(oid, AccessShareLock);
		known->columns = RelationGetDescr(relation)->natts;
		table_close(relation, NoLock);
	}
	return known->columns;
}

bool is_without_pages(const char *name, Relation table)
{
	if (IsolationIsSerializable())
		return false;
	for (Known &known : known_relations)
		if (known.name == name && known.relation == RelationGetRelid(table))
		{
			if (!known.has_pages)
				known.has_pages = RelationGetNumberOfBlocks(table) > 0;
			return !known.has_pages;
		}
	return false;
}

int64 next_id(const char *sequence)
{
	return nextval_internal(relation_oid(sequence), false);
}

} // namespace bpt::pg
