-- Which row changes become events, and what an event carries (docs/reference: events).
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_capture;
SET search_path = entity_capture, public;
SET timezone = 'UTC';

-- What was recorded since the last look, in order, for whom.
CREATE FUNCTION events(OUT entity text, OUT op "char", OUT key text, OUT listeners text, OUT untested boolean, OUT payload jsonb)
  RETURNS SETOF record LANGUAGE sql AS $$
  WITH gone AS (SELECT * FROM bpt.queue_event), d0 AS (DELETE FROM bpt.event_0), d1 AS (DELETE FROM bpt.event_1),
    d2 AS (DELETE FROM bpt.event_2), d3 AS (DELETE FROM bpt.event_3)
  SELECT e.table_name, g.operation, g.key,
         (SELECT string_agg(p.name || coalesce('.' || a.name, ''), ', ' ORDER BY d.n)
            FROM unnest(g.event_defs) WITH ORDINALITY d(id, n)
            JOIN bpt.event_def ed ON ed.id = d.id JOIN bpt.process_def p ON p.id = ed.process_def_id
            LEFT JOIN bpt.activity_def a ON a.id = ed.activity_def_id),
         g.untested, g.payload
    FROM gone g JOIN bpt.entity e ON e.id = g.entity_id ORDER BY g.id
$$;
TRUNCATE bpt.event_0, bpt.event_1, bpt.event_2, bpt.event_3;

CREATE TABLE orders (id bigint PRIMARY KEY, customer text, total numeric, status text DEFAULT 'new', paid_at timestamptz, note text);
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS launched LAUNCH ON INSERT INTO orders AS order_id WHERE (total > 0);
START -> paid, touched;
WAIT paid CLOSE ON UPDATE OF orders (paid_at) WHERE (id = order_id AND paid_at IS NOT NULL) -> END;
WAIT touched CLOSE ON UPDATE OF orders WHERE (new.status = 'sent' AND old.status <> 'sent' AND new.id = order_id) WITH (what => note) INPUT (what text) -> END;
PROCESS labelled DETAIL ('Order ' || order_id) LAUNCH ON INSERT INTO orders AS order_id WHERE (total > 100);
START -> END;
$bpt$);

-- INSERT: conditions decide; the launch without DETAIL carries its label.
INSERT INTO orders VALUES (1, 'ann', 10), (2, 'bob', 0), (3, 'cat', NULL), (4, NULL, 400);
SELECT * FROM events();
INSERT INTO orders SELECT g, 'c' || g, g % 2 FROM generate_series(1001, 3000) g;
SELECT count(*), min(key::int), max(key::int), bool_and(payload ->> 'label' = 'c' || key) FROM events();

-- COPY.
COPY orders (id, customer, total) FROM stdin;
5	eve	1
6	fay	-1
\.
SELECT * FROM events();

-- UPDATE: of a named column only when its value changes; of the table always.
UPDATE orders SET paid_at = NULL WHERE id = 1;
UPDATE orders SET paid_at = '2024-02-29 12:00+00' WHERE id IN (1, 2);
UPDATE orders SET paid_at = paid_at WHERE id IN (1, 2);
SELECT * FROM events() ORDER BY key;
UPDATE orders SET status = 'sent', note = E'a "quoted"\nnote' WHERE id = 1;
UPDATE orders SET status = 'sent' WHERE id = 1;
SELECT * FROM events();

-- A value that a BEFORE trigger changes counts, also one that came after the publish.
CREATE FUNCTION pay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF new.note = 'pay' THEN new.paid_at := '2024-03-01 00:00+00'; END IF; RETURN new; END $$;
CREATE TRIGGER a_pay BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION pay();
UPDATE orders SET note = 'pay' WHERE id = 4;
UPDATE orders SET note = 'no' WHERE id = 4;
SELECT * FROM events();
DROP TRIGGER a_pay ON orders;

-- ON CONFLICT and MERGE: INSERT or UPDATE row by row; DO NOTHING is nothing.
INSERT INTO orders VALUES (5, 'eve', 7), (7, 'gus', 7) ON CONFLICT (id) DO UPDATE SET paid_at = '2024-03-02 00:00+00';
SELECT * FROM events() ORDER BY op, key;
INSERT INTO orders VALUES (5, 'eve', 7), (8, 'hal', 8) ON CONFLICT DO NOTHING;
SELECT * FROM events();
MERGE INTO orders o USING (VALUES (6), (9), (8)) v (id) ON o.id = v.id
  WHEN MATCHED AND v.id = 8 THEN DELETE
  WHEN MATCHED THEN UPDATE SET paid_at = '2024-03-03 00:00+00'
  WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'ida', 9);
SELECT * FROM events() ORDER BY op, key;

-- What is rolled back was no event; savepoints too.
BEGIN;
INSERT INTO orders VALUES (20, 'rolled back', 1);
ROLLBACK;
BEGIN;
INSERT INTO orders VALUES (21, 'kept', 1);
SAVEPOINT s;
INSERT INTO orders VALUES (22, 'rolled back', 1);
ROLLBACK TO s;
INSERT INTO orders VALUES (23, 'kept', 1);
COMMIT;
SELECT entity, op, key FROM events();

