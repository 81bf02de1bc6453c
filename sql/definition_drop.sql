-- Dropping a process, and which clauses stay alive over versions.
\set VERBOSITY default
\pset null ∅
SET client_min_messages = warning;
CREATE SCHEMA dropping;
SET search_path = dropping, public;
RESET client_min_messages;
CREATE TABLE item (id int PRIMARY KEY, done boolean);
CREATE TABLE other (id int PRIMARY KEY, done boolean);
CREATE VIEW listening AS
  SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'dropping'::regnamespace AND t.tgname LIKE 'bpt\_event\_%';

SELECT version, changed FROM bpt.publish($$
PROCESS p (id int) LAUNCH ON INSERT INTO item AS id;
START -> w;
WAIT w CLOSE ON UPDATE OF item WHERE (item.id = process.id AND done) -> END;
$$);
SELECT * FROM listening ORDER BY 1;
SELECT launch_p(1) AS process_id \gset
-- The old version's clause stays alive while one of its instances does; its launch does not.
SELECT version, changed FROM bpt.publish($$
PROCESS p (id int) LAUNCH ON INSERT INTO other AS id;
START -> w;
WAIT w CLOSE ON UPDATE OF other WHERE (other.id = process.id AND done) -> END;
$$);
SELECT * FROM listening ORDER BY 1;
SELECT e.first_version, e.last_version, e.operation, e.is_active, r.table_name
FROM bpt.event_def e JOIN bpt.entity r ON r.id = e.entity_id WHERE r.schema_name = 'dropping' ORDER BY e.id;
INSERT INTO item VALUES (1), (2);
INSERT INTO other VALUES (3);
UPDATE item SET done = true WHERE id = 1;
CALL bpt.run();
SELECT p.version, p.status, count(*) FROM bpt.process p JOIN bpt.process_definition d ON d.id = p.process_definition_id
WHERE d.schema_name = 'dropping' GROUP BY 1, 2 ORDER BY 1, 2;
-- Its clause goes with the next publish after the last of them has ended.
SELECT version, changed FROM bpt.publish(replace(bpt.definition('p'), 'LAUNCH', 'LABEL ''P'' LAUNCH'));
SELECT * FROM listening ORDER BY 1;

SELECT bpt.drop_process('p');
SELECT bpt.drop_process(NULL);
SELECT bpt.drop_process('p', NULL);
BEGIN;
SELECT bpt.drop_process('p', terminate_active => true);
SELECT count(*) AS functions FROM pg_proc WHERE pronamespace = 'dropping'::regnamespace;
ROLLBACK;
SELECT count(*) AS functions FROM pg_proc WHERE pronamespace = 'dropping'::regnamespace;
CREATE VIEW dependent AS SELECT launch_p(5) AS id;
SELECT bpt.drop_process('p', terminate_active => true);
DROP VIEW dependent;
SELECT bpt.drop_process('p', terminate_active => true);
SELECT name, version, is_active FROM bpt.process_definition WHERE schema_name = 'dropping';
SELECT * FROM listening;
SELECT p.status, count(*) FROM bpt.process p JOIN bpt.process_definition d ON d.id = p.process_definition_id
WHERE d.schema_name = 'dropping' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS functions FROM pg_proc WHERE pronamespace = 'dropping'::regnamespace;
SELECT bpt.drop_process('p');
SELECT bpt.definition('p');
SELECT bpt.launch('p', '{}');
-- Who owned it sees it on.
SET client_min_messages = warning;
CREATE ROLE regress_drop_owner;
RESET client_min_messages;
GRANT CREATE, USAGE ON SCHEMA dropping TO regress_drop_owner;
GRANT bpt_publisher TO regress_drop_owner;
SET ROLE regress_drop_owner;
SELECT version, changed FROM bpt.publish('PROCESS mine; START -> END;');
SELECT launch_mine() > 0 AS launched;
SELECT bpt.drop_process('mine');
SELECT d.name, d.is_active, d.owner, p.status FROM bpt.process_definition d JOIN bpt.process p ON p.process_definition_id = d.id;
RESET ROLE;
DROP OWNED BY regress_drop_owner;
DROP ROLE regress_drop_owner;
-- The name is free: what is published under it is another process.
SELECT version, changed FROM bpt.publish('PROCESS p; START -> END;');
SELECT name, version, is_active FROM bpt.process_definition WHERE schema_name = 'dropping' AND name = 'p' ORDER BY id;
SELECT bpt.drop_process('dropping.p');

-- Events of before the drop find nothing to launch and nothing to end.
SELECT version, changed FROM bpt.publish($$
PROCESS late LAUNCH ON INSERT INTO item AS id;
START -> w;
WAIT w CLOSE ON UPDATE OF item WHERE (item.id = process.id AND done) -> END;
$$);
INSERT INTO item VALUES (11);
CALL bpt.run();
INSERT INTO item VALUES (12);
UPDATE item SET done = true WHERE id = 11;
SELECT bpt.drop_process('late', terminate_active => true);
CALL bpt.run();
SELECT count(*) AS waiting FROM bpt.event_queue WHERE entity = 'item'::regclass;
SELECT p.entity_key, p.status, e.message FROM bpt.process p
LEFT JOIN bpt.error_log e USING (process_definition_id) WHERE p.name = 'late' ORDER BY p.id;

