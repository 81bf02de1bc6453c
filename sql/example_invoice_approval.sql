-- Invoices approved on two levels; the report is a table that callbacks write.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/invoice_approval.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS clerk, manager, regress_chris, regress_mona;
CREATE ROLE clerk;
CREATE ROLE manager;
CREATE ROLE regress_chris;
CREATE ROLE regress_mona;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
GRANT clerk TO regress_chris, regress_mona;
GRANT manager TO regress_mona;
GRANT USAGE ON SCHEMA example TO clerk, manager;

INSERT INTO supplier_invoice (supplier, amount) VALUES ('paper', 90), ('steel', 9000), ('sand', 50), ('glass', 5000);
CALL bpt.run();
SET bpt.clock = '2026-03-02 14:00+00';
SET ROLE regress_chris;
SELECT label, detail, due_date FROM bpt.taskbox ORDER BY activity_id;
SELECT bpt.activity_close(activity_id, jsonb_build_object('approved', detail !~ 'sand')) IS NOT NULL AS next_is_mine
  FROM bpt.taskbox WHERE detail !~ 'glass' ORDER BY activity_id;
RESET ROLE;
SET bpt.clock = '2026-03-04 10:00+00';
SET ROLE regress_mona;
-- Who has approved it on the first level may not on the second.
SELECT bpt.activity_close(activity_id, '{"approved": true}') IS NOT NULL AS next_is_mine FROM bpt.taskbox WHERE name = 'level1';
SELECT detail, probe.try(format('SELECT bpt.activity_close(%s, ''{"approved": true}'')', activity_id)) FROM bpt.taskbox WHERE name = 'level2' ORDER BY activity_id;
RESET ROLE;
BEGIN;
CALL bpt.run();
COMMIT;
SELECT id, supplier, amount, status FROM supplier_invoice ORDER BY id;
SELECT to_addresses, subject FROM bpt.email;
-- The report reads no process at all.
SELECT invoice_id, level1 - created AS level1_after, level1_by, level2 - level1 AS level2_after, level2_by, steps FROM approval_report ORDER BY 1;
-- What the statistics say by themselves.
SELECT s.name, s.active, s.ended, s.p50_waiting, s.p95_waiting FROM bpt.stat_activity s JOIN bpt.process_definition d ON d.id = s.process_definition_id
  WHERE d.name = 'invoice_approval' AND d.is_active AND s.kind = 'human' ORDER BY s.name;
SELECT bpt.process_terminate(id) FROM bpt.process WHERE status = 'active';

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE clerk, manager, regress_chris, regress_mona;
