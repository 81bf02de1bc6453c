-- The triggers that publishing makes on tables: which, in step with definitions and DDL, and for nobody else.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_triggers;
SET search_path = entity_triggers, public;
CREATE FUNCTION triggers(OUT rel regclass, OUT name name, OUT each text, OUT columns text, OUT depends "char", OUT commented boolean)
  RETURNS SETOF record LANGUAGE sql AS $$
  SELECT tgrelid::regclass, tgname, CASE tgtype::int & 1 WHEN 1 THEN 'row' ELSE 'statement' END,
         (SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute a WHERE attrelid = tgrelid AND attnum = ANY (tgattr)),
         (SELECT deptype FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
           WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND e.extname = 'bpt'),
         obj_description(t.oid, 'pg_trigger') IS NOT NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
   WHERE relnamespace = 'entity_triggers'::regnamespace AND tgfoid = 'bpt.entity_event'::regproc AND tgparentid = 0
   ORDER BY relname, tgname
$$;
CREATE FUNCTION events(OUT entity text, OUT op "char", OUT key text) RETURNS SETOF record LANGUAGE sql AS $$
  WITH gone AS (SELECT * FROM bpt.queue_event), d0 AS (DELETE FROM bpt.event_0), d1 AS (DELETE FROM bpt.event_1),
    d2 AS (DELETE FROM bpt.event_2), d3 AS (DELETE FROM bpt.event_3)
  SELECT e.table_name, g.operation, g.key FROM gone g JOIN bpt.entity e ON e.id = g.entity_id ORDER BY g.id
$$;
TRUNCATE bpt.event_0, bpt.event_1, bpt.event_2, bpt.event_3;

CREATE TABLE orders (id int PRIMARY KEY, a int, b int, c int);
-- Only what is listened to; columns as long as every clause names some.
SELECT version FROM bpt.publish('PROCESS p (x int); START -> w; WAIT w CLOSE ON UPDATE OF orders (a) WHERE (id = x) -> END;');
SELECT * FROM triggers();
SELECT version FROM bpt.publish('PROCESS p (x int); START -> w; WAIT w CLOSE ON UPDATE OF orders (c, a) WHERE (id = x) CLOSE ON UPDATE OF a, b ON orders WHERE (id = x) -> END;');
SELECT * FROM triggers();
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON UPDATE OF orders LAUNCH ON INSERT INTO orders; START -> END;');
SELECT * FROM triggers();
SELECT bpt.drop_process('q');
SELECT * FROM triggers();

-- A BEFORE trigger can change columns that the statement does not name.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER b BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT * FROM triggers();
DROP TRIGGER b ON orders;

-- A publish that is rolled back leaves nothing, in this session's caches neither.
INSERT INTO orders VALUES (1, 1, 1, 1);
BEGIN;
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO orders; START -> END;');
INSERT INTO orders VALUES (2, 1, 1, 1);
SELECT * FROM events();
ROLLBACK;
INSERT INTO orders VALUES (3, 1, 1, 1);
SELECT * FROM events();
BEGIN;
SAVEPOINT s;
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON UPDATE OF orders; START -> END;');
UPDATE orders SET b = 5 WHERE id = 1;
SELECT * FROM events();
ROLLBACK TO s;
UPDATE orders SET c = c WHERE id = 1;
SELECT * FROM events();
COMMIT;
SELECT * FROM triggers();

-- A definition is in force for the next statement, also of a transaction whose snapshot is older.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM orders;
INSERT INTO orders VALUES (4, 1, 1, 1);
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO orders WHERE (a = 7); START -> END;');
INSERT INTO orders VALUES (5, 7, 1, 1), (6, 8, 1, 1);
SELECT * FROM events();
COMMIT;
-- So is a changed condition, without a changed trigger; prepared statements notice.
PREPARE ins (int, int) AS INSERT INTO orders VALUES ($1, $2);
EXECUTE ins (7, 7);
EXECUTE ins (8, 8);
SELECT * FROM events();
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO orders WHERE (a = 8); START -> END;');
EXECUTE ins (9, 7);
EXECUTE ins (10, 8);
SELECT * FROM events();
SELECT bpt.drop_process('q');
EXECUTE ins (11, 8);
SELECT * FROM events();

