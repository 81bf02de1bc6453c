// Lost items and the lines of bpt.attempt (caution.hpp).
//
// Locks: the item (as every claim), then what engine::record_failure takes; to give an activity up: its process FOR NO KEY
// UPDATE, then the activity. bpt.attempt has a handful of rows at most and is always read as a whole.
#include "pg/postgres.hpp"

#include "engine/engine.hpp"
#include "worker/caution.hpp"
#include "worker/session.hpp"
#include "worker/slots.hpp"

namespace bpt::worker {

namespace {

constexpr int kMostCrashes = 2;

/// An error as if the item had raised it.
ErrorData *crash_error(const char *message, const char *detail)
{
	ErrorData *const error = static_cast<ErrorData *>(palloc0(sizeof(ErrorData)));
	error->elevel = ERROR;
	error->sqlerrcode = ERRCODE_CRASH_SHUTDOWN;
	error->message = pstrdup(message);
	error->detail = pstrdup(detail);
	error->assoc_context = CurrentMemoryContext;
	return error;
}

bool is_in_progress(const pg::Row &line)
{
	return !TIMESTAMP_IS_NOBEGIN(line.instant(attempt::started));
}

/// A delivery keeps the memory of the event that it came from, a retry timer that of the activity.
bool concerns(const pg::Row &line, const queue::Item &item)
{
	const char queue = DatumGetChar(line.at(attempt::queue));
	const int64 id = line.int8(attempt::item_id);
	if (queue == static_cast<char>(item.queue) && id == item.id)
		return true;
	if (queue == static_cast<char>(queue::Queue::event) && item.queue == queue::Queue::delivery)
		return item.row.int8(queue_delivery::event_id) == id;
	return item.activity_id != 0 && line.int8(attempt::activity_id) == item.activity_id;
}

pg::Row find_line(const queue::Item &item, bool *any)
{
	pg::Row found;
	pg::each("attempt", "attempt_pkey", {}, [&](pg::Row &line) {
		*any = true;
		if (concerns(line, item))
			found = line;
		return !found;
	});
	return found;
}

void note_lines(bool has_lines)
{
	locked(LW_EXCLUSIVE, [&] {
		if (Database *const entry = database_entry(MyDatabaseId))
			entry->has_lines = has_lines;
	});
}

/// No retry follows the incident after all.
void end_retries(int64 incident_id)
{
	pg::Row row = pg::find("incident", "incident_pkey", {pg::key(incident_id)}, pg::Lock::no_key_update);
	if (!row)
		return;
	row.set_null(incident::next_run);
	pg::update("incident", row);
}

/// Makes what the item belongs to `failed`: nothing retries it but an administrator.
void give_up(const queue::Item &item)
{
	if (item.process_id != 0 && item.activity_id != 0 &&
		pg::find("process_instance", "process_instance_pkey", {pg::key(item.process_id)}, pg::Lock::no_key_update))
	{
		pg::Row activity = pg::find("activity_instance", "activity_instance_pkey", {pg::key(item.activity_id)},
									pg::Lock::no_key_update);
		if (activity && static_cast<ActivityStatus>(activity.int2(activity_instance::status)) == ActivityStatus::error)
		{
			activity.set(activity_instance::status, Int16GetDatum(static_cast<int16>(ActivityStatus::failed)));
			activity.set_null(activity_instance::next_run);
			pg::update("activity_instance", activity);
			end_retries(activity.int8(activity_instance::last_error_id));
			queue::remove_timers(item.activity_id);
		}
	}
	const int64 event = item.queue == queue::Queue::event      ? item.id
						: item.queue == queue::Queue::delivery ? item.row.int8(queue_delivery::event_id)
															   : 0;
	if (event == 0)
		return;
	pg::each("queue_delivery", "queue_delivery_pkey", {}, [&](pg::Row &seen) {
		if (seen.int8(queue_delivery::event_id) != event)
			return true;
		pg::Row delivery = pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(seen.int8(queue_delivery::id))},
									pg::Lock::update_skip);
		if (delivery)
		{
			delivery.set(queue_delivery::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::failed)));
			delivery.set(queue_delivery::next_run, TimestampTzGetDatum(DT_NOEND));
			pg::update("queue_delivery", delivery);
			end_retries(delivery.int8(queue_delivery::last_error_id));
		}
		return true;
	});
}

bool exists(queue::Queue queue, int64 id)
{
	switch (queue)
	{
	case queue::Queue::event:
		return pg::find("queue_event", "queue_event_pkey", {pg::key(id)}).found;
	case queue::Queue::delivery:
		return pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(id)}).found;
	case queue::Queue::ready:
		return pg::find("queue_ready", "queue_ready_pkey", {pg::key(id)}).found;
	case queue::Queue::timer:
		return pg::find("queue_timer", "queue_timer_pkey", {pg::key(id)}).found;
	}
	return false;
}