-- Without its launch function nothing can run as its owner, but a session that has not seen it before sees and ends it.
SELECT version, changed FROM bpt.publish($$
PROCESS orphan;
START -> ask, w;
HUMAN ask DETAIL 'Orphaned' USER (session_user) INPUT (answer text DEFAULT 'none') -> END;
WAIT w TIMEOUT (interval '1 hour') -> END;
$$);
SELECT launch_orphan() > 0 AS launched;
DROP FUNCTION launch_orphan;
\c -
SET search_path = dropping, public;
SELECT name, detail FROM bpt.taskbox WHERE process = 'orphan';
SELECT severity, code, message, hint FROM bpt.validate() WHERE process = 'dropping.orphan';
BEGIN;
CALL bpt.run(bpt.now() + interval '3602 seconds');
SELECT e.phase, e.attempt, e.sqlstate, e.message, e.detail, e.hint FROM bpt.error_log e JOIN bpt.activity a ON a.id = e.activity_id
WHERE a.name = 'w' AND a.process_id = (SELECT max(id) FROM bpt.process) ORDER BY e.id LIMIT 1;
ROLLBACK;
SET client_min_messages = warning;
CREATE ROLE regress_drop_stranger;
RESET client_min_messages;
BEGIN;
SET LOCAL ROLE regress_drop_stranger;
CALL bpt.run(bpt.now() + interval '3602 seconds');
RESET ROLE;
SELECT name, status FROM bpt.activity WHERE process_id = (SELECT max(id) FROM bpt.process) ORDER BY id;
ROLLBACK;
DROP ROLE regress_drop_stranger;
SELECT bpt.drop_process('orphan', terminate_active => true);
SELECT name, status FROM bpt.activity WHERE process_id = (SELECT max(id) FROM bpt.process) ORDER BY id;

-- A process may drop itself.
SELECT version, changed FROM bpt.publish($$PROCESS mayfly; START -> a;
HUMAN a DETAIL 'd' ON CLOSE DO (SELECT bpt.drop_process('mayfly', true)) -> b; HUMAN b DETAIL 'd' -> END;$$);
SELECT launch_mayfly() > 0 AS launched;
SELECT id AS a FROM bpt.activity WHERE name = 'a' ORDER BY id DESC LIMIT 1 \gset
SELECT close_mayfly_a(:a);
SELECT d.name, d.is_active, p.status, a.name, a.status, a.error_count
FROM bpt.process_definition d JOIN bpt.process p ON p.process_definition_id = d.id JOIN bpt.activity a ON a.process_id = p.id
WHERE d.name LIKE 'mayfly%' ORDER BY a.id;
SELECT e.phase, e.sqlstate, e.message FROM bpt.error_log e JOIN bpt.process_definition d ON d.id = e.process_definition_id
WHERE d.name LIKE 'mayfly%' ORDER BY e.id;

-- A process goes with its schema, its listening to tables of others included.
CREATE SCHEMA dropping_too;
SELECT version, changed FROM bpt.publish($$PROCESS dropping_too.gone LAUNCH ON INSERT INTO item AS id;
START -> a; HUMAN a DETAIL 'd' -> END;$$);
SELECT dropping_too.launch_gone(1) > 0 AS launched;
SELECT * FROM listening;
BEGIN;
DROP SCHEMA dropping_too CASCADE;
ROLLBACK;
SELECT * FROM listening;
DROP SCHEMA dropping_too CASCADE;
SELECT * FROM listening;
SELECT d.is_active, p.status FROM bpt.process_definition d JOIN bpt.process p ON p.process_definition_id = d.id
WHERE d.schema_name = 'dropping_too';
CREATE SCHEMA dropping_too;
SELECT version, changed FROM bpt.publish('PROCESS dropping_too.gone; START -> END;');
DROP SCHEMA dropping_too CASCADE;

-- Names in messages: without the caller's quotes, and a schema by the name that it has now.
CREATE SCHEMA "Before it";
CREATE TABLE "Before it".one AS SELECT 1 AS n;
SELECT process, version FROM bpt.publish('PROCESS "Before it"."A b"; START -> END; TIMER "Before it"."T" SCHEDULE ''1:00'' DO (SELECT n FROM "Before it".one);');
ALTER SCHEMA "Before it" RENAME TO "After it";
SELECT bpt.drop_process('"Before it"."A b"');
SELECT bpt.wake_timer('"Before it"."T"');
SELECT process, message FROM bpt.validate() WHERE process LIKE '%it"%';
SET client_min_messages = warning;
DROP SCHEMA "After it" CASCADE;

DROP SCHEMA dropping CASCADE;
