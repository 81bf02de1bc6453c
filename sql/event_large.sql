-- Events that carry more than a page holds: texts that do not compress, keys, and many changes in one row.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA large;
SET search_path = large;
CREATE TABLE note (id text PRIMARY KEY, words text);
-- A text of about `size` characters that does not compress.
CREATE FUNCTION words(seed text, size int) RETURNS text LANGUAGE sql
  RETURN (SELECT string_agg(md5(seed || i), '') FROM generate_series(1, size / 32) i);
SELECT version FROM bpt.publish($$
PROCESS p (given text) DETAIL (given) LAUNCH ON INSERT INTO note AS note_id WITH (given => words);
START -> w;
WAIT w CLOSE ON UPDATE OF note (words) WHERE (id = note_id AND new.words <> old.words) WITH (latest => new.words) INPUT (latest text DEFAULT NULL) -> h;
HUMAN h LABEL (given) INSTRUCTIONS (w.latest) DESTINATION (note_id) INPUT (reply text) ON CLOSE CHECK (reply <> given) MESSAGE (reply) -> END;
$$);
-- Outside a transaction block, as a worker does it; then in one that delivers its own.
INSERT INTO note VALUES (words('key', 1600), words('text', 1000000));
CALL bpt.run();
UPDATE note SET words = words || '!';
CALL bpt.run();
SELECT t.name, label || '!' = words AS label, instructions = words AS instructions, destination = id AS destination FROM bpt.taskbox t, note;
SELECT length(probe.try(format('SELECT bpt.activity_close(%s, jsonb_build_object(''reply'', %L))', activity_id, label))) > 1000000 AS refused FROM bpt.taskbox;
SELECT bpt.activity_close(activity_id, jsonb_build_object('reply', words('reply', 1000000))) FROM bpt.taskbox;
SELECT name, length(output_value) FROM bpt.activity_output WHERE is_set ORDER BY name;
BEGIN;
INSERT INTO note VALUES ('own', words('own', 100000));
CALL bpt.run();
UPDATE note SET words = words || '?' WHERE id = 'own';
CALL bpt.run();
SELECT name, status, length(label) FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
COMMIT;
-- Many in one row.
INSERT INTO note SELECT g, words(g::text, 320) FROM generate_series(1, 100) g;
CALL bpt.run();
SELECT count(*), bool_and(p.label = n.words) FROM bpt.process p JOIN note n ON n.id = p.entity_key WHERE n.id ~ '^[0-9]+$';
SELECT count(*) FROM bpt.event_queue;
SELECT count(*) FROM bpt.error_log;
SELECT bpt.drop_process('p', true);
DROP SCHEMA large, probe CASCADE;
