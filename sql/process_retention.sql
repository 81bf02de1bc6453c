-- How long ended instances are kept: by process, by default, for ever; what is deleted with them, and what is not.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set roles :abs_srcdir '/test/regress/roles.sql'
\set schema keep
\set ECHO none
\i :setup
\i :roles
\set ECHO all
CALL bpt.run();
SELECT bpt.process_bulk_delete('infinity', NULL, 0);
SET bpt.clock = '2026-03-01 12:00';
SET ROLE regress_owner;
CREATE TABLE crumb (n int PRIMARY KEY);
SELECT count(version) FROM bpt.publish($bpt$
PROCESS child (n int) DETAIL ('child ' || n);
START -> task;
HUMAN task -> END;
PROCESS short (n int) PUBLIC DETAIL ('short ' || n);
START -> part;
EXECUTE part PROCESS child (n => n) -> try;
AUTOMATIC try DO (SELECT 1 / n AS one) RETRY 1 TIMES EVERY '1 second' -> END;
PROCESS long (n int) PUBLIC DETAIL ('long ' || n);
START -> task;
HUMAN task -> END;
PROCESS mail (n int) PUBLIC DETAIL ('mail ' || n);
START -> send;
EMAIL send FROM 'a@example.org' TO 'b@example.org' SUBJECT 'Hello' -> END;
PROCESS crumbs LIGHT LAUNCH ON INSERT INTO crumb AS n;
START -> bite;
AUTOMATIC bite DO (SELECT 1 / (n - n)) RETRY 1 TIMES EVERY '1 second' -> END;
$bpt$);
SELECT name, history_retention FROM bpt.process_definition WHERE schema_name = 'keep' ORDER BY id;

-- Who may say so, of what, and how long.
SELECT probe.try('SELECT bpt.set_history_retention(NULL, ''1 day'')');
SELECT probe.try('SELECT bpt.set_history_retention(''nonsense'', ''1 day'')');
SELECT probe.try('SELECT bpt.set_history_retention(''short'', ''-1 second'')');
SELECT probe.try('SELECT bpt.set_history_retention(''short'', ''1 month -31 days'')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.set_history_retention(''short'', ''1 day'')');
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.set_history_retention(''short'', ''1 day'')');
SELECT probe.try('SET bpt.history_retention = ''1d''');
SET ROLE regress_owner;
SELECT bpt.set_history_retention('short', '10 days');
SELECT bpt.set_history_retention('keep.mail', interval '0');
SELECT bpt.set_history_retention('crumbs', '1 day');
SELECT name, history_retention FROM bpt.process_definition WHERE schema_name = 'keep' ORDER BY id;

-- Each process by its own retention, counted from the end; with the processes that it executed, and all of theirs.
CREATE FUNCTION counts() RETURNS TABLE (processes text, activities bigint, errors bigint, emails bigint, events bigint)
  LANGUAGE sql AS $$
  SELECT (SELECT string_agg(label || ' ' || status, ', ' ORDER BY id) FROM bpt.process), (SELECT count(*) FROM bpt.activity),
    (SELECT count(*) FROM bpt.error_log), (SELECT count(*) FROM bpt.email), (SELECT count(*) FROM bpt.event_queue)
$$;
SELECT count(launch_short(n)), count(launch_long(n)) FROM generate_series(1, 2) n;
SELECT count(launch_short(0));
CALL bpt.run();
RESET ROLE; SET bpt.clock = '2026-03-02 12:00'; SET ROLE regress_owner;
SELECT count(bpt.activity_close(id)) FROM bpt.activity WHERE kind = 'human' AND status = 'ready'
  AND process_id IN (SELECT id FROM bpt.process WHERE label IN ('child 1', 'child 0', 'long 1'));
CALL bpt.run('2026-03-02 12:00:05');
SELECT * FROM counts();
SELECT check_name, ok, message FROM bpt.health() WHERE check_name = 'failed';
-- Ten days later to the second nothing is too old yet; a moment later, what has ended, and nothing else.
CALL bpt.run('2026-03-12 12:00');
SELECT * FROM counts();
RESET ROLE; SET bpt.clock = '2026-03-12 12:00:00.000001'; SET ROLE regress_owner;
SELECT bpt.process_terminate(id) FROM bpt.process WHERE label = 'short 0';
BEGIN;
CALL bpt.run();
SELECT * FROM counts();
ROLLBACK;
SELECT * FROM counts();
SET ROLE regress_user;
CALL bpt.run();
SET ROLE regress_owner;
SELECT * FROM counts();
CALL bpt.run();
SELECT * FROM counts();
-- What was terminated and restarted counts from its last end. Its errors go with it.
SELECT bpt.process_restart(id) FROM bpt.process WHERE label = 'short 0';
RESET ROLE; SET bpt.clock = '2026-03-20'; SET ROLE regress_owner;
SELECT bpt.process_terminate(id) FROM bpt.process WHERE label = 'short 0';
CALL bpt.run('2026-03-30 00:00');
SELECT * FROM counts();
CALL bpt.run('2026-03-30 00:00:01');
SELECT * FROM counts();

