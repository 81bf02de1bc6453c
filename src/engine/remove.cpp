// Deleting ended instances (remove.hpp).
//
// Locks: the process rows from the parent down; then what belongs to an instance, which nobody changes without them.
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/children.hpp"
#include "engine/email.hpp"
#include "engine/remove.hpp"
#include "queue/hold.hpp"

namespace bpt::engine {

namespace {

/// Locks all below a process; false if something there has not ended.
bool lock_children(int64 process_id)
{
	bool ended = true;
	each_child(process_id, [&](int64 child) {
		const pg::Row row = lock_process(child);
		if (row && (process_status(row) == ProcessStatus::active || !lock_children(child)))
			ended = false;
	});
	return ended;
}

void remove_rows(const pg::Row &process)
{
	const int64 id = process.int8(process_instance::id);
	each_child(id, [](int64 child) {
		const pg::Row row = read_process(child);
		if (row)
			remove_rows(row);
	});
	pg::each("activity_instance", "activity_instance_process", {pg::key(id)}, [](const pg::Row &row) {
		CHECK_FOR_INTERRUPTS();
		const int64 activity_id = row.int8(activity_instance::id);
		remove_traces(activity_id);
		const pg::Row display = pg::find("task_display", "task_display_pkey", {pg::key(activity_id)});
		if (display)
			pg::remove("task_display", display);
		discard(Kept::activity, row);
		return true;
	});
	pg::each("incident", "incident_process", {pg::key(id)}, [](const pg::Row &row) {
		pg::remove("incident", row);
		return true;
	});
	remove_emails(id);
	queue::drop_held(id);
	discard(Kept::process, process);
}

} // namespace

bool remove_instance(const pg::Row &process)
{
	if (!lock_children(process.int8(process_instance::id)))
		return false;
	remove_rows(process);
	return true;
}

} // namespace bpt::engine
