-- In what surroundings a process's SQL runs: as its owner, with the search_path of publishing, settings of one item not reaching the
-- next; what the functions of the current work answer; launches from statements.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_user;
CREATE ROLE regress_owner;
CREATE ROLE regress_user;
GRANT bpt_publisher TO regress_owner;
CREATE SCHEMA ctx AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA ctx TO PUBLIC;
SET search_path = ctx;
SET ROLE regress_owner;
CREATE TABLE log (n int GENERATED ALWAYS AS IDENTITY, what text, who name, path text, rs text, process bigint, activity bigint, name text, event bigint, by text, at timestamptz);
CREATE FUNCTION note(what text) RETURNS text LANGUAGE sql AS $$
  INSERT INTO log (what, who, path, rs, process, activity, name, event, by, at)
  VALUES (what, current_user, current_setting('search_path'), current_setting('row_security'), bpt.process_id(), bpt.activity_id(), bpt.activity_name(), bpt.event_id(), bpt.user_id(), bpt.now());
  SELECT what $$;
CREATE TABLE thing (id int PRIMARY KEY, v text);
GRANT INSERT, UPDATE, SELECT ON thing TO regress_user;
SELECT version FROM bpt.publish($bpt$
PROCESS p LAUNCH ON INSERT INTO thing AS thing_id PUBLIC DETAIL (note('detail'))
  ON PROCESS START DO (SELECT note('start'));
START -> task;
HUMAN task DESTINATION (note('destination'))
  ON READY DO (SELECT note('ready')) ON OPEN DO (SELECT note('open')) ON CLOSE DO (SELECT note('close')) -> way;
DECISION way WHEN (note('decision') IS NULL) -> END ELSE -> hold;
WAIT hold CLOSE ON UPDATE OF thing WHERE (id = thing_id AND v = 'go') WITH (said => note('with')) INPUT (said text DEFAULT NULL) ON CLOSE DO (SELECT note('wait close')) -> work;
AUTOMATIC work DO (SELECT note('work')) -> END;
$bpt$);
SET ROLE regress_user;
SET search_path = pg_catalog;
SELECT set_config('row_security', 'off', false);
-- Called by a user.
SELECT bpt.launch('ctx.p', '{"thing_id": 1}') AS process \gset
SELECT activity_id AS task FROM bpt.taskbox \gset
SELECT bpt.activity_open(:task);
SELECT bpt.activity_close(:task);
INSERT INTO ctx.thing VALUES (1, 'new');
UPDATE ctx.thing SET v = 'go';
SELECT current_user, current_setting('search_path'), current_setting('row_security'), bpt.process_id(), bpt.activity_id(), bpt.activity_name(), bpt.event_id(), bpt.user_id();
RESET ROLE;
SET row_security = on;
CALL bpt.run();
SET search_path = ctx;
SELECT what, who, path, rs, process = :process AS its_process, activity IS NOT NULL AS has_activity, name, event IS NOT NULL AS by_event, by FROM log WHERE process IS NULL OR process = :process ORDER BY n;
-- Launched by the event of a user: nobody acts, the process is created by no user.
SELECT p.entity, p.entity_key, p.created_by, l.what, l.who, l.name, l.event IS NOT NULL AS by_event, l.by FROM bpt.process p JOIN log l ON l.process = p.id
  WHERE p.id <> :process ORDER BY l.n;
SELECT bpt.drop_process('p', true);

-- Settings that a statement changes are put back before the next item.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS settings (name text) DETAIL (name);
START -> a;
AUTOMATIC a DO (SELECT set_config('search_path', 'pg_temp', false) AS a, set_config('my.setting', name, false) AS b, set_config('statement_timeout', '1h', true) AS c) -> b;
AUTOMATIC b DO (SELECT current_setting('search_path') AS path, current_setting('my.setting', true) AS mine, current_setting('statement_timeout') AS timeout) -> END;
$bpt$);
RESET ROLE;
SELECT launch_settings('one') IS NOT NULL AS launched, launch_settings('two') IS NOT NULL AS launched;
CALL bpt.run();
SELECT p.label, s.* FROM bpt.process p, probe.steps(p.id) s WHERE p.name = 'settings' ORDER BY p.id;
SELECT current_setting('search_path'), current_setting('my.setting', true), current_setting('statement_timeout');

