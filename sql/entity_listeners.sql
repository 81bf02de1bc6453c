-- Which listener an event reaches: correlation, order within a transaction, OR ALREADY, what is dropped.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_listeners;
SET search_path = entity_listeners, public;
TRUNCATE bpt.event_0, bpt.event_1, bpt.event_2, bpt.event_3;
CREATE TABLE things (id int PRIMARY KEY, code varchar(10), small smallint, big bigint, num numeric, state text);
CREATE TABLE log (n int GENERATED ALWAYS AS IDENTITY, what text);
-- The instances of this schema by their label, with what is still waiting in them.
CREATE FUNCTION waiting(OUT label text, OUT status text, OUT waits text) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT i.label, CASE i.status WHEN 1 THEN 'active' WHEN 2 THEN 'closed' ELSE 'terminated' END,
         (SELECT string_agg(d.name, ', ' ORDER BY d.name) FROM bpt.activity_instance a JOIN bpt.activity_def d ON d.id = a.activity_def_id
           WHERE a.process_id = i.id AND a.closed IS NULL)
    FROM bpt.process_instance i JOIN bpt.process_def p ON p.id = i.process_def_id
   WHERE p.schema_name = 'entity_listeners' ORDER BY i.id
$$;
CREATE FUNCTION hashed() RETURNS TABLE (label text, listens bigint, hashed boolean) LANGUAGE sql AS $$
  SELECT i.label, count(*), bool_and(l.hash <> 0) FROM bpt.listener l JOIN bpt.process_instance i ON i.id = l.process_id
    JOIN bpt.process_def p ON p.id = i.process_def_id WHERE p.schema_name = 'entity_listeners' GROUP BY i.id ORDER BY i.id
$$;

-- Correlation by columns of several types, against expressions of others; the rest of the condition is tested on delivery.
SELECT version FROM bpt.publish($bpt$
PROCESS cross (c text, s bigint, b int, n int) DETAIL (c || ' ' || s || ' ' || b);
START -> by_code, by_numbers, by_rest;
WAIT by_code    CLOSE ON INSERT INTO things WHERE (code = c) -> END;
WAIT by_numbers CLOSE ON INSERT INTO things WHERE (small = s AND big = b) -> END;
WAIT by_rest    CLOSE ON INSERT INTO things WHERE (code = c AND num > n AND state LIKE 'a%') -> END;
$bpt$);
SELECT launch_cross('x', 1, 1, 10) IS NOT NULL, launch_cross('y', 2, 2, 20) IS NOT NULL, launch_cross('y', 1, 3, 0) IS NOT NULL, launch_cross(NULL, 5, 5, 0) IS NOT NULL;
SELECT * FROM hashed();
INSERT INTO things VALUES (1, 'x', 1, 3, 0, 'a'), (2, 'zz', 2, 2, 0, 'a'), (3, NULL, NULL, NULL, 0, 'a');
CALL bpt.run();
SELECT * FROM waiting();
INSERT INTO things VALUES (4, 'y', 7, 7, 15, 'abc');
CALL bpt.run();
SELECT * FROM waiting();
INSERT INTO things VALUES (5, 'y', 7, 7, 25, 'bbc'), (6, 'x', 7, 7, 25, 'abc');
CALL bpt.run();
SELECT * FROM waiting();
INSERT INTO things VALUES (7, 'y', 7, 7, 25, 'abc');
CALL bpt.run();
SELECT * FROM waiting();
SELECT bpt.process_terminate(id) FROM bpt.process WHERE status = 'active' AND name = 'cross';
SELECT count(*) FROM hashed();
SELECT bpt.drop_process('cross');
DELETE FROM bpt.process_instance i USING bpt.process_def p WHERE p.id = i.process_def_id AND p.schema_name = 'entity_listeners';
TRUNCATE things;

-- Within one transaction the order of statements decides.
SELECT version FROM bpt.publish($bpt$
PROCESS one (t int) DETAIL ('one ' || t);
START -> w;
WAIT w CLOSE ON UPDATE OF things (state) WHERE (id = t AND state = 'go') -> END;
$bpt$);
INSERT INTO things (id) VALUES (1), (2), (3);
BEGIN;
UPDATE things SET state = 'go' WHERE id = 1;
SELECT launch_one(1) IS NOT NULL;
SELECT launch_one(2) IS NOT NULL;
UPDATE things SET state = 'go' WHERE id = 2;
COMMIT;
CALL bpt.run();
SELECT * FROM waiting();
-- What was committed before is past; a later change is not.
SELECT launch_one(2) IS NOT NULL;
CALL bpt.run();
SELECT * FROM waiting();
UPDATE things SET state = 'stop';
UPDATE things SET state = 'go';
CALL bpt.run();
SELECT * FROM waiting();
-- In one transaction, worked off inside it.
BEGIN;
UPDATE things SET state = NULL;
SELECT launch_one(3) IS NOT NULL;
UPDATE things SET state = 'go' WHERE id = 3;
CALL bpt.run();
SELECT * FROM waiting();
ROLLBACK;
SELECT * FROM waiting();
SELECT bpt.drop_process('one');
DELETE FROM bpt.process_instance i USING bpt.process_def p WHERE p.id = i.process_def_id AND p.schema_name = 'entity_listeners';

