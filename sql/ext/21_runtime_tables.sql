-- Instances. No indexed column is ever updated (but the status, by the partial index of live instances), so updates stay
-- HOT. Columns stand by width, the widest first, so that no row pays for padding; what is 0 or false for nearly all rows is
-- NULL there, which costs nothing.
-- src/pg/tables.hpp names the columns by number: keep both in step.

CREATE SEQUENCE bpt.process_id AS bigint;
CREATE SEQUENCE bpt.activity_id AS bigint;
CREATE SEQUENCE bpt.incident_id AS bigint;

CREATE TABLE bpt.process_instance (
  id bigint PRIMARY KEY,
  process_def_id bigint NOT NULL,
  created timestamptz NOT NULL,
  closed timestamptz,
  parent_process_id bigint,
  parent_activity_id bigint,
  top_process_id bigint,               -- NULL: itself
  launched_by_activity_id bigint,
  last_modified timestamptz NOT NULL,
  suspended_date timestamptz,
  entity_id bigint,
  changes bigint,                      -- +1 by every transaction that changes an instance it did not create; NULL: none
  version integer NOT NULL,
  paths integer NOT NULL,              -- live paths of the main flow
  flow_paths integer,                  -- live paths of the flows of conditional starts; NULL: none
  status smallint NOT NULL,            -- 1 active, 2 closed, 3 terminated
  is_suspended boolean NOT NULL,
  label text NOT NULL,
  created_by text,
  last_modified_by text,
  suspended_by text,
  entity_key text,
  inputs jsonb,                        -- variable_def.id → text; a missing key: not set
  outputs jsonb)
  WITH (fillfactor = 75);
-- Live instances. The condition is the expression that bpt.process shows as status, so that readers of `status = 'active'`
-- need no other index.
CREATE INDEX process_instance_live ON bpt.process_instance (process_def_id, version, id)
  WHERE CASE status WHEN 1 THEN CASE WHEN is_suspended THEN 'suspended' ELSE 'active' END
                    WHEN 2 THEN 'closed' ELSE 'terminated' END IN ('active', 'suspended');
CREATE INDEX process_instance_entity ON bpt.process_instance (entity_id, entity_key) WHERE entity_id IS NOT NULL;
-- What process_bulk_delete() and history retention find: top-level instances by their end.
CREATE INDEX process_instance_ended ON bpt.process_instance (process_def_id, closed)
  WHERE closed IS NOT NULL AND parent_process_id IS NULL;
CREATE INDEX process_instance_parent ON bpt.process_instance (parent_process_id) WHERE parent_process_id IS NOT NULL;

CREATE TABLE bpt.activity_instance (
  id bigint PRIMARY KEY,
  process_id bigint NOT NULL,
  activity_def_id bigint NOT NULL,
  created timestamptz NOT NULL,
  ready timestamptz,
  closed timestamptz,
  precedent_activity_id bigint,
  flow_id bigint,                      -- the start of a CONDITIONAL START that began the flow; NULL: the main flow
  start_date timestamptz,
  opened timestamptz,
  due_date timestamptz,
  timeout timestamptz,
  child_process_id bigint,
  started_instant timestamptz,
  last_error_id bigint,
  next_run timestamptz,
  error_count integer,                 -- NULL: none
  refusals integer,                    -- NULL: none
  kind smallint NOT NULL,              -- as activity_def.kind; decision only while in error
  status smallint NOT NULL,            -- bpt.activity_status.code by position, from 1
  stopped_status smallint,
  expired boolean,                     -- NULL: false
  skipped boolean,                     -- NULL: false
  user_id text,
  group_id text,
  opened_by text,
  closed_by text,
  precedent_outcome text,
  started_by text,
  last_refusal text,
  detail text,
  destination text,
  outputs jsonb,                       -- variable_def.id → text; a missing key: not set
  label text,                          -- where LABEL or INSTRUCTIONS are expressions: their values; NULL: as defined
  instructions text,
  pending text,                        -- what an activity in error was doing: statement, ready, close, timeout, …
  predecessors bigint[])               -- of a CONDITIONAL START with AFTER: the latest ended instance of each that it names
  WITH (fillfactor = 75);
CREATE INDEX activity_instance_process ON bpt.activity_instance (process_id, id);
-- The row of a CONDITIONAL START that stands for its listening; its starts have rows of their own.
CREATE INDEX activity_instance_listening ON bpt.activity_instance (process_id, activity_def_id)
  WHERE kind = 1 AND started_instant IS NULL;

-- Open tasks by who may take them: one row for the user (role_id 0), or for the group (role_id -1, user_id its name), or for
-- each role (user_id ''), or for all (0 and '').
CREATE TABLE bpt.task_offer (
  activity_id bigint NOT NULL,
  role_id bigint NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (role_id, user_id, activity_id));
CREATE INDEX task_offer_activity ON bpt.task_offer (activity_id);

-- Who waits for which event clause. hash: of the correlation key's values, 0 where the clause has none.
CREATE TABLE bpt.listener (
  activity_id bigint NOT NULL,
  event_def_id bigint NOT NULL,
  hash integer NOT NULL,
  process_id bigint NOT NULL,
  born pg_snapshot NOT NULL,           -- the latest snapshot at its creation
  born_xid xid8 NOT NULL,              -- the transaction that made it
  born_event bigint NOT NULL,          -- events of that transaction up to this id precede it
  after_event bigint,                  -- made by delivering this event: gets every later one
  PRIMARY KEY (activity_id, event_def_id));
CREATE INDEX listener_hash ON bpt.listener (event_def_id, hash);

CREATE TABLE bpt.incident (
  id bigint PRIMARY KEY,
  instant timestamptz NOT NULL,
  process_id bigint,
  process_def_id bigint,
  activity_id bigint,
  activity_def_id bigint,
  event_id bigint,
  phase text NOT NULL,
  attempt integer NOT NULL,
  sqlstate text NOT NULL,
  message text NOT NULL,
  detail text,
  hint text,
  context text,
  statement text,
  user_id text,
  worker_pid integer,
  next_run timestamptz);
CREATE INDEX incident_process ON bpt.incident (process_id);
-- What is not tried again by itself, for bpt.health().
CREATE INDEX incident_final ON bpt.incident (activity_id) WHERE next_run IS NULL AND activity_id IS NOT NULL;
-- Incidents that fall with no instance: of events, light processes and timers.
CREATE INDEX incident_apart ON bpt.incident (COALESCE(process_def_id, 0), instant) WHERE process_id IS NULL;
