// Which triggers have to stand on a table (wanted.hpp).
//
// That follows from bpt.event_def and from what the table is:
//   - INSERT: a statement trigger with a transition table.
//   - UPDATE of a plain table: a row trigger; with a column list if every clause names columns and no BEFORE trigger can
//     change others than the statement sets, and with a WHEN condition where every clause has one that cannot fail.
//   - UPDATE of a table with partitions or inheritance children: a statement trigger with both transition tables, which
//     sees a row that moves between partitions as the one update that it is (but for MERGE, whose moved rows PostgreSQL
//     captures as inserted). Both stand on the table and on each partition, since a statement fires only those of the
//     table that it names.
//   - A partition that is listened to by itself gets row triggers, which fire whatever table the statement names.
//
// Locks: AccessShareLock on the table, for the moment; the callers hold what they need.
#include "pg/postgres.hpp"

#include "entity/capture.hpp"
#include "entity/identity.hpp"
#include "entity/wanted.hpp"
#include "entity/when.hpp"
#include "pg/bracket.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
}

namespace bpt::entity {

namespace {

/// What is listened to on one relation itself.
struct Listened
{
	int64 entity_id = 0;
	bool inserts = false;
	bool updates = false;
	bool all_columns = false; // of updates: some clause wants every update
	List *columns = NIL;      // else the names (char *)
};

const char *base_name(char operation)
{
	return operation == 'I' ? "bpt_event_insert" : "bpt_event_update";
}

/// bpt_event_insert, bpt_event_update; of a partition that is listened to by itself with the entity's id behind, because
/// a trigger of the table above may stand beside it. `name` has room for NAMEDATALEN bytes.
void trigger_name(char *name, char operation, int64 partition_entity)
{
	const char *const base = base_name(operation);
	if (partition_entity == 0)
		snprintf(name, NAMEDATALEN, "%s", base);
	else
		snprintf(name, NAMEDATALEN, "%s_%lld", base, static_cast<long long>(partition_entity));
}

/// Adds the columns that one clause names, or all if its definition cannot be read any more.
void add_columns(Listened *listened, const pg::Row &row)
{
	ErrorData *const error = pg::in_subtransaction([&] {
		bool found = false;
		expr::Definition *const definition =
			expr::definition(row.int8(event_def::process_def_id), row.int4(event_def::last_version));
		for (const expr::Clause &clause : definition->clauses)
			if (clause.id == row.int8(event_def::id) && !clause.model->columns.empty())
			{
				found = true;
				for (const core::Name &column : clause.model->columns)
					listened->columns = lappend(listened->columns, pnstrdup(column.text.data(), column.text.size()));
			}
		if (!found)
			listened->all_columns = true;
	});
	if (error != nullptr)
	{
		if (fails_statement(error))
			ReThrowError(error);
		listened->all_columns = true;
	}
}

Listened *listened_on(Oid relation)
{
	Listened *const listened = static_cast<Listened *>(palloc0(sizeof(Listened)));
	*listened = Listened{};
	listened->entity_id = find_entity(relation);
	if (listened->entity_id == 0)
		return listened;
	pg::each("event_def", "event_def_entity", {pg::key(listened->entity_id)}, [listened](pg::Row &row) {
		if (!row.boolean(event_def::is_active))
			return true;
		if (DatumGetChar(row.at(event_def::operation)) == 'I')
			listened->inserts = true;
		else
		{
			listened->updates = true;
			if (!listened->all_columns)
				add_columns(listened, row);
		}
		return true;
	});
	return listened;
}

/// Whether a BEFORE row trigger could change columns that an UPDATE does not set.
bool has_before_update(Oid relation)
{
	Relation const opened = table_open(relation, AccessShareLock);
	const bool result = opened->trigdesc != nullptr && opened->trigdesc->trig_update_before_row;
	table_close(opened, AccessShareLock);
	return result;
}

/// True if rows of other relations are written through this one.
bool has_members(Oid relation)
{
	return get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE || has_subclass(relation);
}

void want(Wanted *wanted, int *count, const Listened *listened, char operation, bool row, bool is_partition)
{
	Wanted &w = wanted[(*count)++];
	trigger_name(w.name, operation, is_partition ? listened->entity_id : 0);
	w.operation = operation;
	w.row = row;
	w.entity_id = listened->entity_id;
	w.columns = NIL;
	w.when = nullptr;
}

} // namespace

int wanted_on(Oid relation, Wanted *wanted)
{
	int count = 0;
	const bool is_partition = get_rel_relispartition(relation);
	if (is_partition)
	{
		Oid const top = llast_oid(get_partition_ancestors(relation));
		const Listened *const above = listened_on(top);
		if (above->inserts)
			want(wanted, &count, above, 'I', false, false);
		if (above->updates)
			want(wanted, &count, above, 'U', false, false);
	}
	const Listened *const here = listened_on(relation);
	if (here->inserts)
		want(wanted, &count, here, 'I', is_partition, is_partition);
	if (here->updates)
	{
		const bool row = is_partition || !has_members(relation);
		want(wanted, &count, here, 'U', row, is_partition);
		if (row)
			wanted[count - 1].when = update_condition(here->entity_id);
		// The rows that pass through a partitioned table have the BEFORE triggers of their own partitions.
		if (row && !here->all_columns && !has_members(relation) && !has_before_update(relation))
			wanted[count - 1].columns = here->columns;
	}
	return count;
}

bool is_trigger_name(const char *name, char operation, int64 partition_entity)
{
	if (partition_entity == 0) // of most tables, without the cost of printing
		return strcmp(name, base_name(operation)) == 0;
	char wanted[NAMEDATALEN];
	trigger_name(wanted, operation, partition_entity);
	return strcmp(name, wanted) == 0;
}

bool is_listened_to(Oid relation)
{
	const Listened *const here = listened_on(relation);
	if (here->inserts || here->updates)
		return true;
	if (!get_rel_relispartition(relation))
		return false;
	ListCell *cell = nullptr;
	foreach (cell, get_partition_ancestors(relation))
	{
		const Listened *const above = listened_on(lfirst_oid(cell));
		if (above->inserts || above->updates)
			return true;
	}
	return false;
}

} // namespace bpt::entity
