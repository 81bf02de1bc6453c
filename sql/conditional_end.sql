-- How conditional starts and their flows end: with the main flow, or with CLOSE AFTER ALL FLOWS after all; END TERMINATE in a
-- flow, termination, suspension, discarding; what is left of error and of work.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA cse;
SET search_path = cse;
CREATE TABLE thing (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new');
SELECT version FROM bpt.publish($bpt$
PROCESS short DETAIL ('short') RETURNS (n int DEFAULT 0);
START -> open, other; HUMAN open -> END; HUMAN other -> END;
CONDITIONAL START c START ON INSERT INTO thing AS thing -> task, auto, wait;
HUMAN task DUE (interval '1 day') -> work;
AUTOMATIC auto DO (SELECT 1 / (c.thing - 2) AS x) SET (n = n + 1) -> END;
WAIT wait CLOSE ON UPDATE OF thing WHERE (id = c.thing) TIMEOUT (interval '1 year') -> END;
AUTOMATIC work DO (SELECT 1) SET (n = n + 100) -> ended;
END ended;
CONDITIONAL START stop -> END TERMINATE;
CONDITIONAL START named -> halt; END halt TERMINATE;
CONDITIONAL START nothing -> END;
PROCESS long DETAIL ('long') RETURNS (n int DEFAULT 0) CLOSE AFTER ALL FLOWS;
START -> open; HUMAN open -> END;
CONDITIONAL START c START ON INSERT INTO thing AS thing -> task, auto;
HUMAN task -> more;
DECISION more WHEN (c.thing > 10) -> again ELSE -> END;
HUMAN again -> END;
AUTOMATIC auto DO (SELECT 1) SET (n = n + 1) -> END;
CONDITIONAL START after AFTER task -> END;
CONDITIONAL START stop -> END TERMINATE;
$bpt$);
CREATE FUNCTION probe.look() RETURNS TABLE (process text, step text, status text, stopped text) LANGUAGE sql AS $$
  SELECT p.label || ' ' || p.status, probe.name_of(a.id), a.status, a.stopped_status FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id ORDER BY p.id, a.id
$$;
SELECT launch_short() IS NOT NULL AND launch_long() IS NOT NULL AS launched;
INSERT INTO thing VALUES (1), (2);
SELECT probe.try('SELECT start_short_nothing(min(id)) FROM bpt.process');
-- A flow that ends ends nothing else, and a main path that ends while another is left neither.
CALL bpt.run();
SELECT bpt.activity_close(min(id)) FROM bpt.activity WHERE name = 'other';
SELECT * FROM probe.look();
SELECT process_id = probe.process() AS long, (SELECT name FROM bpt.activity a WHERE a.id = l.activity_id) AS name FROM bpt.listener l ORDER BY activity_id;
-- The main flow ends: of the one all is over; of the other the listening only.
SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'open' ORDER BY id;
SELECT * FROM probe.look();
SELECT probe.state(id) FROM bpt.process ORDER BY id;
SELECT probe.try('SELECT start_short_c(min(id)) FROM bpt.process');
SELECT probe.try('SELECT start_long_c(max(id)) FROM bpt.process');
SELECT probe.try(format('SELECT bpt.activity_start(%s)', min(id))) FROM bpt.activity WHERE name = 'c' AND started_instant IS NULL;
INSERT INTO thing VALUES (3);
CALL bpt.run('2026-03-03');
SELECT count(*) FROM bpt.activity WHERE name = 'c' AND started_instant IS NOT NULL;
-- The flows run on; nothing begins to listen any more; the last one closes the process.
SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'task' AND status = 'ready' ORDER BY id LIMIT 1;
SELECT probe.state(id) FROM bpt.process ORDER BY id;
SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'task' AND status = 'ready' ORDER BY id LIMIT 1;
SELECT probe.state(id) FROM bpt.process ORDER BY id;
SELECT step, status FROM probe.steps() WHERE step ~ 'after';
SELECT * FROM probe.leftovers();
-- Flows that have ended before: the main flow closes the process; the main flow ended at once, too.
SELECT launch_long() IS NOT NULL AS launched;
INSERT INTO thing VALUES (11);
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('task')) = probe.activity('again') AS next;
SELECT bpt.activity_close(probe.activity('again'));
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('open'));
SELECT probe.state();
SELECT version FROM bpt.publish('PROCESS brief DETAIL (''brief'') CLOSE AFTER ALL FLOWS; START -> END; CONDITIONAL START c START ON INSERT INTO thing -> END;');
SELECT launch_brief() IS NOT NULL AS launched;
SELECT probe.state(), count(*) AS rows FROM bpt.activity WHERE process_id = probe.process();
-- END TERMINATE of a flow ends the process, also while it only waits for its flows.
SELECT launch_short() IS NOT NULL AS launched;
INSERT INTO thing VALUES (21);
SELECT start_short_stop(probe.process());
SELECT * FROM probe.look() WHERE process LIKE 'short terminated';
SELECT launch_short() IS NOT NULL AS launched;
SELECT start_short_named(probe.process());
SELECT step, status, after FROM probe.steps();
CALL bpt.run();
SELECT launch_long() IS NOT NULL AS launched;
INSERT INTO thing VALUES (22);
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('open'));
SELECT bpt.process_terminate(probe.process());
SELECT * FROM probe.look() WHERE process LIKE 'long terminated';
SELECT * FROM probe.leftovers();
-- Suspended, it hears nothing yet and cannot be started; resumed, it hears all in order.
SELECT launch_long() IS NOT NULL AS launched;
SELECT bpt.process_suspend(probe.process());
SELECT probe.try('SELECT start_long_c(probe.process())');
INSERT INTO thing VALUES (31), (32);
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT bpt.process_resume(probe.process());
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();
-- Discarding what listens ends the listening only; an activity of a flow, its path; the flow of all, the process.
SELECT bpt.activity_discard(id) FROM bpt.activity WHERE process_id = probe.process() AND status = 'listening' AND name = 'c';
SELECT probe.try('SELECT start_long_c(probe.process())');
SELECT probe.try(format('SELECT bpt.activity_skip(%s)', id)) FROM bpt.activity WHERE process_id = probe.process() AND status = 'listening' ORDER BY id LIMIT 1;
INSERT INTO thing VALUES (33);
CALL bpt.run();
SELECT bpt.activity_discard(probe.activity('open'));
SELECT step, status FROM probe.steps();
SELECT bpt.activity_discard(id) FROM bpt.activity WHERE process_id = probe.process() AND status = 'ready' ORDER BY id;
SELECT probe.state();
SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA cse CASCADE;
