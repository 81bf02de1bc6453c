-- Recruitment with a process for each interview: they go on when the candidate's process has ended.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/interview_process.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS recruiter, regress_ines;
CREATE ROLE recruiter;
CREATE ROLE regress_ines;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
INSERT INTO candidate (name) VALUES ('Clara');
INSERT INTO interview (candidate_id, interviewer) VALUES (1, 'regress_ines'), (1, 'regress_ines');
CALL bpt.run();
SELECT name, label, status, parent_process_id FROM bpt.process ORDER BY id;
SET ROLE regress_ines;
SELECT process, label, detail FROM bpt.taskbox ORDER BY activity_id;
RESET ROLE;
-- The candidate is rejected before the second interview, which is none of that process's business.
UPDATE interview SET feedback = 'too late for everything' WHERE id = 1;
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('decide'), '{"hire": false}');
CALL bpt.run();
SELECT name, label, status FROM bpt.process ORDER BY id;
UPDATE interview SET feedback = 'a pity' WHERE id = 2;
CALL bpt.run();
SELECT name, label, status FROM bpt.process ORDER BY id;
SELECT name, status FROM candidate;

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE recruiter, regress_ines;
