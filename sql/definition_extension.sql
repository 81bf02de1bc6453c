-- What publishing made goes with the extension; a database of its own, since that takes everything along.
SET client_min_messages = warning;
SELECT current_database() AS test_database \gset
CREATE DATABASE regress_definition_extension TEMPLATE template0;
\c regress_definition_extension
SET client_min_messages = warning;
CREATE EXTENSION bpt;
CREATE TABLE item (id int PRIMARY KEY);
SELECT process, version FROM bpt.publish($$
PROCESS p (n int DEFAULT 1) LAUNCH ON INSERT INTO item WITH (n => id);
START -> a;
HUMAN a DETAIL 'd' INPUT (x int DEFAULT 1) -> END;
$$);
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1;
SELECT count(*) > 0 AS listens FROM pg_trigger WHERE tgrelid = 'item'::regclass;
-- The first publish notes where the database lives.
SELECT h.database_oid = d.oid AS is_here, h.held FROM bpt.home h, pg_database d WHERE d.datname = current_database();
CREATE VIEW starter AS SELECT launch_p(1) AS id;
DROP EXTENSION bpt;
DROP VIEW starter;
-- Also by a transaction that has just started a process.
BEGIN;
SELECT launch_p(1) IS NOT NULL AS launched;
DROP EXTENSION bpt;
COMMIT;
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'item'::regclass;
INSERT INTO item VALUES (1);
-- It comes back empty.
CREATE EXTENSION bpt;
SELECT count(*) AS definitions FROM bpt.process_definition;
SELECT process, version FROM bpt.publish('PROCESS p; START -> END;');
SELECT launch_p() AS id;
\c :test_database
SET client_min_messages = warning;
DROP DATABASE regress_definition_extension;
