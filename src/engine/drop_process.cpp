// Dropping a process (drop_process.hpp). Locks as publish: the name, its entity tables; then launches, for which it waits.
#include "engine/drop_process.hpp"
#include "pg/arena.hpp"

extern "C" {
#include "tcop/utility.h"
}

#include "engine/actions.hpp"
#include "engine/candidate.hpp"
#include "engine/clauses.hpp"
#include "engine/expose.hpp"
#include "engine/invoked.hpp"
#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/timer.hpp"
#include "engine/typed_functions.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"

namespace bpt::engine {

namespace {

/// Terminates the active instances, or refuses to drop the process because of them.
void end_instances(int64 process_def_id, const char *name, bool terminate_active)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<int64> active;
	pg::each("process_instance", "process_instance_live", {pg::key(process_def_id)}, [&](pg::Row &row) {
		active.push(arena, row.int8(process_instance::id));
		return terminate_active;
	});
	if (active.empty())
		return;
	if (!terminate_active)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE), errmsg("process \"%s\" has active instances", name),
						errhint("Use bpt.drop_process(process, terminate_active => true) to terminate them.")));
	for (const int64 id : active)
	{
		CHECK_FOR_INTERRUPTS();
		terminate_process(id);
	}
}

/// Takes a process out of use, with what publish has made of it; what this backend has loaded of the definition stays: a
/// statement of the process itself may be the caller.
void retire(pg::Row &process, const char *name, bool terminate_active)
{
	const int64 id = process.int8(process_def::id);
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<Oid> relations;
	add_active_relations(arena, id, relations);
	entity::lock_entities(relations.items, relations.count);
	wait_for_launches(id);
	end_instances(id, name, terminate_active);

	const Oid owner = process_owner(id);
	if (OidIsValid(owner))
		process.set(process_def::last_owner, Int64GetDatum(role_ref_of(owner)));
	drop_functions(id);
	drop_exposed(id);
	process.set(process_def::is_active, BoolGetDatum(false));
	pg::update("process_def", process);
	refresh_clauses(id);
	entity::install_triggers(relations.items, relations.count);
}

} // namespace

void drop_process(const char *name, bool terminate_active)
{
	PreventCommandIfReadOnly("bpt.drop_process()");
	const int64 id = own_process(name);
	pg::Row process = lock_own_process(id, name);
	const char *const caller = caller_of(id);
	if (caller != nullptr)
		ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						errmsg("cannot drop process \"%s\" because another process executes it", name),
						errdetail("Process %s executes it.", caller),
						errhint("Drop that process first, or publish it without the EXECUTE.")));

	retire(process, name, terminate_active);
}

void schema_dropped(Oid schema)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	for (pg::Row &process : pg::all(arena, "process_def", "process_def_by_schema", {pg::key_oid(schema)}))
		retire(process, process.text(process_def::name), true);
	drop_timers_of(schema);
}

} // namespace bpt::engine
