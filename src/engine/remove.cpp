// Deleting ended instances (remove.hpp).
//
// Locks: the process rows from the parent down, and after each its messages that wait; then what belongs to an instance,
// which nobody changes without them.
#include "pg/postgres.hpp"

#include "engine/children.hpp"
#include "engine/email.hpp"
#include "engine/ending.hpp"
#include "engine/remove.hpp"
#include "engine/taskbox.hpp"
#include "queue/hold.hpp"

namespace bpt::engine {

namespace {

/// An instance that is deleted.
struct Removal
{
	bool skip;               // what somebody holds is not waited for
	bool has_emails = false; // it or a child has some
	bool has_children = false;
};

/// Locks the messages of a process and all below it; false if something there has not ended, or with `skip`, is held by
/// somebody.
bool lock_below(Removal &removal, int64 process_id)
{
	if (!hold_emails(process_id, removal.skip, &removal.has_emails))
		return false;
	bool ended = true;
	each_child(process_id, [&](int64 child) {
		removal.has_children = true;
		if (!ended)
			return;
		const pg::Row row = lock_process_to_delete(child, removal.skip);
		ended = row ? process_status(row) != ProcessStatus::active && lock_below(removal, child) : !removal.skip;
	});
	return ended;
}

void remove_rows(const Removal &removal, const pg::Row &process)
{
	const int64 id = process.int8(process_instance::id);
	if (removal.has_children)
		each_child(id, [&](int64 child) {
			const pg::Row row = read_process(child);
			if (row)
				remove_rows(removal, row);
		});
	pg::each("activity_instance", "activity_instance_process", {pg::key(id)}, [](const pg::Row &row) {
		CHECK_FOR_INTERRUPTS();
		const int64 activity_id = row.int8(activity_instance::id);
		// One that has ended has left none.
		if (!is_ended(activity_status(row)))
			remove_traces(activity_id);
		if (static_cast<ActivityKind>(row.int2(activity_instance::kind)) == ActivityKind::human)
		{
			// Who marked it as seen while it ended has left a mark.
			forget_seen(activity_id);
			const pg::Row display = pg::find("task_display", "task_display_pkey", {pg::key(activity_id)});
			if (display)
				pg::remove("task_display", display);
		}
		discard(Kept::activity, row);
		return true;
	});
	pg::each("incident", "incident_process", {pg::key(id)}, [](const pg::Row &row) {
		pg::remove("incident", row);
		return true;
	});
	if (removal.has_emails)
		remove_emails(id);
	queue::drop_held(id);
	discard(Kept::process, process);
}

/// Whether an event that is not given up yet shows this incident as its last.
bool is_shown_by_event(const pg::Row &row)
{
	bool result = false;
	if (!row.null(incident::event_id))
		pg::each("queue_delivery", "queue_delivery_event", {pg::key(row.int8(incident::event_id))},
				 [&](const pg::Row &delivery) {
					 result = delivery.int8(queue_delivery::last_error_id) == row.int8(incident::id);
					 return !result;
				 });
	return result;
}

} // namespace

bool remove_instance(const pg::Row &process, bool skip)
{
	Removal removal{skip};
	if (!lock_below(removal, process.int8(process_instance::id)))
		return false;
	remove_rows(removal, process);
	return true;
}

void delete_ended(Deletion &deletion, int64 process_def_id, TimestampTz older_than, TimestampTz *from)
{
	namespace pi = process_instance;
	const auto has_ended = [&](const pg::Row &row) {
		return row && process_status(row) != ProcessStatus::active && row.instant(pi::closed) < older_than;
	};
	MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "bpt deletion", ALLOCSET_DEFAULT_SIZES);
	bool has_left = false;
	pg::each_from("process_instance", "process_instance_ended", {pg::key(process_def_id), pg::key_instant(*from)},
				  [&](const pg::Row &seen) {
					  if (!has_ended(seen))
						  return false;
					  deletion.has_more = deletion.is_full();
					  if (deletion.has_more)
						  return false;
					  CHECK_FOR_INTERRUPTS();
					  const bool is_deleted = pg::in_context(context, [&] {
						  const pg::Row row = lock_process_to_delete(seen);
						  return has_ended(row) && remove_instance(row, true);
					  });
					  MemoryContextReset(context);
					  deletion.deleted += is_deleted ? 1 : 0;
					  if (!has_left)
						  *from = seen.instant(pi::closed);
					  has_left = has_left || !is_deleted;
					  return true;
				  });
	MemoryContextDelete(context);
}

int delete_incidents(int64 process_def_id, TimestampTz older_than, int most)
{
	int deleted = 0;
	pg::each("incident", "incident_apart", {pg::key(process_def_id)}, [&](const pg::Row &row) {
		if (row.instant(incident::instant) >= older_than || deleted == most)
			return false;
		if (is_shown_by_event(row))
			return true;
		// Whoever else deletes it, for its instance or its timer, does not come by here.
		pg::remove("incident", row);
		deleted++;
		return true;
	});
	return deleted;
}

} // namespace bpt::engine
