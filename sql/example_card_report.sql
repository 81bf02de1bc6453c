-- Monthly card reports: a process that would wait for six months ends after three days; a timer or a claim resumes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/card_report.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS desk;
CREATE ROLE desk;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
INSERT INTO card (holder) VALUES ('ada'), ('bert'), ('cleo');
SET bpt.clock = '2026-03-31 12:00+00';
BEGIN;
CALL bpt.run('2026-04-01 12:00+00');
COMMIT;
SET bpt.clock = '2026-04-01 12:00+00';
SELECT label, status FROM bpt.process ORDER BY label;
SELECT to_addresses, subject FROM bpt.email ORDER BY to_addresses;
-- Ada claims on the next day, while her process waits.
SET bpt.clock = '2026-04-02 12:00+00';
INSERT INTO claim (report_id, words) SELECT r.id, 'never been there' FROM report r JOIN card c ON c.id = r.card_id WHERE holder = 'ada';
CALL bpt.run();
SELECT detail FROM bpt.activity WHERE name = 'handle';
SELECT bpt.activity_close(probe.activity('handle'));
-- Three days after the mail nothing runs any more.
CALL bpt.run('2026-04-05');
SELECT label, status FROM bpt.process ORDER BY label;
SELECT c.holder, r.month, r.status, r.parked_until FROM report r JOIN card c ON c.id = r.card_id ORDER BY 1;
-- Bert claims in April, to a report that is parked: another process takes it up at the claim.
SET bpt.clock = '2026-04-20 12:00+00';
INSERT INTO claim (report_id, words) SELECT r.id, 'twice the same' FROM report r JOIN card c ON c.id = r.card_id WHERE holder = 'bert';
CALL bpt.run();
SELECT step, status, outcome FROM probe.steps();
SELECT bpt.activity_close(probe.activity('handle'));
-- Cleo claims nothing: the timer has it accepted half a year later. (No further reports meanwhile.)
SELECT bpt.drop_timer('monthly_reports');
CALL bpt.run('2026-10-06');
SELECT step, status, outcome FROM probe.steps();
SELECT c.holder, r.month, r.status, r.parked_until FROM report r JOIN card c ON c.id = r.card_id ORDER BY 1;
SELECT p.label, i.input_value AS run, p.status, p.created FROM bpt.process p JOIN bpt.process_input i ON i.process_id = p.id WHERE i.name = 'run' ORDER BY p.label, p.created;
SELECT t.name, r.status, count(*) > 0 AS ran, max(r.scheduled) AS last FROM bpt.timer_run r JOIN bpt.timer t ON t.id = r.timer_id WHERE t.name = 'unclaimed_reports' GROUP BY 1, 2;
SELECT bpt.drop_timer('unclaimed_reports');

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE desk;
