-- Timers through virtual time: schedules of both notations, zones and both ends of daylight saving, missed runs, wakes,
-- schedules set at run time.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA timers;
SET search_path = timers;
CREATE TABLE ran (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, who text);
CREATE FUNCTION run_through(since timestamptz, until timestamptz) RETURNS SETOF timestamptz LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE ran;
  PERFORM set_config('bpt.clock', since::text, true);
  PERFORM bpt.set_timer_schedule('t', (SELECT schedule FROM bpt.timer WHERE name = 't' AND is_active));
  CALL bpt.run(until);
  RETURN QUERY SELECT at FROM ran ORDER BY id;
END $$;

SELECT * FROM bpt.publish($$TIMER t SCHEDULE '*/20 9-10 * * 1-5' DO (INSERT INTO ran (at) VALUES (now()));$$);
SELECT name, schema_name, schedule, priority, time_limit, is_active, last_run, next_run, time_zone FROM bpt.timer WHERE is_active;
-- Nothing changed, nothing to do.
SELECT * FROM bpt.publish($$TIMER t SCHEDULE '*/20 9-10 * * 1-5' DO (INSERT INTO ran (at) VALUES (now()));$$);
CALL bpt.run('2026-03-02 10:00+00');
SELECT at FROM ran ORDER BY id;
SELECT last_run, next_run FROM bpt.timer WHERE is_active;
SELECT r.scheduled, r.started, r.ended, r.status, r.last_error_id FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.is_active ORDER BY r.id;
-- What was missed meanwhile is one run, and the schedule goes on.
TRUNCATE ran;
SET bpt.clock = '2026-03-06 09:50:00+00';
CALL bpt.run();
SELECT at FROM ran ORDER BY id;
SELECT r.scheduled, r.started FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.is_active ORDER BY r.id DESC LIMIT 1;
SELECT next_run FROM bpt.timer WHERE is_active;
-- Over the weekend.
CALL bpt.run('2026-03-09 09:00+00');
SELECT at FROM ran ORDER BY id;

