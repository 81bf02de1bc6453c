-- Which task a call returns: the first in definition order that it made ready and that the caller may carry out.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_one, regress_two, regress_both;
CREATE ROLE regress_one;
CREATE ROLE regress_two;
CREATE ROLE regress_both IN ROLE regress_one, regress_two;
CREATE SCHEMA nexts;
GRANT USAGE ON SCHEMA nexts TO PUBLIC;
SET search_path = nexts;
-- c stands first in the definition, b is reached first.
SELECT version FROM bpt.publish($bpt$
PROCESS choose PUBLIC DETAIL ('choose');
START -> a;
HUMAN a -> b, c, hold;
HUMAN c ROLE regress_two -> END;
HUMAN b ROLE regress_one -> END;
WAIT hold OUTPUT (x int) -> after_hold;
HUMAN after_hold -> END;
$bpt$);
SET ROLE regress_one; SELECT launch_choose() IS NOT NULL AS launched;
SELECT probe.activity('a') AS task \gset
SELECT probe.name_of(bpt.activity_close(:task)) AS next;
SET ROLE regress_two; SELECT launch_choose() IS NOT NULL AS launched;
SELECT probe.activity('a') AS task \gset
SELECT probe.name_of(bpt.activity_close(:task)) AS next;
SET ROLE regress_both; SELECT launch_choose() IS NOT NULL AS launched;
SELECT probe.activity('a') AS task \gset
SELECT probe.name_of(bpt.activity_close(:task)) AS next;
RESET ROLE;
SELECT launch_choose() IS NOT NULL AS launched;
SELECT probe.name_of(bpt.activity_close(probe.activity('a'))) AS next;
-- A wait that is closed by a call returns it too.
SELECT probe.name_of(bpt.activity_close(probe.activity('hold'))) AS next;

-- One behind an automatic activity is not known yet; one behind a decision is.
SELECT version FROM bpt.publish($bpt$
PROCESS behind (by_worker boolean) PUBLIC DETAIL ('behind');
START -> a;
HUMAN a -> way;
DECISION way WHEN (by_worker) -> work ELSE -> late;
AUTOMATIC work DO (SELECT 1 AS one) -> late;
HUMAN late -> END;
$bpt$);
SELECT launch_behind(true) IS NOT NULL AS launched;
SELECT probe.name_of(bpt.activity_close(probe.activity('a'))) AS next;
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT launch_behind(false) IS NOT NULL AS launched;
SELECT probe.name_of(bpt.activity_close(probe.activity('a'))) AS next;

-- A task that is made ready and is not the caller's is not returned.
SELECT version FROM bpt.publish($bpt$
PROCESS handover PUBLIC DETAIL ('handover');
START -> a;
HUMAN a -> b;
HUMAN b USER ('somebody else') -> END;
$bpt$);
SELECT launch_handover() IS NOT NULL AS launched;
SET ROLE regress_one;
SELECT probe.activity('a') AS task \gset
SELECT bpt.activity_close(:task);
RESET ROLE;

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA nexts CASCADE;
DROP ROLE regress_both, regress_one, regress_two;
