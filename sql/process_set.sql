-- SET gives values to an activity's own OUTPUTs, in any of its callbacks, and to outputs of the process.
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
SELECT bpt.drop_process('p');
DROP SCHEMA setting CASCADE;
