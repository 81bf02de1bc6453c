-- A wait for all feedback: each event that is not the last is refused by On Close, which goes on waiting.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/interview_feedback.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
INSERT INTO candidate (name) VALUES ('Clara'), ('Carl');
INSERT INTO interview (candidate_id, interviewer) VALUES (1, 'Ines'), (1, 'Omar'), (1, 'Uma'), (2, 'Ines'), (2, 'Omar');
UPDATE candidate SET status = 'in interviews';
CALL bpt.run();
UPDATE interview SET grade = 4 WHERE candidate_id = 1 AND interviewer = 'Uma';
CALL bpt.run();
UPDATE interview SET grade = 2 WHERE candidate_id = 1 AND interviewer = 'Ines';
CALL bpt.run();
SELECT p.label, a.name, a.status, a.refusals, a.last_refusal FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
UPDATE interview SET grade = 5 WHERE candidate_id = 1 AND interviewer = 'Omar';
CALL bpt.run();
SELECT * FROM probe.steps((SELECT min(id) FROM bpt.process));
SELECT probe.state((SELECT min(id) FROM bpt.process));
-- Two in one statement: both are seen at the first of their events.
BEGIN;
UPDATE interview SET grade = 2 WHERE candidate_id = 2;
CALL bpt.run();
SELECT probe.state();
ROLLBACK;
-- Omar never answers: after fourteen days one grade has to do.
UPDATE interview SET grade = 3 WHERE candidate_id = 2 AND interviewer = 'Ines';
CALL bpt.run('2026-03-16 08:59+00');
SELECT name, status FROM candidate ORDER BY id;
CALL bpt.run('2026-03-16 09:00+00');
SELECT * FROM probe.steps();
SELECT probe.state();
SELECT name, status FROM candidate ORDER BY id;

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
