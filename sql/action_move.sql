-- process_move: a path that rests at an activity goes on at another element.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set roles :abs_srcdir '/test/regress/roles.sql'
\set schema mv
\set ECHO none
\i :setup
\i :roles
\set ECHO all
CREATE FUNCTION parent() RETURNS bigint SECURITY DEFINER LANGUAGE sql
  AS $$SELECT max(i.id) FROM bpt.process_instance i JOIN bpt.process_def d ON d.id = i.process_def_id WHERE d.name = 'p'$$;
CREATE FUNCTION move(name text, target text) RETURNS text SECURITY DEFINER LANGUAGE sql
  AS $$SELECT format('SELECT bpt.process_move(%s, %s, %L)', mv.parent(), probe.activity(name), target)$$;
SET ROLE regress_owner;
CREATE TABLE paper (id int PRIMARY KEY, state text);
CREATE TABLE effect (what text);
SELECT process, version FROM bpt.publish($bpt$
PROCESS child DETAIL ('child');
START -> inner;
HUMAN inner -> END;
PROCESS p (n int) PUBLIC RETURNS (seen text) DETAIL ('p') ON ACTIVITY CLOSE DO (INSERT INTO effect VALUES ('closed ' || bpt.activity_name()));
START -> first, run;
AUTOMATIC first DO (SELECT n * 2 AS twice) -> ask;
HUMAN ask INPUT (words text) ON READY DO (INSERT INTO effect VALUES ('ready')) -> hold;
WAIT hold CLOSE ON UPDATE OF paper WHERE (id = n) TIMEOUT (interval '1 day') -> choose;
DECISION choose WHEN (ask.words = 'yes') AS yes -> report WHEN (n / 0 > 0) AS never -> END ELSE AS no -> "The End";
AUTOMATIC report DO (INSERT INTO effect SELECT format('%s %s %s', first.twice, ask.words, hold.expired)) -> "The End";
EXECUTE run PROCESS child -> after;
HUMAN after -> END;
CONDITIONAL START extra START ON INSERT INTO paper WHERE (state = 'extra' AND id = n) -> extra_task;
HUMAN extra_task DETAIL ('by ' || coalesce(extra.started_by, 'nobody')) -> "The End";
END "The End";
$bpt$);
SELECT launch_p(7) > 0 AS launched;
RESET ROLE;
CALL bpt.run();
SELECT step, status, after FROM probe.steps(parent());
-- Who may move, and what.
SET ROLE regress_user;
SELECT probe.try(move('ask', 'hold'));
SET ROLE regress_monitor;
SELECT probe.try(move('ask', 'hold'));
SET ROLE regress_owner;
SELECT probe.try(move('ask', target)) FROM unnest('{nowhere,HOLD,the end,"",extra,NULL}'::text[]) target;
SELECT probe.try(move('first', 'hold'));
SELECT probe.try(move('extra', 'hold'));
SELECT probe.try('SELECT bpt.process_move(-1, ' || probe.activity('ask') || ', ''hold'')');
SELECT probe.try('SELECT bpt.process_move(' || parent() || ', -1, ''hold'')');
SELECT probe.try('SELECT bpt.process_move(NULL, 1, ''hold'')');
SELECT probe.try('SELECT bpt.process_move(1, NULL, ''hold'')');
SELECT step, status, after FROM probe.steps(parent());
SELECT * FROM effect;
-- Ahead, over a task whose words nobody has given; the wait that is left listens no more.
SELECT probe.try(move('ask', 'hold'));
SELECT probe.try(move('hold', 'report'));
INSERT INTO paper VALUES (7, 'new');
UPDATE paper SET state = 'changed';
CALL bpt.run();
SELECT step, status, after FROM probe.steps(parent());
SELECT * FROM effect;
-- Back, out of a decision that fails.
SELECT launch_p(8) > 0 AS launched;
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('ask'), '{"words": "no"}');
SELECT bpt.activity_skip(probe.activity('hold'));
SELECT step, status, after FROM probe.steps(parent());
SELECT probe.try(move('choose', 'ask'));
SELECT bpt.activity_close(probe.activity('ask'), '{"words": "yes"}');
SELECT bpt.activity_skip(probe.activity('hold'));
CALL bpt.run();
SELECT step, status, after FROM probe.steps(parent());
-- An EXECUTE takes its child with it, and may be entered again.
SELECT probe.try(move('run', 'after'));
SELECT probe.try(move('after', 'run'));
SELECT p.name, p.status FROM bpt.process p WHERE p.top_process_id = parent() OR p.parent_process_id IS NOT NULL ORDER BY p.id;
-- To an END: the path is at its end, and with the last one the process.
SELECT launch_p(9) > 0 AS launched;
CALL bpt.run();
INSERT INTO paper VALUES (9, 'extra');
CALL bpt.run();
SELECT name, detail FROM bpt.activity WHERE kind = 'human' AND status = 'ready' AND process_id = (SELECT max(process_id) FROM bpt.activity WHERE name = 'extra_task') ORDER BY id;
SELECT probe.try(move('ask', 'The End'));
SELECT probe.state(parent());
SELECT probe.try(move('extra_task', 'hold'));
SELECT probe.try(move('hold', 'choose'));
SELECT step, status, after FROM probe.steps(parent());
SELECT probe.try(move('run', 'The End'));
SELECT step, status, after FROM probe.steps(parent());
SELECT probe.state(parent());
SELECT probe.try(move('ask', 'hold'));
-- A suspended process stays so, and enters the element when it is resumed.
SELECT launch_p(10) > 0 AS launched;
CALL bpt.run();
SELECT bpt.process_suspend(parent());
SELECT probe.try(move('ask', 'hold'));
SELECT step, status, after FROM probe.steps(parent());
SELECT probe.state(parent());
SELECT bpt.process_resume(parent());
CALL bpt.run();
SELECT step, status, after FROM probe.steps(parent());
-- What was moved away from does not come back with a restart.
SELECT bpt.process_terminate(parent());
SELECT bpt.process_restart(parent());
SELECT step, status, after FROM probe.steps(parent());
SELECT bpt.process_terminate(parent());
SELECT bpt.drop_process('p', true);
SELECT bpt.drop_process('child', true);
SELECT * FROM probe.leftovers();
RESET ROLE;
SET client_min_messages = error;
DROP SCHEMA mv CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_user, regress_monitor;