-- A listener made by delivering an event gets every later event, though its transaction may have begun before.
SELECT version FROM bpt.publish($bpt$
PROCESS chain LAUNCH ON INSERT INTO things AS t WHERE (state = 'start');
START -> first;
WAIT first CLOSE ON UPDATE OF things (state) WHERE (id = t AND state = 'one') -> note, second;
AUTOMATIC note DO (INSERT INTO log (what) VALUES ('first ' || t)) -> END;
WAIT second CLOSE ON UPDATE OF things (state) WHERE (id = t AND state IN ('one', 'two')) WITH (seen => new.state) INPUT (seen text) -> said;
AUTOMATIC said DO (INSERT INTO log (what) VALUES ('second ' || t || ' ' || second.seen)) -> END;
$bpt$);
INSERT INTO things (id, code, state) VALUES (10, 'chained', 'start');
UPDATE things SET state = 'one' WHERE id = 10;
UPDATE things SET state = 'two' WHERE id = 10;
CALL bpt.run();
SELECT * FROM waiting();
SELECT what FROM log ORDER BY n;
TRUNCATE log;
SELECT bpt.drop_process('chain');
DELETE FROM bpt.process_instance i USING bpt.process_def p WHERE p.id = i.process_def_id AND p.schema_name = 'entity_listeners';

-- OR ALREADY: looked for at once, by bare, qualified and new. names, with the process's values; the key and WITH are passed.
SELECT version FROM bpt.publish($bpt$
PROCESS already (c text) DETAIL ('already ' || c);
START -> w;
WAIT w CLOSE ON UPDATE OF things (state) AS thing WHERE (code = c AND new.state = 'go' AND things.small IS NOT NULL AND num > (SELECT 1)) OR ALREADY WITH (what => small * 2)
  INPUT (what int)
  -> said;
AUTOMATIC said DO (INSERT INTO log (what) VALUES (c || ': ' || w.thing || ' ' || w.what)) -> END;
$bpt$);
TRUNCATE things;
INSERT INTO things VALUES (1, 'a', 21, 1, 2, 'go'), (2, 'b', NULL, 1, 2, 'go'), (3, 'c', 4, 1, 2, NULL), (4, 'd', 1, 1, 1, 'go');
SELECT launch_already(c) IS NOT NULL FROM unnest('{a,b,c,d}'::text[]) c;
SELECT * FROM waiting();
UPDATE things SET state = 'go', small = id, num = 5 WHERE id > 1;
CALL bpt.run();
SELECT * FROM waiting();
UPDATE things SET state = 'x' WHERE code = 'd';
UPDATE things SET state = 'go' WHERE code = 'd';
CALL bpt.run();
SELECT * FROM waiting();
SELECT what FROM log ORDER BY what;
TRUNCATE log;
SELECT bpt.drop_process('already');
DELETE FROM bpt.process_instance i USING bpt.process_def p WHERE p.id = i.process_def_id AND p.schema_name = 'entity_listeners';

-- OR ALREADY sees what row-level security shows the process's owner; events are recorded whoever may see the row.
CREATE ROLE regress_entity_owner IN ROLE bpt_publisher;
GRANT ALL ON SCHEMA entity_listeners TO regress_entity_owner;
CREATE TABLE secret (id int PRIMARY KEY, state text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY odd ON secret USING (id % 2 = 1);
GRANT ALL ON secret TO regress_entity_owner;
INSERT INTO secret VALUES (1, 'go'), (2, 'go');
SET ROLE regress_entity_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS seeing (x int) DETAIL ('seeing ' || x);
START -> w;
WAIT w CLOSE ON UPDATE OF secret (state) WHERE (id = x AND state = 'go') OR ALREADY -> END;
$bpt$);
SELECT launch_seeing(1) IS NOT NULL, launch_seeing(2) IS NOT NULL;
RESET ROLE;
CALL bpt.run();
SELECT * FROM waiting();
UPDATE secret SET state = 'stop';
UPDATE secret SET state = 'go';
CALL bpt.run();
SELECT * FROM waiting();
SELECT bpt.drop_process('seeing');
DELETE FROM bpt.process_instance i USING bpt.process_def p WHERE p.id = i.process_def_id AND p.schema_name = 'entity_listeners';

-- Composite keys.
CREATE TABLE pairs ("A" int, b text, state text, PRIMARY KEY (b, "A"));
SELECT version FROM bpt.publish($bpt$
PROCESS pairing (x int) DETAIL ('pair ' || x);
START -> w;
WAIT w CLOSE ON UPDATE OF pairs WHERE ("A" = x AND state = 'go') OR ALREADY WITH (b => b) INPUT (b text) -> said;
AUTOMATIC said DO (INSERT INTO log (what) VALUES (x || w.b)) -> END;
$bpt$);
INSERT INTO pairs VALUES (1, 'p', 'go'), (2, 'q "quoted"', NULL);
SELECT launch_pairing(1) IS NOT NULL, launch_pairing(2) IS NOT NULL;
UPDATE pairs SET state = 'go' WHERE "A" = 2;
CALL bpt.run();
SELECT what FROM log ORDER BY n;
SELECT * FROM waiting();

-- An untested event reaches those who wait, and what went wrong becomes an incident.
SELECT launch_pairing(3) IS NOT NULL;
INSERT INTO pairs VALUES (3, 'r', NULL);
ALTER TABLE pairs RENAME COLUMN state TO status;
UPDATE pairs SET status = 'go' WHERE "A" = 3;
CALL bpt.run();
SELECT * FROM waiting();
SELECT DISTINCT phase, sqlstate, message FROM bpt.incident JOIN bpt.process_def d ON d.id = process_def_id WHERE schema_name = 'entity_listeners';
-- A dropped table's listeners get no events any more.
DROP TABLE pairs;
CALL bpt.run();
SELECT * FROM waiting();

DELETE FROM bpt.queue_delivery;
SELECT bpt.drop_process('pairing', terminate_active => true);
DROP SCHEMA entity_listeners CASCADE;
DROP OWNED BY regress_entity_owner;
DROP ROLE regress_entity_owner;
