// Events and listeners that came from another server, in a dump or by an upgrade (worker.hpp).
//
// What they say of transactions means nothing here: an event would never count as done, and which events reach a listener
// could not be told. So all events that are not done become those of the transaction at hand, and each listener is born
// anew, just before the first event that reaches it by what was stored. Events written here since reach every listener.
//
// Locks, waited for: all slots; then the tables of positions ACCESS EXCLUSIVE. Nobody else works on events meanwhile, as the
// database is held.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/rows.hpp"
#include "worker/worker.hpp"

namespace bpt::worker {

namespace {

/// What was written here has the transaction id that it says; of what a dump brought that is the restoring one's.
constexpr const char *kListeners =
	"WITH stored AS MATERIALIZED (SELECT e.id, e.xid, e.slot, e.clauses, e.xmin AS writer FROM bpt.event_0 e "
	"UNION ALL SELECT e.id, e.xid, e.slot, e.clauses, e.xmin FROM bpt.event_1 e "
	"UNION ALL SELECT e.id, e.xid, e.slot, e.clauses, e.xmin FROM bpt.event_2 e "
	"UNION ALL SELECT e.id, e.xid, e.slot, e.clauses, e.xmin FROM bpt.event_3 e), "
	"waiting AS MATERIALIZED (SELECT s.id, s.xid, d.clause, s.id OPERATOR(pg_catalog.>=) "
	"(SELECT min(f.id) FROM stored f WHERE f.writer OPERATOR(pg_catalog.=) f.xid::pg_catalog.xid) AS is_new "
	"FROM stored s CROSS JOIN LATERAL unnest(bpt.event_clauses(s.clauses)) AS d (clause) "
	"WHERE NOT bpt.is_read(s.slot, s.id, s.xid)) "
	"UPDATE bpt.listener AS l SET born = pg_current_snapshot(), born_xid = pg_current_xact_id(), "
	"born_event = COALESCE((SELECT min(w.id) OPERATOR(pg_catalog.-) 1 FROM waiting w "
	"WHERE w.clause OPERATOR(pg_catalog.=) l.event_def_id AND (COALESCE(w.is_new, false) "
	"OR CASE WHEN w.xid OPERATOR(pg_catalog.=) l.born_xid THEN w.id OPERATOR(pg_catalog.>) l.born_event "
	"ELSE NOT pg_visible_in_snapshot(w.xid, l.born) END)), (SELECT last_value FROM bpt.event_id))";

void execute(const char *command)
{
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "bpt: adopting events failed: %s", command);
}

} // namespace

void adopt_events()
{
	const auto adopt = [] {
		execute("SELECT FROM bpt.queue_slot FOR UPDATE");
		execute(kListeners);
		for (const char *const table : {"event_0", "event_1", "event_2", "event_3"})
		{
			execute(psprintf("DELETE FROM bpt.%s WHERE bpt.is_read(slot, id, xid)", table));
			execute(psprintf("UPDATE bpt.%s SET xid = pg_current_xact_id()", table));
		}
		execute("TRUNCATE bpt.position_0, bpt.position_1");
	};
	pg::with_fixed_path([&] {
		pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE,
					[&] { pg::with_latest_snapshot([&] { pg::with_spi(adopt); }); });
	});
}

} // namespace bpt::worker
