// What the owner and administrators do to whole processes: suspend, resume, terminate (actions.hpp).
//
// Locks: the instance's process row, then those of its children.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/advance.hpp"
#include "engine/suspend.hpp"
#include "engine/users.hpp"
#include "expr/current.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace pi = process_instance;

namespace {

/// Locks the process for one who may administer it, and reads its row.
pg::Row begin_process_action(int64 process_id, const char *action)
{
	const pg::Row seen = read_process(process_id);
	const int64 process_def_id = seen.int8(pi::process_def_id);
	const bool administers = seen && may_administer(process_def_id);
	if (!seen || !(administers || may_see(process_def_id)))
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("process " INT64_FORMAT " does not exist", process_id)));
	if (!administers)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to %s process " INT64_FORMAT, action, process_id)));
	const pg::Row process = lock_process(process_id);
	if (!process)
		ereport(ERROR, (errcode(kNoSuchObject), errmsg("process " INT64_FORMAT " does not exist", process_id)));
	return process;
}

void require_active(const pg::Row &process)
{
	if (process_status(process) != ProcessStatus::active)
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " has ended as %s", process.int8(pi::id),
													 status_name(process_status(process)))));
}

/// Runs f() as the caller's action on a process.
template <typename F>
void as_process_action(F f)
{
	expr::Current work = expr::current;
	work.user = acting_user();
	expr::with_current(work, f);
}

} // namespace

void suspend_process(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "suspend");
	require_active(process);
	if (process.boolean(pi::is_suspended))
		ereport(ERROR, (errcode(kSuspended), errmsg("process " INT64_FORMAT " is suspended already", process_id)));
	as_process_action([&] { suspend(process_id); });
}

void resume_process(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "resume");
	require_active(process);
	if (!process.boolean(pi::is_suspended))
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " is not suspended", process_id)));
	as_process_action([&] { resume(process_id); });
}

void terminate(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "terminate");
	require_active(process);
	as_process_action([&] { end_as_terminated(instance_of(process)); });
}

void terminate_process(int64 process_id)
{
	const pg::Row process = lock_process(process_id);
	if (process && process_status(process) == ProcessStatus::active)
		end_as_terminated(instance_of(process));
}

} // namespace bpt::engine
