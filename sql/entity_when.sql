-- Conditions that cannot fail stand in the trigger's WHEN, so that rows which no clause can want cost no call.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA entity_when;
SET search_path = entity_when, public;
CREATE TABLE orders (id int PRIMARY KEY, status text, total int, note varchar(20), big numeric);
INSERT INTO orders SELECT g, 'new', g, 'n', g FROM generate_series(1, 5) g;
CREATE FUNCTION condition() RETURNS text LANGUAGE sql AS $$
  SELECT COALESCE(substring(pg_get_triggerdef(oid) FROM ' WHEN (.*) EXECUTE'), 'none')
  FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND tgname = 'bpt_event_update'
$$;
CREATE FUNCTION waiting() RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM bpt.activity WHERE name = 'w' AND status = 'listening'
$$;


-- The part of the condition that reads the row alone.
SELECT version FROM bpt.publish($$PROCESS p (x int); START -> w;
  WAIT w CLOSE ON UPDATE OF orders (status) WHERE (id = x AND status = 'paid' AND old.status <> 'paid') -> END;$$);
SELECT condition();
-- Any clause may want a row.
SELECT version FROM bpt.publish($$PROCESS q LAUNCH ON UPDATE OF orders (total) AS x WHERE (total IN (7, 8) OR note IS NULL); START -> END;$$);
SELECT condition();
-- One that has no such part wants to see all.
SELECT version FROM bpt.publish($$PROCESS r (x int); START -> w; WAIT w CLOSE ON UPDATE OF orders (status) WHERE (id = x) -> END;$$);
SELECT condition();
SELECT bpt.drop_process('r');
SELECT condition();
-- What could fail is left to where its failure is the process's and not the statement's.
SELECT version FROM bpt.publish($$PROCESS r LAUNCH ON UPDATE OF orders (total) AS x WHERE (100 / total > 1); START -> END;$$);
SELECT condition();
UPDATE orders SET total = 0 WHERE id = 5;
SELECT bpt.drop_process('r');
SELECT bpt.drop_process('q');

-- It acts as the clause does.
SELECT count(launch_p(g)) FROM generate_series(1, 3) g;
CALL bpt.run();
SELECT waiting();
UPDATE orders SET status = 'sent' WHERE id <= 2;
CALL bpt.run();
SELECT waiting();
UPDATE orders SET status = 'paid' WHERE id <= 2;
CALL bpt.run();
SELECT waiting();

-- Columns may be retyped, renamed and dropped: the user's statements go on.
ALTER TABLE orders ALTER COLUMN status TYPE varchar(10);
SELECT condition();
UPDATE orders SET status = 'sent' WHERE id = 3;
SET session_replication_role = replica;
ALTER TABLE orders RENAME COLUMN status TO state;
RESET session_replication_role;
SELECT condition();
UPDATE orders SET state = 'sent' WHERE id = 3;
ALTER TABLE orders RENAME COLUMN state TO status;
SELECT condition();
ALTER TABLE orders DROP COLUMN status;
SELECT condition();
UPDATE orders SET total = 1 WHERE id = 3;

SELECT bpt.drop_process('p', true);
DROP SCHEMA entity_when CASCADE;
