-- A table altered between a change and its event's delivery: incidents that say what to do, and a retry that then helps.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA alt;
SET search_path = alt, public;
CREATE FUNCTION incidents() RETURNS TABLE (phase text, told text) LANGUAGE sql AS $$
  SELECT phase, sqlstate || ' ' || message || COALESCE(E'\n  DETAIL ' || detail, '') || COALESCE(E'\n  HINT ' || hint, '') FROM bpt.error_log
  WHERE id IN (SELECT last_error_id FROM bpt.event_queue) ORDER BY id $$;
CREATE TABLE parcels (id int PRIMARY KEY, weight int, state text);
SELECT process FROM bpt.publish($$
PROCESS post (heavy int DEFAULT 0) DETAIL ('parcel ' || parcel_id) LAUNCH ON INSERT INTO parcels AS parcel_id WHERE (weight > 1) WITH (heavy => weight);
START -> left; WAIT left INPUT (at_weight int DEFAULT NULL) CLOSE ON UPDATE OF parcels WHERE (id = parcel_id AND new.state = 'left' AND weight >= heavy) WITH (at_weight => new.weight) -> END;
$$);

-- A column renamed after the change, and before it: nothing is lost, and named as before the retry succeeds.
INSERT INTO parcels VALUES (1, 5, 'new');
ALTER TABLE parcels RENAME weight TO grams;
INSERT INTO parcels VALUES (2, 6, 'new');
CALL bpt.run();
SELECT operation, data_id, status, error_count FROM bpt.event_queue ORDER BY id;
SELECT * FROM incidents();
ALTER TABLE parcels RENAME grams TO weight;
SELECT bpt.event_retry(id) FROM bpt.event_queue ORDER BY id;
CALL bpt.run();
SELECT count(*) AS queued FROM bpt.event_queue;
SELECT probe.state(id) FROM bpt.process ORDER BY entity_key;

-- So do those who wait.
UPDATE parcels SET state = 'left' WHERE id = 1;
ALTER TABLE parcels RENAME weight TO grams;
UPDATE parcels SET state = 'left' WHERE id = 2;
CALL bpt.run();
SELECT DISTINCT operation, data_id, status, error_count FROM bpt.event_queue ORDER BY data_id;
SELECT DISTINCT phase, told FROM incidents();
ALTER TABLE parcels RENAME grams TO weight;
SELECT count(bpt.event_retry(id)) > 0 AS retried FROM bpt.event_queue;
CALL bpt.run();
SELECT count(*) AS queued FROM bpt.event_queue;
SELECT entity_key, p.status, output_value AS at_weight FROM bpt.process p JOIN bpt.activity_output o ON o.process_id = p.id ORDER BY entity_key;

-- A name that another column has now is not read for the one that had it; a column that is gone is not read at all.
INSERT INTO parcels VALUES (3, 7, 'new');
CALL bpt.run();
ALTER TABLE parcels RENAME weight TO grams;
UPDATE parcels SET state = 'left' WHERE id = 3;
ALTER TABLE parcels RENAME grams TO weight;
ALTER TABLE parcels ADD grams int;
CALL bpt.run();
SELECT DISTINCT phase, told FROM incidents();
ALTER TABLE parcels DROP grams;
SELECT count(bpt.event_retry(id)) > 0 AS retried FROM bpt.event_queue;
CALL bpt.run();
SELECT probe.state();

-- No primary key any more: as validate() says it; with a key again the event names its row.
ALTER TABLE parcels DROP CONSTRAINT parcels_pkey;
INSERT INTO parcels VALUES (4, 8, 'new');
CALL bpt.run();
SELECT operation, data_id, status, error_count FROM bpt.event_queue;
SELECT * FROM incidents();
SELECT message, detail, hint FROM bpt.validate() ORDER BY line LIMIT 1;
ALTER TABLE parcels ADD PRIMARY KEY (id, weight);
SELECT bpt.event_retry(id) FROM bpt.event_queue;
INSERT INTO parcels VALUES (5, 9, 'new');
CALL bpt.run();
SELECT * FROM incidents();
ALTER TABLE parcels DROP CONSTRAINT parcels_pkey;
ALTER TABLE parcels ADD PRIMARY KEY (id);
SELECT bpt.event_retry(id) FROM bpt.event_queue WHERE data_id = '';
CALL bpt.run();
SELECT operation, data_id, status, error_count FROM bpt.event_queue;
SELECT probe.state(id), entity_key FROM bpt.process ORDER BY id DESC LIMIT 1;
SELECT bpt.event_discard(id) FROM bpt.event_queue;
SELECT count(*) AS queued FROM bpt.event_queue;

-- OR ALREADY says it in the same words.
SELECT process FROM bpt.publish($$
PROCESS look (n int) DETAIL ('look');
START -> w; WAIT w CLOSE ON INSERT INTO parcels WHERE (id = n) OR ALREADY -> END;
$$);
ALTER TABLE parcels DROP CONSTRAINT parcels_pkey;
SELECT launch_look(1) > 0 AS launched;
SELECT message, detail, hint FROM bpt.error_log ORDER BY id DESC LIMIT 1;
SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
CALL bpt.run();
SELECT * FROM probe.leftovers();
DROP SCHEMA alt CASCADE;
