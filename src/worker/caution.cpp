// Lost items and the lines of bpt.attempt (caution.hpp).
//
// Locks: the item (as every claim), then what engine::record_failure takes. bpt.attempt has a handful of rows at most and is always read as a whole.
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

bool exists(queue::Queue queue, int64 id)
{
	switch (queue)
	{
	case queue::Queue::event:
		return queue::is_waiting_event(id);
	case queue::Queue::delivery:
		return pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(id)}).found;
	case queue::Queue::ready:
		return pg::find("queue_ready", "queue_ready_pkey", {pg::key(id)}).found;
	case queue::Queue::timer:
		return pg::find("queue_timer", "queue_timer_pkey", {pg::key(id)}).found;
	case queue::Queue::email:
		return pg::find("email_message", "email_message_pkey", {pg::key(id)}).found;
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

/// The line of that item as it is now, if it is still in progress.
pg::Row line_in_progress(const pg::Row &seen)
{
	pg::Row line;
	pg::each("attempt", "attempt_pkey", {}, [&](pg::Row &row) {
		if (DatumGetChar(row.at(attempt::queue)) == DatumGetChar(seen.at(attempt::queue)) &&
			row.int8(attempt::item_id) == seen.int8(attempt::item_id) && is_in_progress(row))
			line = row;
		return !line;
	});
	return line;
}

/// Makes the line a memory of so many crashes.
void remember(pg::Row &line, int crashes)
{
	line.set(attempt::crashes, Int32GetDatum(crashes));
	line.set(attempt::started, TimestampTzGetDatum(DT_NOBEGIN));
	pg::update("attempt", line);
}

/// Charges the item of a line that the crash left.
void charge_line(const pg::Row &seen)
{
	pg::Row line = line_in_progress(seen);
	if (!line)
		return;
	const auto queue = static_cast<queue::Queue>(DatumGetChar(line.at(attempt::queue)));
	const int64 id = line.int8(attempt::item_id);
	queue::Item item = queue::claim_again(queue, id);
	if (!item)
	{
		pg::remove("attempt", line);
		return;
	}
	const int crashes = line.int4(attempt::crashes) + 1;
	const bool last = crashes >= kMostCrashes;
	PushActiveSnapshot(GetTransactionSnapshot());
	engine::record_failure(item,
						   crash_error("the server crashed while a worker ran this",
									   psprintf("This was crash %d of %d that it is allowed.", crashes, kMostCrashes)),
						   "crash", last);
	PopActiveSnapshot();
	// What stays in its queue though it failed for good stays with its line, which keeps it from being run.
	const bool is_stuck = (queue == queue::Queue::event || queue == queue::Queue::ready) && exists(queue, id);
	if (last && !is_stuck)
		pg::remove("attempt", line);
	else
		remember(line, crashes);
}

/// Puts a line back to what it was before its run began.
void forget_run(pg::Row &line)
{
	if (line.int4(attempt::crashes) == 0)
		pg::remove("attempt", line);
	else
		remember(line, line.int4(attempt::crashes));
}

/// The same of a line seen earlier: the run was stopped, and not by a crash.
void forget_line(const pg::Row &seen)
{
	pg::Row line = line_in_progress(seen);
	if (line)
		forget_run(line);
}

/// The item could not be charged: it is not run again before somebody has looked at it (bpt.release() lets it go).
void park(const pg::Row &seen)
{
	pg::Row line = line_in_progress(seen);
	if (line)
		remember(line, kMostCrashes);
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
	{
		const pg::Row &line = *static_cast<pg::Row *>(lfirst(cell));
		if (!charge)
			in_own_transaction(context, [&] { forget_line(line); });
		else if (!in_own_transaction(context, [&] { charge_line(line); }))
			in_own_transaction(context, [&] { park(line); });
	}
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

void restore_line(const queue::Item &item)
{
	bool any = false;
	pg::Row line = find_line(item, &any);
	if (line && is_in_progress(line))
		forget_run(line);
}

bool has_line(const queue::Item &item)
{
	bool any = false;
	const bool found = find_line(item, &any).found;
	if (!any)
		note_lines(false);
	return found;
}

bool is_parked(const queue::Item &item)
{
	bool any = false;
	const pg::Row line = find_line(item, &any);
	return line && line.int4(attempt::crashes) >= kMostCrashes;
}

} // namespace bpt::worker
