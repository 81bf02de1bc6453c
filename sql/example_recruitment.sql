-- Recruitment with interviews by a CONDITIONAL START that listens once the application was read.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/recruitment.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS recruiter, regress_ines, regress_omar, regress_rita;
CREATE ROLE recruiter;
CREATE ROLE regress_ines;
CREATE ROLE regress_omar;
CREATE ROLE regress_rita;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
GRANT recruiter TO regress_rita;
GRANT USAGE ON SCHEMA example TO regress_rita, regress_ines, regress_omar;

INSERT INTO candidate (name) VALUES ('Clara'), ('Carl');
-- Too early: nobody has read Clara's application, so this begins nothing.
INSERT INTO interview (candidate_id, interviewer, held_at) VALUES (1, 'regress_ines', '2026-03-03 10:00');
CALL bpt.run();
DELETE FROM interview;
SET ROLE regress_rita;
SELECT label, detail FROM bpt.taskbox ORDER BY activity_id;
SELECT bpt.activity_close(activity_id, jsonb_build_object('invite', detail = 'Clara')) IS NOT NULL AS next FROM bpt.taskbox ORDER BY activity_id;
RESET ROLE;
CALL bpt.run();
SELECT name, status FROM candidate ORDER BY id;

-- Two interviews are planned: each is a flow of its own, its task ready when the interview is held.
INSERT INTO interview (candidate_id, interviewer, held_at) VALUES (1, 'regress_ines', '2026-03-04 10:00'), (1, 'regress_omar', '2026-03-05 15:00');
CALL bpt.run();
SELECT * FROM probe.steps((SELECT min(id) FROM bpt.process));
SELECT name, waiting_for FROM bpt.waiting_for((SELECT min(id) FROM bpt.process)) ORDER BY activity_id;
CALL bpt.run('2026-03-04 10:00+00');
SET bpt.clock = '2026-03-04 10:00+00';
SET ROLE regress_ines;
SELECT label, detail FROM bpt.taskbox;
SELECT bpt.activity_close(activity_id, '{"words": "knows her trade"}') FROM bpt.taskbox;
RESET ROLE;
SET ROLE regress_omar;
SELECT count(*) FROM bpt.taskbox;
RESET ROLE;

-- Rita would decide at once, but Omar's interview is still to come.
SET ROLE regress_rita;
SELECT probe.try(format('SELECT bpt.activity_close(%s, ''{"hire": true}'')', activity_id)) FROM bpt.taskbox;
RESET ROLE;
CALL bpt.run('2026-03-05 15:00+00');
SET bpt.clock = '2026-03-05 15:00+00';
SET ROLE regress_omar;
SELECT bpt.activity_close(activity_id, '{"words": "asks good questions"}') FROM bpt.taskbox;
RESET ROLE;
SET ROLE regress_rita;
SELECT bpt.activity_close(activity_id, '{"hire": true}') FROM bpt.taskbox;
RESET ROLE;
CALL bpt.run();
SELECT * FROM probe.steps((SELECT min(id) FROM bpt.process));
SELECT name, status FROM candidate ORDER BY id;
SELECT interviewer, feedback FROM interview ORDER BY id;
-- The process has ended: a further interview begins nothing.
INSERT INTO interview (candidate_id, interviewer, held_at) VALUES (1, 'regress_ines', '2026-03-09 10:00');
CALL bpt.run();
SELECT label, status FROM bpt.process ORDER BY id;

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE recruiter, regress_ines, regress_omar, regress_rita;
