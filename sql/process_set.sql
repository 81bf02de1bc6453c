-- SET gives values to an activity's own OUTPUTs, in any of its callbacks, and to outputs of the process; which values an
-- instance has.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA setting;
SET search_path = setting, public;
CREATE TABLE o (id int PRIMARY KEY, v text);
SELECT process, version FROM bpt.publish($$
PROCESS p DETAIL ('x') LAUNCH ON INSERT INTO o AS oid RETURNS (res int DEFAULT 7, other text, unset int DEFAULT (3));
START -> h;
HUMAN h INPUT (n int) OUTPUT (twice int, never text DEFAULT ('as defined'))
  ON READY SET (twice = 1)
  ON CLOSE CHECK (n > 0) SET (twice = n * 2, other = 'n' || n)
  -> a;
AUTOMATIC a DO (UPDATE o SET v = 'twice ' || h.twice WHERE id = oid RETURNING 5 AS five) SET (res = five + h.twice) -> END;
$$);
INSERT INTO o VALUES (1);
CALL bpt.run();
SELECT name, output_value, is_set FROM bpt.activity_output WHERE activity_id = probe.activity('h') ORDER BY output_definition_id;
SELECT bpt.activity_close(probe.activity('h'), '{"n": 0}');
SELECT bpt.activity_close(probe.activity('h'), '{"n": 21}') AS next;
CALL bpt.run();
SELECT * FROM o;
SELECT name, output_value, is_set FROM bpt.process_output WHERE process_id = probe.process() ORDER BY output_definition_id;
SELECT name, output_value, is_set FROM bpt.activity_output WHERE process_id = probe.process() ORDER BY activity_id, output_definition_id;

-- A name that is taken out and comes back is not shown for instances of the versions between.
SELECT version FROM bpt.publish('PROCESS gap (x int) RETURNS (y int); START -> a; HUMAN a DETAIL (''d'') INPUT (n int) -> END;');
SELECT version FROM bpt.publish('PROCESS gap; START -> a; HUMAN a DETAIL (''d'') -> END;');
SELECT bpt.launch('gap') = probe.process() AS launched;
SELECT version FROM bpt.publish('PROCESS gap (x int) RETURNS (y int); START -> a; HUMAN a DETAIL (''d'') INPUT (n int) -> END;');
SELECT (SELECT count(*) FROM bpt.process_input WHERE process_id = probe.process()) AS inputs,
       (SELECT count(*) FROM bpt.process_output WHERE process_id = probe.process()) AS outputs,
       (SELECT count(*) FROM bpt.activity_output WHERE process_id = probe.process()) AS of_activities;
SELECT bpt.launch('gap', '{"x": 1}') = probe.process() AS launched;
SELECT (SELECT count(*) FROM bpt.process_input WHERE process_id = probe.process()) AS inputs,
       (SELECT count(*) FROM bpt.process_output WHERE process_id = probe.process()) AS outputs,
       (SELECT count(*) FROM bpt.activity_output WHERE process_id = probe.process()) AS of_activities;

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
DROP SCHEMA setting CASCADE;
