-- Events on partitioned tables: one for each row, however it is written, also with partitions that come and go.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_partitions;
SET search_path = entity_partitions, public;
CREATE FUNCTION events(OUT entity text, OUT op "char", OUT key text, OUT payload jsonb) RETURNS SETOF record LANGUAGE sql AS $$
  WITH gone AS (SELECT * FROM bpt.queue_event), d0 AS (DELETE FROM bpt.event_0), d1 AS (DELETE FROM bpt.event_1),
    d2 AS (DELETE FROM bpt.event_2), d3 AS (DELETE FROM bpt.event_3)
  SELECT e.table_name, g.operation, g.key, g.payload FROM gone g JOIN bpt.entity e ON e.id = g.entity_id
   ORDER BY e.table_name, g.operation, g.key
$$;
CREATE FUNCTION triggers(OUT rel text, OUT triggers text) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT relname, string_agg(regexp_replace(tgname, '\d+$', 'N') || CASE WHEN tgtype::int & 1 = 1 THEN ' (row)' ELSE '' END, ', ' ORDER BY tgname)
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
   WHERE relnamespace = 'entity_partitions'::regnamespace AND tgname LIKE 'bpt\_event%' GROUP BY relname ORDER BY relname
$$;
TRUNCATE bpt.event_0, bpt.event_1, bpt.event_2, bpt.event_3;

CREATE TABLE sales (id int, region text, n int, note text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE north PARTITION OF sales FOR VALUES IN ('n');
CREATE TABLE south (note text, dropped int, n int, region text NOT NULL, id int NOT NULL);
ALTER TABLE south DROP COLUMN dropped;
ALTER TABLE sales ATTACH PARTITION south FOR VALUES IN ('s');
CREATE TABLE others PARTITION OF sales FOR VALUES IN ('e', 'w') PARTITION BY LIST (region);
CREATE TABLE east PARTITION OF others FOR VALUES IN ('e');
SELECT version FROM bpt.publish($bpt$
PROCESS sold (id int, what text) DETAIL ('x') LAUNCH ON INSERT INTO sales WHERE (n > 0) WITH (id => sales.id, what => note);
START -> w;
WAIT w CLOSE ON UPDATE OF sales (n, region) WHERE (sales.id = process.id) -> END;
$bpt$);
SELECT * FROM triggers();

-- Through the table, directly into partitions of any depth, into one whose columns stand elsewhere; COPY.
INSERT INTO sales VALUES (1, 'n', 1, 'one'), (2, 's', 2, 'two'), (3, 'e', 3, 'three'), (4, 'n', -4, 'four');
SELECT * FROM events();
INSERT INTO north VALUES (5, 'n', 5, 'five');
INSERT INTO south (id, region, n, note) VALUES (6, 's', 6, 'six'), (7, 's', -7, 'seven');
INSERT INTO others VALUES (8, 'e', 8, 'eight');
INSERT INTO east VALUES (9, 'e', 9, 'nine');
SELECT * FROM events();
COPY sales FROM stdin (DELIMITER ',');
10,s,1,ten
11,e,1,eleven
\.
SELECT * FROM events();

-- Updates in place, with the same value, of other columns.
UPDATE sales SET n = n + 1 WHERE id IN (1, 2, 3);
UPDATE sales SET n = n;
UPDATE sales SET note = upper(note);
SELECT * FROM events();
UPDATE south SET n = 0 WHERE id = 2;
UPDATE others SET n = 0 WHERE id = 8;
SELECT * FROM events();
-- Upserts.
INSERT INTO sales VALUES (1, 'n', 50), (12, 's', 12) ON CONFLICT (id, region) DO UPDATE SET n = excluded.n;
SELECT * FROM events();
MERGE INTO sales s USING (VALUES (12, 's'), (13, 'n')) v (id, region) ON s.id = v.id
  WHEN MATCHED THEN UPDATE SET n = s.n + 1 WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.region, 13);
