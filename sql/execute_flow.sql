-- EXECUTE runs another process: typed inputs, its outputs read as the activity's, nested, several definitions in one text
-- that call each other.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA executing;
SET search_path = executing, public;
CREATE TABLE done (what text);

-- The whole tree in one view, without ids.
CREATE FUNCTION tree(top bigint) RETURNS TABLE (process text, parent text, by text, top bool, launched_by bool) LANGUAGE sql AS $$
  SELECT p.label || ' ' || p.status, q.label, a.name, p.top_process_id = $1, p.launched_by_activity_id IS NOT NULL
  FROM bpt.process p LEFT JOIN bpt.process q ON q.id = p.parent_process_id LEFT JOIN bpt.activity a ON a.id = p.parent_activity_id
  WHERE p.top_process_id = $1 ORDER BY p.id $$;

-- The caller stands before the one that it calls.
SELECT process, version, changed FROM bpt.publish($$
PROCESS purchase (amount numeric, buyer text DEFAULT 'ann') RETURNS (approved_by text, fee numeric) DETAIL ('purchase of ' || amount);
START -> approval;
EXECUTE approval LABEL 'Approve it' PROCESS approve (what => 'a purchase', amount => amount * 1.1)
  SET (approved_by = approval.by, fee = approval.fee + 1)
  -> result;
DECISION result WHEN (approval.terminated) -> END ELSE -> tell;
HUMAN tell DETAIL (approval.by || ' ' || approval.fee || ' ' || approval.note || ' ' || (approval.closed_instant = bpt.now()) || ' ' || (approval.activity_id > 0)) -> END;

PROCESS approve (what text, amount numeric, level int NOT NULL DEFAULT 1) RETURNS (by text, fee numeric, note text DEFAULT ('level ' || level))
  DETAIL ('approval of ' || what || ' at ' || amount);
START -> decide;
HUMAN decide INPUT (name text) ON CLOSE SET (by = name) -> charge;
AUTOMATIC charge DO (INSERT INTO done VALUES ('charged') RETURNING amount / 11 AS part) SET (fee = charge.part) -> END;
$$);
SELECT d.name, a.kind, a.label, i.name AS invoked, (SELECT string_agg(o.name || ' ' || o.data_type, ', ' ORDER BY o.id) FROM bpt.activity_output_definition o WHERE o.activity_definition_id = a.id) AS outputs
FROM bpt.activity_definition a JOIN bpt.process_definition d ON d.id = a.process_definition_id
     JOIN bpt.process_definition i ON i.id = a.invoked_process_definition_id
WHERE d.schema_name = 'executing';

SELECT launch_purchase(amount => 100) = probe.process() - 1 AS launched;
SELECT * FROM probe.steps(probe.process() - 1);
SELECT * FROM probe.steps();
SELECT * FROM tree(probe.process() - 1);
SELECT probe.state();
-- The next task may lie in the child; what a worker does ends "at once".
SELECT bpt.activity_close(probe.activity('decide'), '{"name": "bob"}') IS NULL AS no_task_yet;
CALL bpt.run();
SELECT * FROM probe.steps(probe.process() - 1);
SELECT detail FROM bpt.activity WHERE name = 'tell';
SELECT * FROM tree(probe.process() - 1);
SELECT probe.state(probe.process() - 1);
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('tell'));
SELECT * FROM tree(probe.process() - 1);
SELECT * FROM probe.leftovers();

-- A child that ends at once: the call goes on to the next task in the parent, or finds one in the child.
SELECT process, version FROM bpt.publish($$
PROCESS quick (n int) RETURNS (m int); START -> d;
DECISION d WHEN (n < 0) -> ask ELSE -> END;
HUMAN ask DETAIL ('ask') -> END;
PROCESS outer (n int) DETAIL ('outer'); START -> begin;
HUMAN begin -> first;
EXECUTE first PROCESS quick (n => n) -> second;
EXECUTE second PROCESS executing.quick (n => n) -> after;
HUMAN after -> END;
$$);
SELECT bpt.launch('outer', '{"n": 1}') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('begin')) = probe.activity('after') AS next;
SELECT * FROM probe.steps(probe.process() - 2);
SELECT bpt.launch('outer', '{"n": -1}') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('begin')) = probe.activity('ask') AS next;
-- The task after a child is found too when the child's last one is closed.
SELECT bpt.activity_close(probe.activity('ask')) = probe.activity('ask') AS next;
SELECT bpt.activity_close(probe.activity('ask')) = probe.activity('after') AS next;

