-- Decisions that fail: a row while in error, retried, gone when decided. Clauses of tasks that fail. What reaches the caller.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE SCHEMA errs;
SET search_path = errs;
CREATE TABLE factor (f int);
INSERT INTO factor VALUES (0);
SELECT version FROM bpt.publish($bpt$
PROCESS choosy (n int) DETAIL ('choosy');
START -> first;
HUMAN first -> way, beside;
DECISION way WHEN (n / (SELECT f FROM factor) > 1) AS big -> big_one WHEN (n < 0) AS small -> small_one;
HUMAN big_one -> END;
HUMAN small_one -> END;
HUMAN beside -> END;
$bpt$);
SELECT launch_choosy(7) IS NOT NULL AS launched;
-- The caller's action stands; the decision is retried.
SELECT probe.name_of(bpt.activity_close(probe.activity('first'))) AS next;
SELECT * FROM probe.steps();
SELECT kind, status, error_count, next_run, precedent_outcome FROM bpt.activity WHERE id = probe.activity('way');
SELECT phase, attempt, sqlstate, message, statement, next_run FROM bpt.error_log ORDER BY id;
SELECT probe.try('SELECT bpt.activity_skip(probe.activity(''way''))');
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''way''))');
CALL bpt.run('2026-03-02 09:00:10+00');
SELECT error_count, next_run FROM bpt.activity WHERE id = probe.activity('way');
UPDATE factor SET f = 2;
CALL bpt.run('2026-03-02 09:00:21+00');
SELECT * FROM probe.steps();
SELECT bpt.activity_close(probe.activity('big_one')), bpt.activity_close(probe.activity('beside'));
SELECT probe.state();

-- Nothing true and no ELSE is an error too; administration may try again at once.
SELECT launch_choosy(1) IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('first')) IS NOT NULL AS has_next;
SELECT phase, attempt, sqlstate, message, detail, hint FROM bpt.error_log WHERE process_id = probe.process();
UPDATE factor SET f = -1;
SELECT bpt.activity_retry(probe.activity('way'));
CALL bpt.run();
SELECT step, status FROM probe.steps();
UPDATE factor SET f = 1;
SELECT launch_choosy(1) IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('first')) IS NOT NULL AS has_next;
SELECT bpt.process_terminate(probe.process());
SELECT step, status FROM probe.steps();

-- A clause of a task that fails: the task is in error, offered once it is right.
UPDATE factor SET f = 0;
SELECT version FROM bpt.publish($bpt$
PROCESS clauses (which text) DETAIL ('clauses');
START -> a;
HUMAN a
  START DATE (CASE WHEN which = 'start' THEN interval '1 second' / (SELECT f FROM factor) END)
  DUE (CASE WHEN which = 'due' THEN interval '1 second' / (SELECT f FROM factor) END)
  DESTINATION (CASE WHEN which = 'destination' THEN (1 / (SELECT f FROM factor))::text END)
  USER (CASE WHEN which = 'user' THEN (1 / (SELECT f FROM factor))::text END)
  DETAIL (CASE WHEN which = 'detail' THEN (1 / (SELECT f FROM factor))::text END)
  -> END;
$bpt$);
SELECT count(launch_clauses(w)) FROM unnest('{start,due,destination,user,detail,none}'::text[]) w;
SELECT i.input_value AS which, a.status, a.error_count, e.phase, e.message FROM bpt.activity a
  JOIN bpt.process p ON p.id = a.process_id JOIN bpt.process_input i ON i.process_id = p.id
  LEFT JOIN bpt.error_log e ON e.id = a.last_error_id WHERE p.name = 'clauses' ORDER BY a.id;
SELECT count(*) AS offered FROM bpt.taskbox WHERE process = 'clauses';
UPDATE factor SET f = 1;
CALL bpt.run('2026-03-02 09:00:02+00');
SELECT i.input_value AS which, a.status, a.start_date, a.due_date, a.destination, a.user_id, a.detail FROM bpt.activity a
  JOIN bpt.process p ON p.id = a.process_id JOIN bpt.process_input i ON i.process_id = p.id
  WHERE p.name = 'clauses' ORDER BY a.id;

-- An error of DETAIL or of a default at launch is the launcher's.
UPDATE factor SET f = 0;
SELECT version FROM bpt.publish($bpt$
PROCESS broken (a int DEFAULT (1 / (SELECT f FROM factor))) RETURNS (o int DEFAULT (1 / (SELECT f FROM factor))) DETAIL ('broken ' || 1 / (SELECT abs(f - 5) FROM factor));
START -> END;
$bpt$);
SELECT probe.fingerprint() AS before \gset
SELECT probe.try('SELECT launch_broken()');
UPDATE factor SET f = 5;
SELECT probe.try('SELECT launch_broken(1)');
SELECT probe.fingerprint() = :'before' AS nothing_changed;
-- An output whose default fails does not keep the process from ending.
UPDATE factor SET f = 0;
SELECT launch_broken(1) IS NOT NULL AS launched;
SELECT status FROM bpt.process WHERE id = probe.process();
SELECT phase, sqlstate, message FROM bpt.error_log WHERE process_id = probe.process();
SELECT output_value, is_set FROM bpt.process_output WHERE process_id = probe.process();

-- Errors that are the caller's own always reach the caller: here a statement timeout within a task's clause.
SELECT version FROM bpt.publish($bpt$
PROCESS sleepy DETAIL ('sleepy');
START -> a;
HUMAN a DETAIL (SELECT pg_sleep(20)::text) -> END;
$bpt$);
SELECT probe.fingerprint() AS before \gset
SET statement_timeout = '50ms';
SELECT launch_sleepy();
RESET statement_timeout;
SELECT probe.fingerprint() = :'before' AS nothing_changed;

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA errs CASCADE;
