// Sending NOTIFY bpt_taskbox (notify.hpp).
//
// Not by whoever changed the tasks: NOTIFY takes a lock of the whole server at commit. Changes are noted in shared memory and
// one worker sends one notification for all of them, at most every 100 ms for a database. One that a crash loses is not
// made up for: clients that reconnect look anyway. Locks: none but the block's.
#include "pg/postgres.hpp"

#include "worker/notify.hpp"
#include "worker/session.hpp"
#include "worker/slots.hpp"

extern "C" {
#include "commands/async.h"
}

namespace bpt::worker {

namespace {

constexpr const char *kChannel = "bpt_taskbox";
constexpr int kIntervalMs = 100;

} // namespace

void note_changed_tasks(Oid database)
{
	Database *const entry = database_entry(database);
	if (entry == nullptr)
		return;
	pg_atomic_write_u32(&entry->tasks_changed, 1);
	wake_workers(database, 0, 1);
}

TimestampTz notify_taskbox(MemoryContext context)
{
	Database *const entry = database_entry(MyDatabaseId);
	if (entry == nullptr || pg_atomic_read_u32(&entry->tasks_changed) == 0)
		return PG_INT64_MAX;
	const TimestampTz now = GetCurrentTimestamp();
	uint64 last = pg_atomic_read_u64(&entry->notified);
	const TimestampTz next = TimestampTzPlusMilliseconds(static_cast<TimestampTz>(last), kIntervalMs);
	if (next > now)
		return next;
	// One worker has this turn. What changes from here on is for the next.
	if (!pg_atomic_compare_exchange_u64(&entry->notified, &last, static_cast<uint64>(now)) ||
		pg_atomic_exchange_u32(&entry->tasks_changed, 0) == 0)
		return TimestampTzPlusMilliseconds(now, kIntervalMs);
	MemoryContextReset(context);
	if (!in_own_transaction(context, [] { Async_Notify(kChannel, ""); }))
		pg_atomic_write_u32(&entry->tasks_changed, 1);
	return PG_INT64_MAX;
}

} // namespace bpt::worker
