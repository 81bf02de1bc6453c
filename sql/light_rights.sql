-- As whom light processes run, and who may decide about their failed events.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE ROLE regress_light_owner;
CREATE ROLE regress_light_member IN ROLE regress_light_owner;
CREATE ROLE regress_light_monitor IN ROLE bpt_monitor;
CREATE ROLE regress_light_admin IN ROLE bpt_admin;
CREATE ROLE regress_light_clerk;
GRANT bpt_publisher TO regress_light_owner;
CREATE SCHEMA light_rights;
GRANT USAGE ON SCHEMA light_rights TO PUBLIC;
GRANT CREATE ON SCHEMA light_rights TO regress_light_owner;
SET search_path = light_rights;
CREATE TABLE item (id bigint PRIMARY KEY, what text);
CREATE TABLE note (n int GENERATED ALWAYS AS IDENTITY, who text, what text);
CREATE TABLE secret (n int);
GRANT SELECT, TRIGGER ON item TO regress_light_owner;
GRANT INSERT ON item TO regress_light_clerk;
GRANT INSERT ON note TO regress_light_owner;

-- Events are anybody's, statements the owner's.
SET ROLE regress_light_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS noting (what text) LIGHT LAUNCH ON INSERT INTO item AS item_id WITH (what => what);
START -> work;
AUTOMATIC work DO (INSERT INTO note (who, what) VALUES (current_user, what)) RETRY 1 TIMES EVERY '1 hour' -> END;
PROCESS prying LIGHT LAUNCH ON INSERT INTO item AS item_id WHERE (what = 'pry');
START -> work;
AUTOMATIC work DO (INSERT INTO note (who, what) SELECT current_user, n::text FROM secret) RETRY 1 TIMES EVERY '1 hour' -> END;
$bpt$);
RESET ROLE;
SET ROLE regress_light_clerk;
INSERT INTO item VALUES (1, 'plain'), (2, 'pry');
-- A stranger runs nothing of it.
CALL bpt.run();
RESET ROLE;
SELECT who, what FROM note ORDER BY what;
SET ROLE regress_light_member;
CALL bpt.run();
RESET ROLE;
SELECT who, what FROM note ORDER BY what;
SELECT phase, sqlstate, message FROM bpt.error_log ORDER BY id;
SELECT min(id) AS event FROM bpt.event_queue \gset

-- Strangers know nothing of it, monitors may look, the owner's members and administrators may decide.
CREATE FUNCTION probe.as_role(role text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  answer := probe.try(command);
  RESET ROLE;
  RETURN answer;
END $$;
SELECT role, probe.as_role(role, 'SELECT count(*) FROM bpt.event_queue') AS sees,
  probe.as_role(role, format('SELECT bpt.event_retry(%s)', :event)) AS retry
  FROM unnest(ARRAY['regress_light_clerk', 'regress_light_monitor', 'regress_light_member', 'regress_light_admin']) role;
SELECT role, probe.as_role(role, format('SELECT bpt.event_discard(%s)', :event)) AS discard
  FROM unnest(ARRAY['regress_light_clerk', 'regress_light_monitor', 'regress_light_admin']) role;
SELECT * FROM probe.leftovers();

-- The owner may have lost the table, too.
REVOKE SELECT ON item FROM regress_light_owner;
INSERT INTO item VALUES (3, 'unseen');
CALL bpt.run();
SELECT what FROM note WHERE what = 'unseen';
SELECT phase, sqlstate, message FROM bpt.error_log ORDER BY id DESC LIMIT 1;
GRANT SELECT ON item TO regress_light_owner;
SELECT bpt.event_retry(id) FROM bpt.event_queue;
CALL bpt.run();
SELECT who, what FROM note WHERE what = 'unseen';

-- Without a launch function a process has no owner: its events wait in error.
DROP FUNCTION launch_noting;
INSERT INTO item VALUES (4, 'ownerless');
CALL bpt.run();
SELECT status, error_count FROM bpt.event_queue;
SELECT sqlstate, message, hint FROM bpt.error_log ORDER BY id DESC LIMIT 1;
SELECT bpt.event_discard(id) FROM bpt.event_queue;
SELECT * FROM probe.leftovers();

SELECT bpt.drop_process('prying'), bpt.drop_process('noting');
DROP SCHEMA light_rights CASCADE;
DROP OWNED BY regress_light_owner, regress_light_clerk;
DROP ROLE regress_light_owner, regress_light_member, regress_light_monitor, regress_light_admin, regress_light_clerk;
