-- A read-only transaction, and so a standby: everything can be looked at, what would change something says so.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA ro;
SET search_path = ro;
CREATE TABLE item (id int PRIMARY KEY);
SELECT version FROM bpt.publish($$
PROCESS p (n int) DETAIL ('p ' || n) LAUNCH ON INSERT INTO item AS item_id WITH (n => item.id);
START -> h;
HUMAN h ALLOW SKIP -> END;
CONDITIONAL START c -> h2;
HUMAN h2 -> END;
$$);
SELECT launch_p(1, 1) IS NOT NULL AS launched;
INSERT INTO item VALUES (2);
SELECT probe.process() AS p, probe.activity('h') AS h, probe.activity('c') AS c \gset
BEGIN READ ONLY;
SELECT label, detail FROM bpt.taskbox;
SELECT name, waiting_for FROM bpt.waiting_for(:p);
SELECT total, unseen FROM bpt.api_get_activity_pagination(current_user);
SELECT bpt.mermaid(:p) IS NOT NULL AND bpt.definition('p') IS NOT NULL AND bpt.definition_json('p') IS NOT NULL AS shown;
SELECT * FROM bpt.validate();
SELECT severity, code FROM bpt.validate('PROCESS q; START -> a; HUMAN a -> END;');
SELECT count(*) FROM bpt.health() WHERE check_name = 'definitions' AND ok;
SELECT probe.try(command) FROM (VALUES
  ('SELECT launch_p(3, 3)'),
  ('SELECT bpt.launch(''p'', ''{"n": 3, "item_id": 3}'')'),
  ('SELECT bpt.activity_open(' || :h || ')'),
  ('SELECT bpt.activity_close(' || :h || ')'),
  ('SELECT bpt.activity_skip(' || :h || ')'),
  ('SELECT bpt.activity_start(' || :c || ')'),
  ('SELECT bpt.activity_discard(' || :h || ')'),
  ('SELECT bpt.human_activity_set_due_date(' || :h || ', NULL)'),
  ('SELECT bpt.process_suspend(' || :p || ')'),
  ('SELECT bpt.process_terminate(' || :p || ')'),
  ('SELECT bpt.process_delete(' || :p || ')'),
  ('SELECT bpt.publish(''PROCESS q; START -> END;'')'),
  ('SELECT bpt.drop_process(''p'')'),
  ('SELECT bpt.hold()'),
  ('SELECT bpt.release()')) v (command);
ROLLBACK;
BEGIN READ ONLY;
CALL bpt.run();
ROLLBACK;
SELECT bpt.drop_process('p', true);
DROP SCHEMA ro, probe CASCADE;
