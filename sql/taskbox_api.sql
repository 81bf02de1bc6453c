-- The Taskbox API: lists and counts, what was seen, how tasks are shown, the task after another, the switch.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_anna, regress_bob, regress_app;
CREATE ROLE regress_owner;
CREATE ROLE regress_anna;
CREATE ROLE regress_bob;
CREATE ROLE regress_app LOGIN;
GRANT bpt_publisher TO regress_owner;
GRANT bpt_proxy TO regress_app;
CREATE SCHEMA box AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA box TO PUBLIC;
SET search_path = box;
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS p (what text, due timestamptz DEFAULT NULL, who text DEFAULT NULL) PUBLIC DETAIL ('about ' || what);
START -> task;
HUMAN task LABEL ('Do ' || what) USER (who) DUE (due) -> more;
DECISION more WHEN (what = 'long') -> second ELSE -> END;
HUMAN second LABEL ('Again ' || what) START DATE (interval '1 day') -> third;
HUMAN third LABEL ('At last ' || what) -> END;
$bpt$);
SELECT count(launch_p(what, due::timestamptz, who)) FROM (VALUES ('Paint', NULL, NULL), ('long', '2026-03-05', NULL), ('print', '2026-03-04', NULL), ('100%', '2026-03-04', NULL), ('secret', NULL, 'regress_bob')) v (what, due, who);
SET ROLE regress_anna;
-- All, by due date; filtered without regard to case, and no patterns; pages.
SELECT label, label_lang, details, due_date, is_opened, is_seen FROM bpt.api_get_activities('regress_anna');
SELECT label FROM bpt.api_get_activities('regress_anna', 'PRI');
SELECT label FROM bpt.api_get_activities('regress_anna', '%');
SELECT label FROM bpt.api_get_activities('regress_anna', '') WHERE label ~ 'P';
SELECT label FROM bpt.api_get_activities('regress_anna', NULL, 1, 2);
SELECT label FROM bpt.api_get_activities('regress_anna', NULL, 3);
SELECT label FROM bpt.api_get_activities('regress_anna', NULL, 0, 0);
SELECT label FROM bpt.api_get_activities('regress_anna', NULL, 100);
SELECT bpt.activity_open(probe.activity('task') - 4);
SELECT label, is_opened, is_seen FROM bpt.api_get_activities('regress_anna');
SELECT * FROM bpt.api_get_activity_pagination('regress_anna');
SELECT * FROM bpt.api_get_activity_pagination('regress_anna', 'do p');
SELECT * FROM bpt.api_get_activity_pagination('regress_anna', 'nothing');
SELECT probe.try('SELECT bpt.api_get_activities(NULL)');
SELECT probe.try('SELECT bpt.api_get_activities(''regress_anna'', NULL, -1)');
SELECT probe.try('SELECT bpt.api_get_activities(''regress_anna'', NULL, 0, -1)');
SELECT probe.try('SELECT bpt.api_get_activity_pagination(NULL)');
-- Of others only proxies and administrators may ask.
RESET ROLE;
SET SESSION AUTHORIZATION regress_anna;
SELECT probe.try('SELECT bpt.' || f) FROM unnest('{api_get_activities(''regress_bob''),api_get_activity_pagination(''regress_bob''),"api_get_new_open_activity(''regress_bob'', 1)",api_mark_activities_as_seen(''regress_bob'')}'::text[]) f;
RESET SESSION AUTHORIZATION;
SELECT label FROM bpt.api_get_activities('regress_bob');
SET SESSION AUTHORIZATION regress_app;
SELECT label FROM bpt.api_get_activities('regress_bob', 'secret');
SELECT label FROM bpt.api_get_activities('somebody', 's');
RESET SESSION AUTHORIZATION;
-- Seen: by each for themselves, and not what comes later.
SET ROLE regress_anna;
SELECT bpt.api_mark_activities_as_seen('regress_anna');
SELECT bpt.api_mark_activities_as_seen('regress_anna');
SELECT probe.try('SELECT bpt.api_mark_activities_as_seen(NULL)');
SELECT label, is_seen FROM bpt.api_get_activities('regress_anna');
SELECT * FROM bpt.api_get_activity_pagination('regress_anna');
SELECT launch_p('later') > 0 AS launched;
SELECT * FROM bpt.api_get_activity_pagination('regress_anna');
SET ROLE regress_bob;
SELECT * FROM bpt.api_get_activity_pagination('regress_bob');
-- A task that becomes ready anew is unseen.
SELECT bpt.api_mark_activities_as_seen('regress_bob');
RESET ROLE;
SELECT bpt.activity_schedule(probe.activity('task'), '2026-03-03');
CALL bpt.run('2026-03-03');
SELECT label, is_seen FROM bpt.api_get_activities('regress_bob');

