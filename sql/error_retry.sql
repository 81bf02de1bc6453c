-- What fails: recorded with all that PostgreSQL tells, tried again by the rules of RETRY, failed for good, and set right.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE SCHEMA errs;
SET search_path = errs;
CREATE TABLE mode (how text);
INSERT INTO mode VALUES ('fail');
CREATE TABLE done (n int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION work(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO done (what) VALUES (what);
  IF (SELECT how FROM mode) = 'fail' THEN
    RAISE 'no luck with %', what USING ERRCODE = 'P0042', DETAIL = 'The machine is warm.', HINT = 'Open a window.';
  END IF;
  RETURN what || '!';
END $$;
CREATE FUNCTION probe.errors() RETURNS TABLE (activity text, phase text, attempt int, sqlstate text, message text, at time, next_run time)
  LANGUAGE sql AS $$
  SELECT probe.name_of(e.activity_id), e.phase, e.attempt, e.sqlstate, e.message, e.instant::time, e.next_run::time
  FROM bpt.error_log e WHERE e.process_id = probe.process() ORDER BY e.id
$$;

-- The default rule: 1 s, 4 s, 16 s … at most a day, without end. Effects of a failed attempt are undone.
SELECT version FROM bpt.publish($bpt$
PROCESS plain DETAIL ('plain');
START -> a;
AUTOMATIC a DO (SELECT work('a') AS out) -> END;
$bpt$);
SELECT launch_plain() IS NOT NULL AS launched;
CALL bpt.run();
SELECT status, error_count, next_run, closed FROM bpt.activity WHERE id = probe.activity('a');
SELECT phase, attempt, sqlstate, message, detail, hint, context, statement, user_id, worker_pid = pg_backend_pid() AS mine
  FROM bpt.error_log;
SELECT last_error_id = (SELECT id FROM bpt.error_log) AS last FROM bpt.activity WHERE id = probe.activity('a');
CALL bpt.run('2026-03-05 00:00+00');
SELECT attempt, instant, next_run, next_run - instant AS delay FROM bpt.error_log ORDER BY id;
SELECT count(*) AS effects FROM done;
SET bpt.clock = '2026-03-05 00:00+00';
UPDATE mode SET how = 'work';
SELECT bpt.activity_retry(probe.activity('a'));
SELECT status, next_run FROM bpt.activity WHERE id = probe.activity('a');
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT status, error_count, next_run, last_error_id IS NOT NULL AS has_error FROM bpt.activity WHERE id = probe.activity('a');
SELECT probe.state();
SELECT what FROM done;
SELECT * FROM probe.leftovers();
SET bpt.clock = '2026-03-02 09:00+00';

-- EVERY and BACKOFF; n TIMES, then failed: an incident that an administrator retries, skips or terminates.
UPDATE mode SET how = 'fail';
SELECT version FROM bpt.publish($bpt$
PROCESS ruled DETAIL ('ruled');
START -> every, backed, times, never;
AUTOMATIC every DO (SELECT work('every') AS out) RETRY 3 TIMES EVERY '10 seconds' -> END;
AUTOMATIC backed DO (SELECT work('backed') AS out) RETRY 3 TIMES EVERY '10 seconds' BACKOFF 1.5 -> END;
AUTOMATIC times DO (SELECT work('times') AS out) RETRY 2 TIMES -> END;
AUTOMATIC never DO (SELECT work('never') AS out) RETRY 1 TIMES EVERY '1 ms' -> END;
$bpt$);
SELECT launch_ruled() IS NOT NULL AS launched;
CALL bpt.run('2026-03-03 00:00+00');
SELECT probe.name_of(activity_id) AS activity, attempt, instant::time, next_run - instant AS delay FROM bpt.error_log
  WHERE process_id = probe.process() ORDER BY activity_id, id;
SELECT name, status, error_count, next_run FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT probe.state();
SELECT * FROM probe.leftovers();
-- Retried in vain, one fails again at once, and counts on.
SELECT bpt.activity_retry(probe.activity('never'));
CALL bpt.run();
SELECT status, error_count FROM bpt.activity WHERE id = probe.activity('never');
UPDATE mode SET how = 'work';
SELECT bpt.activity_retry(probe.activity('never')), bpt.activity_retry(probe.activity('times'));
CALL bpt.run();
SELECT bpt.activity_skip(probe.activity('backed'));
SELECT probe.try('SELECT bpt.activity_retry(probe.activity(''backed''))');
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''every''))');
SELECT step, status, outputs FROM probe.steps();
SELECT bpt.process_terminate(probe.process());
SELECT name, status, stopped_status FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;

