-- AFTER: a conditional start listens once all that it names have ended by close, skip or timeout; it reads the latest end of
-- each, also where it correlates its events by them; a start counts as an end; what its events do not depend on.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA csa;
SET search_path = csa;
CREATE TABLE interview (id int PRIMARY KEY, round int NOT NULL, grade int);
SELECT version FROM bpt.publish($bpt$
PROCESS recruitment (candidate text) DETAIL (candidate);
START -> plan, contract, forms;
HUMAN plan INPUT (round int) ALLOW SKIP -> again;
DECISION again WHEN (plan.round < 9) -> plan ELSE -> END;
HUMAN contract -> END;
WAIT forms TIMEOUT (interval '1 day') -> END;
CONDITIONAL START feedback AFTER plan, contract
  START ON UPDATE OF interview (grade) AS interview WHERE (interview.round = plan.round) WITH (grade => new.grade)
  INPUT (grade int DEFAULT 0)
  -> note;
AUTOMATIC note DO (SELECT plan.round AS round, plan.closed_by IS NOT NULL AS planned, contract.skipped AS skipped, feedback.grade AS grade, feedback.interview AS interview) -> END;
CONDITIONAL START late AFTER forms -> END;
CONDITIONAL START second AFTER feedback INPUT (why text) -> tell;
AUTOMATIC tell DO (SELECT feedback.grade AS grade, plan.round AS round, second.why AS why) -> END;
$bpt$);
SELECT launch_recruitment('Ann') IS NOT NULL AS launched;
INSERT INTO interview VALUES (1, 1), (2, 2);
-- Before: nothing listens, nothing can be started.
SELECT step, status FROM probe.steps();
SELECT probe.try('SELECT start_recruitment_feedback(probe.process())');
UPDATE interview SET grade = 1;
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('contract'));
SELECT step, status FROM probe.steps() WHERE step LIKE 'feedback%';
-- A skip counts, too; its round is NULL, so that nothing correlates yet: but a caller may start it.
BEGIN;
SELECT bpt.activity_skip(probe.activity('plan')) IS NOT NULL AS next;
SELECT step, status, after FROM probe.steps() WHERE step LIKE 'feedback%';
SELECT count(*) FROM bpt.listener;
ROLLBACK;
SELECT bpt.activity_close(probe.activity('plan'), '{"round": 1}') = probe.activity('plan') AS next;
SELECT step, status, after FROM probe.steps();
SELECT count(*) FROM bpt.listener l JOIN bpt.activity a ON a.id = l.activity_id WHERE a.name = 'feedback';
-- What happened before is not heard; what happens from now on is, of this round only.
CALL bpt.run();
UPDATE interview SET grade = id * 2;
CALL bpt.run();
SELECT step, status, after, outputs FROM probe.steps() WHERE step ~ 'feedback|note|second';
-- The next round: events of that one are heard, and those of the first no more; the first flow has read what it read.
SELECT bpt.activity_close(probe.activity('plan'), '{"round": 2}') IS NOT NULL AS next;
UPDATE interview SET grade = id * 5;
CALL bpt.run();
SELECT step, status, after, outputs FROM probe.steps() WHERE step ~ 'feedback|note|second';
-- A start of one conditional start lets another listen, which reads the latest.
SELECT start_recruitment_second(probe.process(), why => 'to see');
CALL bpt.run();
SELECT step, after, outputs FROM probe.steps() WHERE step ~ 'second|tell';
-- A timeout counts.
SELECT step FROM probe.steps() WHERE step = 'late';
CALL bpt.run('2026-03-04');
SELECT step, status, after FROM probe.steps() WHERE step = 'late';
SELECT source.name AS source, target.name AS target, is_dependency FROM bpt.activity_def_link l JOIN bpt.activity_definition target ON target.id = target_activity_definition_id JOIN bpt.activity_definition source ON source.id = source_activity_definition_id WHERE l.is_dependency AND l.process_definition_id IN (SELECT id FROM bpt.process_definition WHERE is_active) ORDER BY l.position;
-- The main flow has ended with the last round: no AFTER begins anything any more.
SELECT bpt.activity_close(probe.activity('plan'), '{"round": 10}');
SELECT probe.state();
SELECT step, status FROM probe.steps() WHERE status NOT IN ('closed', 'expired');
SELECT count(*) AS errors FROM bpt.error_log;
SELECT * FROM probe.leftovers();

-- What ends last by the end of the main flow opens nothing; nor does what is discarded.
SELECT version FROM bpt.publish($bpt$
PROCESS nothing DETAIL ('nothing'); START -> a, b; HUMAN a -> END; HUMAN b -> END; CONDITIONAL START c AFTER a, b -> END; CONDITIONAL START d AFTER a -> END;
$bpt$);
SELECT launch_nothing() IS NOT NULL AS launched;
SELECT bpt.activity_discard(probe.activity('a'));
SELECT bpt.activity_close(probe.activity('b'));
SELECT step, status FROM probe.steps();
SELECT launch_nothing() IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('a'));
SELECT bpt.activity_close(probe.activity('b'));
SELECT step, status FROM probe.steps();

-- Predecessors of several: the most recent instance of what both passed through.
SELECT version FROM bpt.publish($bpt$
PROCESS both DETAIL ('both'); START -> first, open; HUMAN open -> END;
HUMAN first INPUT (n int) -> one, two;
HUMAN one INPUT (m int) -> again; DECISION again WHEN (one.m = 1) -> first ELSE -> END;
HUMAN two -> END;
CONDITIONAL START c AFTER one, two -> show;
AUTOMATIC show DO (SELECT first.n AS first, one.m AS one) -> END;
$bpt$);
SELECT launch_both() IS NOT NULL AS launched;
SELECT bpt.activity_close(probe.activity('first'), '{"n": 1}') IS NOT NULL AS next;
SELECT bpt.activity_close(probe.activity('one'), '{"m": 1}') IS NOT NULL AS next;
SELECT bpt.activity_close(probe.activity('two')) IS NOT NULL AS next;
SELECT start_both_c(probe.process());
SELECT bpt.activity_close(probe.activity('first'), '{"n": 2}') IS NOT NULL AS next;
SELECT start_both_c(probe.process());
SELECT bpt.activity_close(probe.activity('one'), '{"m": 2}') IS NOT NULL AS next;
SELECT start_both_c(probe.process());
CALL bpt.run();
SELECT step, outputs FROM probe.steps() WHERE step ~ 'show';

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA csa CASCADE;
