-- Every function with NULL, an id of nothing, another's task, an ended activity, wrong kinds and wrong arguments: the error, and
-- nothing changed.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_stranger, regress_clerk, regress_anna;
CREATE ROLE regress_stranger;
CREATE ROLE regress_clerk;
CREATE ROLE regress_anna IN ROLE regress_clerk;
CREATE SCHEMA bad;
GRANT USAGE ON SCHEMA bad TO PUBLIC;
SET search_path = bad;
SELECT version FROM bpt.publish($bpt$
PROCESS p DETAIL ('p');
START -> task, taken, done, later, hold, work, failing;
HUMAN task ROLE regress_clerk INPUT (m int, nn text NOT NULL, o text NOT NULL DEFAULT 'o', d date DEFAULT NULL) -> END;
HUMAN taken ROLE regress_clerk -> END;
HUMAN done -> END;
HUMAN later START DATE (interval '1 day') -> END;
WAIT hold INPUT (m int) TIMEOUT (interval '10 days') -> END;
AUTOMATIC work START DATE (interval '1 day') DO (SELECT 1 AS one) -> END;
HUMAN failing DUE (interval '1 day' / (SELECT 0)) -> END;
$bpt$);
SELECT launch_p() AS process \gset
SELECT probe.activity('task') AS task, probe.activity('taken') AS taken, probe.activity('done') AS done, probe.activity('later') AS later,
       probe.activity('hold') AS hold, probe.activity('work') AS work, probe.activity('failing') AS failing \gset
SELECT bpt.activity_close(:done);
SET ROLE regress_anna; SELECT bpt.activity_open(:taken); RESET ROLE;
CREATE TABLE probe.target (n int GENERATED ALWAYS AS IDENTITY, what text, id text);
INSERT INTO probe.target (what, id) VALUES ('NULL', 'NULL'), ('nothing', '987654321'), ('zero', '0'), ('negative', '-1'), ('task', :task), ('taken', :taken),
  ('done', :done), ('later', :later), ('hold', :hold), ('work', :work), ('failing', :failing);
