-- Restarting terminated processes: every activity is back where it was stopped.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set roles :abs_srcdir '/test/regress/roles.sql'
\set schema res
\set ECHO none
\i :setup
\i :roles
\set ECHO all
SET ROLE regress_owner;
CREATE TABLE bill (id int PRIMARY KEY, state text NOT NULL);
GRANT UPDATE, SELECT ON bill TO PUBLIC;
INSERT INTO bill VALUES (1, 'new');
CREATE TABLE divisor (n int);
INSERT INTO divisor VALUES (0);
SELECT count(version) FROM bpt.publish($bpt$
PROCESS child (bill int) RETURNS (said text) PUBLIC DETAIL ('child');
START -> inner;
HUMAN inner SET (said = 'by the child') -> END;
PROCESS p (bill int) PUBLIC DETAIL ('bill ' || bill);
START -> task, taken, later, hold, timed, work, fails, sub, over, whenever;
HUMAN task ROLE regress_user -> END;
HUMAN taken -> END;
HUMAN later START DATE (interval '1 hour') -> END;
WAIT hold CLOSE ON UPDATE OF bill (state) WHERE (id = process.bill AND state = 'paid') -> END;
WAIT timed TIMEOUT (interval '2 hours') -> END;
AUTOMATIC work START DATE (interval '3 hours') DO (SELECT 7 AS seven) -> END;
AUTOMATIC fails DO (SELECT 1 / n AS one FROM divisor) -> END;
EXECUTE sub PROCESS child (bill => bill) -> after;
DECISION after WHEN (sub.said = 'by the child') -> END ELSE -> never;
HUMAN never -> END;
HUMAN over -> END;
HUMAN whenever -> END TERMINATE;
PROCESS ends PUBLIC DETAIL ('ends');
START -> a;
AUTOMATIC a DO (SELECT 1) -> END TERMINATE;
$bpt$);
SELECT launch_p(1) AS process \gset
SELECT bpt.activity_open(probe.activity('taken'));
SELECT bpt.activity_close(probe.activity('over'));
RESET ROLE;
CALL bpt.run();
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
SELECT bpt.process_terminate(:process);
SELECT name, status, stopped_status FROM bpt.activity ORDER BY id;
SELECT * FROM probe.leftovers();
-- Rights, and what is refused.
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.process_restart(NULL)');
SELECT probe.try('SELECT bpt.process_restart(-1)');
SELECT probe.try('SELECT bpt.process_restart(' || id || ')') FROM bpt.process WHERE name = 'child';
-- An event of the meantime is not made up; dates that have passed are due.
UPDATE bill SET state = 'paid';
RESET ROLE;
CALL bpt.run();
SET bpt.clock = '2026-03-02 11:30';
SET ROLE regress_owner;
SELECT bpt.process_restart(:process);
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
SELECT name, status, closed FROM bpt.process ORDER BY id;
SELECT name, status, stopped_status, opened_by, closed, closed_by FROM bpt.activity ORDER BY id;
UPDATE divisor SET n = 1;
RESET ROLE;
CALL bpt.run();
SELECT name, status FROM bpt.activity ORDER BY id;
SET ROLE regress_user;
SELECT name, opened_by FROM bpt.taskbox ORDER BY activity_id;
RESET ROLE;
UPDATE bill SET state = 'new';
UPDATE bill SET state = 'paid';
CALL bpt.run('2026-03-02 12:30');
SELECT name, status FROM bpt.activity WHERE name IN ('hold', 'work') ORDER BY id;
-- The last path closes it, as if it had never been stopped.
SELECT bpt.activity_close(probe.activity(name)) FROM unnest('{task,taken,later}'::text[]) name;
SELECT bpt.activity_close(probe.activity('inner'));
SELECT name, status FROM bpt.activity WHERE name IN ('inner', 'sub', 'never') ORDER BY id;
SELECT name, status FROM bpt.process ORDER BY id;
-- Ended by its own END TERMINATE, it goes on with what was stopped by that.
BEGIN;
SELECT bpt.activity_close(probe.activity('whenever'));
SELECT probe.state(:process);
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
ROLLBACK;
SELECT launch_p(2) AS process \gset
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('whenever'));
SELECT status FROM bpt.process WHERE id = :process;
SELECT bpt.process_restart(:process);
SELECT string_agg(name || ' ' || status, ', ' ORDER BY id) FROM bpt.activity WHERE process_id = :process;
SELECT bpt.activity_discard(id) FROM bpt.activity WHERE process_id = :process AND closed IS NULL ORDER BY id;
SELECT status FROM bpt.process WHERE id = :process;
SELECT probe.try('SELECT bpt.process_restart(' || :process || ')');
SELECT * FROM probe.leftovers();
-- Nothing was stopped; the process was dropped.
SELECT launch_ends() > 0 AS launched;
CALL bpt.run();
SELECT probe.try('SELECT bpt.process_restart(' || probe.process() || ')');
SELECT launch_p(3) > 0 AS launched;
SELECT bpt.drop_process('p', true);
SELECT probe.try('SELECT bpt.process_restart(' || max(id) || ')') FROM bpt.process WHERE name = 'p';
SELECT count(bpt.drop_process('res.' || name, true)) FROM unnest('{child,ends}'::text[]) name;
DROP SCHEMA res, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_user, regress_monitor;
