// What the owner and administrators do to whole processes: suspend, resume, restart, terminate, delete
// (actions.hpp).
//
// Locks: the instance's process row, then those of its children.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/advance.hpp"
#include "engine/execute.hpp"
#include "engine/remove.hpp"
#include "engine/restart.hpp"
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

void restart_process(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "restart");
	if (process_status(process) == ProcessStatus::active)
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " has not ended", process_id)));
	if (process_status(process) == ProcessStatus::closed)
		require_active(process);
	if (!process.null(pi::parent_process_id))
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " is part of another", process_id),
						errhint("Restart process " INT64_FORMAT ", and what was stopped with it.",
								process.int8(pi::top_process_id))));
	as_process_action([&] { restart(process); });
}

void terminate(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "terminate");
	require_active(process);
	as_process_action([&] {
		expr::current.by_worker = false;
		const Instance instance = instance_of(process);
		end_as_terminated(instance);
		Advance a = begin_advance(instance);
		go_on_in_parent(a);
	});
}

void delete_process(int64 process_id)
{
	const pg::Row process = begin_process_action(process_id, "delete");
	if (process_status(process) == ProcessStatus::active)
		ereport(ERROR, (errcode(kWrongState), errmsg("process " INT64_FORMAT " has not ended", process_id)));
	if (!process.null(pi::parent_process_id))
		ereport(ERROR,
				(errcode(kWrongState), errmsg("process " INT64_FORMAT " is part of another", process_id),
				 errhint("Delete process " INT64_FORMAT ", and this one with it.", process.int8(pi::top_process_id))));
	// Who marks its tasks as seen is waited for here, so that the marks go with it.
	pg::find("process_instance", "process_instance_pkey", {pg::key(process_id)}, pg::Lock::update);
	if (!remove_instance(process))
		ereport(ERROR, (errcode(kWrongState),
						errmsg("a process that process " INT64_FORMAT " has executed has not ended", process_id)));
}

bool delete_processes(TimestampTz older_than, int64 process_def_id, int64 most)
{
	Deletion deletion{most};
	int incidents = 0;
	const auto delete_apart = [&](int64 id) {
		if (!deletion.has_more)
			incidents += delete_incidents(id, older_than, most == 0 ? INT_MAX : kMostIncidents - incidents);
		deletion.has_more = deletion.has_more || (most != 0 && incidents == kMostIncidents);
	};
	const auto delete_of = [&](int64 id) {
		TimestampTz from = DT_NOBEGIN;
		delete_ended(deletion, id, older_than, &from);
		delete_apart(id);
	};
	if (process_def_id != 0)
	{
		if (!may_administer(process_def_id))
		{
			if (!may_see(process_def_id))
				ereport(ERROR, (errcode(kNoSuchObject),
								errmsg("process definition " INT64_FORMAT " does not exist", process_def_id)));
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("permission denied for process definition " INT64_FORMAT, process_def_id)));
		}
		if (!pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)}))
			ereport(ERROR, (errcode(kNoSuchObject),
							errmsg("process definition " INT64_FORMAT " does not exist", process_def_id)));
		delete_of(process_def_id);
		return deletion.has_more;
	}
	pg::each("process_def", "process_def_pkey", {}, [&](const pg::Row &row) {
		const int64 id = row.int8(process_def::id);
		if (may_administer(id))
			delete_of(id);
		return !deletion.has_more;
	});
	if (is_admin())
		delete_apart(0);
	return deletion.has_more;
}

void terminate_process(int64 process_id)
{
	const pg::Row process = lock_process(process_id);
	if (!process || process_status(process) != ProcessStatus::active)
		return;
	end_as_terminated(instance_of(process));
	leave_to_parent(process_id);
}

} // namespace bpt::engine
