-- Discarding activities, and deleting what is left of ended processes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set roles :abs_srcdir '/test/regress/roles.sql'
\set schema del
\set ECHO none
\i :setup
\i :roles
\set ECHO all
SET ROLE regress_owner;
CREATE TABLE bill (id int PRIMARY KEY, state text NOT NULL);
SELECT count(version) FROM bpt.publish($bpt$
PROCESS p (n int DEFAULT 1) PUBLIC DETAIL ('p ' || n);
START -> task, work, hold, later, choose;
HUMAN task ON CLOSE DO (SELECT 1 / 0) ON SKIP DO (SELECT 1 / 0) -> never;
HUMAN never -> END;
AUTOMATIC work DO (SELECT 1 / n AS one) -> END;
WAIT hold CLOSE ON UPDATE OF bill WHERE (id = n AND state = 'paid') TIMEOUT (interval '1 day') -> END;
HUMAN later START DATE (interval '1 day') -> END;
DECISION choose WHEN (1 / n = 5) -> END;
PROCESS q PUBLIC DETAIL ('q');
START -> task;
HUMAN task -> END;
PROCESS self PUBLIC DETAIL ('self');
START -> a, b;
AUTOMATIC a DO (SELECT bpt.activity_discard(bpt.activity_id())) -> b;
HUMAN b ON OPEN DO (SELECT bpt.activity_discard(bpt.activity_id())) -> END;
$bpt$);
SELECT launch_p(0) > 0 AS launched;
RESET ROLE;
CALL bpt.run();
SELECT step, status FROM probe.steps();
-- Who may discard what.
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.activity_discard(' || probe.activity('task') || ')');
SELECT probe.try('SELECT bpt.activity_discard(' || probe.activity('work') || ')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.activity_discard(' || probe.activity('hold') || ')');
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.activity_discard(NULL)');
SELECT probe.try('SELECT bpt.activity_discard(-5)');
-- No callback runs, nothing follows, nothing is left behind.
SELECT bpt.activity_discard(probe.activity(name)) FROM unnest('{task,work,hold,later}'::text[]) name;
SELECT name, status, closed, closed_by, next_run FROM bpt.activity ORDER BY id;
SELECT probe.try('SELECT bpt.activity_discard(' || probe.activity('task') || ')');
SELECT probe.try('SELECT bpt.activity_close(' || probe.activity('task') || ')');
SELECT probe.state();
-- The last path closes the process.
SELECT bpt.process_suspend(probe.process());
SELECT probe.try('SELECT bpt.activity_discard(' || probe.activity('choose') || ')');
SELECT bpt.process_resume(probe.process());
SELECT bpt.activity_discard(probe.activity('choose'));
SELECT probe.state();
SELECT * FROM probe.leftovers();
-- By the process itself.
SELECT bpt.launch('self') > 0 AS launched;
RESET ROLE;
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity('b') || ')');
SELECT bpt.process_terminate(probe.process());

-- Valid ids, for those who may know.
SELECT kind, bpt.activity_is_valid_id(probe.activity('task'), kind) AS task, bpt.activity_is_valid_id(probe.activity('hold'), kind) AS hold,
    bpt.activity_is_valid_id(NULL, kind) AS no_id, bpt.activity_is_valid_id(-1, kind) AS unknown
  FROM unnest('{human,wait,automatic,HUMAN,nonsense,NULL}'::text[]) kind;
SELECT launch_q() > 0 AS launched;
SET ROLE regress_user;
SELECT bpt.activity_is_valid_id(probe.activity('task'), 'human') AS offered, bpt.activity_is_valid_id(probe.activity('hold'), 'wait') AS strange;
RESET ROLE;

-- Deleting: only what has ended, all of it, by who may.
SELECT bpt.process_terminate(probe.process());
SELECT launch_p(0) > 0 AS launched;
CALL bpt.run();
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.process_delete(' || probe.process() || ')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.process_delete(' || probe.process() || ')');
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.process_delete(NULL)');
SELECT probe.try('SELECT bpt.process_delete(-5)');
SELECT probe.try('SELECT bpt.process_delete(' || probe.process() || ')');
SELECT bpt.process_terminate(probe.process());
SELECT count(*) FROM bpt.activity WHERE process_id = probe.process();
SELECT count(*) > 0 AS errors FROM bpt.error_log WHERE process_id = probe.process();
SELECT probe.process() AS process \gset
SELECT bpt.process_delete(:process);
SELECT probe.try('SELECT bpt.process_delete(' || :process || ')');
SELECT probe.try('SELECT bpt.process_terminate(' || :process || ')');
SELECT (SELECT count(*) FROM bpt.process WHERE id = :process) AS processes, (SELECT count(*) FROM bpt.activity WHERE process_id = :process) AS activities,
  (SELECT count(*) FROM bpt.error_log WHERE process_id = :process) AS errors;
