-- What publish refuses of conditional starts, what calls refuse, and who may start what; each refused call changes nothing.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
RESET client_min_messages;
CREATE SCHEMA csb;
GRANT USAGE ON SCHEMA csb TO PUBLIC;
SET search_path = csb;
\set VERBOSITY default
CREATE TABLE thing (id int PRIMARY KEY, owner int, state text);
CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b));

-- The flow: no End, unreachable, cycles, connectors to it, what AFTER names.
CREATE FUNCTION probe.problems(text) RETURNS TABLE (severity text, code text, place text, message text, detail text, hint text) LANGUAGE sql AS
  $$SELECT severity, code, line || ':' || col, message, detail, hint FROM bpt.validate('PROCESS p (owner int) PUBLIC DETAIL (''p''); START -> a; HUMAN a INPUT (n int) -> END; AUTOMATIC z DO (SELECT 1 AS one) -> END;' || E'\n' || $1)$$;
SELECT * FROM probe.problems('CONDITIONAL START c;');
SELECT * FROM probe.problems('CONDITIONAL START c -> z; HUMAN b -> END;');
SELECT * FROM probe.problems('CONDITIONAL START c -> z, d; DECISION d WHEN (true) -> d ELSE -> END;');
SELECT * FROM probe.problems('CONDITIONAL START c -> z, c;');
SELECT * FROM probe.problems('CONDITIONAL START c AFTER d, a, a, c, nobody, end1, e -> z, e; END end1; DECISION e WHEN (true) -> END ELSE -> END;');
SELECT * FROM probe.problems('CONDITIONAL START c AFTER z -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c AFTER a -> z; CONDITIONAL START c -> END; CONDITIONAL c -> END;');
-- Clauses that it has not, or that do not go together.
SELECT * FROM probe.problems('CONDITIONAL START c CLOSE ON INSERT INTO thing -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c START ON INSERT INTO thing WHERE (owner = process.owner) OR ALREADY -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c INPUT (process_id int, started_by text, x int) OUTPUT (x int) -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c START ON INSERT INTO pair AS key -> z; CONDITIONAL START d START ON INSERT INTO thing AS k WITH (k => 1, other => 2) INPUT (k int) -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c PUBLIC CALLED begin_c ON CLOSE DO (SELECT 1) -> z;');
-- SQL and names: its own values do not exist when an event is tested; what does not precede; types; an unknown table.
SELECT * FROM probe.problems('CONDITIONAL START c INPUT (x int) START ON INSERT INTO thing WHERE (id = x) -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c START ON INSERT INTO thing WHERE (id = a.n) -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c AFTER a START ON INSERT INTO thing WHERE (id = a.n) -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c INPUT (x int) -> y; AUTOMATIC y DO (SELECT c.x, a.n, z.one) -> END; CONDITIONAL START d -> z;');
SELECT * FROM probe.problems('CONDITIONAL START c INPUT (x int) -> y; HUMAN y DETAIL (c.x) -> END; CONDITIONAL START d -> y, z;');
SELECT * FROM probe.problems('CONDITIONAL START c START ON INSERT INTO thing WHERE (state) WITH (x => state) INPUT (x int) -> z; CONDITIONAL START d START ON UPDATE OF thnig -> z;');
-- Warned of: no equality to the process, a volatile condition.
SELECT * FROM probe.problems('CONDITIONAL START c START ON INSERT INTO thing -> z; CONDITIONAL START d START ON INSERT INTO thing WHERE (thing.owner = process.owner AND random() < 1) -> z;');
SELECT bpt.publish('PROCESS p DETAIL (''p''); START -> END; CONDITIONAL START c AFTER d -> END;');
-- Names of functions.
CREATE FUNCTION start_p_c(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT bpt.publish('PROCESS p DETAIL (''p''); START -> END; CONDITIONAL START c -> END;');
DROP FUNCTION start_p_c;

-- Calls.
\set VERBOSITY terse
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_start_stranger, regress_start_monitor;
CREATE ROLE regress_start_stranger;
CREATE ROLE regress_start_monitor IN ROLE bpt_monitor;
SELECT version FROM bpt.publish($bpt$
PROCESS p (n int DEFAULT NULL) PUBLIC DETAIL ('p');
START -> open; HUMAN open -> END;
CONDITIONAL START c INPUT (m int, nn text NOT NULL DEFAULT 'x', d date DEFAULT NULL) -> task;
CONDITIONAL START free PUBLIC CALLED begin_free START ON INSERT INTO thing AS thing WHERE (thing.owner = process.n) -> task;
CONDITIONAL START "Odd One" AFTER open -> task;
HUMAN task INPUT (x int DEFAULT 1) -> END;
PROCESS q PUBLIC DETAIL ('q'); START -> open; HUMAN open -> END;
$bpt$);
SELECT p.proname, pg_get_function_arguments(p.oid), obj_description(p.oid, 'pg_proc') FROM pg_proc p WHERE pronamespace = 'csb'::regnamespace AND proname ~ 'start|begin' ORDER BY 1;
SELECT o.name, o.data_type, o.default_expression, o.close_input FROM bpt.activity_output_definition o JOIN bpt.activity_definition a ON a.id = o.activity_definition_id WHERE a.kind = 'conditional_start' AND a.process_definition_id IN (SELECT id FROM bpt.process_definition WHERE is_active) ORDER BY o.id;
SELECT name, kind, is_public, event FROM bpt.activity_definition WHERE kind = 'conditional_start' AND process_definition_id IN (SELECT id FROM bpt.process_definition WHERE is_active) ORDER BY id;
SELECT launch_q() AS q, launch_p() AS p \gset
SELECT min(id) FILTER (WHERE name = 'c') AS c, min(id) FILTER (WHERE name = 'free') AS free, min(id) FILTER (WHERE name = 'open') AS open FROM bpt.activity WHERE process_id = :p \gset
SELECT probe.fingerprint() AS before \gset
CREATE FUNCTION probe.each(VARIADIC calls text[]) RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
  SELECT regexp_replace(c, '\(-?\d+', '(N'), probe.try('SELECT ' || c) FROM unnest(calls) WITH ORDINALITY u (c, n) ORDER BY n $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA probe TO PUBLIC;
SELECT * FROM probe.each('bpt.activity_start(NULL)', 'bpt.activity_start(987654321)', 'bpt.activity_start(-1)', format('bpt.activity_start(%s)', :open),
  format('bpt.activity_start(%s)', :c), format('bpt.activity_start(%s, NULL)', :c), format('bpt.activity_start(%s, ''[]'')', :c), format('bpt.activity_start(%s, ''{"m": "one"}'')', :c),
  format('bpt.activity_start(%s, ''{"m": 1, "x": 2}'')', :c), format('bpt.activity_start(%s, ''{"m": 1, "nn": null}'')', :c), format('bpt.activity_start(%s, ''{"m": 1, "d": "yesterdayish"}'')', :c),
  format('bpt.activity_close(%s)', :c), format('bpt.activity_open(%s)', :c), format('bpt.activity_skip(%s)', :c), format('bpt.activity_retry(%s)', :c),
  'start_p_c(NULL, 1)', 'start_p_c(987654321, 1)', format('start_p_c(%s, 1)', :q), format('start_p_c(%s, 1, NULL)', :p), format('start_p_c(%s)', :p), format('"start_p_Odd One"(%s)', :p));
SELECT probe.fingerprint() = :'before' AS unchanged;
-- Strangers know of nothing that is not PUBLIC; monitors see it and may not start it.
CREATE FUNCTION probe.undone(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  answer := CASE WHEN probe.try(command) ~ '^[0-9~]+$' THEN 'works' ELSE probe.try(command) END;
  RAISE '%', answer USING ERRCODE = 'UN000';
EXCEPTION WHEN SQLSTATE 'UN000' THEN
  RETURN SQLERRM;
END $$;
SET ROLE regress_start_stranger;
SELECT probe.undone(format('SELECT bpt.activity_start(%s, ''{"m": 1}'')', :c)), probe.undone(format('SELECT csb.start_p_c(%s, 1)', :p)), probe.undone(format('SELECT bpt.activity_start(%s)', :free)), probe.undone(format('SELECT csb.begin_free(%s)', :p));
SET ROLE regress_start_monitor;
SELECT probe.undone(format('SELECT bpt.activity_start(%s, ''{"m": 1}'')', :c)), probe.undone(format('SELECT csb.start_p_c(%s, 1)', :p)), probe.undone(format('SELECT csb.begin_free(%s)', :p));
RESET ROLE;
-- A start's own row is not what is started; who started it is known.
SET ROLE regress_start_stranger; SELECT csb.begin_free(:p, 5) > 0 AS next; RESET ROLE;
SELECT started_by, closed_by, last_modified_by FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE started_instant IS NOT NULL;
SELECT probe.try(format('SELECT bpt.activity_start(%s)', id)) FROM bpt.activity WHERE started_instant IS NOT NULL;
SELECT probe.try(format('SELECT bpt.activity_discard(%s)', id)) FROM bpt.activity WHERE started_instant IS NOT NULL;
-- A version without it: instances of the version that had it are started still, others not.
SELECT version FROM bpt.publish('PROCESS p (n int DEFAULT NULL) PUBLIC DETAIL (''p''); START -> open; HUMAN open -> END; CONDITIONAL START c INPUT (m int, e text DEFAULT NULL) -> END;');
SELECT probe.try(format('SELECT start_p_c(%s, 1)', :p)) ~ '^\d+$' AS next;
SELECT probe.try(format('SELECT start_p_c(%s, 1, e => ''x'')', :p));
SELECT probe.try(format('SELECT bpt.activity_start(%s, ''{"m": 1}'')', :free));
SELECT probe.try(format('SELECT bpt.activity_start(%s)', :free)) ~ '^\d+$' AS next;
SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA csb CASCADE;
DROP ROLE regress_start_stranger, regress_start_monitor;
