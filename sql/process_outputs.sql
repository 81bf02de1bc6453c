-- Outputs of a process: set by any activity and callback, read by later ones; those never set are their defaults, stored at the
-- end however it ends.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA outs;
SET search_path = outs, public;
CREATE TABLE rate (r int); INSERT INTO rate VALUES (7);
CREATE TABLE paid (id int PRIMARY KEY);
SELECT process FROM bpt.publish($$
PROCESS p (n int) RETURNS (trail text DEFAULT '', doubled int DEFAULT (n * 2), rate int DEFAULT (SELECT r FROM rate), none int, again int DEFAULT (doubled + 1))
  DETAIL ('p' || n)
  ON PROCESS START SET (trail = trail || 'start ')
  ON ACTIVITY READY SET (trail = trail || 'any-ready ')
  ON ACTIVITY CLOSE SET (trail = trail || 'any-close ');
START -> h;
HUMAN h INPUT (x int) ALLOW SKIP SET (trail = trail || 'human ')
  ON READY SET (trail = trail || 'ready ') ON OPEN SET (trail = trail || 'open ')
  ON CLOSE SET (trail = trail || 'close ') ON SKIP SET (trail = trail || 'skip ')
  -> a;
AUTOMATIC a DO (SELECT 1 AS one) SET (trail = trail || 'automatic ', doubled = doubled + a.one) -> w;
WAIT w CLOSE ON INSERT INTO paid AS paid_id WHERE (paid.id = process.n) TIMEOUT (interval '1 day') SET (trail = trail || 'wait ')
  ON READY SET (trail = trail || 'waiting ') ON CLOSE SET (trail = trail || 'paid ')
  -> d;
DECISION d WHEN (trail LIKE '%skip%') -> stop ELSE -> last;
END stop TERMINATE;
HUMAN last DETAIL (trail || doubled || ' ' || rate || ' ' || again || ' ' || concat(none)) -> END;
$$);
SELECT o.name, data_type, default_expression, is_mandatory FROM bpt.process_output_definition o JOIN bpt.process_definition d ON d.id = o.process_definition_id WHERE d.schema_name = 'outs' ORDER BY o.id;
SELECT bpt.launch('p', '{"n": 5}') > 0 AS launched;
SELECT name, data_type, output_value, is_set FROM bpt.process_output WHERE process_id = probe.process() ORDER BY output_definition_id;
SELECT bpt.activity_open(probe.activity('h'));
SELECT bpt.activity_close(probe.activity('h'), '{"x": 1}');
CALL bpt.run();
INSERT INTO paid VALUES (5);
CALL bpt.run();
SELECT detail FROM bpt.activity WHERE id = probe.activity('last');
-- Read while it runs, a default is what it gives now; from the end on it is what it gave then.
UPDATE rate SET r = 8;
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('last'));
UPDATE rate SET r = 9;
SELECT probe.state();
SELECT bpt.launch('p', '{"n": 6}') > 0 AS launched;
SELECT bpt.activity_skip(probe.activity('h'));
CALL bpt.run('2026-03-04 09:00:00+00');
SELECT probe.state();
SELECT bpt.launch('p', '{"n": 7}') > 0 AS launched;
SELECT bpt.process_terminate(probe.process());
UPDATE rate SET r = 10;
SELECT probe.state();
-- A default that fails keeps nobody from ending: it is an incident, and reads as NULL.
SELECT bpt.launch('p', '{"n": 8}') > 0 AS launched;
INSERT INTO rate VALUES (11);
SELECT bpt.process_terminate(probe.process());
SELECT probe.state();
SELECT phase, sqlstate, message, statement FROM bpt.error_log WHERE process_id = probe.process();
-- A kept instance has the default of its own version, a new one that of the new.
DELETE FROM rate WHERE r = 11;
SELECT bpt.launch('p', '{"n": 9}') > 0 AS launched;
SELECT process, version FROM bpt.publish('PROCESS p (n int) RETURNS (trail text DEFAULT ''new'', rate int DEFAULT 1, added int DEFAULT (n)) DETAIL (''p'' || n); START -> h; HUMAN h -> END;', running => 'keep');
SELECT probe.state();
SELECT bpt.process_terminate(probe.process());
SELECT probe.state();
SELECT bpt.launch('p', '{"n": 10}') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('h'));
SELECT probe.state();
SELECT * FROM probe.leftovers();
DROP SCHEMA outs CASCADE;
