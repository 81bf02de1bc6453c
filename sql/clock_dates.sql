-- Virtual time: START DATE, TIMEOUT and DUE of every kind, what is due in which order, both ends of daylight saving.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA clocks;
SET search_path = clocks;

-- Intervals, instants, dates and NULL; past ones are due at once.
SELECT version FROM bpt.publish($bpt$
PROCESS dates (s timestamptz, i interval, d date) DETAIL ('dates');
START -> by_instant, by_interval, by_date, work, hold, never;
HUMAN by_instant START DATE (s) DUE (s + interval '1 hour') -> END;
HUMAN by_interval START DATE (i) DUE (i) -> END;
HUMAN by_date START DATE (d) DUE (d) -> END;
AUTOMATIC work START DATE (i) DO (SELECT now() AS at, bpt.now() AS bpt_at, current_date AS today, transaction_timestamp() AS tx, current_timestamp(0) AS ct, localtimestamp AS lt, localtime AS l, current_time AS t) -> END;
WAIT hold TIMEOUT (d) -> late;
HUMAN late DUE (s) -> END;
WAIT never TIMEOUT (NULL::interval) -> END;
$bpt$);
SELECT launch_dates('2026-03-02 12:00+00', '90 minutes', '2026-03-03') IS NOT NULL AS launched;
SELECT name, status, start_date, due_date, timeout, ready FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
CALL bpt.run();
SELECT count(*) FILTER (WHERE status = 'scheduled') AS scheduled FROM bpt.activity;
CALL bpt.run('2026-03-02 10:29:59.999999+00');
SELECT count(*) FILTER (WHERE status = 'scheduled') AS scheduled FROM bpt.activity;
CALL bpt.run('2026-03-04 00:00:00+00');
SELECT name, status, start_date, due_date, timeout, ready, closed, expired FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT outputs FROM probe.steps() WHERE step = 'work';
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''never''))');
SELECT launch_dates('2026-01-01 12:00+00', '-1 day', NULL) IS NOT NULL AS launched;
SELECT name, status, start_date, due_date, timeout, ready FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT name, is_overdue FROM bpt.taskbox WHERE process_id = probe.process() ORDER BY activity_id;
-- A task that is not ready yet can be called at once, and one that is ready be put off.
SELECT launch_dates('2026-04-01 12:00+00', '1 day', NULL) IS NOT NULL AS launched;
SELECT bpt.activity_schedule(probe.activity('by_instant'), NULL);
SELECT status, start_date, ready, due_date FROM bpt.activity WHERE id = probe.activity('by_instant');
SELECT bpt.activity_schedule(probe.activity('by_instant'), '2026-03-20 00:00+00');
SELECT status, start_date, due_date FROM bpt.activity WHERE id = probe.activity('by_instant');
CALL bpt.run('2026-03-20 00:00+00');
SELECT status, start_date, ready, due_date FROM bpt.activity WHERE id = probe.activity('by_instant');
SELECT bpt.process_terminate(id) FROM bpt.process WHERE status = 'active';
SELECT * FROM probe.leftovers();

-- Each item at its instant and in order, with bpt.now() standing there; and what it makes due on the way.
CREATE TABLE trace (n int GENERATED ALWAYS AS IDENTITY, what text, at timestamptz);
SELECT version FROM bpt.publish($bpt$
PROCESS ticks (name text, every interval, times int) DETAIL (name);
START -> hold;
WAIT hold TIMEOUT (every) -> tick;
AUTOMATIC tick DO (WITH x AS (INSERT INTO trace (what, at) VALUES (name, now()) RETURNING 1)
  SELECT (SELECT count(*) FROM trace WHERE what = name) + 1 AS n FROM x) -> more;
DECISION more WHEN (tick.n < times) -> hold ELSE -> END;
$bpt$);
SELECT count(launch_ticks(n, e::interval, t)) FROM (VALUES ('slow', '30 seconds', 3), ('fast', '20 seconds', 4), ('odd', '25 seconds', 1)) v (n, e, t);
SELECT bpt.now();
CALL bpt.run('2026-03-02 10:00+00');
SELECT what, at FROM trace ORDER BY n;
SELECT label, status, closed FROM bpt.process WHERE name = 'ticks' ORDER BY id;
-- In a transaction block the clock stays where the run has led it; outside of one it is what the session has set.
SELECT bpt.now();
BEGIN;
CALL bpt.run('2026-03-02 10:00+00');
SELECT bpt.now();
COMMIT;
SELECT bpt.now();

-- Daylight saving: a day is a day of the session's zone, hours are hours.
SET timezone = 'Europe/Berlin';
SELECT version FROM bpt.publish($bpt$
PROCESS summer DETAIL ('summer');
START -> a_day, a_day_in_hours;
WAIT a_day TIMEOUT (interval '1 day') -> END;
WAIT a_day_in_hours TIMEOUT (interval '24 hours') -> END;
$bpt$);
SET bpt.clock = '2026-03-28 12:00 Europe/Berlin';
SELECT launch_summer() IS NOT NULL AS launched;
SELECT name, timeout FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
CALL bpt.run('2026-03-29 12:30 Europe/Berlin');
SELECT name, status, closed FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SET bpt.clock = '2026-10-24 12:00 Europe/Berlin';
SELECT launch_summer() IS NOT NULL AS launched;
SELECT name, timeout FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
CALL bpt.run('2026-10-25 12:30 Europe/Berlin');
SELECT name, status, closed FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SET timezone = 'UTC';

-- What the clock may be set to, and by whom.
SET bpt.clock = 'yesterday noon or so';
SET bpt.clock = '2026-03-02 09:00:00+00';
SET bpt.clock = '';
SELECT bpt.now() = now() AS real_time;
BEGIN;
SET LOCAL bpt.clock = '2030-01-01';
SELECT bpt.now();
COMMIT;
SELECT bpt.now() = now() AS real_time;
DROP ROLE IF EXISTS regress_nobody;
CREATE ROLE regress_nobody;
SET ROLE regress_nobody;
SELECT probe.try('SET bpt.clock = ''2026-03-02 09:00:00+00''');
CALL bpt.run();
CALL bpt.run(now() + interval '1 second');
SELECT bpt.now() = now() AS real_time;
RESET ROLE;
SET bpt.clock = '2026-10-26 09:00:00+00';
CALL bpt.run(NULL);

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA clocks CASCADE;
DROP ROLE regress_nobody;
