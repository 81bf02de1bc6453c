-- Timers: statements that run by a schedule. Their ids are from bpt.definition_id, so that they never are a process's.
-- src/pg/tables.hpp names the columns by number: keep both in step.

CREATE TABLE bpt.timer_def (
  id bigint PRIMARY KEY,
  schema_oid oid NOT NULL,
  schema_name text NOT NULL,
  name text NOT NULL,
  definition text NOT NULL,            -- this timer's own text
  search_path text NOT NULL,
  schedule text NOT NULL,              -- that of the text, unless bpt.set_timer_schedule() has set another
  time_zone text NOT NULL,             -- of the schedule, or of the session that gave it
  priority smallint NOT NULL,          -- 0 low, 1 normal, 2 high
  time_limit interval NOT NULL,
  is_active boolean NOT NULL,
  created timestamptz NOT NULL,
  published timestamptz NOT NULL,
  published_by text NOT NULL,
  last_owner bigint,                   -- of a dropped timer: bpt.role_ref of its owner
  ready_id bigint);                    -- the last row of bpt.queue_ready for a run: while it waits, another would be one too many
CREATE UNIQUE INDEX timer_def_by_schema ON bpt.timer_def (schema_oid, name) WHERE is_active;
CREATE INDEX timer_def_by_name ON bpt.timer_def (schema_name, name) WHERE is_active;

CREATE SEQUENCE bpt.timer_run_id AS bigint;
CREATE TABLE bpt.timer_history (
  id bigint PRIMARY KEY,
  timer_def_id bigint NOT NULL,
  scheduled timestamptz NOT NULL,
  started timestamptz NOT NULL,
  ended timestamptz NOT NULL,
  attempt smallint NOT NULL,           -- which one in a row; 1 after a run that succeeded
  incident_id bigint);                 -- NULL: it succeeded
-- Backwards, so that the last runs are found first.
CREATE UNIQUE INDEX timer_history_last ON bpt.timer_history (timer_def_id, id DESC);
