-- Timers. Names resolve along the caller's search_path, so none is set here; rights are checked inside.

CREATE FUNCTION bpt.wake_timer(timer text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_wake_timer';
COMMENT ON FUNCTION bpt.wake_timer(text) IS 'Runs a timer once as soon as the transaction has committed, or when its present run has ended; its schedule goes on. Wakes that wait for one run are one. Needs EXECUTE on wake_<timer>, or bpt_admin. Errors: WF004 no such timer, 42501.';

CREATE FUNCTION bpt.set_timer_schedule(timer text, schedule text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_set_timer_schedule';
COMMENT ON FUNCTION bpt.set_timer_schedule(text, text) IS 'Gives a timer another schedule from now on; without a time zone it goes by that of the session. It lasts until a text with another SCHEDULE is published. For the timer''s owner and administrators. Errors: 22023 no schedule, WF004, 42501.';

CREATE FUNCTION bpt.drop_timer(timer text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_drop_timer';
COMMENT ON FUNCTION bpt.drop_timer(text) IS 'Drops a timer: it runs no more, its function goes, its name is free. A run in progress goes on to its end; the history stays. For the timer''s owner and administrators. Errors: WF004, 42501.';

CREATE FUNCTION bpt.timer_running_since(timer_id bigint) RETURNS timestamptz
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_timer_running_since';
COMMENT ON FUNCTION bpt.timer_running_since(bigint) IS 'Internal: since when a worker has been running this timer; NULL if none is.';

CREATE VIEW bpt.timer WITH (security_barrier) AS
  SELECT
    t.id,
    COALESCE(n.nspname::text COLLATE "default", t.schema_name) AS schema_name,
    t.name,
    t.schedule,
    CASE t.priority WHEN 0 THEN 'low' WHEN 2 THEN 'high' ELSE 'normal' END AS priority,
    t.time_limit,
    o.rolname::text COLLATE "default" AS owner,
    t.is_active,
    (SELECT r.started FROM bpt.timer_history r WHERE r.timer_def_id = t.id ORDER BY r.id DESC LIMIT 1) AS last_run,
    (SELECT min(q.due) FROM bpt.queue_timer q WHERE q.activity_id = -t.id) AS next_run,
    bpt.timer_running_since(t.id) AS running_since,
    t.time_zone,
    t.definition
  FROM bpt.timer_def t
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.schema_oid
  LEFT JOIN pg_catalog.pg_roles o ON o.oid = bpt.process_owner(t.id)
  WHERE bpt.may_see(t.id);
COMMENT ON VIEW bpt.timer IS 'Published timers. Readable by members of the owner, of bpt_monitor and of bpt_admin.';
COMMENT ON COLUMN bpt.timer.id IS 'Stays the same over changes and renames (WAS). No process has it.';
COMMENT ON COLUMN bpt.timer.schema_name IS 'The schema that the timer lives in.';
COMMENT ON COLUMN bpt.timer.name IS 'Its name, unique in the schema among active timers.';
COMMENT ON COLUMN bpt.timer.schedule IS 'SCHEDULE, or what bpt.set_timer_schedule() has set since.';
COMMENT ON COLUMN bpt.timer.priority IS 'low, normal or high.';
COMMENT ON COLUMN bpt.timer.time_limit IS 'How long a run may take (TIME LIMIT).';
COMMENT ON COLUMN bpt.timer.owner IS 'The role that owns the wake function, of a dropped timer the one that did; NULL if it is gone.';
COMMENT ON COLUMN bpt.timer.is_active IS 'False after bpt.drop_timer().';
COMMENT ON COLUMN bpt.timer.last_run IS 'When its last run began that has ended.';
COMMENT ON COLUMN bpt.timer.next_run IS 'When it runs next, by its schedule, woken, or once more after a failure; NULL: not by itself.';
COMMENT ON COLUMN bpt.timer.running_since IS 'When the run began that a worker is at.';
COMMENT ON COLUMN bpt.timer.time_zone IS 'The time zone of the schedule: written in it, or that of the session that gave it.';
COMMENT ON COLUMN bpt.timer.definition IS 'The text that was published.';

CREATE VIEW bpt.timer_run WITH (security_barrier) AS
  SELECT
    r.id,
    r.timer_def_id AS timer_id,
    r.scheduled,
    r.started,
    r.ended,
    CASE WHEN r.incident_id IS NULL THEN 'succeeded' ELSE 'failed' END AS status,
    r.incident_id AS last_error_id
  FROM bpt.timer_history r
  JOIN bpt.timer_def t ON t.id = r.timer_def_id
  WHERE bpt.may_see(t.id);
COMMENT ON VIEW bpt.timer_run IS 'What timers have done: the last bpt.timer_history runs of each. Readable as bpt.timer is.';
COMMENT ON COLUMN bpt.timer_run.id IS 'Runs of one timer count up.';
COMMENT ON COLUMN bpt.timer_run.timer_id IS 'The timer, see bpt.timer.';
COMMENT ON COLUMN bpt.timer_run.scheduled IS 'When it was due. Missed runs have become one: then the first of them.';
COMMENT ON COLUMN bpt.timer_run.started IS 'When it began; when it was due, where whoever ran it ended over it.';
COMMENT ON COLUMN bpt.timer_run.ended IS 'When it ended.';
COMMENT ON COLUMN bpt.timer_run.status IS 'succeeded or failed.';
COMMENT ON COLUMN bpt.timer_run.last_error_id IS 'What made it fail, see bpt.error_log.';
