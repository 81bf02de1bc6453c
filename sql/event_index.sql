-- Indexes beside the keys of the tables of events: an administrator's own, and those that REINDEX CONCURRENTLY makes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA indexed;
SET search_path = indexed;
CREATE TABLE job (id int PRIMARY KEY);
SELECT version FROM bpt.publish('PROCESS work LIGHT LAUNCH ON INSERT INTO job AS job_id; START -> act; AUTOMATIC act DO (SELECT 1) -> END;');
CREATE INDEX event_0_created ON bpt.event_0 (created) WHERE slot >= 0;
CREATE INDEX event_1_created ON bpt.event_1 (created) WHERE slot >= 0;
CREATE INDEX event_2_created ON bpt.event_2 (created) WHERE slot >= 0;
CREATE INDEX event_3_created ON bpt.event_3 (created) WHERE slot >= 0;
-- One row of events, then several.
INSERT INTO job VALUES (1);
INSERT INTO job SELECT g FROM generate_series(2, 10) g;
CREATE VIEW written AS
  SELECT created, slot FROM bpt.event_0 UNION ALL SELECT created, slot FROM bpt.event_1
  UNION ALL SELECT created, slot FROM bpt.event_2 UNION ALL SELECT created, slot FROM bpt.event_3;
SELECT count(*) FROM written;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM written WHERE slot >= 0 AND created > '-infinity';
RESET enable_seqscan;
RESET enable_bitmapscan;
DROP INDEX bpt.event_0_created, bpt.event_1_created, bpt.event_2_created, bpt.event_3_created;
REINDEX TABLE CONCURRENTLY bpt.event_0;
REINDEX TABLE CONCURRENTLY bpt.event_1;
REINDEX TABLE CONCURRENTLY bpt.event_2;
REINDEX TABLE CONCURRENTLY bpt.event_3;
INSERT INTO job VALUES (11);
SELECT count(*) FROM bpt.event_queue;
CALL bpt.run();
SELECT count(*) FROM bpt.event_queue;
SELECT bpt.drop_process('work');
DROP SCHEMA indexed, probe CASCADE;
