-- Inputs and outputs: defaults, NULL and what is not set, SET, RETURNS, values of the activities that precede.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA vals;
SET search_path = vals;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);

-- Inputs: mandatory, NOT NULL, with defaults that read earlier inputs.
SELECT * FROM bpt.publish($bpt$
PROCESS ins (a int, b text NOT NULL, c int DEFAULT (a * 2), d text NOT NULL DEFAULT ('x'), e mood DEFAULT ('glad'), f positive DEFAULT (1))
  DETAIL ('ins');
START -> END;
$bpt$);
SELECT name, data_type, default_expression, is_mandatory FROM bpt.process_input_definition
  WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'ins') ORDER BY id;
SELECT pg_get_function_identity_arguments('launch_ins'::regproc), pg_get_function_result('launch_ins'::regproc);
SELECT probe.state(launch_ins(1, 'b'));
SELECT probe.state(launch_ins(NULL, 'b'));
SELECT probe.state(launch_ins(1, 'b', c => NULL, e => 'sad', f => 7));
SELECT probe.state(bpt.launch('ins', '{"a": 1, "b": "two", "c": null, "d": "four", "f": "5"}'));
SELECT probe.state(bpt.launch('ins', '{"b": "null", "a": null}'));
SELECT name, data_type, input_value, is_set FROM bpt.process_input WHERE process_id = probe.process() ORDER BY input_definition_id;

-- What names tables and types is kept with its schema: it means the same to every search_path.
CREATE SCHEMA vals_too;
CREATE TABLE vals.twin (id int PRIMARY KEY, t regclass, ts regtype[]);
CREATE TABLE vals_too.twin (id int);
CREATE TYPE vals_too.mood AS ENUM ('sad');
CREATE TYPE place AS (t regclass, n int);
SELECT version FROM bpt.publish($bpt$
PROCESS names (t regclass, ts regtype[], p place DEFAULT NULL) RETURNS (o regclass) DETAIL ('names')
  LAUNCH ON INSERT INTO twin AS twin_id WITH (t => twin.t, ts => twin.ts);
START -> a;
AUTOMATIC a DO (SELECT t AS found, t = 'vals_too.twin'::regclass AS same, ts[1] = 'vals_too.mood'::regtype AS type_too) SET (o = a.found) -> END;
$bpt$);
SET search_path = vals_too, vals;
INSERT INTO vals.twin VALUES (1, 'twin', '{mood}');
SELECT bpt.launch('names', '{"t": "twin", "ts": "{mood}", "p": "(twin,1)", "twin_id": 1}') IS NOT NULL AS launched;
SET search_path = vals;
CALL bpt.run();
SELECT probe.state(id) FROM bpt.process WHERE name = 'names' ORDER BY id;
SELECT name, output_value FROM bpt.activity_output WHERE name IN ('found', 'same', 'type_too') ORDER BY activity_id, name;
DROP SCHEMA vals_too CASCADE;