-- Values are written so that any session can read them back, whatever this one's settings are.
BEGIN;
SET LOCAL datestyle = 'German';
SET LOCAL timezone = 'America/New_York';
SET LOCAL intervalstyle = 'sql_standard';
UPDATE orders SET paid_at = '2024-07-01 00:00+00' WHERE id = 1;
SHOW datestyle;
COMMIT;
SELECT payload FROM events();

-- Equal values of a type are no change, other bytes of a type without equality are.
CREATE TABLE types (id int PRIMARY KEY, n numeric, j json, a int[], t text);
SELECT process, version FROM bpt.publish($bpt$
PROCESS typed (x int);
START -> w;
WAIT w CLOSE ON UPDATE OF types (n, j, a) WHERE (t = 'x' || x) -> END;
$bpt$);
INSERT INTO types VALUES (1, 1.0, '1', '{1}', 'x1');
UPDATE types SET n = 1.00;
UPDATE types SET a = '{1}';
SELECT * FROM events();
UPDATE types SET n = 2;
UPDATE types SET j = ' 1';
UPDATE types SET a = '{1,2}';
UPDATE types SET n = NULL;
SELECT * FROM events();
-- A correlated column that is NULL matches nobody.
UPDATE types SET t = NULL, n = 5;
SELECT * FROM events();

-- Foreign-key actions count, also when one row is changed by two of them.
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, a int REFERENCES parent ON UPDATE CASCADE ON DELETE SET NULL, b int REFERENCES parent ON UPDATE CASCADE);
SELECT process FROM bpt.publish($bpt$
PROCESS families (x int);
START -> w;
WAIT w CLOSE ON UPDATE OF child (a, b) WHERE (old.a = x) -> END;
$bpt$);
INSERT INTO parent VALUES (1), (2), (3);
INSERT INTO child VALUES (1, 1, 1), (2, 1, 2), (3, 3, NULL);
UPDATE parent SET id = 11 WHERE id = 1;
SELECT * FROM events() ORDER BY key, payload;
DELETE FROM parent WHERE id = 3;
SELECT * FROM events();

