-- Suspending and resuming: what may be done meanwhile, what waits, and what comes of it afterwards.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set roles :abs_srcdir '/test/regress/roles.sql'
\set schema sus
\set ECHO none
\i :setup
\i :roles
\set ECHO all
SET ROLE regress_owner;
CREATE TABLE bill (id int PRIMARY KEY, state text NOT NULL);
INSERT INTO bill VALUES (1, 'new'), (2, 'new');
CREATE TABLE log (n int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION note(what text) RETURNS text LANGUAGE sql AS 'INSERT INTO log (what) VALUES (what) RETURNING what';
SELECT version FROM bpt.publish($bpt$
PROCESS p (bill int) PUBLIC DETAIL ('bill ' || bill);
START -> work, task, later, first, timed;
AUTOMATIC work DO (SELECT note('work') AS done) -> END;
HUMAN task -> after;
HUMAN after -> END;
HUMAN later START DATE (interval '1 hour') ON READY DO (SELECT note('later is ready')) -> END;
WAIT first CLOSE ON UPDATE OF bill (state) WHERE (id = process.bill AND state = 'a') -> second;
WAIT second CLOSE ON UPDATE OF bill (state) WHERE (id = process.bill AND state = 'b') -> told;
AUTOMATIC told DO (SELECT note('events came in order')) -> END;
WAIT timed TIMEOUT (interval '2 hours') ON CLOSE DO (SELECT note('timed out')) -> END;
$bpt$);
SELECT launch_p(1) > 0 AS launched;
-- Rights, and what is refused.
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.process_suspend(' || probe.process() || ')');
SELECT probe.try('SELECT bpt.process_resume(' || probe.process() || ')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.process_suspend(' || probe.process() || ')');
SELECT probe.try('SELECT bpt.process_resume(' || probe.process() || ')');
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.process_suspend(NULL)');
SELECT probe.try('SELECT bpt.process_suspend(0)');
SELECT probe.try('SELECT bpt.process_resume(NULL)');
SELECT probe.try('SELECT bpt.process_resume(-1)');
SELECT probe.try('SELECT bpt.process_resume(' || probe.process() || ')');
SELECT count(*) FROM bpt.taskbox;
SELECT bpt.process_suspend(probe.process());
SELECT probe.try('SELECT bpt.process_suspend(' || probe.process() || ')');
SELECT status, is_suspended, suspended_date, suspended_by FROM bpt.process;
-- Nobody is offered its tasks, and none of them moves.
SELECT count(*) FROM bpt.taskbox;
SELECT probe.try(format('SELECT bpt.activity_%s(%s)', what, probe.activity('task'))) FROM unnest('{open,close,skip}'::text[]) what;
SELECT probe.try(format('SELECT bpt.activity_reset(%s, true)', probe.activity('task')));
SELECT probe.try(format('SELECT bpt.activity_close(%s)', probe.activity('first')));
-- Assigning, dates and schedules go.
SELECT bpt.human_activity_assign_to_user(probe.activity('task'), 'regress_user');
SELECT bpt.human_activity_set_due_date(probe.activity('task'), '2026-03-03');
BEGIN;
SELECT bpt.activity_schedule(probe.activity('later'), NULL);
SELECT bpt.activity_schedule(probe.activity('task'), '2026-03-02 09:30');
SELECT name, status, start_date FROM bpt.activity WHERE name IN ('later', 'task') ORDER BY name;
SELECT bpt.process_resume(probe.process());
RESET ROLE;
CALL bpt.run('2026-03-02 09:20');
SELECT name, status, ready FROM bpt.activity WHERE name IN ('later', 'task') ORDER BY name;
ROLLBACK;
-- Nothing runs: work, dates, timeouts and events wait, and stand in no worker's way.
RESET ROLE;
UPDATE bill SET state = 'a' WHERE id = 1;
UPDATE bill SET state = 'b' WHERE id = 1;
SET bpt.clock = '2026-03-02 12:00';
CALL bpt.run();
CALL bpt.run();
CALL bpt.run('infinity');
SELECT * FROM probe.steps();
SELECT * FROM probe.leftovers();
SELECT status, data_id, error_count FROM bpt.event_queue ORDER BY id;
SELECT (SELECT count(*) FROM bpt.queue_timer WHERE due < 'infinity') AS timers, (SELECT count(*) FROM bpt.queue_delivery WHERE next_run < 'infinity') AS deliveries;
SELECT what FROM log;
-- Resumed, it does what was due: events in order, then dates, then work.
SET bpt.clock = '2026-03-02 12:30';
SELECT bpt.process_resume(probe.process());
SELECT status, is_suspended, suspended_date, suspended_by FROM bpt.process;
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT what FROM log ORDER BY n;
SELECT * FROM probe.leftovers();
-- A suspended process can be terminated; then it is not suspended any more, and nothing is held.
SELECT bpt.process_suspend(probe.process());
UPDATE bill SET state = 'a' WHERE id = 1;
CALL bpt.run();
SELECT bpt.process_terminate(probe.process());
SELECT status, is_suspended, suspended_by FROM bpt.process;
SELECT * FROM probe.leftovers();
SELECT probe.try('SELECT bpt.process_suspend(' || probe.process() || ')');
SELECT probe.try('SELECT bpt.process_resume(' || probe.process() || ')');
SELECT bpt.drop_process('p', true);

-- A process that suspends itself: the activity that does it ends, what follows waits for the resume.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS self PUBLIC DETAIL ('self');
START -> stop, beside;
AUTOMATIC stop DO (SELECT note('stop') AS n, bpt.process_suspend(bpt.process_id())::text AS done) -> task, more, choice;
HUMAN task ON CLOSE DO (SELECT bpt.process_suspend(bpt.process_id())) -> second;
HUMAN second -> END;
AUTOMATIC more DO (SELECT note('more')) -> END;
DECISION choice WHEN (1 = 2) -> END ELSE -> END;
HUMAN beside -> END;
$bpt$);
SELECT bpt.launch('self') > 0 AS launched;
RESET ROLE;
CALL bpt.run();
SELECT status, suspended_by FROM bpt.process WHERE name = 'self';
SELECT * FROM probe.steps();
SELECT bpt.process_resume(probe.process());
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT bpt.activity_close(probe.activity('task'));
SELECT status FROM bpt.process WHERE name = 'self';
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT bpt.process_resume(probe.process());
CALL bpt.run();
SELECT step, status FROM probe.steps() WHERE step = 'second';
SELECT what FROM log ORDER BY n;
SELECT bpt.activity_close(probe.activity('second'));
SELECT bpt.activity_close(probe.activity('beside'));
SELECT probe.state();
SELECT * FROM probe.leftovers();
SELECT bpt.drop_process('self', true);
DROP SCHEMA sus, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_user, regress_monitor;
