-- The extension dropped and made again, over and over in one session that has done everything with it: nothing that the session
-- knows of the former one is taken for true. A database of its own, since that takes everything along.
SET client_min_messages = warning;
SELECT current_database() AS test_database \gset
DROP DATABASE IF EXISTS regress_definition_again;
CREATE DATABASE regress_definition_again TEMPLATE template0;
\c regress_definition_again
SET client_min_messages = warning;
SET bpt.clock = '2026-03-02 09:00:00+00';
CREATE TABLE item (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new');
CREATE TABLE effect (n int GENERATED ALWAYS AS IDENTITY, what text, item int);
PREPARE add(int, int) AS INSERT INTO item SELECT generate_series($1, $2);
PREPARE ship(int, int) AS UPDATE item SET state = 'shipped' WHERE id BETWEEN $1 AND $2;
CREATE FUNCTION start(the_item int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM launch_ordered(the_item); END $$;
CREATE PROCEDURE begin_anew(definition text) LANGUAGE plpgsql AS $$
BEGIN
  CREATE EXTENSION bpt;
  PERFORM bpt.publish(definition);
END $$;
\set definition 'PROCESS ordered (item_id int) PUBLIC DETAIL (item_id::text) LAUNCH ON INSERT INTO item WITH (item_id => id); START -> note; AUTOMATIC note DO (INSERT INTO effect (what, item) VALUES (\'noted\', item_id)) -> hold; WAIT hold CLOSE ON UPDATE OF item (state) WHERE (id = item_id) TIMEOUT (interval \'1 day\') -> done; AUTOMATIC done DO (INSERT INTO effect (what, item) VALUES (CASE WHEN hold.expired THEN \'expired\' ELSE \'done\' END, item_id)) COMMIT EACH -> child; EXECUTE child PROCESS part (part => item_id) -> END; PROCESS part (part int) DETAIL (\'part\'); START -> END; PROCESS light LIGHT LAUNCH ON INSERT INTO item AS item_id; START -> a; AUTOMATIC a DO (INSERT INTO effect (what, item) VALUES (\'light\', item_id)) -> END; TIMER tick SCHEDULE \'30 9 * * *\' DO (INSERT INTO effect (what) VALUES (\'tick\'));'
CREATE VIEW done AS SELECT what, count(*), count(DISTINCT item) AS items, min(item), max(item) FROM effect GROUP BY what ORDER BY what;

CALL begin_anew(:'definition');
EXECUTE add(1, 300);
SELECT start(1000);
CALL bpt.run();
EXECUTE ship(1, 290);
CALL bpt.run('2026-03-03 09:30:00+00');
SELECT * FROM done;
SELECT name, status, count(*) FROM bpt.process GROUP BY 1, 2 ORDER BY 1, 2;
-- With events, waits, timers and ready work left.
SET bpt.clock = '2026-03-02 09:00:00+00';
EXECUTE add(301, 310);
CALL bpt.run();
EXECUTE add(311, 320);
EXECUTE ship(301, 320);
SELECT start(1001);
DROP EXTENSION bpt CASCADE;
EXECUTE add(321, 330);
EXECUTE ship(321, 330);
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'item'::regclass;

-- Twice more: all begins anew, with small ids and empty queues; fewer rows than the former ones were.
TRUNCATE item, effect;
CALL begin_anew(:'definition');
SELECT count(*) AS events FROM bpt.event_queue;
CALL bpt.run();
SELECT * FROM done;
EXECUTE add(1, 5);
SELECT start(1002);
CALL bpt.run();
SELECT * FROM done;
EXECUTE ship(1, 3);
CALL bpt.run('2026-03-03 09:30:00+00');
SELECT * FROM done;
SELECT name, status, count(*) FROM bpt.process GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS errors FROM bpt.error_log;
SELECT count(*) AS events FROM bpt.event_queue;
DROP EXTENSION bpt CASCADE;

-- In one transaction with work before and after, and rolled back.
SET bpt.clock = '2026-03-02 09:00:00+00';
TRUNCATE item, effect;
CALL begin_anew(:'definition');
EXECUTE add(1, 3);
BEGIN;
SELECT start(1003);
EXECUTE add(4, 6);
CALL bpt.run();
SELECT * FROM done;
DROP EXTENSION bpt CASCADE;
EXECUTE add(7, 9);
CALL begin_anew(:'definition');
EXECUTE add(10, 12);
SELECT start(1004);
CALL bpt.run();
SELECT * FROM done;
ROLLBACK;
SELECT * FROM done;
CALL bpt.run();
SELECT * FROM done;
EXECUTE ship(1, 2);
EXECUTE add(13, 100);
CALL bpt.run();
SELECT * FROM done;
SELECT name, status, count(*) FROM bpt.process GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS errors FROM bpt.error_log;
-- The same, committed.
BEGIN;
EXECUTE add(101, 200);
DROP EXTENSION bpt CASCADE;
EXECUTE add(201, 210);
TRUNCATE item, effect;
CALL begin_anew(:'definition');
EXECUTE add(1, 100);
SELECT start(1005);
COMMIT;
CALL bpt.run();
EXECUTE ship(1, 100);
CALL bpt.run();
SELECT * FROM done;
SELECT name, status, count(*) FROM bpt.process GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS errors FROM bpt.error_log;
SELECT count(*) AS events FROM bpt.event_queue;
\c :test_database
SET client_min_messages = warning;
DROP DATABASE regress_definition_again;
