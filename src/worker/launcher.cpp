// The launcher: one static process without a database that keeps every database with the extension supplied with workers.
//
// It alone starts workers and never serves a queue. It compares pg_database with the slots and the notes in shared memory
// every few seconds and whenever it is woken: a worker ended, the extension was made somewhere, a command that had workers
// stopped is over. A database that it does not know yet gets one worker, which finds out whether the extension is there.
// It starts after recovery, so a standby runs nothing and begins by itself at promotion; when it is restarted it finds the
// living workers in their slots. Locks: the block's, for moments; ACCESS SHARE on pg_database.
#include "pg/postgres.hpp"

#include "pg/hash.hpp"
#include "pg/settings.hpp"
#include "worker/main.hpp"
#include "worker/slots.hpp"

extern "C" {
#include "catalog/pg_database.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
PGDLLEXPORT void bpt_launcher_main(Datum argument);
}

namespace bpt::worker {

namespace {

constexpr int kRestartSeconds = 5;
constexpr int kSoonMs = 1000;
constexpr int kStartTimeoutMs = 60000;
constexpr int kMostProbes = 4; // databases looked into at the same time

/// A connectable database.
struct Found
{
	Oid oid;
	char name[NAMEDATALEN];
};

MemoryContext launcher_context = nullptr;
HTAB *absent = nullptr;                     // databases known not to have the extension
BackgroundWorkerHandle **handles = nullptr; // by slot; null for workers of an earlier launcher
uint32 *generations = nullptr;              // that the handle is of
bool complained_slots = false;
bool complained_processes = false;

extern "C" void bpt_launcher_ended(int, Datum)
{
	locked(LW_EXCLUSIVE, [] {
		shared->launcher_pid = 0;
		shared->launcher_latch = nullptr;
	});
}

bool is_absent(Oid database)
{
	return hash_search(absent, &database, HASH_FIND, nullptr) != nullptr;
}

/// Takes up what was asked of the launcher since it last looked.
void take_requests()
{
	for (pg_atomic_uint32 &probe : shared->probes)
	{
		const Oid database = pg_atomic_exchange_u32(&probe, InvalidOid);
		if (OidIsValid(database))
			hash_search(absent, &database, HASH_REMOVE, nullptr);
	}
	if (pg_atomic_exchange_u32(&shared->probe_all, 0) != 0)
	{
		HASH_SEQ_STATUS all;
		hash_seq_init(&all, absent);
		while (void *const entry = hash_seq_search(&all))
			hash_search(absent, entry, HASH_REMOVE, nullptr);
	}
}

/// The connectable databases, in the current memory context.
List *connectable_databases()
{
	MemoryContext const result_context = CurrentMemoryContext;
	List *result = NIL;
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	Relation const databases = table_open(DatabaseRelationId, AccessShareLock);
	TableScanDesc const scan = table_beginscan_catalog(databases, 0, nullptr);
	while (HeapTuple const tuple = heap_getnext(scan, ForwardScanDirection))
	{
		auto *const form = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
		if (!form->datallowconn || form->datconnlimit == DATCONNLIMIT_INVALID_DB)
			continue;
		MemoryContext const before = MemoryContextSwitchTo(result_context);
		Found *const found = static_cast<Found *>(palloc0(sizeof(Found)));
		found->oid = form->oid;
		strlcpy(found->name, NameStr(form->datname), NAMEDATALEN);
		result = lappend(result, found);
		MemoryContextSwitchTo(before);
	}
	table_endscan(scan);
	table_close(databases, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(result_context);
	return result;
}

bool contains(const List *databases, Oid oid)
{
	const ListCell *cell = nullptr;
	foreach (cell, databases)
		if (static_cast<const Found *>(lfirst(cell))->oid == oid)
			return true;
	return false;
}

/// Frees slots whose worker never came, and remembers what the ended ones found.
void reap()
{
	const TimestampTz now = GetCurrentTimestamp();
	for (int i = 0; i < shared->count; i++)
	{
		Slot &slot = shared->slots[i];
		bool never_started = false;
		if (handles[i] != nullptr && generations[i] == slot.generation)
		{
			pid_t pid = 0;
			never_started = GetBackgroundWorkerPid(handles[i], &pid) == BGWH_STOPPED;
		}
		locked(LW_EXCLUSIVE, [&] {
			never_started = never_started || TimestampDifferenceExceeds(slot.started, now, kStartTimeoutMs);
			if (slot.state == State::starting && slot.pid == 0 && never_started)
			{
				slot.state = State::free;
				slot.database = InvalidOid;
				slot.generation++;
			}
		});
		Oid without = InvalidOid;
		locked(LW_EXCLUSIVE, [&] {
			if (slot.state == State::free && slot.is_absent)
			{
				without = slot.database;
				slot.is_absent = false;
				slot.database = InvalidOid;
				if (Database *const entry = database_entry(without))
					*entry = Database{};
			}
		});
		if (OidIsValid(without))
			hash_search(absent, &without, HASH_ENTER, nullptr);
	}
}

/// Forgets databases that are gone or no longer connectable.
void forget_gone(const List *databases)
{
	locked(LW_EXCLUSIVE, [&] {
		for (int i = 0; i < shared->count; i++)
		{
			Database &entry = shared->databases[i];
			if (OidIsValid(entry.oid) && !contains(databases, entry.oid))
				entry = Database{};
			Lost &lost = shared->lost[i];
			if (OidIsValid(lost.database) && !contains(databases, lost.database))
			{
				lost = Lost{};
				pg_atomic_fetch_sub_u32(&shared->lost_count, 1);
			}
		}
	});
}

/// The database's entry, made if there is room. Under the lock.
Database *entry_for(Oid database)
{
	if (Database *const entry = database_entry(database))
		return entry;
	Database *const entry = database_entry(InvalidOid);
	if (entry != nullptr)
	{
		*entry = Database{};
		entry->oid = database;
		entry->is_cautious = shared->is_unclean;
		entry->has_lines = true; // until somebody has looked
	}
	return entry;
}

/// How many workers a database should have now; of those it has too many, the excess is told to end. `limit` caps it for
/// the first round, in which every database gets one. Returns how many to start.
int missing(Oid database, int limit, bool *is_probe)
{
	int result = 0;
	*is_probe = false;
	locked(LW_EXCLUSIVE, [&] {
		int wanted = settings::workers;
		const Database *const entry = database_entry(database);
		if (is_stopped(database) || is_absent(database))
			wanted = 0;
		else if (entry == nullptr || !entry->is_present)
		{
			wanted = Min(wanted, 1);
			*is_probe = true;
		}
		else if (entry->is_cautious)
			wanted = Min(wanted, 1);
		int present = 0;
		for (int i = 0; i < shared->count; i++)
		{
			Slot &slot = shared->slots[i];
			if (slot.database != database || slot.state == State::free || slot.is_stopping)
				continue;
			if (++present > wanted)
			{
				slot.is_stopping = true;
				if (slot.latch != nullptr)
					SetLatch(slot.latch);
			}
		}
		if (entry == nullptr || entry->not_before <= GetCurrentTimestamp())
			result = Max(Min(wanted, limit) - present, 0);
	});
	return result;
}

/// What the launcher and the workers have in common for the postmaster, which starts them.
BackgroundWorker background_worker(const char *name, const char *function)
{
	BackgroundWorker worker = {};
	snprintf(worker.bgw_name, BGW_MAXLEN, "%s", name);
	snprintf(worker.bgw_type, BGW_MAXLEN, "%s", name);
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "bpt");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "%s", function);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	return worker;
}

/// Starts one worker. False if there is no room for it now.
bool start_worker(const Found &database)
{
	int index = -1;
	uint32 generation = 0;
	locked(LW_EXCLUSIVE, [&] {
		if (entry_for(database.oid) == nullptr)
			return;
		for (int i = 0; i < shared->count && index < 0; i++)
		{
			Slot &slot = shared->slots[i];
			if (slot.state != State::free || slot.is_absent)
				continue;
			index = i;
			generation = ++slot.generation;
			slot.database = database.oid;
			slot.state = State::starting;
			slot.started = GetCurrentTimestamp();
			slot.since = slot.started;
			slot.is_stopping = false;
			slot.is_ready = false;
			slot.pid = 0;
			slot.latch = nullptr;
			slot.item = ItemName{};
			slot.shown_process = 0;
			slot.shown_activity = 0;
			slot.batch = 0;
			slot.what[0] = '\0';
			pg_atomic_write_u32(&slot.idle, Idle::busy);
			pg_atomic_write_u64(&slot.next_wakeup, 0);
			pg_atomic_write_u64(&slot.steps, 0);
			pg_atomic_write_u64(&slot.errors, 0);
		}
	});
	if (index < 0)
	{
		if (!complained_slots)
			ereport(WARNING, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
							  errmsg("no room for a bpt worker in database \"%s\"", database.name),
							  errhint("You might need to increase bpt.max_workers.")));
		complained_slots = true;
		return false;
	}

