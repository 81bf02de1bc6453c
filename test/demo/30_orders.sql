-- Six orders, what people do with them, and what the workers do by themselves.
\set QUIET on
\pset footer off
\pset null ''
\echo
\echo '== Six orders are inserted, nothing else is called; the last one costs nothing and starts no process'
\echo
INSERT INTO orders (customer, total) VALUES
  ('Ada', 120.00), ('Bert', 75.50), ('Cleo', 240.00), ('Dora', 18.90), ('Emil', 999.00), ('Fay', 0);
CALL public.until('five tasks and five invoices', $$
  (SELECT count(*) FROM bpt.activity WHERE name = 'pack' AND status = 'ready') = 5 AND (SELECT count(*) FROM invoice) = 5 $$);
SELECT o.id, o.customer, o.total, o.status, i.invoice_no, p.label AS process, p.status AS process_status
  FROM orders o LEFT JOIN invoice i ON i.order_id = o.id
       LEFT JOIN bpt.process p ON p.entity = 'orders'::regclass AND p.entity_key = o.id::text
  ORDER BY o.id;

\echo '== The taskbox of wendy, who works in the warehouse'
\echo
SET ROLE wendy;
SELECT activity_id, label, detail, instructions, destination, due_date::date AS due, is_overdue
  FROM bpt.taskbox ORDER BY activity_id;

\echo '== Bert pays at once, before anything is packed'
\echo
RESET ROLE;
UPDATE orders SET paid_at = now() WHERE customer = 'Bert';
SET ROLE wendy;

\echo '== She opens the first task and closes all of them; an order in no parcel is refused by the callback'
\echo
\set task '(SELECT activity_id FROM bpt.taskbox WHERE detail = '
SELECT bpt.activity_open(:task 'Order 1')) AS page;
\set ON_ERROR_STOP off
SELECT bpt.activity_close(:task 'Order 4'), '{"parcels": 0}');
\set ON_ERROR_STOP on
\echo
SELECT bpt.activity_close(:task 'Order 1'), '{"parcels": 1, "weight": 2.5}'),
       bpt.activity_close(:task 'Order 2'), '{"parcels": 2}'),
       bpt.activity_close(:task 'Order 3'), '{"parcels": 1}'),
       bpt.activity_close(:task 'Order 4'), '{"parcels": 1}'),
       bpt.activity_close(:task 'Order 5'), '{"parcels": 12}') \g /dev/null
SELECT count(*) AS tasks_left FROM bpt.taskbox;
RESET ROLE;

\echo '== Ada, Dora and Emil pay; that Bert paid before anyone waited for it is not forgotten'
\echo
UPDATE orders SET paid_at = now() WHERE customer IN ('Ada', 'Dora', 'Emil');
CALL public.until('three orders shipped, the fourth attempt failed', $$
  (SELECT count(*) FROM orders WHERE status = 'shipped') = 3
  AND EXISTS (SELECT FROM bpt.activity WHERE name = 'ship' AND error_count > 0) $$);
SELECT id, customer, status, tracking, paid_at IS NOT NULL AS paid FROM orders ORDER BY id;

\echo '== Emil''s twelve parcels find no carrier: the step is retried, and the error kept for whoever runs the shop'
\echo
SELECT a.name, a.status, a.error_count, e.attempt, e.sqlstate, e.message, e.next_run > now() AS will_retry
  FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id WHERE a.name = 'ship' AND a.error_count > 0;

\echo '== A second carrier is found; the next attempt succeeds by itself'
\echo
INSERT INTO carrier VALUES ('Haulage', 100);
CALL public.until('order 5 shipped', $$ (SELECT status = 'shipped' FROM orders WHERE id = 5) $$);
SELECT id, customer, status, tracking FROM orders WHERE id = 5;

\echo '== Cleo does not pay. A month later (this session''s clock is put forward) her order is cancelled'
\echo
SELECT set_config('bpt.clock', (now() + interval '31 days')::text, false) \g /dev/null
CALL bpt.run();
RESET bpt.clock;
CALL public.until('order 3 cancelled', $$ (SELECT status = 'cancelled' FROM orders WHERE id = 3) $$);
