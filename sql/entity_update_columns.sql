-- UPDATEs that set no listened-to column cost nothing, and everything that has to fire fires.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA columns;
SET search_path = columns;
CREATE TABLE parcel (id int PRIMARY KEY, state text, weight int, place text,
  size text GENERATED ALWAYS AS (CASE WHEN weight > 10 THEN 'large' ELSE 'small' END) STORED);
CREATE TABLE label (parcel int REFERENCES parcel ON UPDATE CASCADE, printed bool);
CREATE TABLE seen (n int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO columns.seen (what) VALUES (format('%s: %s', tg_name, new.id));
  RETURN NULL;
END $$;
SELECT version FROM bpt.publish($$
PROCESS shipment (state text) LAUNCH ON UPDATE OF parcel (state) AS parcel_id WHERE (state = 'shipped') WITH (state => state);
START -> act;
AUTOMATIC act DO (INSERT INTO columns.seen (what) VALUES ('shipment of ' || parcel_id)) -> END;

PROCESS measure LAUNCH ON UPDATE OF parcel (size) AS parcel_id;
START -> act;
AUTOMATIC act DO (INSERT INTO columns.seen (what) VALUES ('measure of ' || parcel_id)) -> END;
$$);
INSERT INTO parcel (id, state, weight) SELECT g, 'new', g FROM generate_series(1, 5) g;
INSERT INTO label SELECT id FROM parcel;
CREATE VIEW events AS SELECT data_id FROM bpt.event_queue;

-- No column of interest; then one that is, alone, beside others, and through a generated column.
UPDATE parcel SET place = 'here';
SELECT count(*) FROM events;
UPDATE parcel SET state = 'shipped' WHERE id = 1;
UPDATE parcel SET place = 'there', state = 'shipped' WHERE id = 2;
UPDATE parcel SET weight = 20 WHERE id = 3;
UPDATE parcel SET weight = 2 WHERE id = 4;
UPDATE parcel SET place = 'there', state = 'packed' WHERE id = 5;
SELECT data_id FROM events ORDER BY 1;
CALL bpt.run();
SELECT what FROM seen ORDER BY what;
TRUNCATE seen;

-- What else is on the table: a foreign key, and triggers of others with and without a list of columns.
UPDATE parcel SET id = 15 WHERE id = 5;
SELECT parcel FROM label WHERE parcel > 5;
CREATE TRIGGER at_place AFTER UPDATE OF place ON parcel FOR EACH ROW EXECUTE FUNCTION see();
UPDATE parcel SET place = 'nowhere' WHERE id = 1;
CREATE TRIGGER always AFTER UPDATE ON parcel FOR EACH ROW EXECUTE FUNCTION see();
UPDATE parcel SET weight = 3 WHERE id = 2;
DROP TRIGGER always ON parcel;
UPDATE parcel SET weight = 4 WHERE id = 2;
UPDATE parcel SET state = 'new' WHERE id = 2;
SELECT what FROM seen ORDER BY n;
TRUNCATE seen;
DROP TRIGGER at_place ON parcel;

-- Other ways to an UPDATE: a prepared statement, a CTE, INSERT … ON CONFLICT, MERGE.
PREPARE move AS UPDATE parcel SET place = 'road' WHERE id = $1;
PREPARE ship AS UPDATE parcel SET state = $2 WHERE id = $1;
EXECUTE move (1); EXECUTE ship (1, 'packed'); EXECUTE ship (1, 'shipped'); EXECUTE move (2); EXECUTE ship (2, 'shipped');
WITH shipped AS (UPDATE parcel SET state = 'shipped' WHERE id = 4 RETURNING id) SELECT id FROM shipped;
INSERT INTO parcel (id) VALUES (3) ON CONFLICT (id) DO UPDATE SET state = 'shipped';
MERGE INTO parcel p USING (VALUES (15)) AS v (id) ON p.id = v.id WHEN MATCHED THEN UPDATE SET state = 'shipped';
SELECT data_id FROM events ORDER BY data_id::int;
CALL bpt.run();
TRUNCATE seen;

-- A session that knows a condition learns of the next one, and of columns that come to be listened to.
SELECT version FROM bpt.publish($$
PROCESS shipment (state text) LAUNCH ON UPDATE OF parcel (state) AS parcel_id WHERE (state = 'packed') WITH (state => state);
START -> act;
AUTOMATIC act DO (INSERT INTO columns.seen (what) VALUES ('shipment of ' || parcel_id)) -> END;

PROCESS measure LAUNCH ON UPDATE OF parcel (place) AS parcel_id WHERE (place = 'harbour');
START -> act;
AUTOMATIC act DO (INSERT INTO columns.seen (what) VALUES ('measure of ' || parcel_id)) -> END;
$$);
EXECUTE ship (1, 'new'); EXECUTE ship (1, 'shipped'); EXECUTE ship (2, 'packed'); EXECUTE move (3);
UPDATE parcel SET place = 'harbour' WHERE id = 4;
UPDATE parcel SET weight = 100 WHERE id = 15;
SELECT data_id FROM events ORDER BY data_id::int;

-- Whoever may update the table may do so without any right on bpt.
CREATE ROLE regress_clerk;
GRANT USAGE ON SCHEMA columns TO regress_clerk;
GRANT SELECT, UPDATE ON parcel TO regress_clerk;
SET ROLE regress_clerk;
UPDATE parcel SET weight = 7 WHERE id = 1;
UPDATE parcel SET state = 'packed' WHERE id = 1;
RESET ROLE;
SELECT data_id FROM events ORDER BY data_id::int;

SELECT bpt.drop_process('shipment'), bpt.drop_process('measure');
DROP SCHEMA columns CASCADE;
DROP ROLE regress_clerk;