-- What the owner may not do fails as the owner, even when a superuser does the work.
CREATE TABLE secret (x int);
ALTER TABLE secret OWNER TO CURRENT_USER;
SET ROLE regress_owner;
CREATE FUNCTION peek() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT x FROM ctx.secret); END $$;
SELECT version FROM bpt.publish($bpt$PROCESS peek DETAIL ('peek'); START -> a; AUTOMATIC a DO (SELECT peek() AS x) -> END;$bpt$);
RESET ROLE;
SELECT launch_peek() IS NOT NULL AS launched;
CALL bpt.run();
SELECT sqlstate, message FROM bpt.error_log WHERE process_id = probe.process();
SELECT bpt.process_terminate(probe.process());

-- A statement launches another process: created by the owner, known by the activity that launched it, and nobody's child.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS child (n int) DETAIL ('child ' || n); START -> a; HUMAN a -> END;
$bpt$);
SELECT version FROM bpt.publish($bpt$
PROCESS mother DETAIL ('mother'); START -> task;
HUMAN task ON CLOSE DO (SELECT bpt.launch('child', '{"n": 1}') AS c1) -> launcher;
AUTOMATIC launcher DO (SELECT launch_child(2) AS c2) -> END;
$bpt$);
RESET ROLE;
SELECT launch_mother() AS mother \gset
SELECT bpt.activity_close(probe.activity('task'));
CALL bpt.run();
SELECT label, status, created_by, parent_process_id, top_process_id = id AS is_top, probe.name_of(launched_by_activity_id) AS launched_by
  FROM bpt.process WHERE name IN ('child', 'mother') ORDER BY id;
SELECT bpt.process_terminate(id) FROM bpt.process WHERE name = 'child' AND label = 'child 1';
SELECT label, status FROM bpt.process WHERE name IN ('child', 'mother') ORDER BY id;

-- One with several of a name: by search_path, or qualified.
CREATE SCHEMA ctx2;
SELECT version FROM bpt.publish($bpt$PROCESS ctx2.child (n int) DETAIL ('other child ' || n); START -> END;$bpt$);
SELECT probe.state(bpt.launch('child', '{"n": 3}')), probe.state(bpt.launch('ctx2.child', '{"n": 4}'));
SET search_path = ctx2, ctx;
SELECT probe.state(bpt.launch('child', '{"n": 5}')), probe.state(bpt.launch('"ctx"."child"', '{"n": 6}'));
SET search_path = pg_catalog;
SELECT probe.try($$SELECT bpt.launch('child', '{"n": 7}')$$);
SET search_path = ctx;
-- Labels: DETAIL, else the first text column of the row that launched, else LABEL, else the name.
CREATE TABLE labelled (id int PRIMARY KEY, n numeric, title text, more text);
SELECT count(*) FROM bpt.publish($bpt$
PROCESS by_row LABEL 'By row' LAUNCH ON INSERT INTO ctx.labelled AS id; START -> END;
PROCESS by_label (x int DEFAULT (1)) LABEL 'By label'; START -> END;
PROCESS by_label_expression (x int DEFAULT (1)) LABEL ('Label ' || x); START -> END;
PROCESS by_name (x int DEFAULT (1)); START -> END;
$bpt$);
INSERT INTO labelled VALUES (1, 2, 'The title', 'more'), (2, 3, NULL, 'more');
CALL bpt.run();
SELECT launch_by_label() IS NOT NULL AS a, launch_by_label_expression() IS NOT NULL AS b, launch_by_name() IS NOT NULL AS c;
SELECT name, label FROM bpt.process WHERE name LIKE 'by\_%' ORDER BY id;

SELECT bpt.drop_process(schema_name || '.' || name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA ctx, ctx2, probe CASCADE;
DROP ROLE regress_owner, regress_user;
