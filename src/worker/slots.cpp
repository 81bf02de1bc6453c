// The shared block: making it, and the operations on it that more than one of launcher, workers and clients need.
//
// Locks: only the block's own LWLock, for moments; nothing is called under it that could raise or wait.
#include "pg/postgres.hpp"

#include "pg/settings.hpp"
#include "queue/work.hpp"
#include "worker/slots.hpp"

extern "C" {
#include "catalog/pg_control.h"
#include "common/controldata_utils.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
}

#include <csignal>

namespace bpt::worker {

Shared *shared = nullptr;
Slot *my_slot = nullptr;

namespace {

constexpr const char *kTranche = "bpt";

shmem_request_hook_type earlier_request = nullptr;
shmem_startup_hook_type earlier_startup = nullptr;
bool was_made = false;       // by this process, the postmaster, before
bool is_ending_item = false; // the transaction at hand

Size block_size()
{
	const auto count = static_cast<Size>(settings::max_workers);
	Size size = MAXALIGN(sizeof(Shared));
	size = add_size(size, MAXALIGN(mul_size(count, sizeof(Slot))));
	size = add_size(size, MAXALIGN(mul_size(count, sizeof(Database))));
	return add_size(size, MAXALIGN(mul_size(count, sizeof(Lost))));
}

/// True unless the server was shut down in good order: a second making of shared memory in one postmaster is a crash
/// restart, and pg_control tells how the postmaster before this one ended.
bool ended_uncleanly()
{
	if (was_made)
		return true;
	bool valid = false;
	ControlFileData *const control = get_controlfile(DataDir, &valid);
	const bool clean = valid && (control->state == DB_SHUTDOWNED || control->state == DB_SHUTDOWNED_IN_RECOVERY);
	pfree(control);
	return !clean;
}

extern "C" void bpt_request_shared_memory(void)
{
	if (earlier_request != nullptr)
		earlier_request();
	RequestAddinShmemSpace(block_size());
	RequestNamedLWLockTranche(kTranche, 1);
}

extern "C" void bpt_make_shared_memory(void)
{
	if (earlier_startup != nullptr)
		earlier_startup();
	bool found = false;
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = static_cast<Shared *>(ShmemInitStruct("bpt workers", block_size(), &found));
	if (!found)
	{
		memset(static_cast<void *>(shared), 0, block_size());
		shared->lock = &GetNamedLWLockTranche(kTranche)->lock;
		shared->is_unclean = ended_uncleanly();
		shared->start = GetCurrentTimestamp();
		shared->count = settings::max_workers;
		const auto count = static_cast<Size>(shared->count);
		char *room = reinterpret_cast<char *>(shared) + MAXALIGN(sizeof(Shared));
		shared->slots = reinterpret_cast<Slot *>(room);
		room += MAXALIGN(count * sizeof(Slot));
		shared->databases = reinterpret_cast<Database *>(room);
		room += MAXALIGN(count * sizeof(Database));
		shared->lost = reinterpret_cast<Lost *>(room);
		for (pg_atomic_uint32 &probe : shared->probes)
			pg_atomic_init_u32(&probe, InvalidOid);
		pg_atomic_init_u32(&shared->probe_all, 0);
		pg_atomic_init_u32(&shared->lost_count, 0);
		for (pg_atomic_uint32 &commits : shared->event_commits)
			pg_atomic_init_u32(&commits, 0);
		for (int i = 0; i < shared->count; i++)
		{
			Slot &slot = shared->slots[i];
			pg_atomic_init_u32(&slot.idle, Idle::busy);
			pg_atomic_init_u64(&slot.next_wakeup, 0);
			pg_atomic_init_u64(&slot.steps, 0);
			pg_atomic_init_u64(&slot.errors, 0);
		}
		was_made = true;
	}
	queue::event_commits = shared->event_commits;
	LWLockRelease(AddinShmemInitLock);
}

/// Called before the queue's callback, which wakes: the other way round than they were registered.
extern "C" void bpt_item_transaction_ended(XactEvent event, void *)
{
	if (event == XACT_EVENT_COMMIT && is_ending_item)
		locked(LW_EXCLUSIVE, [] { my_slot->item = ItemName{}; });
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT)
		is_ending_item = false;
}

} // namespace

void request_shared_memory()
{
	earlier_request = shmem_request_hook;
	shmem_request_hook = bpt_request_shared_memory;
	earlier_startup = shmem_startup_hook;
	shmem_startup_hook = bpt_make_shared_memory;
}

Database *database_entry(Oid database)
{
	for (int i = 0; i < shared->count; i++)
		if (shared->databases[i].oid == database)
			return &shared->databases[i];
	return nullptr;
}

