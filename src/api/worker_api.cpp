// SQL's shells of the worker room: bpt.run(), bpt.worker_slots(), bpt.health(), bpt.hold(), bpt.release(), and what the
// install script calls at its end. Locks: the shared block's, for moments.
#include "pg/postgres.hpp"

#include "engine/users.hpp"
#include "pg/bracket.hpp"
#include "pg/rows.hpp"
#include "pg/settings.hpp"
#include "worker/home.hpp"
#include "worker/main.hpp"
#include "worker/run.hpp"
#include "worker/session.hpp"
#include "worker/slots.hpp"
#include "worker/worker.hpp"

extern "C" {
#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "nodes/parsenodes.h"
}

namespace bpt {

namespace {

const char *state_name(worker::State state)
{
	switch (state)
	{
	case worker::State::starting:
		return "starting";
	case worker::State::idle:
		return "idle";
	case worker::State::running:
		return "running";
	case worker::State::held:
		return "held";
	case worker::State::disabled:
		return "disabled";
	case worker::State::outdated:
		return "outdated";
	case worker::State::free:
		break;
	}
	return "ended";
}

/// One row of bpt.worker_slots(), column by column.
struct Columns
{
	Datum values[13];
	bool nulls[13];
	int count = 0;
	void add(Datum value, bool isnull = false)
	{
		values[count] = value;
		nulls[count++] = isnull;
	}
};

void add_row(const ReturnSetInfo *result, Columns &columns)
{
	tuplestore_putvalues(result->setResult, result->setDesc, columns.values, columns.nulls);
}

void add_id(Columns &columns, int64 id)
{
	columns.add(Int64GetDatum(id), id <= 0); // below 0: a timer's
}

void add_instant(Columns &columns, TimestampTz instant)
{
	columns.add(TimestampTzGetDatum(instant), instant == 0 || instant == PG_INT64_MAX);
}

void add_launcher(const ReturnSetInfo *result, int pid, TimestampTz started)
{
	if (pid == 0)
		return;
	Columns columns;
	columns.add(Int32GetDatum(pid));
	columns.add(Datum{0}, true);
	columns.add(CStringGetTextDatum("launcher"));
	columns.add(CStringGetTextDatum("running"));
	for (int i = 0; i < 3; i++)
		columns.add(Datum{0}, true);
	add_instant(columns, started);
	add_instant(columns, started);
	for (int i = 0; i < 3; i++)
		columns.add(Datum{0}, true);
	add_row(result, columns);
}

void add_worker(const ReturnSetInfo *result, const worker::Slot &slot, const char *database)
{
	Columns columns;
	columns.add(Int32GetDatum(slot.pid), slot.pid == 0);
	columns.add(DirectFunctionCall1(namein, CStringGetDatum(database)));
	columns.add(CStringGetTextDatum("worker"));
	columns.add(CStringGetTextDatum(slot.is_stopping ? "ending" : state_name(slot.state)));
	add_id(columns, slot.shown_process);
	add_id(columns, slot.shown_activity);
	columns.add(CStringGetTextDatum(slot.what), slot.what[0] == '\0');
	add_instant(columns, slot.since);
	add_instant(columns, slot.started);
	columns.add(Int64GetDatum(static_cast<int64>(pg_atomic_read_u64(const_cast<pg_atomic_uint64 *>(&slot.steps)))));
	columns.add(Int64GetDatum(static_cast<int64>(pg_atomic_read_u64(const_cast<pg_atomic_uint64 *>(&slot.errors)))));
	add_instant(columns,
				slot.state == worker::State::idle
					? static_cast<TimestampTz>(pg_atomic_read_u64(const_cast<pg_atomic_uint64 *>(&slot.next_wakeup)))
					: 0);
	add_row(result, columns);
}

/// Adds one row to bpt.health().
void check(const ReturnSetInfo *result, const char *name, bool ok, const char *message)
{
	Datum values[] = {CStringGetTextDatum(name), BoolGetDatum(ok), CStringGetTextDatum(message)};
	bool nulls[] = {false, false, false};
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/// The one value of a query, as text in the current memory context; null if it is NULL or there is none.
char *ask(const char *query)
{
	MemoryContext const outer = CurrentMemoryContext;
	char *answer = nullptr;
	pg::with_spi([&] {
		if (SPI_execute(query, true, 1) != SPI_OK_SELECT || SPI_processed > 1)
			elog(ERROR, "bpt: a health query failed");
		const char *const value =
			SPI_processed == 0 ? nullptr : SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		if (value != nullptr)
			answer = MemoryContextStrdup(outer, value);
	});
	return answer;
}

void check_server(const ReturnSetInfo *result)
{
	const bool preloaded = worker::shared != nullptr;
	check(result, "preload", preloaded,
		  preloaded ? "the library is preloaded"
					: "bpt is not in shared_preload_libraries: there are no workers, only bpt.run() does work");
	const bool standby = RecoveryInProgress();
	check(result, "standby", !standby,
		  standby ? "the server is a standby: work begins when it is promoted" : "the server is not a standby");
	check(result, "enabled", settings::enabled,
		  settings::enabled ? "bpt.enabled is on" : "bpt.enabled is off: workers do nothing");
	const bool held = worker::find_home() == worker::Home::held;
	check(result, "held", !held,
		  held ? "work is held: bpt.hold() was called, or the database is a copy; bpt.release() lets it begin"
			   : "work is not held");
	const worker::Installed installed = worker::find_installed();
	const char *const version = installed.version;
	const bool fits = installed.schema == worker::Schema::fits;
	check(result, "version", fits,
		  fits ? psprintf("schema and library are of version %s", version)
			   : psprintf("the library works with schema version %s, version %s is installed", worker::kSchemaVersion,
						  version != nullptr ? version : "none"));
}

void check_workers(const ReturnSetInfo *result)
{
	int ready = 0;
	bool launcher = false;
	if (worker::shared != nullptr)
		worker::locked(LW_SHARED, [&] {
			launcher = worker::shared->launcher_pid != 0;
			for (int i = 0; i < worker::shared->count; i++)
			{
				const worker::Slot &slot = worker::shared->slots[i];
				ready += slot.database == MyDatabaseId && slot.pid != 0 && slot.is_ready && !slot.is_stopping ? 1 : 0;
			}
		});
	check(result, "workers", ready > 0,
		  ready == 1  ? "1 worker serves this database"
		  : ready > 0 ? psprintf("%d workers serve this database", ready)
		  : !launcher ? "no worker serves this database and no launcher runs"
					  : psprintf("no worker serves this database: bpt.workers is %d, bpt.max_workers %d, "
								 "max_worker_processes %d",
								 settings::workers, settings::max_workers, max_worker_processes));
}

void check_work(const ReturnSetInfo *result)
{
	const char *const invalid = ask("SELECT pg_catalog.string_agg(DISTINCT v.process, ', ') "
									"FROM bpt.validate() v WHERE v.severity = 'error'");
	check(result, "definitions", invalid == nullptr,
		  invalid == nullptr ? "all current definitions are valid"
							 : psprintf("invalid definitions, see bpt.validate(): %s", invalid));
	const char *const waiting =
		ask("SELECT pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - "
			"pg_catalog.min(w.since))::pg_catalog.text "
			"FROM (SELECT pg_catalog.min(created) AS since FROM bpt.queue_event "
			"UNION ALL SELECT pg_catalog.min(next_run) FROM bpt.queue_delivery WHERE status <> 3 "
			"UNION ALL SELECT pg_catalog.min(due) FROM bpt.queue_timer "
			"UNION ALL SELECT pg_catalog.min(next_run) FROM bpt.email_message WHERE status = 1 "
			"AND EXISTS (SELECT FROM bpt.email_server) "
			"UNION ALL SELECT pg_catalog.min(a.ready) FROM bpt.queue_ready r "
			"JOIN bpt.activity_instance a ON a.id = r.activity_id) w "
			"WHERE w.since < pg_catalog.clock_timestamp() - INTERVAL '1 minute'");
	check(result, "ready_work", waiting == nullptr,
		  waiting == nullptr ? "no work has been waiting for more than a minute"
							 : psprintf("the oldest work that is due has been waiting for %s", waiting));
	const char *const unsent =
		ask("SELECT pg_catalog.count(*)::pg_catalog.text FROM bpt.email_message WHERE status = 1 "
			"HAVING pg_catalog.count(*) > 0 AND NOT EXISTS (SELECT FROM bpt.email_server)");
	check(result, "email", unsent == nullptr,
		  unsent == nullptr ? "no message waits for a mail server"
							: psprintf("%s messages wait until bpt.email_server names a mail server", unsent));
	const char *const failed =
		ask("SELECT pg_catalog.string_agg(f.what, ', ' ORDER BY f.place) "
			"FROM (SELECT 1 AS place, pg_catalog.count(*) || ' activities' AS what FROM bpt.activity_instance a "
			"WHERE a.status = 6 AND a.id IN (SELECT i.activity_id FROM bpt.incident i "
			"WHERE i.next_run IS NULL AND i.activity_id IS NOT NULL) HAVING pg_catalog.count(*) > 0 "
			"UNION ALL SELECT 2, pg_catalog.count(*) || ' events' FROM bpt.queue_delivery d "
			"WHERE d.status = 3 AND d.process_id = 0 HAVING pg_catalog.count(*) > 0 "
			"UNION ALL SELECT 3, pg_catalog.count(*) || ' messages' FROM bpt.email_message m "
			"WHERE m.status = 3 AND m.activity_id IN (SELECT i.activity_id FROM bpt.incident i "
			"WHERE i.next_run IS NULL AND i.activity_id IS NOT NULL) HAVING pg_catalog.count(*) > 0) f");
	check(result, "failed", failed == nullptr,
		  failed == nullptr ? "nothing has failed for good"
							: psprintf("failed, and not tried again by itself: %s; see bpt.error_log", failed));
	// Deletion is late where something is an hour older than it should become.
	const char *const kept = ask(
		psprintf("SELECT pg_catalog.string_agg(d.name || ' (by ' || "
				 "pg_catalog.date_trunc('hour', pg_catalog.clock_timestamp() - r.keep - oldest.closed) || ')', ', ' "
				 "ORDER BY d.id) FROM bpt.process_def d, LATERAL (SELECT COALESCE(d.history_retention, "
				 "CASE WHEN %d >= 0 THEN pg_catalog.make_interval(secs => %d) END) AS keep) r, LATERAL ("
				 "SELECT p.closed FROM bpt.process_instance p WHERE p.process_def_id = d.id AND p.closed IS NOT NULL "
				 "AND p.parent_process_id IS NULL ORDER BY p.closed LIMIT 1) oldest "
				 "WHERE oldest.closed < pg_catalog.clock_timestamp() - INTERVAL '1 hour' - r.keep",
				 settings::history_retention, settings::history_retention));
	check(result, "history", kept == nullptr,
		  kept == nullptr ? "no history is kept much longer than it should be"
						  : psprintf("history is kept more than an hour longer than it should be, of: %s", kept));
	const char *const old =
		ask("SELECT pg_catalog.string_agg(a.pid::pg_catalog.text, ', ' ORDER BY a.xact_start) "
			"FROM pg_catalog.pg_stat_activity a "
			"WHERE a.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) "
			"AND a.xact_start < pg_catalog.clock_timestamp() - INTERVAL '1 hour' AND a.backend_xmin IS NOT NULL");
	check(result, "long_transactions", old == nullptr,
		  old == nullptr ? "no transaction has been open for more than an hour"
						 : psprintf("transactions open for more than an hour keep dead rows alive: pid %s", old));
}

} // namespace

BPT_FUNCTION(bpt_run)
{
	const bool may_commit = fcinfo->context != nullptr && IsA(fcinfo->context, CallContext) &&
							!reinterpret_cast<CallContext *>(fcinfo->context)->atomic;
	const bool has_until = !PG_ARGISNULL(0);
	worker::run(may_commit, has_until, has_until ? PG_GETARG_TIMESTAMPTZ(0) : 0);
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_worker_slots)
{
	InitMaterializedSRF(fcinfo, 0);
	const auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	if (worker::shared == nullptr || !engine::may_see(int64{0}))
		return Datum{0};
	const int count = worker::shared->count;
	auto *const slots = static_cast<worker::Slot *>(palloc(sizeof(worker::Slot) * static_cast<Size>(count)));
	int launcher_pid = 0;
	TimestampTz launcher_started = 0;
	worker::locked(LW_SHARED, [&] {
		launcher_pid = worker::shared->launcher_pid;
		launcher_started = worker::shared->launcher_started;
		memcpy(static_cast<void *>(slots), worker::shared->slots, sizeof(worker::Slot) * static_cast<Size>(count));
	});
	add_launcher(result, launcher_pid, launcher_started);
	const char *const database = get_database_name(MyDatabaseId);
	for (int i = 0; i < count; i++)
		if (slots[i].database == MyDatabaseId && slots[i].state != worker::State::free)
			add_worker(result, slots[i], database);
	return Datum{0};
}

BPT_FUNCTION(bpt_health)
{
	InitMaterializedSRF(fcinfo, 0);
	const auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	const auto check_all = [&] {
		check_server(result);
		check_workers(result);
		check_work(result);
	};
	pg::with_fixed_path([&] { pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, check_all); });
	return Datum{0};
}

BPT_FUNCTION(bpt_hold)
{
	worker::hold();
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_release)
{
	worker::release();
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_installed)
{
	worker::probe_at_commit();
	if (worker::shared != nullptr)
		PG_RETURN_VOID();
	// CREATE EXTENSION hides notices of its script; this one is for whoever calls it.
	const int settings_level = NewGUCNestLevel();
	if (client_min_messages == WARNING)
		set_config_option("client_min_messages", "notice", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	ereport(NOTICE,
			(errmsg("no workers will run: bpt is not in shared_preload_libraries"),
			 errhint("Add bpt to shared_preload_libraries in postgresql.conf and restart the server. Until then "
					 "CALL bpt.run() does the work that is due.")));
	AtEOXact_GUC(true, settings_level);
	PG_RETURN_VOID();
}

} // namespace bpt
