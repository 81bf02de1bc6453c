// Suspending and resuming (suspend.hpp).
#include "pg/postgres.hpp"

#include "engine/children.hpp"
#include "engine/suspend.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"

namespace bpt::engine {

namespace pi = process_instance;
namespace ai = activity_instance;

namespace {

/// When a timer that was held was due.
TimestampTz due_of(const pg::Row &activity, TimerWhat what)
{
	const int column = what == TimerWhat::start_date ? ai::start_date
					   : what == TimerWhat::timeout  ? ai::timeout
													 : ai::next_run;
	return activity.null(column) ? expr::now() : activity.instant(column);
}

/// What has become due meanwhile is due at once.
void let_work_go(int64 process_id)
{
	queue::let_go(process_id, expr::now());
	pg::each("activity_instance", "activity_instance_process", {pg::key(process_id)}, [](const pg::Row &row) {
		if (!is_ended(activity_status(row)))
			queue::let_timers_go(row.int8(ai::id), [&](TimerWhat what) { return due_of(row, what); });
		return true;
	});
}

} // namespace

bool is_suspended(const pg::Row &process)
{
	return process && process_status(process) == ProcessStatus::active && process.boolean(pi::is_suspended);
}

void suspend(int64 process_id)
{
	change_process(process_id, [](pg::Row &row) {
		row.set(pi::is_suspended, BoolGetDatum(true));
		row.set(pi::suspended_date, TimestampTzGetDatum(expr::now()));
		row.set_text(pi::suspended_by, expr::current.user);
	});
	each_child(process_id, [](int64 child) {
		const pg::Row row = lock_process(child);
		if (row && process_status(row) == ProcessStatus::active && !row.boolean(pi::is_suspended))
			suspend(child);
	});
}

void resume(int64 process_id)
{
	change_process(process_id, [](pg::Row &row) {
		row.set(pi::is_suspended, BoolGetDatum(false));
		row.set_null(pi::suspended_date);
		row.set_null(pi::suspended_by);
	});
	let_work_go(process_id);
	each_child(process_id, [](int64 child) {
		const pg::Row row = lock_process(child);
		if (row && is_suspended(row))
			resume(child);
	});
}

bool set_aside(const queue::Item &item)
{
	pg::Row row = in_hand(Kept::process, item.process_id);
	if (!row)
	{
		// Nothing of the instance changes: its row is locked only to keep a resume away.
		row = pg::find("process_instance", "process_instance_pkey", {pg::key(item.process_id)},
					   pg::Lock::no_key_update_skip);
		queue::wake_at_end();
	}
	return row && is_suspended(row) && queue::hold(item);
}

} // namespace bpt::engine
