-- Polling another system by a wait whose ON CLOSE refuses until the answer is yes, with growing pauses.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/polling.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
INSERT INTO parcel DEFAULT VALUES;
INSERT INTO parcel DEFAULT VALUES;
INSERT INTO customs.clearance VALUES (1, '2026-03-02 13:30+00');
CALL bpt.run();
SELECT p.label, a.timeout, a.refusals, a.last_refusal FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
CALL bpt.run('2026-03-02 10:00+00');
SELECT p.label, a.timeout, a.refusals, a.last_refusal FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
CALL bpt.run('2026-03-02 12:00+00');
SELECT p.label, a.timeout, a.refusals, a.last_refusal FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
-- Cleared at half past one, noticed at three.
CALL bpt.run('2026-03-02 15:00+00');
SELECT id, status FROM parcel ORDER BY id;
SELECT * FROM probe.steps((SELECT min(id) FROM bpt.process));
-- Never cleared: after six refusals it gives up.
CALL bpt.run('2026-03-05');
SELECT p.label, p.status, a.name, a.status, a.refusals, a.closed FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
SELECT id, status FROM parcel ORDER BY id;
-- A refusal is expected: nothing stands in the error log.

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example, customs CASCADE;
