-- The order handling of the documentation, by virtual time: paid before and after packing, never paid, refused.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set definition :abs_srcdir '/test/fixtures/order_handling.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_packer, warehouse;
CREATE ROLE warehouse;
CREATE ROLE regress_packer IN ROLE warehouse;
CREATE SCHEMA shop;
SET search_path = shop;
CREATE TABLE shop.sent (order_id bigint, parcels int);
CREATE FUNCTION shop.create_invoice(order_id bigint, amount numeric) RETURNS TABLE (invoice_no text)
  LANGUAGE sql AS $$ SELECT format('R%s/%s', order_id, amount) $$;
CREATE FUNCTION shop.ship(order_id bigint, parcels int) RETURNS TABLE (tracking text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shop.sent VALUES (order_id, parcels);
  RETURN QUERY UPDATE shop.orders o SET status = 'shipped', tracking = 'T' || o.id WHERE o.id = order_id RETURNING o.tracking;
END $$;
\set ECHO none
\i :definition
\set ECHO all
GRANT USAGE ON SCHEMA shop TO warehouse;

-- Six orders; the free one starts nothing, and before the work is done there is nothing but events.
INSERT INTO orders (customer, total) VALUES ('Ada', 120), ('Bert', 75.5), ('Cleo', 240), ('Dora', 18.9), ('Emil', 0), ('Fay', 1);
SELECT operation, data_id, status FROM bpt.event_queue ORDER BY id;
SELECT count(*) FROM bpt.process;
CALL bpt.run();
SELECT count(*) FROM bpt.event_queue;
SELECT name, version, label, status, created_by, entity, entity_key FROM bpt.process ORDER BY id;
SELECT * FROM probe.steps((SELECT id FROM bpt.process WHERE entity_key = '1'));
SELECT id, customer, status FROM orders ORDER BY id;

-- What the packer sees; others see nothing.
SET ROLE regress_packer;
SELECT process, name, label, detail, instructions, destination, due_date, is_overdue, is_opened, can_skip, created
  FROM bpt.taskbox ORDER BY activity_id;
SELECT count(*) FROM bpt.process;
RESET ROLE;
SELECT count(*) FROM bpt.taskbox;

-- Bert pays before his order is packed. Dora's is refused once.
UPDATE orders SET paid_at = bpt.now() WHERE customer = 'Bert';
CALL bpt.run();
SET ROLE regress_packer;
SELECT activity_id AS ada FROM bpt.taskbox WHERE detail = 'Order 1' \gset
SELECT activity_id AS bert FROM bpt.taskbox WHERE detail = 'Order 2' \gset
SELECT activity_id AS cleo FROM bpt.taskbox WHERE detail = 'Order 3' \gset
SELECT activity_id AS dora FROM bpt.taskbox WHERE detail = 'Order 4' \gset
SELECT bpt.activity_open(:ada);
SELECT probe.try(format('SELECT bpt.activity_close(%s, ''{"parcels": 0}'')', :dora));
SELECT probe.try(format('SELECT bpt.activity_close(%s, ''{"parcels": null}'')', :dora));
SELECT probe.try(format('SELECT bpt.activity_close(%s)', :dora));
SELECT count(*), count(*) FILTER (WHERE is_opened) AS opened FROM bpt.taskbox;
SELECT bpt.activity_close(:ada, '{"parcels": 1, "weight": 2.5}'), bpt.activity_close(:bert, '{"parcels": 2}'),
       close_order_handling_pack(:cleo, 3), close_order_handling_pack(:dora, parcels => 4, weight => 1);
SELECT detail FROM bpt.taskbox;
RESET ROLE;

-- Bert's was paid: the look at the table found it, nobody waits. The others wait for 30 days.
SELECT p.entity_key, a.name, a.status, a.timeout FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id
  WHERE a.name IN ('payment', 'ship') ORDER BY a.id;
CALL bpt.run();
SELECT id, customer, status, tracking FROM orders ORDER BY id;

-- Ada pays after ten days, with an update that changes nothing else; Dora's order is changed, but not paid.
SET bpt.clock = '2026-03-12 09:00:00+00';
UPDATE orders SET paid_at = bpt.now() WHERE customer = 'Ada';
UPDATE orders SET total = total + 1 WHERE customer = 'Dora';
UPDATE orders SET paid_at = NULL WHERE customer = 'Dora';
CALL bpt.run();
SELECT * FROM probe.steps((SELECT id FROM bpt.process WHERE entity_key = '1'));
SELECT a.name, a.kind, a.status, a.created, a.ready, a.opened, a.opened_by, a.closed, a.closed_by, a.due_date, a.timeout, a.expired,
       a.skipped, a.error_count
  FROM bpt.activity a WHERE a.process_id = (SELECT id FROM bpt.process WHERE entity_key = '1') ORDER BY a.id;

-- Time goes on. A minute before the timeout nothing happens, then Cleo's and Dora's orders are cancelled.
CALL bpt.run('2026-04-01 08:59:00+00');
SELECT entity_key, status FROM bpt.process ORDER BY id;
CALL bpt.run('2026-04-01 09:00:00+00');
SELECT * FROM probe.steps((SELECT id FROM bpt.process WHERE entity_key = '3'));
SELECT p.entity_key, p.status, p.closed, p.last_modified FROM bpt.process p ORDER BY id;

-- Cleo pays too late: nobody waits any more. Fay's order is still to be packed, and overdue.
UPDATE orders SET paid_at = bpt.now() WHERE customer = 'Cleo';
SELECT count(*) FROM bpt.event_queue;
SET bpt.clock = '2026-04-02 09:00:00+00';
CALL bpt.run();
SELECT count(*) FROM bpt.event_queue;
SET ROLE regress_packer;
SELECT detail, due_date, is_overdue FROM bpt.taskbox;
RESET ROLE;
SELECT id, customer, status, tracking FROM orders ORDER BY id;
SELECT * FROM shop.sent ORDER BY 1;
SELECT count(*) FROM bpt.error_log;

-- A whole process in one transaction that leaves nothing behind.
BEGIN;
SET LOCAL bpt.clock = '2026-05-01 00:00:00+00';
INSERT INTO orders (customer, total) VALUES ('Gus', 5);
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('pack'), '{"parcels": 1}');
CALL bpt.run('2026-06-01 00:00:00+00');
SELECT step, status, after, outcome FROM probe.steps();
SELECT bpt.now();
ROLLBACK;
SELECT bpt.now(), count(*) FILTER (WHERE customer = 'Gus') AS gus, (SELECT count(*) FROM bpt.process) AS processes FROM orders;

-- Tidy up.
SELECT probe.try($$SELECT bpt.drop_process('order_handling')$$);
SELECT bpt.drop_process('order_handling', true);
SELECT status, count(*) FROM bpt.process GROUP BY 1 ORDER BY 1;
SELECT step, status FROM probe.steps((SELECT id FROM bpt.process WHERE entity_key = '6'));
SELECT * FROM probe.leftovers();
DROP SCHEMA shop CASCADE;
DROP ROLE regress_packer, warehouse;