-- Quoted and mixed-case names, another schema, composite and odd keys.
CREATE SCHEMA "Other Schema";
CREATE TABLE "Other Schema"."Or""der" ("Key A" int, "key,B" text, "Value" int, PRIMARY KEY ("key,B", "Key A"));
CREATE TABLE textkey (k text PRIMARY KEY, v int);
SELECT process FROM bpt.publish($bpt$
PROCESS "Quoted One" (a int)
  LAUNCH ON INSERT INTO "Other Schema"."Or""der" WHERE ("Value" > 1) WITH (a => "Key A");
START -> "W W";
WAIT "W W" CLOSE ON UPDATE OF "Other Schema"."Or""der" ("Value") WHERE ("Key A" = a) -> END;
PROCESS texts LAUNCH ON INSERT INTO textkey AS k;
START -> END;
$bpt$);
INSERT INTO "Other Schema"."Or""der" VALUES (1, 'x y', 1), (2, 'c,d', 2), (3, '', 3), (4, 'q"', 4);
UPDATE "Other Schema"."Or""der" SET "Value" = 9 WHERE "Key A" = 3;
INSERT INTO textkey VALUES ('ä''"\', 1), ('', 2);
SELECT * FROM events();

-- A condition that raises leaves its rows untested; the user's statement goes on. All other clauses are tested.
CREATE TABLE risky (id int PRIMARY KEY, n int, d int);
CREATE FUNCTION ratio(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 / $2; END $$;
SELECT process FROM bpt.publish($bpt$
PROCESS risk1 LAUNCH ON INSERT INTO risky AS id WHERE (n / d > 1); START -> END;
PROCESS risk2 LAUNCH ON INSERT INTO risky AS id WHERE (ratio(n, d) > 1); START -> END;
PROCESS safe LAUNCH ON INSERT INTO risky AS id WHERE (n > 5); START -> END;
$bpt$);
INSERT INTO risky VALUES (1, 6, 2), (2, 1, 1);
SELECT * FROM events();
INSERT INTO risky VALUES (3, 1, 1), (4, 6, 0), (5, 8, 2);
SELECT * FROM events();
SELECT count(*) FROM risky;
-- A function that is gone, and comes back.
ALTER FUNCTION ratio(int, int) RENAME TO gone;
INSERT INTO risky VALUES (6, 6, 2);
SELECT * FROM events();
ALTER FUNCTION gone(int, int) RENAME TO ratio;
INSERT INTO risky VALUES (7, 6, 2);
SELECT * FROM events();
-- Cancellation is the user's own and reaches them.
CREATE OR REPLACE FUNCTION ratio(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(30); RETURN 1; END $$;
BEGIN;
SET LOCAL statement_timeout = '100ms';
INSERT INTO risky VALUES (8, 6, 2);
ROLLBACK;
DROP FUNCTION ratio(int, int);

-- Conditions run as the process's owner, whoever changes the row, and can change nothing.
CREATE ROLE regress_entity_owner IN ROLE bpt_publisher;
CREATE ROLE regress_entity_clerk;
GRANT ALL ON SCHEMA entity_capture TO regress_entity_owner;
GRANT USAGE ON SCHEMA entity_capture TO regress_entity_clerk;
CREATE TABLE owned (id int PRIMARY KEY, who text);
CREATE TABLE written (id int);
GRANT ALL ON owned, written TO regress_entity_owner, regress_entity_clerk;
SET ROLE regress_entity_owner;
CREATE FUNCTION is_me(text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 = current_user AND current_setting('search_path') ~ 'entity_capture' $$;
REVOKE ALL ON FUNCTION is_me FROM PUBLIC;
CREATE FUNCTION writes(int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN EXECUTE 'INSERT INTO written VALUES (1)'; RETURN true; END $$;
CREATE FUNCTION litters(int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN EXECUTE 'CREATE TEMPORARY TABLE owned (id int)'; RETURN true; END $$;
SELECT process FROM bpt.publish($bpt$
PROCESS mine LAUNCH ON INSERT INTO owned AS id WHERE (is_me(who)); START -> END;
PROCESS littering LAUNCH ON INSERT INTO owned AS id WHERE (id > 20 AND litters(id)); START -> END;
PROCESS writing LAUNCH ON INSERT INTO owned AS id WHERE (id > 10 AND writes(id)); START -> END;
$bpt$);
SET ROLE regress_entity_clerk;
SET search_path = public;
INSERT INTO entity_capture.owned VALUES (1, 'regress_entity_owner'), (2, 'regress_entity_clerk');
INSERT INTO entity_capture.owned VALUES (11, 'x');
INSERT INTO entity_capture.owned VALUES (21, 'x');
SELECT current_user, current_setting('search_path');
RESET ROLE;
SET search_path = entity_capture, public;
SELECT * FROM events();
SELECT count(*) FROM written;
SELECT to_regclass('pg_temp.owned');

-- A table altered after the publish: renamed, retyped or dropped columns never fail the statement.
INSERT INTO orders VALUES (30, 'before', 1);
ALTER TABLE orders RENAME COLUMN total TO amount;
INSERT INTO orders VALUES (31, 'renamed', 1);
UPDATE orders SET paid_at = now() WHERE id = 31;
SELECT entity, op, key, listeners, untested FROM events();
ALTER TABLE orders RENAME COLUMN amount TO total;
INSERT INTO orders VALUES (32, 'back again', 1);
SELECT * FROM events();
ALTER TABLE orders ALTER COLUMN total TYPE text;
INSERT INTO orders VALUES (33, 'retyped', 'x');
SELECT entity, op, key, listeners, untested FROM events();
ALTER TABLE orders DROP COLUMN paid_at;
UPDATE orders SET note = 'dropped' WHERE id = 33;
SELECT entity, op, key, listeners, untested FROM events();
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
INSERT INTO orders VALUES (34, 'no key', '1');
SELECT entity, op, key, listeners, untested FROM events();

-- The same where a trigger names the column.
ALTER TABLE types ALTER COLUMN n TYPE int;
UPDATE types SET n = 77, t = 'x1';
ALTER TABLE types DROP COLUMN n;
UPDATE types SET t = 'x2';
SELECT entity, op, key, listeners, untested FROM events();

-- bpt.events = off is for the table's owner and administrators.
GRANT INSERT ON textkey TO regress_entity_clerk;
SET bpt.events = off;
INSERT INTO textkey VALUES ('unseen', 1);
SET ROLE regress_entity_clerk;
BEGIN;
INSERT INTO textkey VALUES ('seen 1', 1);
INSERT INTO textkey VALUES ('seen 2', 1);
COMMIT;
INSERT INTO textkey VALUES ('seen 3', 1);
RESET ROLE;
GRANT bpt_admin TO regress_entity_clerk;
SET ROLE regress_entity_clerk;
INSERT INTO textkey VALUES ('unseen too', 1);
RESET ROLE;
RESET bpt.events;
SELECT entity, op, key FROM events();

-- Not seen: replica role, disabled triggers, TRUNCATE.
SET session_replication_role = replica;
INSERT INTO textkey VALUES ('replicated', 1);
RESET session_replication_role;
ALTER TABLE textkey DISABLE TRIGGER bpt_event_insert;
INSERT INTO textkey VALUES ('disabled', 1);
TRUNCATE textkey;
SELECT * FROM events();

-- Without listeners a table has no trigger of ours.
SELECT bpt.drop_process(name) FROM (VALUES ('launched'), ('labelled'), ('typed'), ('families'), ('"Quoted One"'), ('texts'),
  ('risk1'), ('risk2'), ('safe'), ('mine'), ('writing'), ('littering')) p (name);
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
  WHERE tgname LIKE 'bpt\_event%' AND nspname IN ('entity_capture', 'Other Schema');

DROP SCHEMA entity_capture, "Other Schema" CASCADE;
DROP ROLE regress_entity_clerk, regress_entity_owner;
