-- What cannot be listened to, and what the publisher must be allowed to.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_refused;
SET search_path = entity_refused, public;
CREATE FUNCTION problems(clause text) RETURNS TABLE (severity text, code text, sqlstate text, message text, detail text) LANGUAGE sql AS $$
  SELECT severity, code, sqlstate, message, detail FROM bpt.validate('PROCESS p DETAIL (''x'') LAUNCH ON ' || $1 || '; START -> END;')
$$;
\x on
CREATE TABLE good (id int PRIMARY KEY);
CREATE VIEW a_view AS SELECT * FROM good;
CREATE MATERIALIZED VIEW a_matview AS SELECT * FROM good;
CREATE SEQUENCE a_sequence;
CREATE TYPE a_type AS (x int);
CREATE FOREIGN DATA WRAPPER regress_entity_wrapper;
CREATE SERVER regress_entity_server FOREIGN DATA WRAPPER regress_entity_wrapper;
CREATE FOREIGN TABLE a_foreign (id int) SERVER regress_entity_server;
CREATE TABLE parts (id int) PARTITION BY LIST (id);
CREATE TABLE part1 PARTITION OF parts DEFAULT;
CREATE TABLE far (id int) PARTITION BY LIST (id);
CREATE FOREIGN TABLE far1 PARTITION OF far FOR VALUES IN (1) SERVER regress_entity_server;
CREATE TEMPORARY TABLE a_temporary (id int PRIMARY KEY);
CREATE TABLE no_key (id int UNIQUE NOT NULL);
CREATE TABLE late_key (id int PRIMARY KEY DEFERRABLE);
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
SELECT * FROM problems('INSERT INTO good');
SELECT * FROM problems('INSERT INTO a_view');
SELECT * FROM problems('INSERT INTO a_matview');
SELECT * FROM problems('INSERT INTO a_sequence');
SELECT * FROM problems('INSERT INTO a_type');
SELECT * FROM problems('INSERT INTO a_foreign');
SELECT * FROM problems('INSERT INTO parts');
SELECT * FROM problems('INSERT INTO far');
SELECT * FROM problems('INSERT INTO pg_temp.a_temporary');
SELECT * FROM problems('INSERT INTO pg_catalog.pg_class');
SELECT * FROM problems('INSERT INTO information_schema.sql_features');
SELECT * FROM problems('INSERT INTO bpt.event_0');
SELECT * FROM problems('UPDATE OF no_key (id)');
SELECT * FROM problems('INSERT INTO late_key AS id');
SELECT * FROM problems('INSERT INTO unlogged');
SELECT * FROM problems('INSERT INTO nowhere');
SELECT * FROM problems('INSERT INTO nowhere.good');
SELECT * FROM problems('UPDATE OF good (id, nothing)');

-- TRIGGER and SELECT, of the publisher.
CREATE ROLE regress_entity_publisher IN ROLE bpt_publisher;
GRANT USAGE, CREATE ON SCHEMA entity_refused TO regress_entity_publisher;
SET ROLE regress_entity_publisher;
SELECT * FROM problems('INSERT INTO good');
RESET ROLE;
GRANT SELECT ON good TO regress_entity_publisher;
SET ROLE regress_entity_publisher;
SELECT * FROM problems('INSERT INTO good');
SELECT bpt.publish('PROCESS p DETAIL (''x'') LAUNCH ON INSERT INTO good AS id; START -> END;');
RESET ROLE;
GRANT TRIGGER ON good TO regress_entity_publisher;
SET ROLE regress_entity_publisher;
SELECT * FROM problems('INSERT INTO good');
\x off
SELECT process FROM bpt.publish('PROCESS p DETAIL (''x'') LAUNCH ON INSERT INTO good AS id; START -> END;');
RESET ROLE;

-- SELECT is asked for again when the event is delivered.
INSERT INTO good VALUES (1);
CALL bpt.run();
SELECT i.entity_key, i.label FROM bpt.process_instance i JOIN bpt.process_def d ON d.id = i.process_def_id WHERE d.schema_name = 'entity_refused' ORDER BY i.id;
REVOKE SELECT ON good FROM regress_entity_publisher;
INSERT INTO good VALUES (2);
CALL bpt.run();
SELECT i.entity_key, i.label FROM bpt.process_instance i JOIN bpt.process_def d ON d.id = i.process_def_id WHERE d.schema_name = 'entity_refused' ORDER BY i.id;
SELECT phase, sqlstate, message FROM bpt.incident JOIN bpt.process_def d ON d.id = process_def_id WHERE schema_name = 'entity_refused';
DELETE FROM bpt.queue_delivery;

SELECT bpt.drop_process('p', terminate_active => true);
DROP SCHEMA entity_refused CASCADE;
DROP SERVER regress_entity_server CASCADE;
DROP FOREIGN DATA WRAPPER regress_entity_wrapper;
DROP OWNED BY regress_entity_publisher;
DROP ROLE regress_entity_publisher;
