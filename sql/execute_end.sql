-- How children end with their parents, parents go on after their children, and what fails between them: termination, skipping,
-- discarding, suspension; refusals, retries, the limit of depth.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA execend;
SET search_path = execend, public;
CREATE TABLE fate (what text);

CREATE FUNCTION tree(top bigint) RETURNS TABLE (process text, status text, suspended bool, activities text) LANGUAGE sql AS $$
  SELECT repeat('. ', (SELECT count(*)::int FROM bpt.process o WHERE o.top_process_id = $1 AND o.id < p.id AND o.id IN (p.parent_process_id, $1))) || p.name,
    p.status, p.is_suspended,
    (SELECT string_agg(a.name || ' ' || a.status || COALESCE(' from ' || a.stopped_status, ''), ', ' ORDER BY a.id) FROM bpt.activity a WHERE a.process_id = p.id)
  FROM bpt.process p WHERE p.top_process_id = $1 ORDER BY p.id $$;

SELECT process FROM bpt.publish($$
PROCESS top RETURNS (ended int DEFAULT 0) DETAIL ('top'); START -> left, right, own;
EXECUTE left PROCESS middle (n => 1) SET (ended = ended + 1) -> after;
EXECUTE right PROCESS middle (n => 2) SET (ended = ended + 1) -> after;
HUMAN own -> END TERMINATE;
HUMAN after DETAIL (ended) -> END;
PROCESS middle (n int) DETAIL ('middle ' || n); START -> bottom;
EXECUTE bottom PROCESS leaf (n => n) -> END;
PROCESS leaf (n int) DETAIL ('leaf ' || n); START -> h, w;
HUMAN h -> END; WAIT w TIMEOUT (interval '1 day') -> END;
$$);
-- Termination reaches the whole tree, whoever asks for it: a call, an END TERMINATE.
SELECT bpt.launch('top') AS top \gset
SELECT * FROM tree(:top);
SELECT bpt.process_terminate(:top);
SELECT * FROM tree(:top);
SELECT * FROM probe.leftovers();
SELECT bpt.launch('top') AS top \gset
SELECT bpt.activity_close(probe.activity('own'));
SELECT * FROM tree(:top);
SELECT * FROM probe.leftovers();
-- A child that is terminated lets its parent go on, and so on upwards.
SELECT bpt.launch('top') AS top \gset
SELECT bpt.process_terminate((SELECT min(id) FROM bpt.process WHERE top_process_id = :top AND name = 'leaf'));
SELECT * FROM tree(:top);
-- Skipping or discarding the EXECUTE ends its child.
SELECT bpt.activity_skip((SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'right')) = probe.activity('after') AS next;
SELECT * FROM tree(:top);
SELECT detail FROM bpt.activity WHERE process_id = :top AND name = 'after' ORDER BY id;
SELECT probe.state(:top);
SELECT bpt.launch('top') AS top \gset
SELECT bpt.activity_discard((SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'left'));
SELECT * FROM tree(:top);
SELECT probe.try(format('SELECT bpt.activity_close(%s)', (SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'right')));
SELECT probe.try(format('SELECT bpt.activity_open(%s)', (SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'right')));
SELECT probe.try(format('SELECT bpt.activity_retry(%s)', (SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'right')));
SELECT probe.try(format('SELECT bpt.activity_schedule(%s, NULL)', (SELECT id FROM bpt.activity WHERE process_id = :top AND name = 'right')));
-- Suspending and resuming reach them too. What ended meanwhile is not lost.
SELECT bpt.process_suspend(:top);
SELECT * FROM tree(:top);
SELECT probe.try(format('SELECT bpt.activity_close(%s)', probe.activity('h')));
SELECT bpt.process_terminate((SELECT max(id) FROM bpt.process WHERE top_process_id = :top AND name = 'leaf'));
CALL bpt.run();
SELECT * FROM tree(:top);
SELECT bpt.process_resume(:top);
CALL bpt.run();
SELECT * FROM tree(:top);
SELECT bpt.process_terminate(:top);
SELECT * FROM probe.leftovers();

