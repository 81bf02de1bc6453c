// Actions on events that failed: retry, discard (actions.hpp).
//
// What is left of an event are its rows of bpt.queue_delivery, one for each launch or instance. Locks: the instance's process
// row, if there is one, then the delivery's, which is never waited for: a worker has it while it handles the event.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/delivery.hpp"
#include "engine/incident.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace qd = queue_delivery;

namespace {

/// True if it was tried in vain: it is retrying or failed, or held meanwhile.
bool has_failed(const pg::Row &delivery)
{
	return delivery.int4(qd::error_count) > 0;
}

/// The ids of what is left of an event and is the caller's to administer. Raises if there is nothing of it.
core::Vec<int64> deliveries_of(int64 event_id, const char *action)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<int64> ids;
	bool seen = false;
	pg::each("queue_delivery", "queue_delivery_event", {pg::key(event_id)}, [&](const pg::Row &row) {
		expr::Definition *const definition = definition_of(target_of(row));
		if (definition == nullptr ? is_admin() : may_administer(definition))
			ids.push(arena, row.int8(qd::id));
		else
			seen = seen || (definition != nullptr && may_see(definition));
		return true;
	});
	if (ids.empty() && seen)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to %s event " INT64_FORMAT, action, event_id)));
	if (ids.empty())
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("there is no failed event " INT64_FORMAT, event_id)));
	return ids;
}

/// Calls f with each failed delivery of an event, locked, and the locked instance that it is for (or none).
template <typename F>
void each_failed(int64 event_id, const char *action, F f)
{
	bool any = false;
	for (const int64 id : deliveries_of(event_id, action))
	{
		const pg::Row seen = pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(id)});
		if (!seen || !has_failed(seen))
			continue;
		const int64 process_id = seen.int8(qd::process_id);
		const pg::Row process = process_id == 0 ? pg::Row{} : lock_process(process_id);
		pg::Row row = pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(id)}, pg::Lock::update_skip);
		if (!row)
			ereport(ERROR,
					(errcode(kWrongState), errmsg("event " INT64_FORMAT " is being handled just now", event_id)));
		queue::wake_at_abort();
		f(row, process);
		any = true;
	}
	if (!any)
		ereport(ERROR, (errcode(kWrongState), errmsg("event " INT64_FORMAT " has not failed", event_id),
						errdetail("It waits to be handled.")));
}

/// The activity that a failed delivery has put in error; not found if there is none.
pg::Row activity_in_error(const pg::Row &delivery, const pg::Row &process)
{
	const int64 activity_id = delivery.int8(qd::activity_id);
	pg::Row activity = !process || activity_id == 0 ? pg::Row{} : read_activity(activity_id);
	const bool is_its_fault =
		activity &&
		(activity_status(activity) == ActivityStatus::error || activity_status(activity) == ActivityStatus::failed) &&
		!activity.null(ai::pending) && strcmp(activity.text(ai::pending), pending::kEvent) == 0;
	return is_its_fault ? activity : pg::Row{};
}

} // namespace

void retry_event(int64 event_id)
{
	const TimestampTz now = expr::now();
	each_failed(event_id, "retry", [now](pg::Row &row, const pg::Row &process) {
		pg::Row activity = activity_in_error(row, process);
		if (activity)
		{
			move_to(activity, ActivityStatus::error);
			activity.set(ai::next_run, TimestampTzGetDatum(now));
			save(Kept::activity, activity);
		}
		row.set(qd::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::retrying)));
		row.set(qd::next_run, TimestampTzGetDatum(now));
		pg::update("queue_delivery", row);
	});
	queue::wake_at_commit(now);
}

void discard_event(int64 event_id)
{
	each_failed(event_id, "discard", [event_id](const pg::Row &row, const pg::Row &process) {
		if (activity_in_error(row, process))
			end_error(event_id, target_of(row));
		pg::remove("queue_delivery", row);
	});
}

} // namespace bpt::engine
