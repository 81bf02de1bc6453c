-- Events that failed at a listener, tried again: each has its effect once, in the order in which they came, and what stands
-- in error by them is so no longer; events that have not failed, and other listeners, keep what they had.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA again;
SET search_path = again;
CREATE TABLE item (id int PRIMARY KEY, owner int NOT NULL);
CREATE TABLE bad (item int);
CREATE TABLE effect (n int GENERATED ALWAYS AS IDENTITY, what text, item int);
CREATE FUNCTION work(what text, item int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO effect (what, item) VALUES (what, item);
  IF EXISTS (SELECT FROM bad b WHERE b.item = work.item) THEN RAISE 'no luck with %', item; END IF;
END $$;
SELECT process, version FROM bpt.publish($bpt$
PROCESS shelf (owner int) DETAIL ('shelf ' || owner);
START -> stay;
HUMAN stay -> END;
CONDITIONAL START first START ON INSERT INTO item AS item WHERE (item.owner = process.owner) ON START DO (SELECT work('first', item)) -> END;
CONDITIONAL START other START ON INSERT INTO item AS item WHERE (item.owner = process.owner) ON START DO (SELECT work('other', item)) -> END;
PROCESS once (owner int) DETAIL ('once ' || owner);
START -> hold;
WAIT hold CLOSE ON INSERT INTO item AS item WHERE (item.owner = process.owner) ON CLOSE DO (SELECT work('once', item)) -> END;
$bpt$);
CREATE FUNCTION probe.queue() RETURNS TABLE (listener text, item text, status text, error_count int, next_run time, has_incident boolean) LANGUAGE sql AS $$
  SELECT a.name, q.data_id, q.status, q.error_count, q.next_run::time, q.last_error_id = (SELECT max(id) FROM bpt.error_log e WHERE e.event_id = q.id AND e.activity_id = q.activity_id)
  FROM bpt.event_queue q JOIN bpt.activity a ON a.id = q.activity_id ORDER BY a.name, q.id $$;
CREATE FUNCTION probe.listeners() RETURNS TABLE (name text, status text, error_count int, next_run time) LANGUAGE sql AS $$
  SELECT name, status, error_count, next_run::time FROM bpt.activity WHERE kind IN ('conditional_start', 'wait') AND started_instant IS NULL ORDER BY name $$;
CREATE FUNCTION probe.listener(wanted text) RETURNS bigint LANGUAGE sql AS $$
  SELECT id FROM bpt.activity WHERE name = wanted AND started_instant IS NULL $$;

-- Three events of which two fail, at two listeners; the second of them some time later than the first.
SELECT launch_shelf(1) IS NOT NULL AS launched;
INSERT INTO bad VALUES (1), (3);
INSERT INTO item VALUES (1, 1), (2, 1);
CALL bpt.run('2026-03-02 09:00:07+00');
SET bpt.clock = '2026-03-02 09:00:10+00';
INSERT INTO item VALUES (3, 1);
CALL bpt.run();
SELECT * FROM effect ORDER BY n;
SELECT * FROM probe.queue();
SELECT * FROM probe.listeners();
-- A listener tells when the first of its events is tried again, whichever failed last.
BEGIN;
CALL bpt.run('2026-03-02 09:00:22+00');
SELECT * FROM probe.queue();
SELECT * FROM probe.listeners();
ROLLBACK;

-- One listener's are tried at once, in their order: that with the later retry, of the earlier event, too.
DELETE FROM bad;
SELECT bpt.activity_retry(probe.listener('first'));
SELECT * FROM probe.queue();
CALL bpt.run();
SELECT what, item FROM effect ORDER BY n;
SELECT * FROM probe.queue();
SELECT * FROM probe.listeners();
SELECT probe.try(format('SELECT bpt.activity_retry(%s)', probe.listener('first')));

-- The other's by the calls for events, the later event first; its listener is in error until both are done, and is tried again
-- when the earlier one is.
SELECT bpt.event_retry(max(id)) FROM bpt.event_queue;
CALL bpt.run();
SELECT what, item FROM effect ORDER BY n;
SELECT * FROM probe.queue();
SELECT * FROM probe.listeners();
SELECT bpt.event_retry(id) FROM bpt.event_queue;
CALL bpt.run('2026-03-05 00:00+00');
SELECT what, item FROM effect ORDER BY n;
SELECT * FROM probe.queue();
SELECT * FROM probe.listeners();
SET bpt.clock = '2026-03-05 00:00+00';

-- Retried in vain it is counted and told as before, and tried again by itself; retried twice it is tried once.
INSERT INTO bad VALUES (4);
INSERT INTO item VALUES (4, 1);
CALL bpt.run();
SELECT bpt.activity_retry(probe.listener('first'));
SELECT bpt.activity_retry(probe.listener('first'));
CALL bpt.run();
SELECT * FROM probe.queue();
SELECT name, attempt, phase, message, e.instant::time, e.next_run::time FROM bpt.error_log e JOIN bpt.activity a ON a.id = e.activity_id
  WHERE message LIKE '%4' ORDER BY e.id;
DELETE FROM bad;
CALL bpt.run('2026-03-05 01:00+00');
SELECT what, item FROM effect WHERE item = 4 ORDER BY n;
SELECT * FROM probe.listeners();

-- Rolled back, a retry has not been.
INSERT INTO bad VALUES (5);
INSERT INTO item VALUES (5, 1);
CALL bpt.run();
SELECT probe.fingerprint() AS before \gset
BEGIN;
SELECT bpt.activity_retry(probe.listener('first'));
SELECT bpt.event_retry(max(id)) FROM bpt.event_queue;
DELETE FROM bad;
CALL bpt.run();
SELECT what, item FROM effect WHERE item = 5 ORDER BY n;
ROLLBACK;
SELECT probe.fingerprint() = :'before' AS unchanged;
SELECT what, item FROM effect WHERE item = 5;
SELECT bpt.process_terminate(probe.process());
CALL bpt.run('2026-03-05 02:00+00');
SELECT * FROM probe.leftovers();
SET bpt.clock = '2026-03-05 02:00+00';

-- Two events failed at one wait: the first that goes through ends it, the other is dropped.
SELECT launch_once(2) IS NOT NULL AS launched;
INSERT INTO bad VALUES (6), (7);
INSERT INTO item VALUES (6, 2), (7, 2);
CALL bpt.run();
SELECT * FROM probe.queue();
DELETE FROM bad;
SELECT bpt.activity_retry(probe.listener('hold'));
CALL bpt.run();
SELECT what, item FROM effect WHERE what = 'once';
SELECT * FROM probe.steps();
SELECT * FROM probe.leftovers();

-- Suspended, it is tried when the process goes on.
SELECT launch_once(3) IS NOT NULL AS launched;
INSERT INTO bad VALUES (8);
INSERT INTO item VALUES (8, 3);
CALL bpt.run();
DELETE FROM bad;
SELECT bpt.process_suspend(probe.process());
SELECT probe.try(format('SELECT bpt.activity_retry(%s)', max(id))) FROM bpt.activity WHERE name = 'hold';
CALL bpt.run();
SELECT * FROM probe.queue() WHERE item = '8';
SELECT bpt.process_resume(probe.process());
CALL bpt.run();
SELECT what, item FROM effect WHERE item = 8;
SELECT * FROM probe.leftovers();

SELECT bpt.drop_process(p, true) FROM unnest(ARRAY['shelf', 'once']) p;
DROP SCHEMA again CASCADE;
