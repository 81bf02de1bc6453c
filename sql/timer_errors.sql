-- What timers refuse: schedules, statements, rights; and runs that fail.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA timers;
SET search_path = timers;
CREATE TABLE ran (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, who text);

-- All problems at once, each at its place.
SELECT code, line, col, sqlstate, message, hint FROM bpt.validate($$
TIMER a SCHEDULE '61 * * * *' DO (SELECT 1);
TIMER b SCHEDULE '0 0 * * * Europe/Nowhere' DO (SELECT nothing FROM ran);
TIMER c SCHEDULE '22:00 Mo' DO (VACUUM);
TIMER d SCHEDULE '0 0 31 2 *' TIME LIMIT 'long' DO (SELECT 1; SELECT 2);
TIMER e DO (SELECT 1);
TIMER f SCHEDULE '@daily';
TIMER g SCHEDULE '@daily' SCHEDULE '@hourly' LABEL 'x' DO (SELECT 1) DO (SELECT 2);
TIMER nowhere.h SCHEDULE '@daily' DO (SELECT 1);
TIMER bpt.i SCHEDULE '@daily' DO (SELECT 1);
TIMER j SCHEDULE '@daily' DO (SELECT process.process_id);
TIMER k SCHEDULE '' DO (SELECT 1);
TIMER l SCHEDULE '0 0 * *' DO (SELECT 1);
TIMER l SCHEDULE '@daily' DO (SELECT 1);
TIMER a_name_that_is_just_as_long_as_a_name_in_postgresql_may_be_12345 SCHEDULE '@daily' DO (SELECT 1);
$$);
SELECT bpt.publish($$TIMER t SCHEDULE '0 0 * * mo' DO (SELECT 1);$$);
CREATE FUNCTION wake_t() RETURNS int LANGUAGE sql RETURN 1;
SELECT bpt.publish($$TIMER t SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT process FROM bpt.publish($$TIMER t CALLED rouse SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT rouse();
SELECT bpt.publish($$TIMER u WAS t SCHEDULE '@daily' DO (SELECT 1); TIMER t CALLED t2 SCHEDULE '@daily' DO (SELECT 1);$$);
-- Names and arguments.
SELECT probe.try($$SELECT bpt.wake_timer('nobody')$$);
SELECT probe.try($$SELECT bpt.wake_timer('nowhere.t')$$);
SELECT probe.try($$SELECT bpt.wake_timer(NULL)$$);
SELECT probe.try($$SELECT bpt.drop_timer('nobody')$$);
SELECT probe.try($$SELECT bpt.drop_timer(NULL)$$);
SELECT probe.try($$SELECT bpt.set_timer_schedule('nobody', '@daily')$$);
SELECT probe.try($$SELECT bpt.set_timer_schedule('t', NULL)$$);
SELECT probe.try($$SELECT bpt.set_timer_schedule('t', 'often')$$);
SELECT probe.try($$SELECT bpt.set_timer_schedule('t', '0 0 * * * Mars')$$);
SELECT schedule FROM bpt.timer WHERE name = 't' AND is_active;
BEGIN READ ONLY;
SELECT bpt.wake_timer('t');
ROLLBACK;

-- Rights. Who is not a member of the owner sees nothing; EXECUTE on the wake function lends the right to wake.
CREATE ROLE timer_owner IN ROLE bpt_publisher;
CREATE ROLE timer_other;
GRANT CREATE, USAGE ON SCHEMA timers TO timer_owner;
GRANT USAGE ON SCHEMA timers TO timer_other;
GRANT ALL ON ran TO timer_owner;
SET ROLE timer_owner;
SELECT process FROM bpt.publish($$TIMER mine SCHEDULE '@daily' DO (INSERT INTO ran (at, who) SELECT now(), concat_ws(' ', current_user, session_user = current_user, current_setting('search_path'), bpt.user_id()));$$);
SET ROLE timer_other;
SELECT bpt.publish($$TIMER mine SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT name FROM bpt.timer;
SELECT count(*) FROM bpt.timer_run;
SELECT wake_mine();
SELECT bpt.wake_timer('mine');
SELECT bpt.set_timer_schedule('mine', '@hourly');
SELECT bpt.drop_timer('mine');
RESET ROLE;
GRANT EXECUTE ON FUNCTION wake_mine() TO timer_other;
GRANT bpt_publisher TO timer_other;
GRANT CREATE ON SCHEMA timers TO timer_other;
SET ROLE timer_other;
SELECT wake_mine();
SELECT bpt.wake_timer('mine');
SELECT bpt.publish($$TIMER mine SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT bpt.drop_timer('mine');
CALL bpt.run();
RESET ROLE;
GRANT bpt_monitor TO timer_other;
SET ROLE timer_other;
SELECT name, owner FROM bpt.timer WHERE name = 'mine';
SELECT bpt.drop_timer('mine');
SELECT bpt.set_timer_schedule('mine', '@hourly');
RESET ROLE;
SELECT count(*) FROM ran;
SET ROLE timer_owner;
CALL bpt.run();
RESET ROLE;
SELECT at, who FROM ran ORDER BY id;
-- The owner is that of the function.
ALTER FUNCTION wake_mine() OWNER TO timer_other;
SELECT owner FROM bpt.timer WHERE name = 'mine';
DROP OWNED BY timer_other;
DROP ROLE timer_other;
SELECT owner, next_run FROM bpt.timer WHERE name = 'mine';
CALL bpt.run('2026-03-03 12:00+00');
SELECT e.phase, e.attempt, e.sqlstate, e.message, e.detail FROM bpt.error_log e JOIN bpt.timer t ON t.id = e.process_definition_id WHERE t.name = 'mine' ORDER BY e.id;
SELECT bpt.drop_timer('mine');
DROP OWNED BY timer_owner;
DROP ROLE timer_owner;

-- A run that fails is undone, tried again bpt.timer_attempts times in all, then left to the schedule.
SET bpt.clock = '2026-03-02 09:00:00+00';
TRUNCATE ran;
SELECT process FROM bpt.publish($$TIMER bad SCHEDULE '0 12 * * *' DO (WITH w AS (INSERT INTO ran (at) VALUES (now()) RETURNING id) SELECT 1 / (id - id) FROM w);$$);
CALL bpt.run('2026-03-03 12:00:03+00');
SELECT count(*) FROM ran;
SELECT r.scheduled, r.started, r.status, e.attempt, e.phase, e.sqlstate, e.message, e.next_run, e.statement
  FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id JOIN bpt.error_log e ON e.id = r.last_error_id WHERE t.name = 'bad' ORDER BY r.id;
SELECT last_run, next_run FROM bpt.timer WHERE name = 'bad';
SET bpt.timer_attempts = 1;
CALL bpt.run('2026-03-05 00:00+00');
RESET bpt.timer_attempts;
SELECT r.scheduled, e.attempt, e.next_run FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id JOIN bpt.error_log e ON e.id = r.last_error_id WHERE t.name = 'bad' ORDER BY r.id DESC LIMIT 1;
-- What succeeds begins the count anew.
SELECT changed FROM bpt.publish($$TIMER bad SCHEDULE '0 12 * * *' DO (INSERT INTO ran (at) VALUES (now()));$$);
CALL bpt.run('2026-03-05 12:00+00');
SELECT r.scheduled, r.status FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.name = 'bad' ORDER BY r.id DESC LIMIT 1;
-- Its history is bounded.
SET bpt.timer_history = 3;
CALL bpt.run('2026-03-09 12:00+00');
RESET bpt.timer_history;
SELECT r.scheduled, r.status FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.name = 'bad' ORDER BY r.id;
-- The time limit.
SELECT process FROM bpt.publish($$TIMER slow SCHEDULE '@daily' TIME LIMIT '20 ms' DO (SELECT pg_sleep(60));$$);
SELECT bpt.wake_timer('slow');
SET bpt.timer_attempts = 1;
CALL bpt.run();
SELECT e.sqlstate, e.message FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id JOIN bpt.error_log e ON e.id = r.last_error_id WHERE t.name = 'slow' ORDER BY r.id;
-- In a transaction that is rolled back nothing has happened.
BEGIN;
SELECT bpt.wake_timer('bad');
CALL bpt.run();
SELECT count(*) FROM ran;
ROLLBACK;
SELECT count(*) FROM ran;
DROP SCHEMA timers CASCADE;
