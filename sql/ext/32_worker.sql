-- Workers: what they are doing, why nothing happens, and doing their work by hand.

CREATE PROCEDURE bpt.run("until" timestamptz DEFAULT NULL)
  LANGUAGE c AS 'MODULE_PATHNAME', 'bpt_run';
COMMENT ON PROCEDURE bpt.run(timestamptz) IS 'Does the work that is due at bpt.now(), and what that makes due, of the processes whose owner the caller is a member of (administrators: of all). With "until" it goes on through time, each item with bpt.now() at the instant at which it is due. Outside a transaction block it commits item by item; within one, each item is done in a subtransaction and nothing is committed.';

CREATE FUNCTION bpt.worker_slots(OUT pid integer, OUT datname name, OUT kind text, OUT state text, OUT process_id bigint,
    OUT activity_id bigint, OUT what text, OUT since timestamptz, OUT started timestamptz, OUT steps bigint,
    OUT errors bigint, OUT next_wakeup timestamptz)
  RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_worker_slots';
COMMENT ON FUNCTION bpt.worker_slots() IS 'Internal: the launcher and the workers of this database; see the view bpt.worker.';

CREATE VIEW bpt.worker WITH (security_barrier) AS
  SELECT pid, datname, kind, state, process_id, activity_id, what, since, started, steps, errors, next_wakeup
  FROM bpt.worker_slots();
COMMENT ON VIEW bpt.worker IS 'The launcher and the workers of this database, for members of bpt_monitor and bpt_admin. Empty where bpt is not preloaded, and on a standby.';
COMMENT ON COLUMN bpt.worker.pid IS 'The process, as in pg_stat_activity.';
COMMENT ON COLUMN bpt.worker.datname IS 'The database it serves; NULL: the launcher.';
COMMENT ON COLUMN bpt.worker.kind IS 'launcher or worker.';
COMMENT ON COLUMN bpt.worker.state IS 'starting, idle, running, ending; held: the database is a copy or bpt.hold() was called; disabled: bpt.enabled is off; outdated: the library does not fit the schema.';
COMMENT ON COLUMN bpt.worker.process_id IS 'The process instance it is working on.';
COMMENT ON COLUMN bpt.worker.activity_id IS 'The activity it is working on.';
COMMENT ON COLUMN bpt.worker.what IS 'What it is doing, in words.';
COMMENT ON COLUMN bpt.worker.since IS 'When it came to be in this state.';
COMMENT ON COLUMN bpt.worker.started IS 'When it was started.';
COMMENT ON COLUMN bpt.worker.steps IS 'Items done since it was started.';
COMMENT ON COLUMN bpt.worker.errors IS 'Items that failed since it was started.';
COMMENT ON COLUMN bpt.worker.next_wakeup IS 'When it will look for work at the latest, while it is idle.';

CREATE FUNCTION bpt.health(OUT check_name text, OUT ok boolean, OUT message text)
  RETURNS SETOF record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_health';
COMMENT ON FUNCTION bpt.health() IS 'Why nothing happens: whether the library is preloaded, the server a standby, work enabled and not held, library and schema of one version, workers there, all definitions valid, and how long due work and transactions have been waiting.';

CREATE FUNCTION bpt.hold() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_hold';
COMMENT ON FUNCTION bpt.hold() IS 'Lets the workers of this database do nothing more until bpt.release(); what they are at they finish. For administrators.';

CREATE FUNCTION bpt.release() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_release';
COMMENT ON FUNCTION bpt.release() IS 'Lets work begin in a database that is held: restored, copied, upgraded, or held by bpt.hold(). Tables, roles and functions that processes refer to are found again by their names where they are others than before. For administrators.';

-- For the install script alone: tells the launcher at commit, and the installer if there is none.
CREATE FUNCTION bpt.installed() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_installed';
COMMENT ON FUNCTION bpt.installed() IS 'Called by CREATE EXTENSION: has the launcher look for this database when it commits.';
SELECT bpt.installed();
