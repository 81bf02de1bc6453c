-- Light processes at work: straight from the event, without a trace of their own.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE SCHEMA light_run;
SET search_path = light_run;
CREATE TABLE item (id bigint PRIMARY KEY, what text, amount numeric, state text);
CREATE TABLE note (n int GENERATED ALWAYS AS IDENTITY, what text, event bigint DEFAULT bpt.event_id());
-- How many instances and activities there are.
CREATE FUNCTION traces() RETURNS TABLE (processes bigint, activities bigint, errors bigint) LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM bpt.process_instance), (SELECT count(*) FROM bpt.activity_instance), (SELECT count(*) FROM bpt.incident)
$$;

-- Inputs by AS, by WITH and by default; what the statement is told of itself.
SELECT version FROM bpt.publish($bpt$
PROCESS writing (amount numeric(6,1), double numeric DEFAULT (amount * 2), extra text DEFAULT ('x' || double)) LIGHT
  LAUNCH ON INSERT INTO item AS item_id WHERE (amount > 0) WITH (amount => amount / 3);
START -> work;
AUTOMATIC work
  DO (UPDATE item SET state = concat_ws(' ', process.amount, double, extra) WHERE id = item_id RETURNING id)
  DO (INSERT INTO note (what) VALUES (concat_ws(' ', 'ids', COALESCE(bpt.process_id(), process.process_id, -1), COALESCE(bpt.activity_id(), -1),
        bpt.activity_name(), bpt.event_id() IS NOT NULL, COALESCE(bpt.user_id(), 'nobody'), bpt.now(), current_user = session_user)))
  -> END;
$bpt$);
INSERT INTO item VALUES (1, 'a', 10), (2, 'b', 0), (3, 'c', 20), (4, 'd', NULL);
SELECT id > 0 AS id, entity, operation, data_id, process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'writing' AND is_active) AS of_writing,
  activity_definition_id, activity_id, is_light, status, error_count, next_run, last_error_id FROM bpt.event_queue ORDER BY data_id;
CALL bpt.run();
SELECT id, state FROM item ORDER BY id;
SELECT what FROM note ORDER BY n;
SELECT * FROM traces();
SELECT * FROM probe.leftovers();

-- Each event by itself, with its own id.
TRUNCATE note;
SELECT version FROM bpt.publish($bpt$
PROCESS keyed LIGHT LAUNCH ON UPDATE OF item (what) AS item_id WHERE (new.what <> old.what);
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) SELECT item_id || ' ' || what || ' ' || count(*) OVER () FROM item WHERE id = item_id) -> END;
$bpt$);
UPDATE item SET what = 'aa' WHERE id = 1;
UPDATE item SET what = 'aaa' WHERE id = 1;
UPDATE item SET what = 'aaa' WHERE id = 1;
CALL bpt.run();
SELECT what, dense_rank() OVER (ORDER BY event) FROM note ORDER BY n;

-- In one transaction with the change itself; and nothing of a change that is rolled back.
TRUNCATE note;
BEGIN;
UPDATE item SET what = 'z' WHERE id = 3;
CALL bpt.run();
SELECT what FROM note;
ROLLBACK;
CALL bpt.run();
SELECT count(*) FROM note;

-- Several processes on one table, light and ordinary ones: each gets each event.
TRUNCATE note;
SELECT version FROM bpt.publish($bpt$
PROCESS second LIGHT LAUNCH ON UPDATE OF item (what) AS item_id;
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES ('second ' || item_id)) -> END;
PROCESS third DETAIL ('third') LAUNCH ON UPDATE OF item (what) AS item_id;
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES ('third ' || item_id)) -> END;
$bpt$);
UPDATE item SET what = what || '!' WHERE id < 3;
CALL bpt.run();
SELECT what FROM note ORDER BY what;
SELECT * FROM traces();
SELECT bpt.drop_process('third'), bpt.drop_process('second');

-- An event launches the version that its trigger saw: light or not, by that version's text.
TRUNCATE note;
UPDATE item SET what = '1' WHERE id = 1;
SELECT version FROM bpt.publish($bpt$
PROCESS keyed DETAIL ('keyed') LAUNCH ON UPDATE OF item (what) AS item_id WHERE (new.what <> old.what);
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES ('ordinary ' || item_id)) -> END;
$bpt$);
UPDATE item SET what = '2' WHERE id = 1;
SELECT version FROM bpt.publish($bpt$
PROCESS keyed LIGHT LAUNCH ON UPDATE OF item (what) AS item_id WHERE (new.what <> old.what);
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES ('light again ' || item_id)) -> END;
$bpt$);
UPDATE item SET what = '3' WHERE id = 1;
CALL bpt.run();
SELECT what FROM note ORDER BY n;
SELECT label, version, status FROM bpt.process WHERE name = 'keyed' ORDER BY id;

-- Launched explicitly it is an ordinary process, with rows and all.
TRUNCATE note;
SELECT launch_keyed(42) IS NOT NULL AS launched;
SELECT label, status, name FROM bpt.process WHERE id = probe.process();
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT probe.state();
SELECT bpt.launch('keyed', '{"item_id": 43}') IS NOT NULL AS launched;
SELECT bpt.process_terminate(probe.process());
SELECT status FROM bpt.process WHERE id = probe.process();
CALL bpt.run();
SELECT what FROM note ORDER BY n;

-- What is held or dropped.
TRUNCATE note;
UPDATE item SET what = '4' WHERE id = 1;
SELECT depth, oldest IS NOT NULL AS has_oldest, retrying, failed FROM bpt.stat_event_queue
  WHERE process_definition_id = (SELECT id FROM bpt.process_definition WHERE name = 'keyed' AND is_active);
SELECT bpt.drop_process('keyed');
CALL bpt.run();
SELECT count(*) FROM note;
SELECT * FROM probe.leftovers();

-- Inputs that cannot be: the event fails before its statement runs.
SELECT version FROM bpt.publish($bpt$
PROCESS casting (small smallint) LIGHT LAUNCH ON UPDATE OF item (amount) WITH (small => amount);
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES (small::text)) RETRY 1 TIMES -> END;
PROCESS strict (small smallint NOT NULL) LIGHT LAUNCH ON INSERT INTO item WITH (small => amount);
START -> work;
AUTOMATIC work DO (INSERT INTO note (what) VALUES ('small ' || small)) RETRY 1 TIMES -> END;
$bpt$);
DELETE FROM note;
UPDATE item SET amount = 1e6 WHERE id = 1;
UPDATE item SET amount = 1e3 WHERE id = 2;
INSERT INTO item (id) VALUES (10);
INSERT INTO item (id, amount) VALUES (11, 7);
CALL bpt.run();
SELECT what FROM note ORDER BY n;
SELECT d.name, e.phase, e.attempt, e.sqlstate, e.message, e.statement, e.next_run FROM bpt.error_log e
  JOIN bpt.process_definition d ON d.id = e.process_definition_id ORDER BY e.id;
SELECT bpt.event_discard(id) FROM bpt.event_queue WHERE status = 'retrying';
SELECT * FROM probe.leftovers();

SELECT bpt.drop_process(name) FROM unnest(ARRAY['writing', 'casting', 'strict']) name;
DROP SCHEMA light_run CASCADE;