-- The child starts as by a call: what its ON PROCESS START refuses, or its defaults or DETAIL raise, is a matter of the EXECUTE.
SELECT process FROM bpt.publish($$
PROCESS refusing (n int, half int DEFAULT (10 / n)) DETAIL ('half ' || half)
  ON PROCESS START CHECK (n < 5) MESSAGE 'too many' DO (INSERT INTO fate VALUES ('started ' || n));
START -> END;
PROCESS caller (n int); START -> e; EXECUTE e PROCESS refusing (n => n - (SELECT count(*) FROM fate)::int) -> h;
HUMAN h DETAIL ('h') -> END;
PROCESS needy (a int NOT NULL); START -> END;
PROCESS feeding (x int); START -> e; EXECUTE e PROCESS needy (a => x / x) -> END;
$$);
SELECT bpt.launch('caller', '{"n": 6}') > 0 AS launched;
SELECT name, status, error_count, refusals, last_refusal, next_run - bpt.now() AS again, child_process_id FROM bpt.activity WHERE id = probe.activity('e');
SELECT count(*) FROM bpt.error_log;
SELECT count(*) FROM bpt.process;
INSERT INTO fate VALUES ('one'), ('two');
SET bpt.clock = '2026-03-02 09:00:01+00';
CALL bpt.run();
SELECT * FROM probe.steps((SELECT max(id) FROM bpt.process WHERE name = 'caller'));
SELECT * FROM fate;
-- In error it can be skipped or terminated.
SELECT bpt.launch('caller', '{"n": 3}') > 0 AS launched;
SELECT a.status, e.phase, e.attempt, e.sqlstate, e.message, e.context IS NOT NULL AS context FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id WHERE a.id = probe.activity('e');
SELECT bpt.activity_skip(probe.activity('e')) = probe.activity('h') AS next;
SELECT * FROM probe.steps();
SELECT bpt.launch('feeding', '{"x": 0}') > 0 AS launched;
SELECT bpt.launch('feeding', '{"x": null}') > 0 AS launched;
SELECT a.status, e.phase, e.sqlstate, e.message, e.statement FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id WHERE a.name = 'e' AND a.status = 'error' ORDER BY a.id;
SELECT bpt.process_terminate(id) FROM bpt.process WHERE status = 'active' AND name IN ('feeding', 'caller');
SELECT * FROM probe.leftovers();

-- What fails on the way back is tried again, and nothing of the child is undone.
CREATE TABLE divisor (d int); INSERT INTO divisor VALUES (0);
SELECT process FROM bpt.publish($$
PROCESS giving RETURNS (x int DEFAULT 6); START -> t; HUMAN t DETAIL ('t') -> END;
PROCESS taking RETURNS (y int); START -> e; EXECUTE e PROCESS giving SET (y = e.x / (SELECT d FROM divisor)) -> END;
$$);
SELECT bpt.launch('taking') AS top \gset
SELECT bpt.activity_close(probe.activity('t'));
SELECT * FROM tree(:top);
SELECT phase, sqlstate, message, next_run - instant AS again FROM bpt.error_log WHERE process_id = :top;
CALL bpt.run();
SELECT * FROM tree(:top);
UPDATE divisor SET d = 2;
SELECT bpt.activity_retry(probe.activity('e'));
CALL bpt.run();
SELECT * FROM tree(:top);
SELECT probe.state(:top);
SELECT * FROM probe.leftovers();

-- Depth.
SELECT process FROM bpt.publish($$
PROCESS down (n int) RETURNS (deepest int); START -> d;
DECISION d WHEN (n = 0) -> END ELSE -> e;
EXECUTE e PROCESS down (n => n - 1) SET (deepest = COALESCE(e.deepest, 0) + 1) -> END;
$$);
SELECT bpt.launch('down', '{"n": 99}') AS top \gset
CALL bpt.run();
SELECT status, probe.state(:top), (SELECT count(*) FROM bpt.process WHERE top_process_id = :top) FROM bpt.process WHERE id = :top;
SELECT bpt.launch('down', '{"n": 100}') AS top \gset
CALL bpt.run();
SELECT count(*), count(*) FILTER (WHERE status = 'active') AS active FROM bpt.process WHERE top_process_id = :top;
SELECT phase, sqlstate, message, detail, hint FROM bpt.error_log WHERE sqlstate = '54000';
SELECT bpt.process_terminate(:top);
SELECT count(*), count(*) FILTER (WHERE status = 'terminated') AS terminated FROM bpt.process WHERE top_process_id = :top;
SET bpt.max_process_depth = 0;
SET bpt.max_process_depth = 2;
SELECT bpt.launch('down', '{"n": 5}') AS top \gset
SELECT * FROM tree(:top);
SET bpt.max_process_depth = 6;
SELECT bpt.activity_retry(probe.activity('e'));
CALL bpt.run();
SELECT status, probe.state(:top) FROM bpt.process WHERE id = :top;
SELECT * FROM probe.leftovers();

-- A child may end its parent, or itself, from within.
SELECT process FROM bpt.publish($$
PROCESS ends_parent (parent bigint); START -> a; AUTOMATIC a DO (SELECT bpt.process_terminate(parent)) -> END;
PROCESS ended_by_child; START -> e; EXECUTE e PROCESS ends_parent (parent => process.process_id) -> END;
PROCESS ends_itself ON PROCESS START DO (SELECT bpt.process_terminate(bpt.process_id())); START -> END;
PROCESS goes_on; START -> e; EXECUTE e PROCESS ends_itself -> h; HUMAN h DETAIL (e.terminated) -> END;
$$);
SELECT bpt.launch('ended_by_child') AS top \gset
CALL bpt.run();
SELECT * FROM tree(:top);
SELECT bpt.launch('goes_on') AS top \gset
CALL bpt.run();
SELECT * FROM tree(:top);
SELECT * FROM probe.leftovers() WHERE what <> 'offer';
DROP FUNCTION tree(bigint);
DROP SCHEMA execend CASCADE;
