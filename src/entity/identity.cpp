// Which row of bpt.entity a table is: the oid counts in the database where it was written, the name in a restored or
// copied one until bpt.release() has marked the oids anew.
//
// Ids never change and are never taken back, so that triggers may carry them and a dump may move them. A table made anew
// under the name of one that is gone takes over its id when something is published on it. Takes no lock on the table.
#include "pg/postgres.hpp"

#include "entity/identity.hpp"
#include "pg/home.hpp"
#include "pg/relation.hpp"
#include "pg/tables.hpp"

namespace bpt::entity {

namespace {

/// True if the row names this relation now.
bool has_names(const pg::Row &row, const char *schema, const char *name)
{
	return strcmp(row.text(entity_row::schema_name), schema) == 0 &&
		   strcmp(row.text(entity_row::table_name), name) == 0;
}

/// Writes the relation's oid and present name into its row.
void mark(pg::Row &row, Oid relation, const char *schema, const char *name)
{
	row.set(entity_row::relation, ObjectIdGetDatum(relation));
	row.set_text(entity_row::schema_name, schema);
	row.set_text(entity_row::table_name, name);
	pg::update("entity", row);
}

/// The row of a relation by its oid, or by its name where oids do not count; not found: it has none.
pg::Row row_of(Oid relation)
{
	pg::Row result;
	if (!pg::home_is_elsewhere())
	{
		result = pg::find("entity", "entity_relation", {pg::key_oid(relation)});
		return result;
	}
	const char *const name = get_rel_name(relation);
	if (name == nullptr)
		return result;
	const char *const schema = get_namespace_name(get_rel_namespace(relation));
	pg::each("entity", "entity_pkey", {}, [&](pg::Row &row) {
		if (!has_names(row, schema, name))
			return true;
		result = row;
		return false;
	});
	return result;
}

} // namespace

int64 find_entity(Oid relation)
{
	const pg::Row row = row_of(relation);
	return row ? row.int8(entity_row::id) : 0;
}

int64 entity_id(Oid relation)
{
	const char *const name = get_rel_name(relation);
	if (name == nullptr)
		elog(ERROR, "bpt: cache lookup failed for relation %u", relation);
	const char *const schema = get_namespace_name(get_rel_namespace(relation));
	pg::Row row = row_of(relation);
	if (!row)
		pg::each("entity", "entity_pkey", {}, [&](pg::Row &other) {
			if (!has_names(other, schema, name) || get_rel_relkind(other.oid(entity_row::relation)) != '\0')
				return true;
			row = other;
			return false;
		});
	if (row)
	{
		if (row.oid(entity_row::relation) != relation || !has_names(row, schema, name))
			mark(row, relation, schema, name);
		return row.int8(entity_row::id);
	}
	row = pg::new_row("entity");
	const int64 id = pg::next_id("object_id");
	row.set(entity_row::id, Int64GetDatum(id));
	row.set(entity_row::relation, ObjectIdGetDatum(relation));
	row.set_text(entity_row::schema_name, schema);
	row.set_text(entity_row::table_name, name);
	pg::insert("entity", row);
	return id;
}

Oid relation_of(int64 id)
{
	const pg::Row row = pg::find("entity", "entity_pkey", {pg::key(id)});
	if (!row)
		return InvalidOid;
	if (!pg::home_is_elsewhere())
	{
		Oid const relation = row.oid(entity_row::relation);
		return OidIsValid(relation) && get_rel_relkind(relation) != '\0' ? relation : InvalidOid;
	}
	Oid const schema = get_namespace_oid(row.text(entity_row::schema_name), true);
	return OidIsValid(schema) ? get_relname_relid(row.text(entity_row::table_name), schema) : InvalidOid;
}

void resolve(expr::Clause &clause)
{
	if (OidIsValid(clause.relation) && get_rel_relkind(clause.relation) != '\0')
		return;
	Oid const now = relation_of(clause.entity_id);
	if (now == clause.relation)
		return;
	clause.relation = now;
	clause.plan = nullptr;
}

Oid relation_of(expr::Clause &clause)
{
	resolve(clause);
	return clause.relation;
}

void refresh_names()
{
	pg::each("entity", "entity_pkey", {}, [](pg::Row &row) {
		Oid const relation = row.oid(entity_row::relation);
		const char *const name = OidIsValid(relation) ? get_rel_name(relation) : nullptr;
		if (name == nullptr)
			return true;
		const char *const schema = get_namespace_name(get_rel_namespace(relation));
		if (schema != nullptr && !has_names(row, schema, name))
			mark(row, relation, schema, name);
		return true;
	});
}

void forget_relation(Oid relation)
{
	pg::Row row = pg::find("entity", "entity_relation", {pg::key_oid(relation)});
	if (!row)
		return;
	row.set(entity_row::relation, ObjectIdGetDatum(InvalidOid));
	pg::update("entity", row);
}

} // namespace bpt::entity
