-- Publishing: versions, ids, rows, what stays over a republish.
\set VERBOSITY default
\pset null ∅
SET client_min_messages = warning;
CREATE ROLE regress_publish_owner;
CREATE ROLE regress_publish_warehouse;
GRANT bpt_publisher TO regress_publish_owner;
CREATE SCHEMA shop AUTHORIZATION regress_publish_owner;
SET search_path = shop, public;
SET ROLE regress_publish_owner;
RESET client_min_messages;

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL, total numeric NOT NULL,
  status text NOT NULL DEFAULT 'new', tracking text, paid_at timestamptz);
CREATE FUNCTION shop.create_invoice(order_id bigint, amount numeric) RETURNS TABLE (invoice_no bigint)
  LANGUAGE sql AS 'SELECT 7000 + order_id';
CREATE FUNCTION shop.ship(order_id bigint, parcels int) RETURNS TABLE (tracking text)
  LANGUAGE sql AS 'SELECT ''SW-'' || (1000 + order_id)';

SELECT * FROM bpt.publish($bpt$
PROCESS order_handling
  LABEL 'Order handling'
  DETAIL ('Order ' || order_id)
  LAUNCH ON INSERT INTO orders AS order_id WHERE (total > 0);

START -> provision;

AUTOMATIC provision
  DO (UPDATE orders SET status = 'provisioned' WHERE id = order_id RETURNING total)
  -> pack, invoice;                                  -- two connectors: two parallel paths

HUMAN pack
  LABEL 'Pack the order'
  INSTRUCTIONS 'Check every item against the list.'
  ROLE regress_publish_warehouse
  DESTINATION ('/orders/' || order_id || '/pack')
  DUE (interval '2 days')
  INPUT (parcels int, weight numeric DEFAULT 0)      -- given when the task is closed
  ON CLOSE CHECK (parcels > 0) MESSAGE 'At least one parcel.'
  -> payment;

AUTOMATIC invoice
  DO (SELECT invoice_no FROM shop.create_invoice(order_id, provision.total))
  -> END;

WAIT payment
  CLOSE ON UPDATE OF orders (paid_at) WHERE (id = order_id AND paid_at IS NOT NULL) OR ALREADY
  TIMEOUT (interval '30 days')
  -> paid;

DECISION paid
  WHEN (NOT payment.expired) -> ship
  ELSE -> cancel;

AUTOMATIC ship   DO (SELECT tracking FROM shop.ship(order_id, pack.parcels)) -> END;
AUTOMATIC cancel DO (UPDATE orders SET status = 'cancelled' WHERE id = order_id) -> END;
$bpt$);

-- The text is its own, from the first keyword to the last semicolon.
SELECT left(bpt.definition('order_handling'), 22) AS head, right(bpt.definition('shop.order_handling', 1), 12) AS tail;
-- Publishing it again makes no version.
SELECT * FROM bpt.publish(bpt.definition('order_handling'));

SELECT p.name, p.label, p.detail, p.version, p.is_active, p.is_public, p.launch_on, p.priority, p.published_by
FROM bpt.process_definition p WHERE p.schema_name = 'shop';
SELECT name, kind, label, skippable, instructions, roles, event, terminate_process, first_version, last_version
FROM bpt.activity_definition ORDER BY id;
SELECT s.name AS source, t.name AS target, l.outcome, l.is_terminate
FROM bpt.activity_def_link l
  LEFT JOIN bpt.activity_definition s ON s.id = l.source_activity_definition_id
  LEFT JOIN bpt.activity_definition t ON t.id = l.target_activity_definition_id
ORDER BY l.position;
SELECT name, data_type, default_expression, is_mandatory FROM bpt.process_input_definition;
SELECT a.name AS activity, o.name, o.data_type, o.default_expression, o.close_input
FROM bpt.activity_output_definition o JOIN bpt.activity_definition a ON a.id = o.activity_definition_id
ORDER BY o.id;

-- What publishing made in the schema.
SELECT p.oid::regprocedure::text COLLATE "C" AS function, pg_get_function_arguments(p.oid) AS arguments, pg_get_userbyid(p.proowner) AS owner,
  p.proacl, p.provolatile, p.proparallel, p.proisstrict, p.prosecdef, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p WHERE p.pronamespace = 'shop'::regnamespace AND p.probin IS NOT NULL ORDER BY 1;
SELECT d.deptype, e.extname, count(*) FROM pg_depend d JOIN pg_extension e ON d.refobjid = e.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
  AND (d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'shop'::regnamespace)
    OR d.classid = 'pg_trigger'::regclass AND d.objid IN (SELECT oid FROM pg_trigger WHERE tgrelid = 'orders'::regclass))
GROUP BY 1, 2;
SELECT c.relname, bool_or(t.tgname LIKE 'bpt\_event\_%') AS listens FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'shop'::regnamespace AND NOT t.tgisinternal GROUP BY 1;