	BackgroundWorker worker = background_worker("bpt worker", "bpt_worker_main");
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_notify_pid = MyProcPid;
	worker.bgw_main_arg =
		Int64GetDatum(static_cast<int64>((static_cast<uint64>(generation) << 32) | static_cast<uint32>(index)));

	BackgroundWorkerHandle *handle = nullptr;
	MemoryContext const before = MemoryContextSwitchTo(launcher_context);
	const bool registered = RegisterDynamicBackgroundWorker(&worker, &handle);
	MemoryContextSwitchTo(before);
	if (handles[index] != nullptr)
		pfree(handles[index]);
	handles[index] = handle;
	generations[index] = generation;
	if (registered)
		return true;
	locked(LW_EXCLUSIVE, [&] {
		shared->slots[index].state = State::free;
		shared->slots[index].database = InvalidOid;
	});
	if (!complained_processes)
		ereport(WARNING, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						  errmsg("could not start a bpt worker in database \"%s\"", database.name),
						  errhint("You might need to increase max_worker_processes.")));
	complained_processes = true;
	return false;
}

/// Has one worker end of a database that has several, if there is one, for a database that has none. One at a time: until
/// it has ended, no other is asked to.
void make_room()
{
	locked(LW_EXCLUSIVE, [] {
		Slot *spare = nullptr;
		for (int i = 0; i < shared->count; i++)
		{
			Slot &slot = shared->slots[i];
			if (slot.state == State::free)
				continue;
			if (slot.is_stopping)
				return;
			for (int k = 0; k < i; k++)
				if (shared->slots[k].state != State::free && shared->slots[k].database == slot.database)
					spare = &slot;
		}
		if (spare == nullptr)
			return;
		spare->is_stopping = true;
		if (spare->latch != nullptr)
			SetLatch(spare->latch);
	});
}

