// What can be listened to, and by whom (entity.hpp): judged at publish, before anything is locked or made.
//
// A table changed afterwards (a lost primary key, a foreign partition) is met again by the event trigger of ddl.cpp and at
// the next publish. Takes AccessShareLock on the table and its partitions.
#include "pg/postgres.hpp"

#include "core/text.hpp"
#include "entity/entity.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/catalog.h"
#include "catalog/pg_class.h"
}

namespace bpt::entity {

namespace {

/// Problems live as long as the memory context in which they are found.
core::Arena arena_here()
{
	return {[](void *context, std::size_t bytes) -> void * {
				return MemoryContextAlloc(static_cast<MemoryContext>(context), bytes);
			},
			CurrentMemoryContext};
}

struct Judge
{
	core::Arena arena;
	core::Diagnostics &problems;
	std::int32_t offset;

	void add(const char *code, std::string_view message, std::string_view detail = {}, std::string_view hint = {},
			 const char *sqlstate = "WF007")
	{
		problems.add(arena, {.severity = core::Severity::error,
							 .code = code,
							 .offset = offset,
							 .message = message,
							 .detail = detail,
							 .hint = hint,
							 .sqlstate = sqlstate});
	}
	std::string_view text(std::initializer_list<std::string_view> parts) { return core::concat(arena, parts); }
};

/// What a relation that is no table is called, null for a table.
const char *other_kind(char relkind)
{
	switch (relkind)
	{
	case RELKIND_RELATION:
	case RELKIND_PARTITIONED_TABLE:
		return nullptr;
	case RELKIND_VIEW:
		return "a view";
	case RELKIND_MATVIEW:
		return "a materialized view";
	case RELKIND_FOREIGN_TABLE:
		return "a foreign table";
	case RELKIND_SEQUENCE:
		return "a sequence";
	case RELKIND_INDEX:
	case RELKIND_PARTITIONED_INDEX:
		return "an index";
	case RELKIND_COMPOSITE_TYPE:
		return "a composite type";
	default:
		return "not a table";
	}
}

} // namespace

void check_entity(Oid relation, const core::EventClause &clause, Oid publisher, core::Diagnostics &problems)
{
	Judge judge{arena_here(), problems, clause.table.name.offset};
	const char *const found = get_rel_name(relation);
	if (found == nullptr)
	{
		judge.add("unknown_table", judge.text({"relation \"", clause.table.name.text, "\" does not exist"}));
		return;
	}
	const std::string_view name = judge.text({found});

	if (const char *const kind = other_kind(get_rel_relkind(relation)))
	{
		judge.add("not_a_table", judge.text({"cannot listen to \"", name, "\""}),
				  judge.text({"It is ", kind, ". Events come from tables that store their rows in this database."}));
		return;
	}
	Oid const space = get_rel_namespace(relation);
	const char *const space_name = get_namespace_name(space);
	if (IsCatalogRelationOid(relation) || isAnyTempNamespace(space) || strcmp(space_name, "information_schema") == 0 ||
		strcmp(space_name, "bpt") == 0)
	{
		if (isAnyTempNamespace(space))
			judge.add("temporary_table", judge.text({"cannot listen to temporary table \"", name, "\""}),
					  "Its rows are seen by one session only.");
		else
			judge.add("system_table", judge.text({"cannot listen to system table \"", name, "\""}));
		return;
	}
	if (Oid const partition = pg::foreign_partition(relation); OidIsValid(partition))
		judge.add("foreign_partition", judge.text({"cannot listen to partitioned table \"", name, "\""}),
				  judge.text({"Its partition \"", get_rel_name(partition), "\" is a foreign table."}));
	AttrNumber attributes[INDEX_MAX_KEYS];
	if (pg::primary_key(relation, attributes) == 0)
		judge.add("no_primary_key", judge.text({"table \"", name, "\" has no primary key"}),
				  "An event tells by the primary key which row it is about.",
				  judge.text({"Use ALTER TABLE ... ADD PRIMARY KEY on \"", name, "\"."}));
	if (pg_class_aclcheck(relation, publisher, ACL_TRIGGER) != ACLCHECK_OK)
		judge.add("insufficient_privilege", judge.text({"permission denied for table ", name}),
				  "Listening to a table needs the TRIGGER privilege on it.", {}, "42501");
	if (pg_class_aclcheck(relation, publisher, ACL_SELECT) != ACLCHECK_OK)
		judge.add("insufficient_privilege", judge.text({"permission denied for table ", name}),
				  "Listening to a table needs the SELECT privilege on it.", {}, "42501");
}

} // namespace bpt::entity
