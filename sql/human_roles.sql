-- The roles of a definition are those it was published with, under whatever name; one that is gone, the one that has its name.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_clerk, regress_former, regress_anna;
CREATE ROLE regress_clerk;
CREATE ROLE regress_anna IN ROLE regress_clerk;
CREATE SCHEMA roles;
GRANT USAGE ON SCHEMA roles TO PUBLIC;
SET search_path = roles;
SELECT version FROM bpt.publish($bpt$
PROCESS p DETAIL ('p') VISIBLE TO regress_clerk;
START -> task;
HUMAN task ROLE regress_clerk -> again;
HUMAN again ROLE regress_clerk -> END;
$bpt$);
SELECT launch_p() AS process \gset
CREATE FUNCTION seen() RETURNS TABLE (tasks bigint, processes bigint) LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM bpt.taskbox), (SELECT count(*) FROM bpt.process) $$;
GRANT USAGE ON SCHEMA probe TO PUBLIC;
SET ROLE regress_anna; SELECT * FROM seen(); RESET ROLE;

-- Renamed: it stays the same role, also when another takes its name.
ALTER ROLE regress_clerk RENAME TO regress_former;
SET ROLE regress_anna; SELECT * FROM seen(); RESET ROLE;
CREATE ROLE regress_clerk;
SET ROLE regress_anna; SELECT * FROM seen(); RESET ROLE;
DROP ROLE regress_clerk;
ALTER ROLE regress_former RENAME TO regress_clerk;

-- Dropped: it has no members, validate() says so. Created again: it has those that it is given.
DROP ROLE regress_clerk;
SET ROLE regress_anna; SELECT * FROM seen(); SELECT probe.try(format('SELECT bpt.activity_open(%s)', probe.activity('task'))); RESET ROLE;
SELECT process, message FROM bpt.validate() ORDER BY line, col;
CREATE ROLE regress_clerk;
SET ROLE regress_anna; SELECT * FROM seen(); RESET ROLE;
GRANT regress_clerk TO regress_anna;
SELECT * FROM bpt.validate();
SET ROLE regress_anna;
SELECT * FROM seen();
SELECT bpt.activity_open(probe.activity('task'));
SELECT bpt.activity_close(probe.activity('task')) = probe.activity('again') AS next;
SELECT * FROM seen();
RESET ROLE;
SELECT changed FROM bpt.publish(bpt.definition('p'));
SELECT launch_p() AS process \gset
SET ROLE regress_anna; SELECT * FROM seen(); RESET ROLE;
SELECT bpt.drop_process('p', true);
SELECT * FROM probe.leftovers();
DROP SCHEMA roles CASCADE;
DROP ROLE regress_anna, regress_clerk;
