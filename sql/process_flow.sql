-- Paths: parallel ones, those that meet, cycles, decisions, ends with a name, Terminate, long advances.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA flow;
SET search_path = flow;
CREATE TABLE trace (n int GENERATED ALWAYS AS IDENTITY, what text);

-- Two paths reach the same element: it runs twice, without a join. The process ends with the last path.
SELECT * FROM bpt.publish($bpt$
PROCESS twice DETAIL ('twice');
START -> a, b;
AUTOMATIC a DO (INSERT INTO trace (what) VALUES ('a')) -> both;
HUMAN b -> both;
AUTOMATIC both DO (INSERT INTO trace (what) VALUES ('both after ' || CASE WHEN bpt.activity_name() = 'both' THEN 'something' END)) -> done;
END done;
$bpt$);
SELECT launch_twice() IS NOT NULL AS launched;
SELECT step, status, after FROM probe.steps();
CALL bpt.run();
SELECT step, status, after FROM probe.steps();
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('b'));
CALL bpt.run();
SELECT step, status, after FROM probe.steps();
SELECT probe.state();
SELECT what FROM trace ORDER BY n;
TRUNCATE trace;

-- START with several connectors, one of them straight to an End.
SELECT * FROM bpt.publish($bpt$
PROCESS straight DETAIL ('straight');
START -> END, only;
HUMAN only -> END;
$bpt$);
SELECT launch_straight() IS NOT NULL AS launched;
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('only'));
SELECT probe.state();
SELECT * FROM bpt.publish($bpt$
PROCESS nothing DETAIL ('nothing'); START -> END;
$bpt$);
SELECT launch_nothing() IS NOT NULL AS launched;
SELECT probe.state(), closed = created AS at_once FROM bpt.process WHERE id = probe.process();

-- A cycle: each round makes new activities; the decision reads the latest.
SELECT * FROM bpt.publish($bpt$
PROCESS rounds (wanted int) RETURNS (total int DEFAULT (0)) DETAIL ('rounds');
START -> ask;
HUMAN ask INPUT (amount int) -> add;
AUTOMATIC add DO (SELECT COALESCE(total, 0) + ask.amount AS so_far) SET (total = so_far) -> enough;
DECISION enough
  WHEN (add.so_far >= wanted) -> END
  ELSE -> ask;
$bpt$);
SELECT launch_rounds(10) IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('ask'), '{"amount": 3}');
CALL bpt.run();
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('ask'), '{"amount": 4}');
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('ask'), '{"amount": 5}');
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT probe.state();

-- Terminate ends everything that is open, on every path, and says in which status it was.
SELECT * FROM bpt.publish($bpt$
PROCESS stop DETAIL ('stop');
START -> task, later, hold, work, choose;
HUMAN task -> END;
HUMAN later START DATE (interval '1 day') -> END;
WAIT hold TIMEOUT (interval '2 days') -> END;
AUTOMATIC work DO (INSERT INTO trace (what) VALUES ('must not run')) -> END;
HUMAN choose -> stopped;
END stopped TERMINATE;
$bpt$);
SELECT launch_stop() IS NOT NULL AS launched;
SELECT bpt.activity_open(probe.activity('task'));
SELECT bpt.activity_close(probe.activity('choose'));
SELECT probe.name_of(id) AS step, status, stopped_status, closed FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT probe.state(), closed, last_modified_by = current_user AS by_me FROM bpt.process WHERE id = probe.process();
CALL bpt.run('2026-03-10 00:00:00+00');
SELECT what FROM trace;
SELECT * FROM probe.leftovers();
SET bpt.clock = '2026-03-02 09:00:00+00';

-- `-> END TERMINATE` without a name, reached by a decision beside another path; nothing behind it is begun.
SELECT * FROM bpt.publish($bpt$
PROCESS gate (ok boolean) DETAIL ('gate');
START -> check_it, other;
DECISION check_it WHEN (ok) -> END ELSE -> END TERMINATE;
HUMAN other -> END;
$bpt$);
SELECT launch_gate(true) IS NOT NULL AS launched;
SELECT probe.state();
SELECT step, status FROM probe.steps();
SELECT bpt.activity_close(probe.activity('other'));
SELECT probe.state();
SELECT launch_gate(false) IS NOT NULL AS launched;
SELECT probe.state();
SELECT step, status FROM probe.steps();

-- Decisions within decisions leave no rows; the next row says which outcome led to it.
SELECT * FROM bpt.publish($bpt$
PROCESS sort (n int) DETAIL ('sort ' || n);
START -> sign;
DECISION sign
  WHEN (n < 0) AS negative -> minus
  WHEN (n > 0) -> size
  ELSE AS nil -> zero;
DECISION size
  WHEN (n > 100) AS big -> large
  ELSE -> small;
END minus; END zero; END large; END small;
$bpt$);
SELECT probe.state(launch_sort(n)) FROM (VALUES (-1), (0), (7), (700)) v (n);
SELECT p.label, probe.name_of(a.id) AS step, a.kind, a.precedent_activity_id, a.precedent_outcome
  FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.name = 'sort' ORDER BY a.id;
SELECT s.name AS source, t.name AS target, l.outcome, l.is_terminate FROM bpt.activity_def_link l
  LEFT JOIN bpt.activity_definition s ON s.id = l.source_activity_definition_id
  LEFT JOIN bpt.activity_definition t ON t.id = l.target_activity_definition_id
  WHERE l.process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'sort') ORDER BY l.position, l.id;

-- NULL is not true.
SELECT probe.state(launch_sort(NULL));
SELECT step, outcome FROM probe.steps();

-- One call advances a thousand elements and leaves the rest to a worker.
SELECT string_agg('d' || i, ', ' ORDER BY i) AS names,
       string_agg(format('HUMAN d%s -> END;', i), E'\n' ORDER BY i) AS tasks FROM generate_series(1, 1200) i \gset
SELECT version, changed FROM bpt.publish('PROCESS wide DETAIL (''wide''); START -> ' || :'names' || ';' || :'tasks');
SELECT launch_wide() IS NOT NULL AS launched;
SELECT count(*), count(*) FILTER (WHERE status = 'ready') AS ready FROM bpt.activity WHERE process_id = probe.process();
CALL bpt.run();
SELECT count(*), count(*) FILTER (WHERE status = 'ready') AS ready, count(DISTINCT name) AS names
  FROM bpt.activity WHERE process_id = probe.process();
SELECT probe.state();
SELECT count(bpt.activity_close(id)) AS next_tasks FROM bpt.activity WHERE process_id = probe.process();
SELECT probe.state();
SELECT * FROM probe.leftovers();

-- A long chain of decisions advances in one call too: those that it left over are gone on with.
SELECT string_agg(format('DECISION c%s WHEN (n > %s) -> c%s ELSE -> stopped;', i, i, i + 1), E'\n' ORDER BY i) AS chain
  FROM generate_series(1, 1100) i \gset
SELECT version, changed FROM bpt.publish('PROCESS chain (n int) DETAIL (''chain''); START -> c1;' || :'chain' || 'HUMAN c1101 -> END; END stopped;');
SELECT launch_chain(500) IS NOT NULL AS launched;
SELECT probe.state();
SELECT launch_chain(5000) IS NOT NULL AS launched;
SELECT count(*) FROM probe.steps();
CALL bpt.run();
SELECT step, status, after, outcome FROM probe.steps();

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA flow CASCADE;
