-- Queues: to be in one is to be to do. Rows are inserted and deleted (those of events are not even that); where work flows
-- freely only those of bpt.queue_ready are updated, no column of an index, as an instance goes on in its place.
-- src/pg/tables.hpp names the columns by number: keep both in step.

-- Row changes that a clause's row condition let through, in the order in which they happened. The tables are filled by
-- turns, a stretch of ids each; their rows are never updated nor deleted: a table all of whose events are done is truncated.
-- A number names a row, the ones up to the next the changes that share it.
CREATE SEQUENCE bpt.event_id AS bigint INCREMENT BY 16 START WITH 16 CACHE 1;
CREATE TABLE bpt.event_0 (
  id bigint PRIMARY KEY,
  xid xid8 NOT NULL,                   -- its top-level transaction
  entity_id bigint NOT NULL,
  created timestamptz NOT NULL,
  slot smallint NOT NULL,              -- by hash of entity and key: events of one slot are delivered in order
  operation "char" NOT NULL,           -- I, U
  untested boolean NOT NULL,           -- the row conditions could not be tested in the trigger
  clauses bytea NOT NULL,              -- the clauses that it may concern, packed: see bpt.event_clauses()
  key text NOT NULL,
  payload jsonb,                       -- {"new": {column: text}, "old": …}: what the conditions and WITH read; of a whole
                                       -- row also "columns": {number: column}, of a table without a key "key": null
  more bytea)                          -- further changes by the same statement: see bpt.event_changes()
  WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE bpt.event_1 (LIKE bpt.event_0 INCLUDING ALL) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE bpt.event_2 (LIKE bpt.event_0 INCLUDING ALL) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE bpt.event_3 (LIKE bpt.event_0 INCLUDING ALL) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
-- Who delivers events of a slot holds its row's lock.
CREATE TABLE bpt.queue_slot (slot smallint PRIMARY KEY);
INSERT INTO bpt.queue_slot SELECT generate_series(0, 63);

-- How far the events of a slot are done: its row with the highest seq says it. Filled and truncated by turns as well.
-- Done are: the events of transactions that `finished` sees; of those that `opened` sees, the ones up to id `done`; and the
-- ones in `apart`.
CREATE SEQUENCE bpt.position_id AS bigint;
CREATE TABLE bpt.position_0 (
  slot smallint NOT NULL,
  seq bigint NOT NULL,
  finished pg_snapshot,
  opened pg_snapshot,
  bound bigint NOT NULL,               -- what `opened` sees has lower ids
  done bigint NOT NULL,
  apart bigint[])
  WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE UNIQUE INDEX position_0_slot ON bpt.position_0 (slot, seq DESC);
CREATE TABLE bpt.position_1 (LIKE bpt.position_0 INCLUDING STORAGE) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE UNIQUE INDEX position_1_slot ON bpt.position_1 (slot, seq DESC);

-- An event for one listener or launch that could not be handled with its event: the instance was locked, there are
-- several targets, or handling failed. Deliveries of one instance are handled in order of id.
CREATE SEQUENCE bpt.delivery_id AS bigint;
CREATE TABLE bpt.queue_delivery (
  id bigint PRIMARY KEY,
  event_id bigint NOT NULL,
  xid xid8 NOT NULL,
  entity_id bigint NOT NULL,
  operation "char" NOT NULL,
  key text NOT NULL,
  payload jsonb,
  created timestamptz NOT NULL,
  event_def_id bigint NOT NULL,
  version integer NOT NULL,            -- of the definition that the trigger saw
  untested boolean NOT NULL,
  process_id bigint NOT NULL,          -- 0: a launch
  activity_id bigint NOT NULL,         -- 0: a launch
  status smallint NOT NULL,            -- 1 waiting, 2 retrying, 3 failed, 4 held: its process is suspended
  error_count integer NOT NULL,
  last_error_id bigint,
  next_run timestamptz NOT NULL);
CREATE INDEX queue_delivery_due ON bpt.queue_delivery (next_run, id);
CREATE INDEX queue_delivery_event ON bpt.queue_delivery (event_id);
CREATE INDEX queue_delivery_process ON bpt.queue_delivery (process_id, id);

CREATE SEQUENCE bpt.ready_id AS bigint;
CREATE TABLE bpt.queue_ready (
  id bigint PRIMARY KEY,
  rank smallint NOT NULL,              -- 0 high, 1 normal, 2 low priority
  process_id bigint NOT NULL,
  activity_id bigint NOT NULL,         -- 0: of the process itself; of a TIMER: process 0 and minus the timer's id
  what smallint NOT NULL,              -- 1 run the automatic activity, 2 second look of OR ALREADY, 3 go on after a long advance,
                                       -- 4 start an EXECUTE's process, 5 go on as that has ended, 6 run a TIMER
  argument jsonb)                      -- what 3 goes on with; of 4 the inputs; of 6 when the run was due
  WITH (fillfactor = 90);
CREATE INDEX queue_ready_order ON bpt.queue_ready (rank, id);

-- Ready work of suspended processes, column by column as in bpt.queue_ready.
CREATE TABLE bpt.queue_held (
  id bigint PRIMARY KEY,
  rank smallint NOT NULL,
  process_id bigint NOT NULL,
  activity_id bigint NOT NULL,
  what smallint NOT NULL,
  argument jsonb);
CREATE INDEX queue_held_process ON bpt.queue_held (process_id, id);

CREATE SEQUENCE bpt.timer_id AS bigint;
CREATE TABLE bpt.queue_timer (
  id bigint PRIMARY KEY,
  due timestamptz NOT NULL,            -- infinity: held, its process is suspended
  process_id bigint NOT NULL,
  activity_id bigint NOT NULL,         -- of a TIMER: process 0 and minus the timer's id
  what smallint NOT NULL);             -- 1 start date, 2 timeout, 3 retry; of a TIMER: 4 by its schedule, 5 woken or retried
CREATE INDEX queue_timer_due ON bpt.queue_timer (due, id);
CREATE INDEX queue_timer_activity ON bpt.queue_timer (activity_id);

-- After an unclean start: the item about to be run, committed before it is.
CREATE TABLE bpt.attempt (
  queue "char" NOT NULL,               -- e event, d delivery, r ready, t timer
  item_id bigint NOT NULL,
  process_id bigint,
  activity_id bigint,
  started timestamptz NOT NULL,
  crashes integer NOT NULL,
  PRIMARY KEY (queue, item_id));
