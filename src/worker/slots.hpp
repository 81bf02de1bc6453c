// What workers, launcher and clients share: one slot a worker, one entry a database, requests to the launcher.
//
// All of it is one fixed block of shared memory. Plain fields are read and written under the block's LWLock, atomics
// without. A slot belongs to the launcher while it is free or starting, then to its worker until that has ended. A crash
// restart clears everything.
//
//   free ──launcher registers──▶ starting ──worker attaches──▶ idle ⇄ running, held, disabled, outdated
//    ▲                              │                                     │
//    └──────never started───────────┴──────────────ended──────────────────┘
//
// A worker that ends while it runs an item leaves the item in `lost` (unless it was told to stop): whoever serves the
// database next counts that as a failed attempt, and until then nobody claims the item. If it ends over a batch, nobody
// is charged: for a while the database's items are done one a transaction, so that the one is found that does it again.
#pragma once
#include "queue/work.hpp"

extern "C" {
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
}

namespace bpt::worker {

enum class State : int32
{
	free,
	starting,
	idle,
	running,
	held,     // the database is a copy, or bpt.hold() was called
	disabled, // bpt.enabled is off
	outdated, // library and schema do not fit
};

/// Names an item across processes.
struct ItemName
{
	char queue;       // 0: none
	int16 event_slot; // an event's: no other event of it may be taken meanwhile
	int64 id;
	int64 process_id;
	int64 activity_id;
};

constexpr int kWhatSize = 256;

struct Slot
{
	// Set by the launcher.
	Oid database;
	uint32 generation;
	TimestampTz started;
	State state;
	bool is_stopping; // told to end: what it was doing is not its fault
	// Set by the worker.
	int pid;
	bool is_ready;  // got as far as to look for work
	bool is_absent; // found no extension
	Latch *latch;
	ItemName item;
	int64 shown_process; // what the item has led to by now
	int64 shown_activity;
	int batch;         // items that its transaction has taken, the present one included; 0: this one alone
	TimestampTz since; // of state
	char what[kWhatSize];
	pg_atomic_uint32 idle;        // Idle; taken back by the one who wakes it
	pg_atomic_uint64 next_wakeup; // TimestampTz; 0: unknown
	pg_atomic_uint64 steps;
	pg_atomic_uint64 errors;
};

/// Whom new work wakes: held workers sleep through it, until they are released.
enum Idle : uint32
{
	busy,
	idle,
	held
};

/// An item whose worker ended over it.
struct Lost
{
	Oid database; // InvalidOid: a free entry
	int pid;
	ItemName item;
};

/// A database that has, or may have, the extension.
struct Database
{
	Oid oid; // InvalidOid: a free entry
	bool is_present;
	bool is_cautious;       // after an unclean start: what was due then has not been gone through yet
	bool is_checked;        // lines of bpt.attempt left by earlier starts were dealt with
	bool has_lines;         // bpt.attempt may hold lines
	int alone;              // so many items are to be done one a transaction: a worker ended over a batch
	bool warned;            // that its work is held or does not fit: once is enough
	TimestampTz not_before; // after a worker that could not start
	// For NOTIFY bpt_taskbox (notify.cpp); read and written without the lock: at worst one goes out too many.
	pg_atomic_uint32 tasks_changed;
	pg_atomic_uint64 notified; // TimestampTz
};

/// A backend about to drop, rename, move or copy a database, or to drop the extension: no workers there meanwhile.
struct Stop
{
	Oid database; // InvalidOid: a free entry
	int pid;
	SubTransactionId since;
};

constexpr int kMaxStops = 64;
constexpr int kMaxProbes = 32;

struct Shared
{
	LWLock *lock;
	bool is_unclean; // the server did not shut down cleanly before
	TimestampTz start;
	int count; // of slots, databases and lost items
	int launcher_pid;
	Latch *launcher_latch;
	TimestampTz launcher_started;
	Stop stops[kMaxStops];
	pg_atomic_uint32 probes[kMaxProbes]; // databases in which the extension was just made
	pg_atomic_uint32 probe_all;
	pg_atomic_uint32 lost_count;
	pg_atomic_uint32 event_commits[queue::kEventCounters];
	Database *databases;
	Lost *lost;
	Slot *slots;
};

/// The block; null without preload.
extern Shared *shared;
/// This process's slot; null in all but workers.
extern Slot *my_slot;

/// Requests and makes the shared memory. Called at preload.
void request_shared_memory();

/// Runs f() under the block's lock. f must not raise.
template <typename F>
void locked(LWLockMode mode, F f)
{
	LWLockAcquire(shared->lock, mode);
	f();
	LWLockRelease(shared->lock);
}

/// The database's entry; null if it has none. Under the lock.
Database *database_entry(Oid database);
/// Whether someone wants no workers in the database. Under the lock.
bool is_stopped(Oid database);

/// Wakes the launcher.
void wake_launcher();
/// Asks the launcher to look for the extension in this database. May be called in a commit callback.
void request_probe(Oid database);
/// Wakes idle workers for `items` pieces of work due at `earliest` (queue::on_commit).
void wake_workers(Oid database, TimestampTz earliest, int items);
/// Tells all workers of a database to end; with `pid` of this backend noted until allow_workers(). True if a worker is
/// (or may be) still there.
bool stop_workers(Oid database);
bool has_workers(Oid database);
/// Takes back what this backend stopped, at the end of its transaction or of the subtransaction `since`.
void allow_workers(SubTransactionId since);

ItemName name_of(const queue::Item &item);
/// Has the commit that follows free the name of this worker's item, before those are woken who wait for the commit: or they
/// would have its lock, and leave it as spoken for.
void free_item_at_commit();
/// Once in each worker.
void register_item_callback();
/// True if another worker has the item, or lost it: nobody may claim it now.
bool is_spoken_for(const ItemName &item);

} // namespace bpt::worker