-- An output that is never set is the default; so it is after a termination.
SELECT process, version FROM bpt.publish($$
PROCESS half RETURNS (x int DEFAULT 3, y int, z text[]) ; START -> h;
HUMAN h DETAIL ('h') INPUT (v int) ON CLOSE SET (y = v, z = ARRAY['p', 'q']) -> d;
DECISION d WHEN (h.v > 0) -> END ELSE -> END TERMINATE;
PROCESS whole RETURNS (ended bool); START -> e;
EXECUTE e PROCESS half SET (ended = e.terminated) -> t;
HUMAN t DETAIL (concat_ws('|', e.x, e.y, e.z[2], e.terminated)) -> END;
$$);
SELECT bpt.launch('whole') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('h'), '{"v": 1}') = probe.activity('t') AS next;
SELECT detail FROM bpt.activity WHERE id = probe.activity('t');
SELECT probe.state(), probe.state(probe.process() - 1);
SELECT bpt.launch('whole') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('h'), '{"v": -1}') = probe.activity('t') AS next;
SELECT detail FROM bpt.activity WHERE id = probe.activity('t');
SELECT probe.state(), probe.state(probe.process() - 1);
SELECT bpt.launch('whole') > 0 AS launched;
SELECT bpt.process_terminate(probe.process());
SELECT detail FROM bpt.activity WHERE id = probe.activity('t');
SELECT probe.state(), probe.state(probe.process() - 1);
SELECT name, output_value, is_set FROM bpt.activity_output WHERE activity_id = probe.activity('e') ORDER BY output_definition_id;

-- Recursion, by oneself and by each other, to an end.
SELECT process, version FROM bpt.publish($$
PROCESS factorial (n int) RETURNS (f bigint DEFAULT 1); START -> d;
DECISION d WHEN (n > 1) -> r ELSE -> END;
EXECUTE r PROCESS factorial (n => n - 1) SET (f = n * r.f) -> END;
PROCESS even (n int) RETURNS (is bool); START -> d;
DECISION d WHEN (n = 0) -> yes ELSE -> r;
AUTOMATIC yes DO (SELECT true AS a) SET (is = yes.a) -> END;
EXECUTE r PROCESS odd (n => n - 1) SET (is = r.is) -> END;
PROCESS odd (n int) RETURNS (is bool); START -> d;
DECISION d WHEN (n = 0) -> no ELSE -> r;
AUTOMATIC no DO (SELECT false AS a) SET (is = no.a) -> END;
EXECUTE r PROCESS even (n => n - 1) SET (is = r.is) -> END;
$$);
SELECT bpt.launch('factorial', '{"n": 12}') AS top \gset
SELECT output_value, (SELECT count(*) FROM bpt.process WHERE top_process_id = :top AND status = 'closed') AS closed FROM bpt.process_output WHERE process_id = :top;
SELECT bpt.launch('even', '{"n": 7}') AS top \gset
CALL bpt.run();
SELECT output_value, (SELECT count(*) FROM bpt.process WHERE top_process_id = :top AND status = 'closed') AS closed FROM bpt.process_output WHERE process_id = :top;

-- A cycle: each round is a child of its own, the last one is read. More than one call may do is left to a worker.
SELECT version FROM bpt.publish($$
PROCESS adds (a int) RETURNS (b int DEFAULT (a + 1)); START -> END;
PROCESS counting (upto int) RETURNS (n int DEFAULT 0); START -> e;
EXECUTE e PROCESS adds (a => n) SET (n = e.b) -> d;
DECISION d WHEN (n < upto) -> e ELSE -> END;
$$);
SELECT bpt.launch('counting', '{"upto": 1200}') AS top \gset
CALL bpt.run();
SELECT status, (SELECT count(*) FROM bpt.process WHERE top_process_id = :top AND status = 'closed') AS closed, probe.state(:top) FROM bpt.process WHERE id = :top;
SELECT * FROM probe.leftovers() WHERE what <> 'offer';

-- What is launched by a statement is nobody's child.
SELECT version FROM bpt.publish($$
PROCESS own; START -> h; HUMAN h DETAIL ('own') -> END;
PROCESS starter; START -> a; AUTOMATIC a DO (SELECT bpt.launch('own') AS id) -> END;
$$);
SELECT bpt.launch('starter') AS top \gset
CALL bpt.run();
SELECT parent_process_id, top_process_id = id AS top, launched_by_activity_id IS NOT NULL AS launched_by FROM bpt.process WHERE id = probe.process();

DROP FUNCTION tree(bigint);
DROP SCHEMA executing CASCADE;