RESET ROLE; SET bpt.clock = '2026-03-30'; SET ROLE regress_owner;
-- A message that still waits outlives its process.
SELECT count(launch_mail(n)) FROM generate_series(1, 2) n;
CALL bpt.run();
SELECT * FROM counts();
CALL bpt.run('2026-03-30 00:00:02');
SELECT * FROM counts();

-- A light process keeps nothing but its errors: those of events that an administrator has done with go.
INSERT INTO crumb VALUES (1), (2);
CALL bpt.run('2026-03-30 00:00:05');
SELECT * FROM counts();
SELECT bpt.event_discard(min(id)) FROM bpt.event_queue;
CALL bpt.run('2026-04-02');
SELECT * FROM counts();
SELECT bpt.event_discard(id) FROM bpt.event_queue;
CALL bpt.run('2026-04-03');
SELECT * FROM counts();

-- It stays over versions, and can be taken back. What is dropped goes by what was said of it.
SELECT version FROM bpt.publish($$PROCESS short (n int) PUBLIC DETAIL ('short ' || n); START -> try; AUTOMATIC try DO (SELECT 2 / n AS two) -> END;$$);
SELECT version, history_retention FROM bpt.process_definition WHERE name = 'short' AND is_active;
SELECT count(launch_short(n)) FROM generate_series(3, 4) n;
CALL bpt.run();
SELECT bpt.set_history_retention('short', NULL);
CALL bpt.run('2027-01-01');
SELECT * FROM counts();
SELECT bpt.set_history_retention('short', '1 year');
SELECT count(bpt.process_terminate(id)) FROM bpt.process WHERE status = 'active' AND name = 'short';
SELECT bpt.drop_process('short');
CALL bpt.run('2027-03-30');
SELECT * FROM counts();
CALL bpt.run('2027-03-30 00:00:01');
SELECT * FROM counts();
SELECT probe.try('SELECT bpt.set_history_retention(''short'', ''1 day'')');

-- The default holds for those that have none of their own.
RESET ROLE;
SHOW bpt.history_retention;
SELECT bpt.set_history_retention('keep.child', '100000000 years');
SET bpt.history_retention = '-2d';
SET bpt.history_retention = '700d';
CALL bpt.run('2028-01-01');
SELECT * FROM counts();
CALL bpt.run('2028-02-02');
SELECT * FROM counts();
SET bpt.history_retention = 0;
SELECT launch_long(3) > 0 AS launched;
SELECT bpt.process_terminate(probe.process());
CALL bpt.run();
SELECT count(*) FROM bpt.process WHERE label = 'long 3';
SET bpt.clock = '2028-02-02 00:00:01';
CALL bpt.run();
SELECT count(*) FROM bpt.process WHERE label = 'long 3';
RESET bpt.history_retention;
-- Many: in several rounds.
SELECT bpt.set_history_retention('long', '1 hour');
SELECT count(bpt.process_terminate(launch_long(n))) FROM generate_series(1, 250) n;
CALL bpt.run('2028-02-03');
SELECT * FROM counts();
SELECT * FROM probe.leftovers();
-- Of timers the last runs are kept, and their errors.
SET bpt.timer_history = 2;
SET bpt.timer_attempts = 5;
SELECT version FROM bpt.publish($$TIMER fails SCHEDULE '0 0 1 1 *' DO (SELECT 1 / 0)$$);
SELECT bpt.wake_timer('fails');
CALL bpt.run('2028-02-03 01:00');
SELECT (SELECT count(*) FROM bpt.timer_run WHERE timer_id = t.id AND status = 'failed') AS runs,
  (SELECT string_agg(attempt::text, ', ' ORDER BY id) FROM bpt.error_log WHERE process_definition_id = t.id) AS attempts
FROM bpt.timer t WHERE name = 'fails' AND is_active;
SELECT bpt.drop_timer('fails');
RESET bpt.timer_history;
RESET bpt.timer_attempts;
-- Where nobody deletes, health() tells.
SET bpt.clock = '2020-01-01';
SELECT launch_long(5) > 0 AS launched;
SELECT bpt.process_terminate(probe.process());
SELECT check_name, ok, regexp_replace(message, '@ \d+ days[^)]*', 'days') AS message FROM bpt.health() WHERE check_name IN ('failed', 'history') ORDER BY 1;
RESET bpt.clock;
CALL bpt.run();
SELECT check_name, ok, message FROM bpt.health() WHERE check_name IN ('failed', 'history') ORDER BY 1;
SELECT count(bpt.drop_process('keep.' || name, true)) FROM unnest('{long,mail,crumbs,child}'::text[]) name;
SELECT bpt.process_bulk_delete('infinity', NULL, 0);
DELETE FROM bpt.email_message;
DELETE FROM bpt.timer_history;
DELETE FROM bpt.incident;
DROP SCHEMA keep, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_user, regress_monitor;