SELECT * FROM events();
-- A row that moves is one UPDATE, alone and among others.
UPDATE sales SET region = 's' WHERE id = 1;
SELECT * FROM events();
UPDATE sales SET region = CASE WHEN id % 2 = 1 THEN 'e' ELSE region END, n = n + 1 WHERE id < 5;
SELECT * FROM events();
-- A row whose move a trigger on the new partition swallows is no event; those beside it are.
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON north FOR EACH ROW EXECUTE FUNCTION swallow();
UPDATE sales SET region = CASE WHEN id = 2 THEN 'n' ELSE region END, n = n + 1 WHERE id IN (1, 2, 3);
SELECT * FROM events();
DROP TRIGGER swallow ON north;
-- A BEFORE trigger on a partition that changes a column.
CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.n := new.n + 100; RETURN new; END';
CREATE TRIGGER bump BEFORE UPDATE ON east FOR EACH ROW EXECUTE FUNCTION bump();
UPDATE sales SET note = 'bumped' WHERE id IN (3, 6);
SELECT * FROM events();
DROP TRIGGER bump ON east;

-- Partitions made, attached and detached later.
CREATE TABLE west PARTITION OF others FOR VALUES IN ('w');
CREATE TABLE rest (LIKE sales INCLUDING ALL);
INSERT INTO rest VALUES (50, 'x', 1), (51, 'y', 1);
ALTER TABLE sales ATTACH PARTITION rest DEFAULT;
SELECT * FROM triggers();
INSERT INTO sales VALUES (20, 'w', 1), (21, 'z', 1);
INSERT INTO rest VALUES (22, 'z', 1);
SELECT * FROM events();
ALTER TABLE sales DETACH PARTITION others;
ALTER TABLE sales DETACH PARTITION rest;
SELECT * FROM triggers();
INSERT INTO rest VALUES (23, 'z', 1);
INSERT INTO others VALUES (24, 'w', 1);
SELECT * FROM events();
ALTER TABLE sales ATTACH PARTITION others FOR VALUES IN ('e', 'w');
INSERT INTO west VALUES (25, 'w', 1);
SELECT * FROM events();
ALTER TABLE sales DETACH PARTITION north CONCURRENTLY;
SELECT * FROM triggers();
ALTER TABLE sales ATTACH PARTITION north FOR VALUES IN ('n');

-- A partition that is listened to by itself sees its rows, whatever table the statement names.
SELECT version FROM bpt.publish($bpt$
PROCESS cold DETAIL ('x') LAUNCH ON INSERT INTO north LAUNCH ON UPDATE OF north (n); START -> END;
PROCESS far DETAIL ('x') LAUNCH ON INSERT INTO others; START -> END;
$bpt$);
SELECT * FROM triggers();
INSERT INTO sales VALUES (30, 'n', 1), (31, 'e', 1), (32, 's', 1);
INSERT INTO north VALUES (33, 'n', 0);
INSERT INTO west VALUES (34, 'w', 0);
SELECT * FROM events();
UPDATE sales SET n = 7 WHERE id IN (30, 32);
UPDATE north SET note = 'x';
SELECT * FROM events();
ALTER TABLE sales DETACH PARTITION north;
SELECT * FROM triggers();
INSERT INTO north VALUES (35, 'n', 0);
SELECT * FROM events();
SELECT bpt.drop_process('cold'), bpt.drop_process('far');
SELECT * FROM triggers();

-- Inheritance: rows reached through the table that is listened to, not those written directly into a child.
CREATE TABLE base (id int PRIMARY KEY, n int);
SELECT version FROM bpt.publish('PROCESS heirs DETAIL (''x'') LAUNCH ON UPDATE OF base (n); START -> END;');
SELECT * FROM triggers() WHERE rel = 'base';
CREATE TABLE heir (extra text) INHERITS (base);
SELECT * FROM triggers() WHERE rel IN ('base', 'heir');
INSERT INTO base VALUES (1, 1);
INSERT INTO heir VALUES (2, 2);
UPDATE base SET n = 5;
SELECT * FROM events();
UPDATE heir SET n = 6;
UPDATE ONLY base SET n = 7;
SELECT * FROM events();

SELECT bpt.drop_process('sold'), bpt.drop_process('heirs');
SELECT * FROM triggers();
DROP SCHEMA entity_partitions CASCADE;
