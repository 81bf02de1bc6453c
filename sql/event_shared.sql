-- A statement that changes many rows: its launches share rows of the event tables, and are as many events all the same.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA shared;
SET search_path = shared;
CREATE TABLE job (id int PRIMARY KEY, name text, kind text);
CREATE TABLE done (id int, name text);
SELECT version FROM bpt.publish($$
PROCESS errand (title text) LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'errand') WITH (title => name);
START -> act;
AUTOMATIC act DO (INSERT INTO shared.done SELECT job_id, title) -> END;

PROCESS quick LIGHT LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'quick');
START -> act;
AUTOMATIC act DO (INSERT INTO shared.done SELECT job_id / (job_id % 100), 'quick') -> END;
$$);

-- Each change is an event of its own to whoever looks, with an id of its own.
INSERT INTO job SELECT g, 'job ' || g, 'errand' FROM generate_series(1, 1000) g;
SELECT count(*), count(DISTINCT id), count(DISTINCT data_id), min(data_id::int), max(data_id::int) FROM bpt.event_queue;
SELECT count(*) < 500 AS few_rows, count(more) > 50 AS shared
FROM (SELECT more FROM bpt.event_0 UNION ALL SELECT more FROM bpt.event_1 UNION ALL SELECT more FROM bpt.event_2
  UNION ALL SELECT more FROM bpt.event_3) e;
CALL bpt.run();
SELECT count(*), count(DISTINCT id), bool_and(name = 'job ' || id) FROM done;
SELECT count(*), count(DISTINCT entity_key), bool_and(status = 'closed') FROM bpt.process WHERE name = 'errand';
SELECT count(*) FROM bpt.event_queue;

-- A change that fails holds up none of those it shares a row with.
TRUNCATE done;
INSERT INTO job SELECT g, 'job ' || g, 'quick' FROM generate_series(2001, 2100) g;
INSERT INTO job SELECT g, 'job ' || g, 'quick' FROM generate_series(2101, 2199) g;
CALL bpt.run();
SELECT count(*) FROM done;
SELECT data_id, is_light, status, error_count FROM bpt.event_queue ORDER BY id;
SELECT message FROM bpt.error_log ORDER BY id;

-- A statement that is undone leaves nothing, one in a subtransaction that stays all.
BEGIN;
SAVEPOINT s;
INSERT INTO job SELECT g, 'job ' || g, 'errand' FROM generate_series(3001, 3500) g;
ROLLBACK TO s;
INSERT INTO job SELECT g, 'job ' || g, 'errand' FROM generate_series(4001, 4500) g;
COMMIT;
CALL bpt.run();
SELECT count(*), min(id), max(id) FROM done WHERE id > 3000;
-- In the caller's own transaction too.
BEGIN;
INSERT INTO job SELECT g, 'job ' || g, 'errand' FROM generate_series(5001, 5200) g;
CALL bpt.run();
SELECT count(*), min(id), max(id) FROM done WHERE id > 5000;
COMMIT;
CALL bpt.run();
SELECT count(*), min(id), max(id) FROM done WHERE id > 5000;

SELECT bpt.drop_process('errand'), bpt.drop_process('quick');
DROP SCHEMA shared CASCADE;
