-- An event that was recorded before its process was published anew launches the version that it was recorded for, and what
-- that version listens to is recorded as long as it may yet be launched.
CREATE SCHEMA er;
SET search_path = er;
CREATE TABLE orders (id int PRIMARY KEY, paid bool NOT NULL DEFAULT false, sent bool NOT NULL DEFAULT false);
SELECT version FROM bpt.publish($$
  PROCESS er_handling LAUNCH ON INSERT INTO orders AS order_id;
  START -> rest;
  WAIT rest CLOSE ON UPDATE OF orders (paid) WHERE (id = order_id AND paid) -> END;$$);

INSERT INTO orders VALUES (1);
SELECT version FROM bpt.publish($$
  PROCESS er_handling LAUNCH ON INSERT INTO orders AS order_id;
  START -> rest;
  WAIT rest CLOSE ON UPDATE OF orders (sent) WHERE (id = order_id AND sent) -> END;$$, running => 'keep');
INSERT INTO orders VALUES (2);
CALL bpt.run();
UPDATE orders SET paid = true;
CALL bpt.run();
SELECT entity_key, version, status FROM bpt.process WHERE name = 'er_handling' ORDER BY id;
UPDATE orders SET sent = true;
CALL bpt.run();
SELECT entity_key, version, status FROM bpt.process WHERE name = 'er_handling' ORDER BY id;

-- When no event of it is left, and no instance, nothing is recorded for it any more.
SELECT version FROM bpt.publish($$
  PROCESS er_handling LAUNCH ON INSERT INTO orders AS order_id;
  START -> rest;
  WAIT rest CLOSE ON UPDATE OF orders (sent) WHERE (id = order_id AND sent) -> done;
  AUTOMATIC done DO (SELECT 1) -> END;$$, running => 'keep');
SELECT d.first_version, d.last_version, d.is_active FROM bpt.event_def d
  JOIN bpt.process_definition p ON p.id = d.process_def_id WHERE p.schema_name = 'er' ORDER BY d.id;
SELECT count(*) FROM bpt.error_log e JOIN bpt.process_definition p ON p.id = e.process_definition_id WHERE p.schema_name = 'er';

BEGIN;
SELECT bpt.drop_process('er_handling', true);
COMMIT;
RESET search_path;
DROP SCHEMA er CASCADE;