/// Starts what is missing: one worker for every database first. Returns false if something has to wait.
bool supply(const List *databases)
{
	bool complete = true;
	int probes = 0;
	for (int round = 0; round < 2; round++)
	{
		const ListCell *cell = nullptr;
		foreach (cell, databases)
		{
			const Found &database = *static_cast<const Found *>(lfirst(cell));
			bool is_probe = false;
			int count = missing(database.oid, round == 0 ? 1 : INT_MAX, &is_probe);
			if (is_probe && count > 0 && ++probes > kMostProbes)
			{
				complete = false;
				continue;
			}
			for (; count > 0; count--)
			{
				if (start_worker(database))
					continue;
				if (round == 0)
					make_room();
				return false;
			}
		}
	}
	if (complete)
	{
		complained_slots = false;
		complained_processes = false;
	}
	return complete;
}

/// True while a database waits for a second try.
bool is_waiting()
{
	bool result = false;
	locked(LW_SHARED, [&] {
		for (int i = 0; i < shared->count; i++)
			result = result || (OidIsValid(shared->databases[i].oid) && shared->databases[i].not_before != 0);
	});
	return result;
}

void start_launcher()
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);

	launcher_context = AllocSetContextCreate(TopMemoryContext, "bpt launcher", ALLOCSET_DEFAULT_SIZES);
	absent = pg::make_table<Oid, Oid>("bpt databases without the extension", 64, launcher_context);
	const auto count = static_cast<Size>(shared->count);
	handles = static_cast<BackgroundWorkerHandle **>(
		MemoryContextAllocZero(launcher_context, count * sizeof(BackgroundWorkerHandle *)));
	generations = static_cast<uint32 *>(MemoryContextAllocZero(launcher_context, count * sizeof(uint32)));

	before_shmem_exit(bpt_launcher_ended, Datum{0});
	locked(LW_EXCLUSIVE, [] {
		shared->launcher_pid = MyProcPid;
		shared->launcher_latch = MyLatch;
		shared->launcher_started = GetCurrentTimestamp();
	});
	pgstat_report_activity(STATE_IDLE, "starts bpt workers");
}

} // namespace

void register_launcher()
{
	BackgroundWorker launcher = background_worker("bpt launcher", "bpt_launcher_main");
	launcher.bgw_restart_time = kRestartSeconds;
	RegisterBackgroundWorker(&launcher);
}

} // namespace bpt::worker

extern "C" void bpt_launcher_main(Datum)
{
	using namespace bpt::worker;
	start_launcher();
	MemoryContext const round_context =
		AllocSetContextCreate(TopMemoryContext, "bpt launcher round", ALLOCSET_DEFAULT_SIZES);
	while (!ShutdownRequestPending)
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		MemoryContextReset(round_context);
		MemoryContextSwitchTo(round_context);
		take_requests();
		reap();
		List *const databases = connectable_databases();
		forget_gone(databases);
		const bool complete = supply(databases);
		const long ms =
			complete && !is_waiting() ? bpt::settings::poll_interval : Min(kSoonMs, bpt::settings::poll_interval);
		WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, PG_WAIT_EXTENSION);
	}
	proc_exit(1);
}
