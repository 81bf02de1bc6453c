// The triggers on entity tables, as this room alone knows them (install.cpp).
#pragma once
#include "entity/entity.hpp"

namespace bpt::entity {

/// bpt_event_insert, bpt_event_update; of a partition that is listened to by itself with the entity's id behind, because
/// a trigger of the table above may stand beside it. `name` has room for NAMEDATALEN bytes.
void trigger_name(char *name, char operation, int64 partition_entity);
/// Whether a trigger has that name.
bool is_trigger_name(const char *name, char operation, int64 partition_entity);

/// Makes the triggers of a table and of its partitions fit what is listened to, here and above.
void fit_tree(Oid relation);
/// The same for every table that still has one of our triggers: what was detached loses them.
void fit_all_triggered();
/// True if this table or one above it is listened to.
bool is_listened_to(Oid relation);

} // namespace bpt::entity
