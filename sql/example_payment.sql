-- Waiting thirty days for a payment: paid at once, in parts, after a reminder, never.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/payment.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
-- Mail stays queued: no mail server is named.
INSERT INTO invoice (customer, amount) VALUES ('ada', 100), ('bert', 200), ('cleo', 300), ('dora', 400), ('emil', 0);
UPDATE invoice SET paid = 100 WHERE customer = 'ada';           -- before anything waits for it
CALL bpt.run();
SELECT customer, status FROM invoice ORDER BY id;
SELECT label, status FROM bpt.process ORDER BY id;
UPDATE invoice SET paid = paid + 150 WHERE customer = 'bert';   -- not enough
CALL bpt.run();
UPDATE invoice SET paid = paid + 50 WHERE customer = 'bert';
CALL bpt.run();
SELECT customer, status FROM invoice ORDER BY id;

-- Thirty days later Cleo and Dora get a reminder; Cleo pays.
BEGIN;
CALL bpt.run('2026-04-01 09:00+00');
COMMIT;
SELECT to_addresses, subject, body, created FROM bpt.email ORDER BY id;
SET bpt.clock = '2026-04-03 12:00+00';
UPDATE invoice SET paid = amount WHERE customer = 'cleo';
BEGIN;
CALL bpt.run('2026-06-01');
COMMIT;
SELECT customer, status, reminders FROM invoice ORDER BY id;
SELECT to_addresses, subject, body, created FROM bpt.email ORDER BY id;
-- Each time round the cycle has its own activities.
SELECT step, status, after, outcome FROM probe.steps((SELECT id FROM bpt.process WHERE label = 'Invoice 4'));
SELECT label, status, closed FROM bpt.process ORDER BY id;

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
