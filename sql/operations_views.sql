-- How processes are doing: bpt.stat_process, bpt.stat_activity, bpt.event_log, bpt.waiting_for().
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA operations;
SET search_path = operations, public;
CREATE TABLE orders (id int PRIMARY KEY, status text, paid_at timestamptz);
CREATE FUNCTION break() RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'the printer is on fire'; END$$;
SELECT version FROM bpt.publish($$
PROCESS handling LAUNCH ON INSERT INTO orders AS order_id DETAIL ('Order ' || order_id);
START -> pack, paid, label, later;
HUMAN pack ALLOW SKIP DUE (interval '2 hours') -> END;
WAIT paid CLOSE ON UPDATE OF orders (paid_at) WHERE (id = order_id AND paid_at IS NOT NULL) TIMEOUT (interval '30 days') -> END;
AUTOMATIC label DO (SELECT CASE WHEN order_id = 2 THEN break() ELSE 1 END AS n) RETRY 1 TIMES EVERY '1 hour' -> END;
AUTOMATIC later START DATE (interval '3 hours') DO (UPDATE orders SET status = 'late' WHERE id = order_id) -> END;
$$);
INSERT INTO orders VALUES (1, 'new'), (2, 'new');
CALL bpt.run();
CREATE VIEW instance AS SELECT id, label FROM bpt.process ORDER BY label;

-- In words, since when and until when.
SELECT label, name, kind, status, waiting_for, since, until FROM instance, bpt.waiting_for(id) ORDER BY label, activity_id;
SET bpt.clock = '2026-03-02 10:30:00+00';
SELECT probe.try(format('SELECT bpt.activity_open(%s)', id)) FROM bpt.activity WHERE name = 'pack' ORDER BY id LIMIT 1;
CALL bpt.run();
SELECT label, name, status, waiting_for, since, until FROM instance, bpt.waiting_for(id) ORDER BY label, activity_id;
SELECT probe.try(format('SELECT bpt.process_suspend(%s)', id)) FROM instance WHERE label = 'Order 2';
SELECT name, waiting_for FROM instance, bpt.waiting_for(id) WHERE label = 'Order 2' ORDER BY activity_id;
SELECT probe.try(format('SELECT bpt.process_resume(%s)', id)) FROM instance WHERE label = 'Order 2';
SELECT count(*) FROM bpt.waiting_for(-1);

SELECT name, version, active, suspended, closed, terminated, errors, launched_last_hour, closed_last_hour, avg_duration, p50_duration
FROM bpt.stat_process WHERE name = 'handling' ORDER BY version;
SELECT probe.try(format('SELECT bpt.activity_close(%s)', activity_id)) FROM bpt.taskbox WHERE is_opened;
SET bpt.clock = '2026-03-02 12:00:00+00';
UPDATE orders SET paid_at = bpt.now() WHERE id = 1;
CALL bpt.run();
SELECT probe.try(format('SELECT bpt.process_terminate(%s)', id)) FROM instance WHERE label = 'Order 2';
SELECT name, version, active, suspended, closed, terminated, errors, launched_last_hour, closed_last_hour, avg_duration, p50_duration, p95_duration, p99_duration
FROM bpt.stat_process WHERE name = 'handling' ORDER BY version;
SELECT name, kind, active, ended, errors, p50_waiting, p95_waiting, p50_working, p95_working FROM bpt.stat_activity WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'handling') ORDER BY activity_definition_id;
SELECT label, activity, transition, instant, resource FROM bpt.event_log JOIN instance ON id = case_id
ORDER BY label, instant, activity, transition;
SELECT count(*) FROM instance, bpt.waiting_for(id);

-- A version is counted apart; without instances only the current one has a row.
SELECT version FROM bpt.publish($$PROCESS handling LAUNCH ON INSERT INTO orders AS order_id; START -> END;$$);
SELECT name, version, active, closed, terminated, errors FROM bpt.stat_process WHERE name = 'handling' ORDER BY version;

-- Strangers see nothing.
CREATE ROLE operations_stranger;
SET ROLE operations_stranger;
SELECT (SELECT count(*) FROM bpt.stat_process) + (SELECT count(*) FROM bpt.stat_activity) + (SELECT count(*) FROM bpt.event_log);
RESET ROLE;
DROP ROLE operations_stranger;
SELECT bpt.drop_process('handling', true);
DROP SCHEMA operations CASCADE;
