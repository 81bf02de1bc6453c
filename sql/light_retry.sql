-- Light events that fail: tried again alone by the AUTOMATIC's rule, parked when its times are used up, retried, discarded.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE SCHEMA light_retry;
SET search_path = light_retry;
CREATE TABLE item (id bigint PRIMARY KEY, what text);
CREATE TABLE mode (how text);
INSERT INTO mode VALUES ('fail');
CREATE TABLE done (n int GENERATED ALWAYS AS IDENTITY, what text, event bigint);
CREATE FUNCTION work(id bigint, what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO done (what, event) VALUES (what, bpt.event_id());
  IF what = 'bad' AND (SELECT how FROM mode) = 'fail' THEN
    RAISE 'no luck with %', id USING ERRCODE = 'P0042', DETAIL = 'The machine is warm.', HINT = 'Open a window.';
  END IF;
  RETURN what || '!';
END $$;
CREATE FUNCTION queue() RETURNS TABLE (item text, is_light boolean, status text, error_count int, next_run timestamptz, has_error boolean)
  LANGUAGE sql AS $$
  SELECT data_id, is_light, status, error_count, next_run, last_error_id = (SELECT max(id) FROM bpt.error_log e WHERE e.event_id = q.id)
  FROM bpt.event_queue q ORDER BY q.id
$$;
CREATE FUNCTION failed_event() RETURNS bigint LANGUAGE sql AS $$
  SELECT max(id) FROM bpt.event_queue WHERE status <> 'waiting'
$$;

-- The default rule, without end. Those beside it are done.
SELECT version FROM bpt.publish($bpt$
PROCESS plain LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a;
AUTOMATIC a DO (SELECT work(id, what) FROM item WHERE id = item_id) -> END;
$bpt$);
INSERT INTO item VALUES (1, 'good'), (2, 'bad'), (3, 'good'), (4, 'good');
CALL bpt.run();
SELECT what, event IS NOT NULL AS has_event FROM done ORDER BY n;
SELECT * FROM queue();
SELECT process_id, d.name, a.name AS activity, activity_id, event_id = (SELECT id FROM bpt.event_queue) AS of_event, phase, attempt, e.sqlstate,
  message, e.detail, hint, context, statement, user_id, next_run
  FROM bpt.error_log e JOIN bpt.process_definition d ON d.id = e.process_definition_id
  JOIN bpt.activity_definition a ON a.id = e.activity_definition_id;
SELECT depth, oldest IS NOT NULL AS has_oldest, retrying, failed FROM bpt.stat_event_queue s
  JOIN bpt.process_definition d ON d.id = s.process_definition_id WHERE d.name = 'plain' AND d.is_active;
CALL bpt.run('2026-03-04 00:00+00');
SELECT attempt, instant, next_run - instant AS delay FROM bpt.error_log ORDER BY id;
SELECT * FROM queue();
SELECT count(*) FROM done;

-- Cured, it is done at its time, or at once; it is still the same event.
SET bpt.clock = '2026-03-04 00:00+00';
UPDATE mode SET how = 'work';
SELECT failed_event() AS event \gset
SELECT bpt.event_retry(failed_event());
SELECT status, next_run FROM bpt.event_queue;
CALL bpt.run();
SELECT what, event = :event AS same FROM done ORDER BY n DESC LIMIT 1;
SELECT * FROM probe.leftovers();
SELECT probe.try(format('SELECT bpt.event_retry(%s)', :event));

-- n TIMES, EVERY, BACKOFF; then it is parked, and holds nobody up.
SET bpt.clock = '2026-03-02 09:00+00';
UPDATE mode SET how = 'fail';
TRUNCATE done;
TRUNCATE bpt.incident;
SELECT version FROM bpt.publish($bpt$
PROCESS plain LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a;
AUTOMATIC a DO (SELECT work(id, what) FROM item WHERE id = item_id) RETRY 2 TIMES EVERY '10 seconds' BACKOFF 3 -> END;
$bpt$);
INSERT INTO item VALUES (5, 'bad'), (6, 'good');
CALL bpt.run('2026-03-02 10:00+00');
SELECT attempt, instant::time, next_run::time FROM bpt.error_log ORDER BY id;
SELECT * FROM queue();
SELECT depth, oldest, retrying, failed FROM bpt.stat_event_queue s
  JOIN bpt.process_definition d ON d.id = s.process_definition_id WHERE d.name = 'plain' AND d.is_active;
INSERT INTO item VALUES (7, 'good');
CALL bpt.run('2026-03-05 10:00+00');
SELECT what FROM done ORDER BY n;

-- Retried in vain: its times stay used up.
SELECT failed_event() AS event \gset
SELECT bpt.event_retry(:event);
SELECT * FROM queue();
CALL bpt.run();
SELECT * FROM queue();
SELECT max(attempt) FROM bpt.error_log;
SELECT bpt.event_discard(:event);
SELECT * FROM queue();
SELECT probe.try(format('SELECT bpt.event_discard(%s)', :event));
CALL bpt.run();
SELECT count(*) FROM done WHERE what = 'bad';

-- What is wrong with the calls.
SELECT probe.try('SELECT bpt.event_retry(NULL)');
SELECT probe.try('SELECT bpt.event_discard(NULL)');
SELECT probe.try('SELECT bpt.event_retry(-1)');
SELECT probe.try('SELECT bpt.event_discard(9223372036854775807)');

-- Rolled back, a retry or discard has not been.
INSERT INTO item VALUES (8, 'bad');
CALL bpt.run();
BEGIN;
SELECT bpt.event_discard(failed_event());
SELECT count(*) FROM bpt.event_queue;
ROLLBACK;
SELECT * FROM queue();
-- One that is still being retried may be given up too.
SELECT bpt.event_discard(failed_event());
SELECT * FROM probe.leftovers();

-- The process's own code decides about its events.
CREATE TABLE sweeping (id int PRIMARY KEY);
INSERT INTO item VALUES (9, 'bad');
CALL bpt.run();
SELECT version FROM bpt.publish($bpt$
PROCESS janitor LIGHT LAUNCH ON INSERT INTO sweeping;
START -> sweep;
AUTOMATIC sweep DO (SELECT bpt.event_discard(failed_event())) -> END;
$bpt$);
INSERT INTO sweeping VALUES (1);
CALL bpt.run();
SELECT count(*) FROM bpt.event_queue;
SELECT bpt.drop_process('janitor');

-- The time limit.
TRUNCATE bpt.incident;
SELECT version FROM bpt.publish($bpt$
PROCESS plain LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a;
AUTOMATIC a DO (SELECT pg_sleep(60)) TIME LIMIT '10 milliseconds' RETRY 1 TIMES EVERY '1 minute' -> END;
$bpt$);
INSERT INTO item VALUES (20, 'slow');
CALL bpt.run();
SELECT phase, attempt, sqlstate, message, statement, next_run FROM bpt.error_log ORDER BY id;
CALL bpt.run('2026-03-02 09:01+00');
SELECT * FROM queue();
SELECT bpt.event_discard(failed_event());
SET bpt.clock = '2026-03-02 09:00+00';

-- More than one row; none where there must be one.
TRUNCATE bpt.incident;
SELECT version FROM bpt.publish($bpt$
PROCESS plain LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a;
AUTOMATIC a DO STRICT (SELECT what FROM item WHERE id > item_id) RETRY 1 TIMES EVERY '1 minute' -> END;
$bpt$);
INSERT INTO item VALUES (21, 'x');
CALL bpt.run();
INSERT INTO item VALUES (15, 'x');
CALL bpt.run();
SELECT phase, sqlstate, message, statement FROM bpt.error_log ORDER BY id;
SELECT bpt.event_discard(id) FROM bpt.event_queue;

-- Of several processes that an event launches only the failing one tries again.
UPDATE mode SET how = 'fail';
TRUNCATE done;
TRUNCATE bpt.incident;
SELECT version FROM bpt.publish($bpt$
PROCESS plain LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a; AUTOMATIC a DO (SELECT work(item_id, what) FROM item WHERE id = item_id) -> END;
PROCESS beside LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> b; AUTOMATIC b DO (SELECT work(item_id, 'beside')) -> END;
PROCESS each LIGHT LAUNCH ON INSERT INTO item AS item_id WHERE (id = 26);
START -> c; AUTOMATIC c DO (SELECT work(item_id, 'each')) COMMIT EACH -> END;
$bpt$);
INSERT INTO item VALUES (25, 'good'), (26, 'bad'), (27, 'bad');
CALL bpt.run();
SELECT what, count(*), count(DISTINCT event) AS events FROM done GROUP BY what ORDER BY what;
SELECT * FROM queue();
SELECT d.name, e.attempt, e.message FROM bpt.error_log e JOIN bpt.process_definition d ON d.id = e.process_definition_id ORDER BY e.id;
UPDATE mode SET how = 'work';
SELECT bpt.event_retry(id) FROM bpt.event_queue;
CALL bpt.run();
SELECT what, count(*), count(DISTINCT event) AS events FROM done GROUP BY what ORDER BY what;
SELECT bpt.drop_process(name) FROM unnest(ARRAY['beside', 'each']) name;

-- A listener's event that fails is retried and discarded by the same calls: discarded, its wait goes on.
UPDATE mode SET how = 'fail';
CREATE FUNCTION refuse(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT how FROM mode) = 'fail' THEN RAISE 'not now: %', id; END IF;
  RETURN true;
END $$;
SELECT bpt.drop_process('plain');
SELECT version FROM bpt.publish($bpt$
PROCESS waiting (wanted text) DETAIL (wanted);
START -> w;
WAIT w CLOSE ON INSERT INTO item AS item_id WHERE (what = wanted) ON CLOSE DO (SELECT refuse(item_id)) -> END;
$bpt$);
SELECT launch_waiting('a') IS NOT NULL AS launched;
INSERT INTO item VALUES (30, 'a');
CALL bpt.run();
SELECT status, error_count, next_run FROM bpt.activity WHERE id = probe.activity('w');
SELECT * FROM queue();
SELECT bpt.event_discard(failed_event());
SELECT status, error_count, next_run FROM bpt.activity WHERE id = probe.activity('w');
INSERT INTO item VALUES (31, 'a'), (32, 'a');
CALL bpt.run();
SELECT * FROM queue();
SELECT bpt.event_discard(min(id)) FROM bpt.event_queue;
SELECT status, next_run FROM bpt.activity WHERE id = probe.activity('w');
UPDATE mode SET how = 'work';
SELECT bpt.event_retry(failed_event());
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT * FROM probe.leftovers();

SELECT bpt.drop_process('waiting');
DROP SCHEMA light_retry CASCADE;