-- BPT's own forms.
SET bpt.clock = '2026-03-02 09:00:00+00';
CREATE FUNCTION next_of(schedule text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bpt.set_timer_schedule('t', schedule);
  RETURN (SELECT t.next_run FROM bpt.timer t WHERE t.is_active);
END $$;
SELECT f AS schedule, next_of(f) FROM unnest(ARRAY['22:00', '22:00 Mon Fri', '02:15 18:00 18:30 Mon', '15:30 16', '00:15 2nd Tue', '08:00 last', '@monthly', '0 9 29 2 *', '12:00 Asia/Kolkata', 'When Published']) AS f;

-- A time that does not exist comes once at the end of the gap; one that exists twice comes once.
SELECT bpt.set_timer_schedule('t', '30 2 * * * Europe/Berlin');
SET timezone = 'Europe/Berlin';
SELECT run_through('2026-03-27 12:00', '2026-03-31 12:00');
SELECT run_through('2026-10-23 12:00', '2026-10-27 12:00');
-- Every few minutes by real time, whatever the clocks show.
SELECT bpt.set_timer_schedule('t', '*/30 * * * * Europe/Berlin');
SELECT run_through('2026-03-29 01:00', '2026-03-29 04:00');
SELECT run_through('2026-10-25 01:30', '2026-10-25 03:30');
-- Midnight in the gap; half an hour.
SET timezone = 'America/Sao_Paulo';
SELECT bpt.set_timer_schedule('t', '00:00');
SELECT time_zone FROM bpt.timer WHERE is_active;
SELECT run_through('2018-11-03 12:00', '2018-11-06 12:00');
SELECT bpt.set_timer_schedule('t', '23:30');
SELECT run_through('2018-02-16 12:00', '2018-02-19 12:00');
SET timezone = 'Australia/Lord_Howe';
SELECT bpt.set_timer_schedule('t', '15 2 * * *');
SELECT run_through('2026-10-02 12:00', '2026-10-05 12:00');
SELECT bpt.set_timer_schedule('t', '45 1 * * *');
SELECT run_through('2026-04-03 12:00', '2026-04-06 12:00');
SELECT bpt.set_timer_schedule('t', '@hourly');
SELECT run_through('2026-04-05 00:30', '2026-04-05 03:30');
SET timezone = 'UTC';

-- Wakes that wait for one run are one; the schedule goes on.
SET bpt.clock = '2026-03-02 09:00:00+00';
SELECT bpt.set_timer_schedule('t', '22:00');
TRUNCATE ran;
SELECT bpt.wake_timer('t'), bpt.wake_timer('timers.t'), wake_t();
SELECT next_run FROM bpt.timer WHERE is_active;
CALL bpt.run();
SELECT at FROM ran ORDER BY id;
SELECT next_run FROM bpt.timer WHERE is_active;
-- One rolled back is none.
BEGIN;
SELECT bpt.wake_timer('t');
ROLLBACK;
CALL bpt.run();
SELECT count(*) FROM ran;

-- What was set stays as long as SCHEDULE says the same; a new SCHEDULE counts.
SELECT changed FROM bpt.publish($$TIMER t SCHEDULE '*/20 9-10 * * 1-5' PRIORITY high TIME LIMIT '90 s' DO (INSERT INTO ran (at, who) VALUES (bpt.now(), current_user));$$);
SELECT schedule, priority, time_limit, next_run FROM bpt.timer WHERE is_active;
SELECT changed FROM bpt.publish($$TIMER t SCHEDULE '23:00' DO (INSERT INTO ran (at, who) VALUES (bpt.now(), current_user));$$);
SELECT schedule, priority, time_limit, next_run FROM bpt.timer WHERE is_active;

-- When Published: once after each publish that changes the timer.
TRUNCATE ran;
SELECT changed FROM bpt.publish($$TIMER w SCHEDULE 'When Published' DO (INSERT INTO ran (at, who) VALUES (now(), 'first'));$$);
CALL bpt.run('2026-03-03 09:00+00');
SELECT changed FROM bpt.publish($$TIMER w SCHEDULE 'When Published' DO (INSERT INTO ran (at, who) VALUES (now(), 'first'));$$);
CALL bpt.run();
SELECT changed FROM bpt.publish($$TIMER w SCHEDULE 'When Published' DO (INSERT INTO ran (at, who) SELECT now(), 'row ' || g FROM generate_series(1, 2) AS g RETURNING who);$$);
CALL bpt.run();
SELECT at, who FROM ran WHERE who <> current_user ORDER BY id;
SELECT next_run FROM bpt.timer WHERE name = 'w';

-- Several definitions in one text are told in its order. A rename keeps the timer.
SELECT process, version IS NULL AS no_version, changed FROM bpt.publish($$
TIMER z SCHEDULE '@daily' DO (SELECT 1);
PROCESS p DETAIL 'd'; START -> a; AUTOMATIC a DO (SELECT 1 AS one) -> END;
TIMER v WAS w SCHEDULE 'When Published' DO (SELECT bpt.launch('p'), bpt.process_id(), bpt.activity_id(), bpt.user_id());
$$);
CALL bpt.run();
SELECT name, status, created_by = current_user AS by_owner FROM bpt.process WHERE name = 'p';
SELECT proname FROM pg_proc WHERE pronamespace = 'timers'::regnamespace AND proname LIKE 'wake%' ORDER BY 1;
SELECT count(*) FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.name = 'v';

-- Dropped: it runs no more, the history stays, the name is free.
SELECT bpt.drop_timer('v');
SELECT name, is_active, next_run, owner = current_user AS still_known FROM bpt.timer WHERE name = 'v';
SELECT changed FROM bpt.publish($$TIMER v SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT name, is_active, last_run IS NULL AS fresh FROM bpt.timer WHERE name = 'v' ORDER BY id;
-- A timer goes with its schema, and with its function it has lost its owner.
CREATE SCHEMA gone;
SELECT changed FROM bpt.publish($$TIMER gone.g SCHEDULE '@daily' DO (SELECT 1);$$);
DROP SCHEMA gone CASCADE;
SELECT name, is_active, next_run FROM bpt.timer WHERE name = 'g';
DROP FUNCTION wake_v();
SELECT process, code, message, hint FROM bpt.validate() WHERE process LIKE 'timers.%';
SELECT changed FROM bpt.publish($$TIMER v SCHEDULE '@daily' DO (SELECT 1);$$);
SELECT count(*) FROM bpt.validate() WHERE process LIKE 'timers.%';
DROP SCHEMA timers CASCADE;