-- Several statements are one transaction; STRICT wants a row; more than one row is an error; a constraint at COMMIT too.
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
SELECT version FROM bpt.publish($bpt$
PROCESS kinds (what text) DETAIL ('kinds');
START -> a;
DECISION a WHEN (what = 'two') -> two WHEN (what = 'strict') -> strict_one WHEN (what = 'rows') -> rows WHEN (what = 'deferred') -> deferred ELSE -> slow;
AUTOMATIC two DO (INSERT INTO done (what) VALUES ('first')) DO (SELECT 1 / (length(what) - 3) AS quotient) -> END;
AUTOMATIC strict_one DO STRICT (SELECT g FROM generate_series(1, 0) g) -> END;
AUTOMATIC rows DO (SELECT g FROM generate_series(1, 2) g) -> END;
AUTOMATIC deferred DO (INSERT INTO child VALUES (7)) -> END;
AUTOMATIC slow TIME LIMIT '50 milliseconds' DO (SELECT pg_sleep(20)) -> END;
$bpt$);
TRUNCATE done;
SELECT launch_kinds('two') IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
SELECT launch_kinds('strict') IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
SELECT launch_kinds('rows') IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
SELECT launch_kinds('deferred') IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
INSERT INTO parent VALUES (7);
SELECT bpt.activity_retry(probe.activity('deferred'));
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT * FROM child;
SELECT launch_kinds('slow') IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
SELECT count(*) AS effects FROM done;

-- A statement that closes the way for others delays nobody: all the others are done.
SELECT version FROM bpt.publish($bpt$
PROCESS many (i int) DETAIL ('many');
START -> a;
AUTOMATIC a DO (SELECT 100 / (i - 3) AS q) -> END;
$bpt$);
SELECT count(launch_many(i)) FROM generate_series(1, 6) i;
CALL bpt.run();
SELECT i.input_value AS i, p.status, a.status AS activity, o.output_value AS q FROM bpt.process p
  JOIN bpt.process_input i ON i.process_id = p.id JOIN bpt.activity a ON a.process_id = p.id
  JOIN bpt.activity_output o ON o.activity_id = a.id WHERE p.name = 'many' ORDER BY 1;

-- Inside a transaction block the same, and nothing stays after ROLLBACK.
SELECT probe.fingerprint() AS before \gset
BEGIN;
SELECT launch_many(3) IS NOT NULL AS launched, launch_many(4) IS NOT NULL AS launched;
CALL bpt.run();
SELECT p.status, a.status AS activity FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id WHERE p.name = 'many' ORDER BY p.id DESC LIMIT 2;
CALL bpt.run('2026-03-02 09:01+00');
SELECT error_count FROM bpt.activity WHERE process_id = probe.process() - 1;
ROLLBACK;
SELECT probe.fingerprint() = :'before' AS nothing_changed;

-- What a statement needs is gone: an incident, and right again after republishing or undoing.
ALTER FUNCTION work(text) RENAME TO toil;
SELECT launch_plain() IS NOT NULL AS launched;
CALL bpt.run();
SELECT * FROM probe.errors();
SELECT process, severity, code, message, sqlstate FROM bpt.validate() WHERE process LIKE '%plain';
ALTER FUNCTION toil(text) RENAME TO work;
CALL bpt.run('2026-03-02 09:00:01+00');
SELECT step, status FROM probe.steps();

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA errs CASCADE;