GRANT SELECT ON probe.target TO PUBLIC;
CREATE TABLE probe.call (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO probe.call (call) VALUES ('bpt.activity_open(%s)'), ('bpt.activity_close(%s)'), ('bpt.activity_skip(%s)'), ('bpt.activity_reset(%s, true)'),
  ('bpt.activity_reset(%s, NULL)'), ('bpt.activity_schedule(%s, ''2027-01-01'')'), ('bpt.activity_get_url(%s)'),
  ('bpt.human_activity_assign_to_user(%s, ''regress_anna'')'), ('bpt.human_activity_check_role(%s, ''regress_anna'')'),
  ('bpt.human_activity_check_role(%s, NULL)'), ('bpt.human_activity_set_due_date(%s, NULL)'), ('bpt.activity_retry(%s)');
GRANT SELECT ON probe.call TO PUBLIC;

-- As one who has no right to anything; each call is undone.
CREATE FUNCTION probe.undone(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  BEGIN
    answer := 'works: ' || probe.try(command);
    RAISE 'undo' USING ERRCODE = 'UN000';
  EXCEPTION WHEN SQLSTATE 'UN000' THEN
    RETURN CASE WHEN answer ~ '^works: [0-9A-Z]{5} ' THEN split_part(substr(answer, 8), E'\n', 1) ELSE answer END;
  END;
END $$;
SELECT probe.fingerprint() AS before \gset
SET ROLE regress_stranger;
SELECT c.call, t.what, probe.undone('SELECT ' || format(c.call, t.id)) FROM probe.call c CROSS JOIN probe.target t
  WHERE t.what IN ('NULL', 'nothing', 'task', 'taken', 'done', 'later', 'hold', 'work') ORDER BY c.n, t.n;
SELECT bpt.human_activity_check_role(:done, 'regress_stranger') AS of_oneself;
RESET ROLE;
-- As a superuser.
SELECT c.call, t.what, probe.undone('SELECT ' || format(c.call, t.id)) FROM probe.call c CROSS JOIN probe.target t ORDER BY c.n, t.n;

-- Arguments.
SELECT a.arguments, probe.undone(format('SELECT bpt.activity_close(%s, %s)', probe.activity(a.what), a.arguments)) FROM (VALUES
  ('task', 'NULL'), ('task', '''{}'''), ('task', '''{"m": 1}'''), ('task', '''{"m": 1, "nn": null}'''), ('task', '''{"m": "x", "nn": "y"}'''),
  ('task', '''{"m": 1, "nn": "y", "o": null}'''), ('task', '''{"m": 1, "nn": "y", "d": "someday"}'''), ('task', '''{"m": 1, "nn": "y", "z": 1}'''),
  ('task', '''[]'''), ('task', '''"m"'''), ('task', '''null'''), ('task', '''{"m": null, "nn": ""}'''), ('task', '''{"m": 1e3, "nn": {"a": 1}}'''),
  ('hold', '''{}'''), ('hold', '''{"m": 99999999999}'''), ('hold', '''{"m": true}'''), ('hold', '''{"m": "7"}'''),
  ('later', '''{}'''), ('later', '''{"z": 1}''')) a (what, arguments);
SELECT probe.fingerprint() = :'before' AS nothing_changed;
-- Typed functions: as for any function; another process's activity is none of theirs.
SELECT version FROM bpt.publish($bpt$PROCESS q DETAIL ('q'); START -> task; HUMAN task INPUT (m int NOT NULL DEFAULT 1) -> END;$bpt$);
SELECT launch_q() AS other \gset
SELECT probe.fingerprint() AS before \gset
SELECT regexp_replace(c, '\(\d+', '(N') AS c, probe.undone(c) FROM (VALUES ('SELECT close_p_task(NULL, 1, ''x'')'), ('SELECT close_p_task(987654321, 1, ''x'')'),
  (format('SELECT close_p_task(%s, 1, ''x'')', probe.activity('hold'))), (format('SELECT close_p_task(%s, 1, NULL)', :task)), (format('SELECT close_p_task(%s, 1)', :task)),
  (format('SELECT close_p_task(%s, 1, ''x'', NULL)', :task)), (format('SELECT close_p_task(%s, NULL, ''x'')', :task)), (format('SELECT close_p_task(%s, 1, ''x'')', probe.activity('task'))),
  (format('SELECT close_q_task(%s, NULL)', probe.activity('task'))), (format('SELECT close_q_task(%s)', :task))) v (c);

-- Processes.
SELECT probe.fingerprint() = :'before' AS nothing_changed;
SELECT bpt.process_terminate(:other);
SELECT probe.fingerprint() AS before \gset
SELECT regexp_replace(c, '\(\d+', '(N') AS c, probe.undone(c) FROM (VALUES ('SELECT bpt.process_terminate(NULL)'), ('SELECT bpt.process_terminate(987654321)'), (format('SELECT bpt.process_terminate(%s)', :other)),
  ('SELECT bpt.drop_process(NULL)'), ('SELECT bpt.drop_process(''nothing'')'), ('SELECT bpt.definition(NULL)'), ('SELECT bpt.definition(''nothing'')'), ('SELECT bpt.definition(''p'', 7)'),
  ('SELECT bpt.publish(NULL)'), ('SELECT bpt.validate(NULL)')) v (c);
SET ROLE regress_stranger;
SELECT regexp_replace(c, '\(\d+', '(N') AS c, probe.undone(c) FROM (VALUES (format('SELECT bpt.process_terminate(%s)', :'process')), ('SELECT bpt.drop_process(''bad.p'', true)'), ('SELECT bpt.definition(''bad.p'')'),
  ('SELECT bpt.launch(''bad.p'')'), ('SELECT bad.launch_p()'), ('SELECT bpt.publish(''PROCESS bad.x; START -> END;'')')) v (c);
RESET ROLE;
SELECT probe.fingerprint() = :'before' AS nothing_changed;

SELECT bpt.drop_process('p', true), bpt.drop_process('q');
SELECT * FROM probe.leftovers();
DROP SCHEMA bad CASCADE;
DROP SCHEMA probe CASCADE;
DROP ROLE regress_stranger, regress_anna, regress_clerk;
