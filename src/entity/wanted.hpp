// Which triggers have to stand on a table.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::entity {

/// One trigger as it has to be.
struct Wanted
{
	char name[NAMEDATALEN];
	char operation;
	bool row;
	int64 entity_id;
	List *columns; // names, NIL: all
	Node *when;    // null: always
};
inline constexpr int kMaxWanted = 4; // two for the table above, two of its own

/// The triggers that have to stand on a relation; returns how many.
int wanted_on(Oid relation, Wanted *wanted);
/// Whether this is the name of a trigger for an operation; of a partition that is listened to by itself, of that entity.
bool is_trigger_name(const char *name, char operation, int64 partition_entity);
/// True if this table or one above it is listened to.
bool is_listened_to(Oid relation);

} // namespace bpt::entity