-- Made, ended and deleted in one transaction; a deletion that is rolled back.
BEGIN;
SELECT launch_q() AS process \gset
SELECT bpt.process_terminate(:process);
SAVEPOINT s;
SELECT bpt.process_delete(:process);
SELECT count(*) FROM bpt.process WHERE id = :process;
ROLLBACK TO s;
SELECT status FROM bpt.process WHERE id = :process;
SELECT bpt.process_delete(:process);
SELECT count(*) FROM bpt.process WHERE id = :process;
COMMIT;
SELECT (SELECT count(*) FROM bpt.process WHERE id = :process) AS processes, (SELECT count(*) FROM bpt.activity WHERE process_id = :process) AS activities;

-- Many at once, a part at a time, those that ended first at first.
RESET ROLE;
SELECT bpt.process_bulk_delete('infinity', NULL, 0);
SELECT count(*) FROM bpt.process;
SET ROLE regress_owner;
SELECT count(launch_q()), count(launch_p(n)) FROM generate_series(1, 5) n;
RESET ROLE;
SET bpt.clock = '2026-03-03 09:00';
SELECT count(bpt.process_terminate(id)) FROM (SELECT id FROM bpt.process WHERE name = 'q' ORDER BY id DESC LIMIT 2) q;
SET bpt.clock = '2026-03-04 09:00';
SELECT count(bpt.process_terminate(id)) FROM bpt.process WHERE name = 'p' AND label <> 'p 5';
SELECT count(bpt.process_terminate(id)) FROM (SELECT id FROM bpt.process WHERE name = 'q' AND status = 'active' ORDER BY id LIMIT 2) q;
SET ROLE regress_user;
SELECT probe.try('SELECT bpt.process_bulk_delete(''infinity'')');
SET ROLE regress_monitor;
SELECT probe.try('SELECT bpt.process_bulk_delete(''infinity'', ' || id || ')') ~ '^42501' AS refused FROM bpt.process_definition WHERE name = 'p' AND is_active;
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.process_bulk_delete(NULL)');
SELECT probe.try('SELECT bpt.process_bulk_delete(''infinity'', -5)') ~ '^WF004' AS refused;
SELECT probe.try('SELECT bpt.process_bulk_delete(''infinity'', NULL, NULL)');
SELECT probe.try('SELECT bpt.process_bulk_delete(''infinity'', NULL, -1)');
SELECT bpt.process_bulk_delete('2026-03-03 09:00');
SELECT name, label, status FROM bpt.process ORDER BY id;
SELECT bpt.process_bulk_delete('2026-03-04 09:00', (SELECT id FROM bpt.process_definition WHERE name = 'q' AND is_active), 1);
SELECT bpt.process_bulk_delete('2026-03-04 09:00', (SELECT id FROM bpt.process_definition WHERE name = 'q' AND is_active), 1);
SELECT bpt.process_bulk_delete('2026-03-04 09:00', (SELECT id FROM bpt.process_definition WHERE name = 'q' AND is_active), 1);
SELECT name, label, status FROM bpt.process ORDER BY id;
SELECT bpt.process_bulk_delete('2026-03-05', NULL, 5);
SELECT bpt.process_bulk_delete('2026-03-05', NULL, 5);
SELECT name, label, status FROM bpt.process ORDER BY id;
-- Errors of light processes belong to no instance: they go too, unless their event still waits.
SELECT count(version) FROM bpt.publish($bpt$PROCESS crumb LIGHT LAUNCH ON INSERT INTO bill AS n; START -> fall; AUTOMATIC fall DO (SELECT 1 / (n - n)) -> END;$bpt$);
INSERT INTO bill VALUES (101, 'x'), (102, 'x');
CALL bpt.run();
SELECT bpt.event_discard(min(id)) FROM bpt.event_queue;
SELECT count(*) FROM bpt.error_log WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'crumb');
SELECT bpt.process_bulk_delete('2026-03-05', (SELECT id FROM bpt.process_definition WHERE name = 'q' AND is_active));
SELECT count(*) FROM bpt.error_log WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'crumb');
SELECT bpt.process_bulk_delete('2026-03-05', (SELECT id FROM bpt.process_definition WHERE name = 'crumb' AND is_active));
SELECT count(*) FROM bpt.error_log WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'crumb');
SELECT bpt.event_discard(id) FROM bpt.event_queue;
SELECT bpt.process_bulk_delete('2026-03-05');
SELECT count(*) FROM bpt.error_log WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'crumb');
SELECT bpt.drop_process('crumb');
RESET ROLE;
SELECT count(*) FROM bpt.activity_instance a WHERE NOT EXISTS (SELECT FROM bpt.process_instance p WHERE p.id = a.process_id);
SELECT count(bpt.drop_process('del.' || name, true)) FROM unnest('{p,q,self}'::text[]) name;
DROP SCHEMA del, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_user, regress_monitor;