-- Renames are followed; a table dropped and made anew listens again after a publish, under the same id.
SELECT version FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO orders WHERE (a = 8); START -> END;');
SELECT id AS entity FROM bpt.entity WHERE schema_name = 'entity_triggers' AND table_name = 'orders' \gset
ALTER TABLE orders RENAME TO "Orders";
CREATE SCHEMA entity_elsewhere;
ALTER TABLE "Orders" SET SCHEMA entity_elsewhere;
INSERT INTO entity_elsewhere."Orders" VALUES (12, 8);
SELECT schema_name, table_name FROM bpt.entity WHERE id = :entity;
SELECT * FROM events();
ALTER SCHEMA entity_elsewhere RENAME TO entity_elsewhere_2;
SELECT schema_name, table_name FROM bpt.entity WHERE id = :entity;
ALTER TABLE entity_elsewhere_2."Orders" SET SCHEMA entity_triggers;
ALTER TABLE "Orders" RENAME TO orders;
DROP SCHEMA entity_elsewhere_2;
DROP TABLE orders;
SELECT relation, table_name FROM bpt.entity WHERE id = :entity;
CREATE TABLE orders (id int PRIMARY KEY, a int, b int, c int, d text);
INSERT INTO orders VALUES (1, 8);
SELECT * FROM events();
SELECT version, changed FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO orders WHERE (a = 8 AND d IS NULL); START -> END;');
INSERT INTO orders VALUES (2, 8);
SELECT * FROM events();
SELECT relation::regclass, id = :entity AS same FROM bpt.entity WHERE schema_name = 'entity_triggers' AND table_name = 'orders';

-- The trigger function attached by anyone else does nothing, and nobody but superusers may attach it.
CREATE ROLE regress_entity_stranger;
GRANT ALL ON SCHEMA entity_triggers TO regress_entity_stranger;
SET ROLE regress_entity_stranger;
CREATE TABLE strange (id int PRIMARY KEY);
CREATE TRIGGER bpt_event_insert AFTER INSERT ON strange FOR EACH ROW EXECUTE FUNCTION bpt.entity_event('1');
RESET ROLE;
GRANT EXECUTE ON FUNCTION bpt.entity_event() TO regress_entity_stranger;
SET ROLE regress_entity_stranger;
SELECT bpt.entity_event();
CREATE FUNCTION attach(name text, how text, args text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('CREATE TRIGGER %I %s ON strange FOR EACH ROW EXECUTE FUNCTION bpt.entity_event(%s)', name, how, args); END $$;
RESET ROLE;
SELECT :entity AS entity \gset
SET ROLE regress_entity_stranger;
SELECT attach('bpt_event_insert', 'AFTER INSERT', :'entity'), attach('bpt_event_update', 'AFTER UPDATE', :'entity'),
       attach('a', 'BEFORE INSERT OR UPDATE OR DELETE', :'entity'), attach('b', 'AFTER DELETE', ''), attach('c', 'AFTER INSERT', '''x''');
INSERT INTO strange VALUES (1), (2);
UPDATE strange SET id = id + 10;
DELETE FROM strange WHERE id = 12;
SELECT * FROM strange;
RESET ROLE;
SELECT * FROM events();
DROP OWNED BY regress_entity_stranger;
DROP ROLE regress_entity_stranger;
-- A second trigger on a table that is listened to makes no second event.
CREATE TRIGGER other AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION bpt.entity_event(:'entity');
INSERT INTO orders VALUES (3, 8);
SELECT * FROM events();
DROP TRIGGER other ON orders;

-- Triggers are the extension's: they do not keep it from being dropped, nor the table.
SELECT bpt.drop_process('p'), bpt.drop_process('q');
SELECT * FROM triggers();
DROP SCHEMA entity_triggers CASCADE;
