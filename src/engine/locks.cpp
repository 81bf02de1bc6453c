// Heavyweight object locks on things that have no relation of their own (locks.hpp has the order). They are tagged with
// the oid of bpt.process_def and, in the sub-id, which kind of lock it is.
#include "engine/locks.hpp"

extern "C" {
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "tcop/utility.h"
}

#include "pg/rows.hpp"

namespace bpt::engine {

namespace {

constexpr uint16 kName = 1;
constexpr uint16 kLaunches = 2;
constexpr uint16 kTimerRun = 3;
constexpr uint16 kDeletion = 4;
constexpr uint16 kWaitingRun = 5;
constexpr uint16 kEventLaunches = 6;

/// Takes the lock to the end of the transaction; false if `wait` is not wanted and it is not free.
bool take(uint32 id, uint16 kind, LOCKMODE mode, bool wait)
{
	PreventCommandIfReadOnly("a change of a process");
	LOCKTAG tag;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pg::relation_oid("process_def"), id, kind);
	return LockAcquire(&tag, mode, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

/// The id's half that a lock tag has room for; two processes that share it merely wait for each other.
uint32 launch_key(int64 process_def_id)
{
	return static_cast<uint32>(process_def_id);
}

} // namespace

uint32 name_lock(Oid schema, std::string_view name)
{
	return hash_combine(hash_bytes_uint32(schema), hash_bytes(reinterpret_cast<const unsigned char *>(name.data()),
															  static_cast<int>(name.size())));
}

void lock_names(uint32 *names, int count)
{
	qsort(names, static_cast<size_t>(count), sizeof(uint32), [](const void *a, const void *b) {
		const uint32 x = *static_cast<const uint32 *>(a);
		const uint32 y = *static_cast<const uint32 *>(b);
		return x < y ? -1 : x > y ? 1 : 0;
	});
	for (int i = 0; i < count; i++)
		take(names[i], kName, ExclusiveLock, true);
	AcceptInvalidationMessages();
}

void lock_for_launch(int64 process_def_id)
{
	take(launch_key(process_def_id), kLaunches, ShareLock, true);
}

bool lock_out_launches(int64 process_def_id)
{
	return take(launch_key(process_def_id), kLaunches, ExclusiveLock, false);
}

bool lock_for_event_launch(int64 process_def_id)
{
	const bool is_free = take(launch_key(process_def_id), kEventLaunches, ShareLock, false);
	AcceptInvalidationMessages(); // that it was dropped is to be known
	return is_free;
}

void wait_for_launches(int64 process_def_id)
{
	take(launch_key(process_def_id), kLaunches, ExclusiveLock, true);
	take(launch_key(process_def_id), kEventLaunches, ExclusiveLock, true);
}

bool lock_for_run(int64 timer_id)
{
	return take(static_cast<uint32>(timer_id), kTimerRun, ExclusiveLock, false);
}

bool lock_waiting_run(int64 ready_id)
{
	return take(static_cast<uint32>(ready_id), kWaitingRun, ExclusiveLock, false);
}

bool lock_for_deletion()
{
	return take(0, kDeletion, ExclusiveLock, false);
}

} // namespace bpt::engine
