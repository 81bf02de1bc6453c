-- What is done of the events of a slot, and what is not: in order, out of order, in the caller's own transaction.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE ROLE event_one IN ROLE bpt_publisher;
CREATE ROLE event_two IN ROLE bpt_publisher;
CREATE SCHEMA event_positions;
SET search_path = event_positions;
GRANT ALL ON SCHEMA event_positions TO event_one, event_two;
-- Events of these processes chain, so all of them share slot 0.
SET ROLE event_one;
CREATE TABLE one (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
SELECT version FROM bpt.publish('PROCESS p1 DETAIL (''one '' || o) LAUNCH ON INSERT INTO one AS o; START -> w; WAIT w CLOSE ON UPDATE OF one WHERE (id = o) -> END;');
SET ROLE event_two;
CREATE TABLE two (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
SELECT version FROM bpt.publish('PROCESS p2 DETAIL (''two '' || o) LAUNCH ON INSERT INTO two AS o; START -> w; WAIT w CLOSE ON UPDATE OF two WHERE (id = o) -> END;');
RESET ROLE;

CREATE VIEW processes AS SELECT label, status FROM bpt.process WHERE label ~ '^(one|two) ' ORDER BY label;
CREATE VIEW waiting AS SELECT entity, operation, data_id FROM bpt.event_queue ORDER BY id;
-- How many events of slot 0 are done out of their order.
CREATE VIEW apart AS
  SELECT COALESCE(cardinality(apart), 0) AS apart FROM (SELECT * FROM bpt.position_0 UNION ALL SELECT * FROM bpt.position_1) p
  WHERE slot = 0 ORDER BY seq DESC LIMIT 1;

-- Somebody who may not do the first does those behind it; then they are done, and do not come again.
INSERT INTO one VALUES (1);
INSERT INTO two VALUES (1), (2);
UPDATE two SET n = 1 WHERE id = 1;
SELECT slot, count(*) FROM bpt.queue_event GROUP BY slot;
SET ROLE event_two;
CALL bpt.run();
RESET ROLE;
SELECT * FROM processes;
SELECT * FROM waiting;
SELECT * FROM apart;
SET ROLE event_two;
CALL bpt.run();
RESET ROLE;
SELECT * FROM processes;
-- Who does the first as well need not remember them.
CALL bpt.run();
SELECT * FROM processes;
SELECT * FROM waiting;
INSERT INTO two VALUES (3);
CALL bpt.run();
SELECT * FROM apart;

-- What a transaction has written and done itself is not there for others, and does not come again.
BEGIN;
INSERT INTO one VALUES (4);
CALL bpt.run();
SELECT * FROM processes WHERE label = 'one 4';
SELECT * FROM waiting;
COMMIT;
SELECT * FROM waiting;
CALL bpt.run();
SELECT * FROM processes WHERE label = 'one 4';
-- What is undone is to be done again, its own and others'.
INSERT INTO one VALUES (5);
BEGIN;
INSERT INTO one VALUES (6);
SAVEPOINT before;
CALL bpt.run();
SELECT * FROM processes WHERE label IN ('one 5', 'one 6');
ROLLBACK TO before;
SELECT * FROM processes WHERE label IN ('one 5', 'one 6');
SELECT * FROM waiting;
CALL bpt.run();
SELECT * FROM processes WHERE label IN ('one 5', 'one 6');
ROLLBACK;
SELECT * FROM waiting;
CALL bpt.run();
SELECT * FROM processes WHERE label IN ('one 5', 'one 6');
SELECT * FROM waiting;

SELECT bpt.drop_process('p1', true), bpt.drop_process('p2', true);
DROP SCHEMA event_positions CASCADE;
DROP ROLE event_one, event_two;
