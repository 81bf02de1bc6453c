-- Triggers that somebody drops or disables: validate() and health() tell, publishing the same text brings them back.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA lost;
SET search_path = lost;
CREATE TABLE item (id int PRIMARY KEY, state text) PARTITION BY RANGE (id);
CREATE TABLE item_low PARTITION OF item FOR VALUES FROM (0) TO (100);
CREATE TABLE plain (id int PRIMARY KEY, state text);
\set text '$$PROCESS p DETAIL (''p'') LAUNCH ON INSERT INTO item AS item_id LAUNCH ON INSERT INTO plain AS plain_id; START -> w; WAIT w CLOSE ON UPDATE OF plain (state) WHERE (id = plain_id AND new.state = ''done'') -> END;$$'
SELECT version, changed FROM bpt.publish(:text);
SELECT * FROM bpt.validate();
DROP TRIGGER bpt_event_insert ON item_low;
DROP TRIGGER bpt_event_update ON plain;
SELECT process, severity, code, line, col, message, detail, hint, sqlstate FROM bpt.validate();
SELECT ok, message FROM bpt.health() WHERE check_name = 'definitions';
SELECT version, changed FROM bpt.publish(:text);
SELECT * FROM bpt.validate();
INSERT INTO item VALUES (1);
INSERT INTO plain VALUES (2);
CALL bpt.run();
UPDATE plain SET state = 'done';
CALL bpt.run();
SELECT entity, entity_key, status FROM bpt.process ORDER BY id;
-- Disabled ones stay as they are: whoever did that knows why.
ALTER TABLE plain DISABLE TRIGGER bpt_event_insert;
ALTER TABLE plain ENABLE REPLICA TRIGGER bpt_event_update;
SELECT severity, code, message, hint FROM bpt.validate();
SELECT ok, message FROM bpt.health() WHERE check_name = 'definitions';
SELECT version, changed FROM bpt.publish(:text);
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'plain'::regclass ORDER BY 1;
ALTER TABLE plain ENABLE TRIGGER USER;
SELECT * FROM bpt.validate();
-- What only the text of the version says is checked as before.
SELECT severity, code FROM bpt.validate(:text);
SELECT bpt.drop_process('p', true);
DROP SCHEMA lost, probe CASCADE;