-- A changed text makes a version; ids stay by name and WAS, also that of the event clause whose text is the same.
CREATE TEMP TABLE before AS
  SELECT id, name FROM bpt.activity_definition
  UNION ALL SELECT id, 'pack.' || name FROM bpt.activity_output_definition;
SELECT * FROM bpt.publish(replace(replace(replace(bpt.definition('order_handling'),
  'HUMAN pack', 'HUMAN packing WAS pack'), '-> pack,', '-> packing,'),
  'pack.parcels', 'packing.parcels'));
SELECT b.name AS was, a.name AS is, a.first_version, a.last_version FROM bpt.activity_definition a JOIN before b USING (id)
WHERE a.name <> b.name;
SELECT count(*) AS new_ids FROM bpt.activity_definition WHERE id NOT IN (SELECT id FROM before);
SELECT version, left(definition, 22) AS definition, active_processes FROM bpt.process_definition_version ORDER BY version;
SELECT p.oid::regprocedure::text COLLATE "C" AS function FROM pg_proc p
WHERE p.pronamespace = 'shop'::regnamespace AND p.probin IS NOT NULL ORDER BY 1;
-- WAS stays in the text and does no harm later.
SELECT version, changed FROM bpt.publish(bpt.definition('order_handling'));
-- Going back is publishing the older text; it brings the older names back to the same things.
SELECT version, changed FROM bpt.publish(bpt.definition('order_handling', 1));
SELECT name, is_active, first_version, last_version FROM bpt.activity_definition WHERE name LIKE 'pack%' ORDER BY 1;

-- A change of what the text means is a change: here the type of a column it reads.
ALTER TABLE orders ALTER total TYPE numeric(12,2), ALTER status TYPE varchar(20);
SELECT version, changed FROM bpt.publish(bpt.definition('order_handling'));
SELECT name, data_type FROM bpt.activity_output_definition WHERE name = 'total';

-- A process is renamed with all that is its own.
SELECT process, version, changed FROM bpt.publish(replace(bpt.definition('order_handling'),
  'PROCESS order_handling', 'PROCESS orders WAS order_handling'));
SELECT p.oid::regprocedure::text COLLATE "C" AS function FROM pg_proc p
WHERE p.pronamespace = 'shop'::regnamespace AND p.probin IS NOT NULL ORDER BY 1;
SELECT name, version FROM bpt.process_definition WHERE schema_name = 'shop';
SELECT bpt.definition('order_handling') IS NULL;

-- Several definitions in one text, in text order; one that is not changed stays as it is.
SELECT * FROM bpt.publish($bpt$
PROCESS b; START -> END;
PROCESS a (n int DEFAULT 1) RETURNS (m int) PRIORITY high; START -> x; AUTOMATIC x DO (SELECT 1 AS one) SET (m = n) -> END;
$bpt$);
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS a (n int DEFAULT 2) RETURNS (m int) PRIORITY high; START -> x; AUTOMATIC x DO (SELECT 1 AS one) SET (m = n) -> END;
PROCESS b; START -> END;
$bpt$);
-- The search_path at publish belongs to the definition.
SET search_path = shop;
SELECT process, version, changed FROM bpt.publish('PROCESS b; START -> END;');
RESET ROLE;
SELECT d.name, v.version, v.search_path FROM bpt.process_version v JOIN bpt.process_definition d ON v.process_def_id = d.id
WHERE d.schema_name = 'shop' AND d.name IN ('a', 'b') ORDER BY 1, 2;
SET ROLE regress_publish_owner;
SET search_path = shop, public;

-- A publish that is rolled back leaves nothing, and its version number may mean another text afterwards.
BEGIN;
SELECT version, changed FROM bpt.publish('PROCESS b RETURNS (x int DEFAULT 1); START -> END;');
SELECT launch_b() > 0 AS launched;
ROLLBACK;
SELECT version, changed FROM bpt.publish('PROCESS b RETURNS (x int DEFAULT 2); START -> END;');
SELECT launch_b() AS id \gset
SELECT name, output_value, is_set FROM bpt.process_output WHERE process_id = :id;

-- Warnings and reminders are told with their place.
SELECT version, changed FROM bpt.publish($bpt$
PROCESS told;
COMMENT 'remember the milk' REMINDER;
COMMENT 'TODO: more';
COMMENT 'no more';
START -> ask;
HUMAN ask INPUT (ok boolean) -> well;
DECISION well WHEN (ask.ok) -> END;
$bpt$);

-- One process cannot become two in one text, in whatever order they stand; its former name is free afterwards.
SELECT process, version FROM bpt.publish('PROCESS was; START -> END;');
SELECT bpt.publish('PROCESS now WAS was; START -> END; PROCESS was; START -> END;');
SELECT bpt.publish('PROCESS was; START -> END; PROCESS now WAS was; START -> END;');
SELECT process, version FROM bpt.publish('PROCESS now WAS was; START -> END;');
SELECT process, version FROM bpt.publish('PROCESS was; START -> END;');

RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_publish_owner;
DROP ROLE regress_publish_owner, regress_publish_warehouse;