/// Counts one lost item. False if it is still locked, by whoever is clearing away after the worker: try again later.
bool charge(const Lost &lost)
{
	const auto queue = static_cast<queue::Queue>(lost.item.queue);
	queue::Item item = queue::claim_again(queue, lost.item.id);
	if (!item)
		return !exists(queue, lost.item.id);
	remove_line(item);
	const ErrorData *const error =
		crash_error("the worker ended while it ran this", psprintf("Its process %d was terminated.", lost.pid));
	PushActiveSnapshot(GetTransactionSnapshot());
	engine::record_failure(item, error, "crash");
	PopActiveSnapshot();
	return true;
}

/// Deals with one line that an earlier start left; `line` is as it was read.
void settle(const pg::Row &seen, bool charging)
{
	pg::Row line;
	pg::each("attempt", "attempt_pkey", {}, [&](pg::Row &row) {
		if (DatumGetChar(row.at(attempt::queue)) == DatumGetChar(seen.at(attempt::queue)) &&
			row.int8(attempt::item_id) == seen.int8(attempt::item_id))
			line = row;
		return !line;
	});
	if (!line || !is_in_progress(line))
		return;
	int crashes = line.int4(attempt::crashes);
	if (charging)
	{
		queue::Item item = queue::claim_again(static_cast<queue::Queue>(DatumGetChar(line.at(attempt::queue))),
											  line.int8(attempt::item_id));
		if (!item)
		{
			pg::remove("attempt", line);
			return;
		}
		crashes++;
		PushActiveSnapshot(GetTransactionSnapshot());
		engine::record_failure(
			item,
			crash_error("the server crashed while a worker ran this",
						psprintf("This was crash %d of %d that it is allowed.", crashes, kMostCrashes)),
			"crash");
		if (crashes >= kMostCrashes)
			give_up(item);
		PopActiveSnapshot();
	}
	if (crashes == 0 || crashes >= kMostCrashes)
	{
		pg::remove("attempt", line);
		return;
	}
	line.set(attempt::crashes, Int32GetDatum(crashes));
	line.set(attempt::started, TimestampTzGetDatum(DT_NOBEGIN));
	pg::update("attempt", line);
}

/// Runs f in a transaction of its own; what it raises is logged. False if it raised or the extension is gone.
template <typename F>
bool in_own_transaction(MemoryContext context, F f)
{
	volatile bool succeeded = false;
	PG_TRY();
	{
		if (begin(context) == Schema::fits)
		{
			f();
			succeeded = true;
		}
		commit(context);
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		abort_after_error(context);
		succeeded = false;
	}
	PG_END_TRY();
	return succeeded;
}

} // namespace

void charge_lost(MemoryContext context)
{
	for (int i = 0; i < shared->count; i++)
	{
		Lost lost = {};
		locked(LW_SHARED, [&] { lost = shared->lost[i]; });
		if (lost.database != MyDatabaseId)
			continue;
		bool settled = false;
		const bool recorded = in_own_transaction(context, [&] { settled = charge(lost); });
		if (recorded && !settled)
			continue;
		// An item whose failure cannot be recorded is let go all the same: holding it back for ever would hide it.
		locked(LW_EXCLUSIVE, [&] {
			Lost &entry = shared->lost[i];
			if (entry.database == lost.database && entry.pid == lost.pid && entry.item.id == lost.item.id)
			{
				entry = Lost{};
				pg_atomic_fetch_sub_u32(&shared->lost_count, 1);
			}
		});
	}
}

void settle_lines(MemoryContext context, bool charge)
{
	List *lines = NIL;
	const auto collect = [&] {
		pg::each("attempt", "attempt_pkey", {}, [&](pg::Row &line) {
			pg::Row *const kept = static_cast<pg::Row *>(palloc(sizeof(pg::Row)));
			*kept = line;
			lines = lappend(lines, kept);
			return true;
		});
	};
	if (!in_own_transaction(context, collect))
		return;
	ListCell *cell = nullptr;
	foreach (cell, lines)
		in_own_transaction(context, [&] { settle(*static_cast<pg::Row *>(lfirst(cell)), charge); });
	note_lines(lines != NIL);
}

void write_line(const queue::Item &item)
{
	bool any = false;
	const pg::Row earlier = find_line(item, &any);
	pg::Row line = pg::new_row("attempt");
	line.set(attempt::queue, CharGetDatum(static_cast<char>(item.queue)));
	line.set(attempt::item_id, Int64GetDatum(item.id));
	if (item.process_id != 0)
		line.set(attempt::process_id, Int64GetDatum(item.process_id));
	if (item.activity_id != 0)
		line.set(attempt::activity_id, Int64GetDatum(item.activity_id));
	line.set(attempt::started, TimestampTzGetDatum(GetCurrentTimestamp()));
	line.set(attempt::crashes, Int32GetDatum(earlier ? earlier.int4(attempt::crashes) : 0));
	if (earlier)
		pg::remove("attempt", earlier);
	pg::insert("attempt", line);
	note_lines(true);
}

void remove_line(const queue::Item &item)
{
	bool any = false;
	if (const pg::Row line = find_line(item, &any))
		pg::remove("attempt", line);
}

bool has_line(const queue::Item &item)
{
	bool any = false;
	const bool found = find_line(item, &any).found;
	if (!any)
		note_lines(false);
	return found;
}

} // namespace bpt::worker
