// The Taskbox API (taskbox.hpp).
//
// Locks: a task's display is changed with the row of its process locked; marks of what was seen keep
// their processes from being deleted, and are not made where one is being deleted.
#include "pg/postgres.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

#include "engine/task.hpp"
#include "engine/taskbox.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace {

constexpr int kLongestInstructions = 500; // characters

/// Runs a statement over the extension's tables as its owner, and f() with its result.
template <typename F>
void as_extension(const char *sql, int count, Oid *types, Datum *values, F f)
{
	pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, [&] {
		pg::with_spi([&] {
			const int result = SPI_execute_with_args(sql, count, types, values, nullptr, false, 0);
			if (result < 0)
				elog(ERROR, "bpt: a statement of the taskbox failed: %s", SPI_result_code_string(result));
			f();
		});
	});
}

pg::Row display_row(int64 activity_id)
{
	return pg::find("task_display", "task_display_pkey", {pg::key(activity_id)});
}

} // namespace

void for_user(const char *user, void (*f)(void *), void *context)
{
	if (strcmp(user, acting_user()) != 0 && !is_proxy() && !is_admin())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to ask for the tasks of user \"%s\"", user),
						errdetail("Only proxies and members of bpt_admin may.")));
	expr::Current work = expr::current;
	work.asked_for = user;
	expr::with_current(work, [&] { f(context); });
}

void mark_as_seen(const char *user)
{
	PreventCommandIfReadOnly("bpt.api_mark_activities_as_seen()");
	for_user(user, [&] {
		Oid type = TEXTOID;
		Datum value = CStringGetTextDatum(user);
		// The end of a task is not waited for: its mark goes with the instance, which is there as long as this is going on.
		as_extension("INSERT INTO bpt.task_seen (activity_id, user_id) SELECT t.activity_id, $1 FROM bpt.taskbox t "
					 "JOIN bpt.process_instance p ON p.id OPERATOR(pg_catalog.=) t.process_id WHERE NOT t.is_seen "
					 "FOR KEY SHARE OF p SKIP LOCKED ON CONFLICT DO NOTHING",
					 1, &type, &value, [] {});
	});
}

int64 opened_after(const char *user, int64 activity_id)
{
	int64 found = 0;
	for_user(user, [&] {
		Oid types[] = {INT8OID};
		Datum values[] = {Int64GetDatum(activity_id)};
		const char *const sql =
			"WITH RECURSIVE before (task, opened, id) AS ("
			"SELECT t.activity_id, t.opened, t.activity_id FROM bpt.taskbox t WHERE t.is_opened "
			"UNION SELECT b.task, b.opened, COALESCE(a.precedent_activity_id, p.parent_activity_id) "
			"FROM before b JOIN bpt.activity_instance a ON a.id OPERATOR(pg_catalog.=) b.id "
			"JOIN bpt.process_instance p ON p.id OPERATOR(pg_catalog.=) a.process_id) "
			"SELECT task FROM before WHERE id OPERATOR(pg_catalog.=) $1 AND task OPERATOR(pg_catalog.<>) $1 "
			"ORDER BY opened DESC, task DESC LIMIT 1";
		as_extension(sql, 1, types, values, [&] {
			bool isnull = true;
			if (SPI_processed > 0)
				found = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
		});
	});
	return found;
}

Display display_of(int64 activity_id)
{
	const Task task = look_at(activity_id);
	require_human(task, "shown");
	Display display;
	const pg::Row row = display_row(activity_id);
	if (row)
	{
		display.hide_done = row.boolean(task_display::hide_done);
		display.hide_release = row.boolean(task_display::hide_release);
		display.instructions = row.text(task_display::custom_instructions);
	}
	return display;
}

void set_display(int64 activity_id, const Display &display)
{
	const int length = display.instructions == nullptr ? 0 : pg_mbstrlen(display.instructions);
	if (length > kLongestInstructions)
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("custom_instructions are too long"),
						errdetail("They have %d characters; %d are allowed.", length, kLongestInstructions)));
	const Task task = begin_action(activity_id);
	require_human(task, "shown");
	require_unfinished(task);
	require_administration(task, "set the visualization of");
	pg::Row row = display_row(activity_id);
	const bool exists = row.found;
	if (!exists)
	{
		row = pg::new_row("task_display");
		row.set(task_display::activity_id, Int64GetDatum(activity_id));
	}
	row.set(task_display::hide_done, BoolGetDatum(display.hide_done));
	row.set(task_display::hide_release, BoolGetDatum(display.hide_release));
	row.set_text(task_display::custom_instructions, display.instructions);
	if (exists)
		pg::update("task_display", row);
	else
		pg::insert("task_display", row);
}

void switch_inbox(bool on)
{
	PreventCommandIfReadOnly(on ? "bpt.inbox_enable_in_server()" : "bpt.inbox_disable_in_server()");
	if (!is_admin())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to switch the taskbox"),
						errdetail("Only members of bpt_admin may.")));
	Oid types[] = {TIMESTAMPTZOID, TEXTOID};
	Datum values[] = {TimestampTzGetDatum(expr::now()), CStringGetTextDatum(acting_user())};
	as_extension(on ? "DELETE FROM bpt.inbox_disabled"
					: "INSERT INTO bpt.inbox_disabled VALUES ($1, $2) ON CONFLICT DO NOTHING",
				 on ? 0 : 2, types, values, [] {});
}

void forget_seen(int64 activity_id)
{
	pg::each("task_seen", "task_seen_pkey", {pg::key(activity_id)}, [](const pg::Row &row) {
		pg::remove("task_seen", row);
		return true;
	});
}

} // namespace bpt::engine