-- The task after another.
SET bpt.clock = '2026-03-02 09:00';
SELECT id AS long FROM bpt.activity WHERE label = 'Do long' \gset
SELECT bpt.human_activity_assign_to_user(:long, 'regress_anna');
SET ROLE regress_anna;
SELECT bpt.activity_close(:long);
SELECT bpt.api_get_new_open_activity('regress_anna', :long);
RESET ROLE;
CALL bpt.run('2026-03-04');
SET ROLE regress_anna;
SELECT bpt.api_get_new_open_activity('regress_anna', :long) AS not_opened;
SELECT bpt.activity_open(probe.activity('second'));
SELECT bpt.api_get_new_open_activity('regress_anna', :long) = probe.activity('second') AS second;
SELECT bpt.activity_close(probe.activity('second')) = probe.activity('third') AS third;
SELECT bpt.activity_open(probe.activity('third'));
SELECT bpt.api_get_new_open_activity('regress_anna', :long) = probe.activity('third') AS third;
SELECT bpt.api_get_new_open_activity('regress_anna', probe.activity('third')) AS itself, bpt.api_get_new_open_activity('regress_anna', -1) AS unknown;
SELECT probe.try('SELECT bpt.api_get_new_open_activity(''regress_anna'', NULL)');
SELECT probe.try('SELECT bpt.api_get_new_open_activity(NULL, 1)');
SET ROLE regress_bob;
SELECT bpt.api_get_new_open_activity('regress_bob', :long);

-- How a task is shown.
SELECT * FROM bpt.api_get_activity_visualization(probe.activity('task'));
SELECT probe.try('SELECT bpt.api_get_activity_visualization(NULL)');
SELECT probe.try('SELECT bpt.api_get_activity_visualization(-1)');
SELECT probe.try('SELECT bpt.api_get_activity_visualization(' || probe.activity('third') || ')');
SELECT probe.try('SELECT bpt.api_set_activity_visualization(' || probe.activity('task') || ', true, true)');
SET ROLE regress_owner;
SELECT bpt.api_set_activity_visualization(probe.activity('task'), true, false, repeat('ü', 500));
SELECT hide_done, hide_release, length(custom_instructions) FROM bpt.api_get_activity_visualization(probe.activity('task'));
SELECT bpt.api_set_activity_visualization(probe.activity('task'), false, true, 'Gently');
SELECT probe.try('SELECT bpt.api_set_activity_visualization(' || probe.activity('task') || ', true, true, repeat(''ü'', 501))');
SELECT probe.try('SELECT bpt.api_set_activity_visualization(' || probe.activity('task') || ', NULL, true)');
SELECT probe.try('SELECT bpt.api_set_activity_visualization(' || probe.activity('task') || ', true, NULL)');
SELECT probe.try('SELECT bpt.api_set_activity_visualization(' || :long || ', true, true)');
SET ROLE regress_bob;
SELECT * FROM bpt.api_get_activity_visualization(probe.activity('task'));
SELECT label, custom_instructions, hide_done, hide_release FROM bpt.taskbox WHERE activity_id = probe.activity('task');

-- Instructions as HTML.
SELECT t, bpt.api_get_activity_guidance_html(t) FROM unnest(ARRAY['plain', '', E'two\r\nlines\nand', '<b>"5" & ''6''</b><script>', 'see https://a.example/x?y=1&z=2, or (http://b.example).', '"https://a.example/" onmouseover="x', 'javascript:alert(1)', 'https://a.example/<b>', NULL]) t;

-- Switched off, nobody is shown anything.
SELECT probe.try('SELECT bpt.inbox_disable_in_server()');
SELECT probe.try('SELECT bpt.inbox_enable_in_server()');
RESET ROLE;
SELECT bpt.inbox_disable_in_server();
SELECT bpt.inbox_disable_in_server();
SET ROLE regress_anna;
SELECT count(*) FROM bpt.taskbox;
SELECT * FROM bpt.api_get_activity_pagination('regress_anna');
RESET ROLE;
SELECT bpt.inbox_enable_in_server();
SELECT bpt.inbox_enable_in_server();
SET ROLE regress_anna;
SELECT count(*) > 0 AS again FROM bpt.taskbox;
RESET ROLE;
-- Nothing of it stays behind.
SELECT bpt.drop_process('box.p', true);
SELECT * FROM probe.leftovers();
SELECT bpt.process_bulk_delete('infinity', NULL, 0);
SELECT count(*) FROM bpt.task_display;
DROP SCHEMA box, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_anna, regress_bob, regress_app;
