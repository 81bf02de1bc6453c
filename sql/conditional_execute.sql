-- Conditional starts and EXECUTE: children in flows, conditional starts of children, AFTER an EXECUTE, starts that launch.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA csx;
SET search_path = csx;
CREATE TABLE thing (id int PRIMARY KEY, owner int);
SELECT version FROM bpt.publish($bpt$
PROCESS kid (n int) RETURNS (answer int DEFAULT -1) DETAIL ('kid ' || n) CLOSE AFTER ALL FLOWS;
START -> work; HUMAN work SET (answer = n * 2) -> END;
CONDITIONAL START aside START ON INSERT INTO thing WHERE (thing.owner = n) -> look;
HUMAN look -> END;
CONDITIONAL START stop -> END TERMINATE;
PROCESS parent DETAIL ('parent');
START -> open, run; HUMAN open -> END;
EXECUTE run PROCESS kid (n => 1) -> then;
HUMAN then DETAIL (run.answer || ' ' || run.terminated) -> END;
CONDITIONAL START again START ON INSERT INTO thing AS thing WHERE (thing.owner = 100) -> more;
EXECUTE more PROCESS kid (n => again.thing) -> told;
HUMAN told DETAIL (again.thing || ' ' || more.answer || ' ' || more.terminated) -> END;
CONDITIONAL START after AFTER run -> read;
HUMAN read DETAIL ('read ' || run.answer) -> END;
$bpt$);
CREATE FUNCTION probe.look() RETURNS TABLE (process text, step text, status text, stopped text, detail text) LANGUAGE sql AS $$
  SELECT p.label || ' ' || p.status, probe.name_of(a.id), a.status, a.stopped_status, a.detail FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id ORDER BY p.id, a.id
$$;
SELECT launch_parent() AS parent \gset
SELECT * FROM probe.look();
-- A flow of the child; its main flow ends, and it goes on until that flow does; then the parent goes on.
INSERT INTO thing VALUES (1, 1);
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('work'));
SELECT step FROM probe.steps(:parent);
SELECT bpt.activity_close(probe.activity('look')) = probe.activity('then') AS next;
SELECT detail FROM bpt.activity WHERE name = 'then';
SELECT start_parent_after(:parent) = probe.activity('read') AS next;
SELECT detail FROM bpt.activity WHERE name = 'read';
-- Children of flows, told apart; END TERMINATE in a flow of one of them lets its parent go on.
INSERT INTO thing VALUES (11, 100), (12, 100), (13, 100);
CALL bpt.run();
SELECT start_kid_stop(id) = probe.activity('told') AS next FROM bpt.process WHERE label = 'kid 12';
SELECT bpt.activity_close(a.id) IS NOT NULL AS next FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'kid 11' AND a.name = 'work';
SELECT * FROM probe.look() WHERE process LIKE 'parent%';
-- Suspending the parent suspends what its flows run, with their conditional starts.
SELECT bpt.process_suspend(:parent);
SELECT probe.try(format('SELECT start_kid_stop(%s)', id)) FROM bpt.process WHERE label = 'kid 13';
INSERT INTO thing VALUES (2, 13);
CALL bpt.run();
SELECT bpt.process_resume(:parent);
CALL bpt.run();
SELECT s.step, s.status FROM bpt.process p, probe.steps(p.id) s WHERE p.label = 'kid 13';
-- The main flow ends: what a flow runs is terminated.
SELECT bpt.activity_close(id) FROM bpt.activity WHERE name IN ('open', 'then') ORDER BY id;
SELECT label, status FROM bpt.process ORDER BY id;
SELECT * FROM probe.look() WHERE process ~ 'parent|kid 13';
SELECT * FROM probe.leftovers();
SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name DESC;
DROP SCHEMA csx CASCADE;