bool is_stopped(Oid database)
{
	for (const Stop &stop : shared->stops)
		if (stop.database == database)
			return true;
	return false;
}

void wake_launcher()
{
	if (shared != nullptr && shared->launcher_latch != nullptr)
		SetLatch(shared->launcher_latch);
}

void request_probe(Oid database)
{
	if (shared == nullptr)
		return;
	bool noted = false;
	for (int i = 0; i < kMaxProbes && !noted; i++)
	{
		uint32 expected = InvalidOid;
		noted = pg_atomic_compare_exchange_u32(&shared->probes[i], &expected, database) || expected == database;
	}
	if (!noted)
		pg_atomic_write_u32(&shared->probe_all, 1);
	wake_launcher();
}

void wake_workers(Oid database, TimestampTz earliest, int items)
{
	// The worker says that it is idle before it looks for the last time, the waker comes after its commit is visible: one of
	// the two sees the other.
	pg_memory_barrier();
	if (earliest > 0)
	{
		// Work to come later: nobody need stir if someone asleep, or someone busy who will look before sleeping, has it.
		for (int i = 0; i < shared->count; i++)
		{
			Slot &slot = shared->slots[i];
			if (slot.database == database && slot.latch != nullptr && pg_atomic_read_u32(&slot.idle) == Idle::idle &&
				static_cast<TimestampTz>(pg_atomic_read_u64(&slot.next_wakeup)) <= earliest)
				return;
		}
		items = 1;
	}
	for (int i = 0; i < shared->count && items > 0; i++)
	{
		Slot &slot = shared->slots[i];
		if (slot.database != database || slot.latch == nullptr || &slot == my_slot ||
			(pg_atomic_read_u32(&slot.idle) == Idle::held && items != queue::kEverybody))
			continue;
		if (pg_atomic_exchange_u32(&slot.idle, Idle::busy) != Idle::busy)
		{
			SetLatch(slot.latch);
			if (items != queue::kEverybody)
				items--;
		}
	}
}

bool has_workers(Oid database)
{
	bool found = false;
	locked(LW_SHARED, [&] {
		for (int i = 0; i < shared->count; i++)
			found = found || (shared->slots[i].database == database && shared->slots[i].pid != 0);
	});
	return found;
}

bool stop_workers(Oid database)
{
	bool noted = false;
	bool found = false;
	locked(LW_EXCLUSIVE, [&] {
		for (Stop &stop : shared->stops)
		{
			if (noted || OidIsValid(stop.database))
				continue;
			stop = Stop{database, MyProcPid, GetCurrentSubTransactionId()};
			noted = true;
		}
		if (!noted)
			return;
		for (int i = 0; i < shared->count; i++)
		{
			Slot &slot = shared->slots[i];
			if (slot.database != database || slot.pid == 0)
				continue;
			slot.is_stopping = true;
			kill(slot.pid, SIGTERM);
			found = true;
		}
	});
	if (!noted)
		ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						errmsg("too many commands that stop bpt workers run at the same time")));
	return found;
}

void allow_workers(SubTransactionId since)
{
	locked(LW_EXCLUSIVE, [&] {
		for (Stop &stop : shared->stops)
			if (OidIsValid(stop.database) && stop.pid == MyProcPid && stop.since >= since)
				stop = Stop{};
	});
	wake_launcher();
}

ItemName name_of(const queue::Item &item)
{
	ItemName name = {};
	name.queue = static_cast<char>(item.queue);
	name.event_slot = item.queue == queue::Queue::event ? item.row.int2(queue_event::slot) : int16{0};
	name.id = item.id;
	name.process_id = item.process_id;
	name.activity_id = item.activity_id;
	return name;
}

void free_item_at_commit()
{
	is_ending_item = true;
}

void register_item_callback()
{
	RegisterXactCallback(bpt_item_transaction_ended, nullptr);
}

bool is_spoken_for(const ItemName &item)
{
	const auto clashes = [&](const ItemName &other) {
		if (other.queue != item.queue)
			return false;
		return other.queue == static_cast<char>(queue::Queue::event) ? other.event_slot == item.event_slot
																	 : other.id == item.id;
	};
	bool found = false;
	locked(LW_SHARED, [&] {
		for (int i = 0; i < shared->count && !found; i++)
		{
			const Slot &slot = shared->slots[i];
			found = (&slot != my_slot && slot.database == MyDatabaseId && clashes(slot.item)) ||
					(shared->lost[i].database == MyDatabaseId && clashes(shared->lost[i].item));
		}
	});
	return found;
}

} // namespace bpt::worker
