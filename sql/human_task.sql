-- Tasks: who may take them, open, close, skip, reset, schedule, assign, due dates; what a call returns and what it changes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_clerk, regress_boss, regress_anna, regress_bob, regress_carl, regress_dan;
CREATE ROLE regress_owner;
CREATE ROLE regress_clerk;
CREATE ROLE regress_boss;
CREATE ROLE regress_anna IN ROLE regress_clerk;
CREATE ROLE regress_bob IN ROLE regress_clerk;
CREATE ROLE regress_carl IN ROLE regress_boss;
CREATE ROLE regress_dan;
GRANT bpt_publisher TO regress_owner;
CREATE SCHEMA tasks AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA tasks TO PUBLIC;
SET search_path = tasks;
SET ROLE regress_owner;
SELECT * FROM bpt.publish($bpt$
PROCESS job (who text DEFAULT (NULL)) LABEL 'A job' DETAIL ('Job for ' || COALESCE(who, 'all'));
START -> do_it;
HUMAN do_it
  LABEL ('Do it, ' || COALESCE(who, 'all'))
  INSTRUCTIONS ('Mind ' || bpt.process_id() - bpt.process_id() || ' things.')
  USER (who) ROLE regress_clerk, regress_boss
  DESTINATION ('/job?who=' || COALESCE(who, ''))
  DUE (interval '4 hours')
  ALLOW SKIP
  INPUT (result text DEFAULT NULL)
  -> check_it, END;
HUMAN check_it ROLE regress_boss START DATE (interval '1 day') -> END;
$bpt$);
GRANT EXECUTE ON FUNCTION launch_job TO PUBLIC;

-- One task for all clerks and bosses; Dan is neither.
SET ROLE regress_dan;
SELECT launch_job() IS NOT NULL AS launched;
RESET ROLE;
SELECT probe.state(), created_by FROM bpt.process WHERE id = probe.process();
SELECT probe.activity('do_it') AS task \gset
CREATE VIEW probe.box AS
  SELECT current_user AS who, name, label, detail, instructions, destination, due_date, is_overdue, is_opened, opened_by, user_id, can_skip
  FROM bpt.taskbox ORDER BY activity_id;