-- Wrong ones start nothing.
SELECT probe.fingerprint() AS before \gset
SELECT c, probe.try(c) FROM (VALUES
  ('SELECT launch_ins(1, NULL)'),
  ('SELECT launch_ins(1, ''b'', d => NULL)'),
  ('SELECT launch_ins(1, ''b'', f => -1)'),
  ('SELECT launch_ins(1)'),
  ('SELECT bpt.launch(''ins'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1, "b": null}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1, "b": "b", "d": null}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": "one", "b": "b"}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1.5, "b": "b"}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": [1], "b": "b"}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1, "b": "b", "e": "angry"}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1, "b": "b", "f": 0}'')'),
  ('SELECT bpt.launch(''ins'', ''{"a": 1, "b": "b", "g": 0}'')'),
  ('SELECT bpt.launch(''ins'', ''{"A": 1, "b": "b"}'')'),
  ('SELECT bpt.launch(''ins'', ''[1]'')'),
  ('SELECT bpt.launch(''ins'', ''7'')'),
  ('SELECT bpt.launch(''ins'', NULL)'),
  ('SELECT bpt.launch(NULL, ''{}'')'),
  ('SELECT bpt.launch(''no_such'', ''{}'')'),
  ('SELECT bpt.launch(''vals.no_such'', ''{}'')'),
  ('SELECT bpt.launch(''no_schema.ins'', ''{}'')'),
  ('SELECT bpt.launch('''', ''{}'')'),
  ('SELECT bpt.launch(''a.b.c.d'', ''{}'')')) v (c);
SELECT probe.fingerprint() = :'before' AS nothing_changed;

-- A structured value is given as JSON.
SELECT * FROM bpt.publish($bpt$
PROCESS docs (doc jsonb, tags text[], at timestamptz, amount numeric(6,2), flag boolean, raw bytea, code varchar(3)) DETAIL ('docs');
START -> END;
$bpt$);
SELECT probe.state(bpt.launch('docs', '{"doc": {"a": [1, null]}, "tags": "{x,y}", "at": "2026-01-01 12:00+01", "amount": 12.345, "flag": true, "raw": "\\x00ff", "code": "abc"}'));
SELECT probe.state(launch_docs('"s"', '{}', NULL, 1, false, '\x', 'ab'));
SELECT probe.try($$SELECT bpt.launch('docs', '{"doc": 1, "tags": {"x": 1}, "at": "now", "amount": 99999, "flag": "maybe", "raw": "", "code": "a"}')$$);
SELECT probe.try($$SELECT bpt.launch('docs', '{"doc": 1, "tags": null, "at": null, "amount": 1, "flag": null, "raw": "", "code": "abcd"}')$$);

-- Outputs of the process: never set they read as their default, at the end they are stored so.
SELECT * FROM bpt.publish($bpt$
PROCESS outs (n int) RETURNS (first int, second int DEFAULT (n * 10), third text DEFAULT ('t')) DETAIL ('outs');
START -> one;
AUTOMATIC one DO (SELECT n + 1 AS m) SET (first = m) -> ask;
HUMAN ask INPUT (x int DEFAULT 5) ON CLOSE SET (second = second + x, first = NULL) -> END;
$bpt$);
SELECT launch_outs(4) IS NOT NULL AS launched;
SELECT probe.state();
CALL bpt.run();
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('ask'));
SELECT probe.state();

-- A changed default in a later version does not change what ended instances say.
SELECT launch_outs(1) IS NOT NULL AS launched;
SELECT version, changed FROM bpt.publish($bpt$
PROCESS outs (n int) RETURNS (first int, second int DEFAULT (n * 100), third text DEFAULT ('new')) DETAIL ('outs');
START -> one;
AUTOMATIC one DO (SELECT n + 1 AS m) SET (first = m) -> ask;
HUMAN ask INPUT (x int DEFAULT 5) ON CLOSE SET (second = second + x, first = NULL) -> END;
$bpt$);
SELECT version, probe.state(id) FROM bpt.process WHERE name = 'outs' ORDER BY id;

-- Outputs of activities: result columns, none found, two found, declared ones with defaults.
SELECT * FROM bpt.publish($bpt$
PROCESS acts (k int) DETAIL ('acts');
START -> a;
AUTOMATIC a DO (SELECT g AS num, 'n' || g AS txt FROM generate_series(1, 3) g WHERE g = k) DO (SELECT now() AS at) -> b;
WAIT b
  INPUT (given int, other int DEFAULT (7))
  OUTPUT (made text DEFAULT ('unmade'), more int)
  ON CLOSE DO (SELECT upper(a.txt) AS made)
  -> c;
AUTOMATIC c DO (SELECT a.num, a.txt, a.at, b.given, b.other, b.made, b.more, b.expired, b.skipped) -> END;
$bpt$);
SELECT d.name AS activity, o.name, o.data_type, o.default_expression, o.close_input FROM bpt.activity_output_definition o
  JOIN bpt.activity_definition d ON d.id = o.activity_definition_id
  WHERE d.process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'acts') ORDER BY o.id;
SELECT launch_acts(2) IS NOT NULL AS launched;
SELECT * FROM probe.steps();
CALL bpt.run();
SELECT close_acts_b(probe.activity('b'), 1);
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT launch_acts(9) IS NOT NULL AS launched;
CALL bpt.run();
SELECT close_acts_b(probe.activity('b'), NULL, NULL);
CALL bpt.run();
SELECT * FROM probe.steps();

-- In a cycle a.x is the value of the latest a before the reader on its own path.
SELECT * FROM bpt.publish($bpt$
PROCESS latest DETAIL ('latest');
START -> a;
HUMAN a INPUT (v text) -> left_side, right_side;
HUMAN left_side DETAIL ('left of ' || a.v) INPUT (again boolean) -> more;
HUMAN right_side DETAIL ('right of ' || a.v) -> END;
DECISION more WHEN (left_side.again) -> a ELSE -> END;
$bpt$);
SELECT launch_latest() IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('a'), '{"v": "one"}') IS NOT NULL AS next;
SELECT bpt.activity_close(probe.activity('left_side'), '{"again": true}') IS NOT NULL AS next;
SELECT bpt.activity_close(probe.activity('a'), '{"v": "two"}') IS NOT NULL AS next;
SELECT probe.name_of(id) AS step, status, detail FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT bpt.activity_close(id) FROM bpt.activity WHERE process_id = probe.process() AND name = 'right_side' ORDER BY id;
SELECT bpt.activity_close(probe.activity('left_side'), '{"again": false}');
SELECT probe.state();

-- process.x is the process's, wherever an activity has an x of its own.
SELECT * FROM bpt.publish($bpt$
PROCESS named (x int) RETURNS (y int) DETAIL ('named');
START -> a;
HUMAN a INPUT (z int) DETAIL (process.x || '/' || x) ON CLOSE SET (y = process.x + z) -> b;
AUTOMATIC b DO (SELECT process.a.z + a.z AS twice, process.y AS y_now, process.process_id = bpt.process_id() AS same) -> END;
$bpt$);
SELECT launch_named(3) IS NOT NULL AS launched;
SELECT detail FROM bpt.activity WHERE id = probe.activity('a');
SELECT bpt.activity_close(probe.activity('a'), '{"z": 4}');
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT probe.state();

-- A long output that is stored apart is replaced, call by call, each written as its transaction ends.
CREATE FUNCTION long(seed text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(md5(seed || i), '') FROM generate_series(1, 300) i $$;
SELECT version FROM bpt.publish($bpt$
PROCESS longs RETURNS (last text) DETAIL ('longs');
START -> a;
HUMAN a INPUT (x text) SET (last = long(a.x)) -> b;
HUMAN b INPUT (x text) SET (last = long(b.x)) -> c;
HUMAN c INPUT (x text) SET (last = long(c.x)) -> d;
HUMAN d INPUT (x text) SET (last = long(d.x)) -> END;
$bpt$);
SELECT launch_longs() IS NOT NULL AS launched;
SELECT max(id) AS task FROM bpt.activity \gset
SELECT bpt.activity_close(:task, '{"x": "a"}') AS task \gset
SELECT bpt.activity_close(:task, '{"x": "b"}') AS task \gset
SELECT bpt.activity_close(:task, '{"x": "c"}') AS task \gset
SELECT bpt.activity_close(:task, '{"x": "d"}') AS task \gset
SELECT p.status, o.output_value = long('d') AS is_last FROM bpt.process p JOIN bpt.process_output o ON o.process_id = p.id
  WHERE p.id = probe.process();

-- Each SET reads what those before it have set.
SELECT version FROM bpt.publish($bpt$
PROCESS sums RETURNS (n int DEFAULT (0), m int) DETAIL ('sums') ON ACTIVITY CLOSE SET (n = n + 1);
START -> task;
HUMAN task ON CLOSE SET (n = n + 1) -> other;
HUMAN other SET (n = n + 1, m = n * 10) -> END;
$bpt$);
SELECT launch_sums() IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('task')) = probe.activity('other') AS next;
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('other'));
SELECT probe.state();

-- What a transaction has changed is seen by a STABLE function of its next query.
CREATE FUNCTION tasks_of(process bigint) RETURNS bigint STABLE LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT count(*) FROM bpt.activity a WHERE a.process_id = process);
END $$;
CREATE TEMP TABLE seen (by_function bigint, by_query bigint);
BEGIN;
SELECT launch_sums() AS process \gset
INSERT INTO seen SELECT tasks_of(p.id), (SELECT count(*) FROM bpt.activity a WHERE a.process_id = p.id) FROM bpt.process p WHERE p.id = :process;
COMMIT;
SELECT * FROM seen;

-- A transaction that lets itself change nothing any more keeps what it has changed.
BEGIN;
SELECT launch_sums() AS process \gset
SET TRANSACTION READ ONLY;
SELECT probe.try('SELECT launch_sums()');
SELECT status FROM bpt.process WHERE id = :process;
COMMIT;
BEGIN;
SELECT bpt.activity_close(probe.activity('task')) > 0 AS has_next;
SET TRANSACTION READ ONLY;
COMMIT;
SELECT * FROM probe.steps(:process);

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA vals CASCADE;