ALTER VIEW probe.box SET (security_invoker = true);
GRANT SELECT ON probe.box TO PUBLIC;
SET ROLE regress_anna; SELECT * FROM probe.box; SET ROLE regress_carl; SELECT * FROM probe.box; SET ROLE regress_dan; SELECT * FROM probe.box;
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_close(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_skip(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_get_url(' || :task || ')');
SELECT probe.try('SELECT bpt.human_activity_check_role(' || :task || ', ''regress_dan'')');

-- Anna takes it. Opening again gives the URL again; nobody else sees it or can take, close, skip or reset it.
RESET ROLE;
SET bpt.clock = '2026-03-02 10:00:00+00';
SET ROLE regress_anna;
SELECT bpt.activity_open(:task);
SET ROLE regress_anna;
SELECT bpt.activity_open(:task), bpt.activity_get_url(:task);
SELECT who, name, is_opened, opened_by FROM probe.box;
SET ROLE regress_bob;
SELECT count(*) FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_close(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_skip(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_reset(' || :task || ', true)');
SELECT probe.try('SELECT bpt.activity_get_url(' || :task || ')');
SET ROLE regress_dan;
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_reset(' || :task || ', true)');

-- She gives it back, first to herself, then to all.
SET ROLE regress_anna;
SELECT bpt.activity_reset(:task, false);
SELECT who, name, is_opened, opened_by, user_id FROM probe.box;
SELECT probe.try('SELECT bpt.activity_reset(' || :task || ', true)');
SET ROLE regress_bob;
SELECT count(*) FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
SET ROLE regress_anna;
SELECT bpt.activity_open(:task);
SELECT bpt.activity_reset(:task, true);
SET ROLE regress_bob;
SELECT who, name, is_opened, opened_by, user_id FROM probe.box;

-- A clerk may not administer; the owner may, and assigns to those who have a role.
SELECT probe.try('SELECT bpt.human_activity_assign_to_user(' || :task || ', ''regress_bob'')');
SELECT probe.try('SELECT bpt.human_activity_set_due_date(' || :task || ', bpt.now())');
SELECT probe.try('SELECT bpt.activity_schedule(' || :task || ', bpt.now())');
SELECT probe.try('SELECT bpt.activity_retry(' || :task || ')');
SELECT probe.try('SELECT bpt.process_terminate(' || probe.process() || ')');
SET ROLE regress_owner;
SELECT probe.try('SELECT bpt.human_activity_assign_to_user(' || :task || ', ''regress_dan'')');
SELECT probe.try('SELECT bpt.human_activity_assign_to_user(' || :task || ', ''no such user'')');
SELECT bpt.human_activity_check_role(:task, 'regress_bob') AS bob, bpt.human_activity_check_role(:task, 'regress_carl') AS carl,
       bpt.human_activity_check_role(:task, 'regress_dan') AS dan, bpt.human_activity_check_role(:task, 'no such user') AS nobody;
SELECT bpt.human_activity_assign_to_user(:task, 'regress_carl');
SET ROLE regress_bob; SELECT * FROM probe.box; SET ROLE regress_carl; SELECT who, name, user_id FROM probe.box;
SELECT bpt.activity_open(:task);

-- Taken from Carl while he has it: it is ready for Bob.
SET ROLE regress_owner;
SELECT bpt.human_activity_assign_to_user(:task, 'regress_bob');
SELECT status, user_id, opened, opened_by FROM bpt.activity WHERE id = :task;
SET ROLE regress_carl;
SELECT probe.try('SELECT bpt.activity_close(' || :task || ')');
SET ROLE regress_owner;
SELECT bpt.human_activity_assign_to_user(:task, NULL);
SELECT status, user_id FROM bpt.activity WHERE id = :task;
SELECT bpt.human_activity_set_due_date(:task, '2026-03-02 09:30+00');
SET ROLE regress_bob; SELECT who, name, due_date, is_overdue FROM probe.box;
SET ROLE regress_owner;
SELECT bpt.human_activity_set_due_date(:task, NULL);
SET ROLE regress_bob; SELECT who, name, due_date, is_overdue FROM probe.box;

-- Put off, it is in nobody's taskbox until then. Put off again and called back.
SET ROLE regress_owner;
SELECT bpt.activity_schedule(:task, '2026-03-05 00:00+00');
SELECT status, start_date FROM bpt.activity WHERE id = :task;
SET ROLE regress_bob;
SELECT count(*) FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_close(' || :task || ')');
RESET ROLE;
CALL bpt.run('2026-03-05 00:00+00');
SELECT status, start_date, ready FROM bpt.activity WHERE id = :task;
SET ROLE regress_owner;
SELECT bpt.activity_schedule(:task, '2026-03-09 00:00+00');
SELECT bpt.activity_schedule(:task, '2026-03-08 00:00+00');
SELECT bpt.activity_schedule(:task, '2026-03-01 00:00+00');
SELECT status, start_date FROM bpt.activity WHERE id = :task;
SELECT bpt.activity_schedule(:task, NULL);
SELECT status, start_date FROM bpt.activity WHERE id = :task;
RESET ROLE;
SELECT count(*) AS timers FROM bpt.queue_timer;

-- Bob closes it without opening. The check waits a day, then it is Carl's.
SET ROLE regress_bob;
SELECT bpt.activity_close(:task, '{"result": "done"}');
SELECT probe.try('SELECT bpt.activity_close(' || :task || ')');
SELECT probe.try('SELECT bpt.activity_open(' || :task || ')');
RESET ROLE;
SELECT * FROM probe.steps();
SELECT opened, opened_by, closed, closed_by FROM bpt.activity WHERE id = :task;
SELECT status, start_date, ready FROM bpt.activity WHERE id = probe.activity('check_it');
SELECT probe.activity('check_it') AS task \gset
SET ROLE regress_carl;
SELECT count(*) FROM bpt.taskbox;
RESET ROLE;
CALL bpt.run('2026-03-03 10:00:00+00');
SET ROLE regress_carl;
SELECT who, name, label, detail, destination, due_date, can_skip FROM probe.box;
SELECT probe.try('SELECT bpt.activity_skip(' || :task || ')');
SET ROLE regress_owner;
SELECT bpt.activity_skip(:task);
RESET ROLE;
SELECT * FROM probe.steps();
SELECT probe.state();
SELECT closed_by, skipped, expired FROM bpt.activity WHERE id = :task;

-- For one user from the start: the roles still count. A skip returns the next task as a close does.
SET ROLE regress_owner;
SELECT probe.state(launch_job('regress_anna')), probe.state(launch_job('regress_dan'));
RESET ROLE;
SELECT probe.activity('do_it') AS dans \gset
SELECT max(id) AS annas FROM bpt.activity WHERE name = 'do_it' AND id < :dans \gset
SET ROLE regress_anna; SELECT who, label, user_id FROM probe.box; SET ROLE regress_bob; SELECT who, label, user_id FROM probe.box;
SET ROLE regress_dan; SELECT who, label, user_id FROM probe.box;
SELECT probe.try('SELECT bpt.activity_open(' || :dans || ')');
SET ROLE regress_anna;
SELECT bpt.activity_skip(:annas);
RESET ROLE;
SELECT step, status, outputs FROM probe.steps((SELECT process_id FROM bpt.activity WHERE id = :annas));
SELECT skipped, closed_by FROM bpt.activity WHERE id = :annas;

-- The owner closes what is nobody's.
SET ROLE regress_owner;
SELECT bpt.activity_close(:dans);
RESET ROLE;
SELECT closed_by, status FROM bpt.activity WHERE id = :dans;

-- Whether a task may be skipped is said by the version that its instance runs.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($$PROCESS tasks.skips; START -> a; HUMAN a DETAIL 'x' ALLOW SKIP -> END;$$);
SELECT tasks.launch_skips() > 0 AS launched;
SELECT version FROM bpt.publish($$PROCESS tasks.skips; START -> a; HUMAN a DETAIL 'x' -> END;$$);
SELECT tasks.launch_skips() > 0 AS launched;
SET ROLE regress_anna;
SELECT can_skip, probe.try('SELECT bpt.activity_skip(' || activity_id || ')') FROM bpt.taskbox WHERE process = 'skips' ORDER BY activity_id;
RESET ROLE;
SELECT bpt.drop_process('tasks.skips', true);

SELECT bpt.drop_process('tasks.job', true);
SELECT * FROM probe.leftovers();
DROP SCHEMA tasks, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_clerk, regress_boss, regress_anna, regress_bob, regress_carl, regress_dan;
