-- Callbacks: all of them, in which order, what they see, what they set, what a refusal and an error do.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA calls;
SET search_path = calls;
CREATE TABLE trace (n int GENERATED ALWAYS AS IDENTITY, what text, activity text, by text);
CREATE FUNCTION note(what text) RETURNS void LANGUAGE sql
  AS $$ INSERT INTO trace (what, activity, by) VALUES (what, bpt.activity_name(), bpt.user_id()) $$;

SELECT version FROM bpt.publish($bpt$
PROCESS every (name text) RETURNS (seen text DEFAULT (''), last_by text)
  DETAIL ('every')
  ON PROCESS START DO (SELECT note('process start of ' || name)) SET (seen = seen || 'p')
  ON ACTIVITY READY DO (SELECT note('any ready')) SET (seen = seen || 'R')
  ON ACTIVITY OPEN DO (SELECT note('any open')) SET (seen = seen || 'O')
  ON ACTIVITY CLOSE DO (SELECT note('any close')) DO (SELECT note('any close, again')) SET (seen = seen || 'C')
  ON ACTIVITY SKIP DO (SELECT note('any skip')) SET (seen = seen || 'S');
START -> task;
HUMAN task ALLOW SKIP INPUT (answer text DEFAULT 'none') OUTPUT (loud text, twice text)
  ON READY DO (SELECT note('ready')) SET (seen = seen || 'r')
  ON OPEN DO (SELECT note('open')) SET (seen = seen || 'o')
  ON CLOSE CHECK (answer <> 'wrong') MESSAGE ('Not ' || answer || '.')
    DO (SELECT note('close with ' || answer || ' by ' || closed_by || ' at ' || closed_instant || ' skipped ' || skipped))
    DO (SELECT upper(answer) AS loud, answer || answer AS twice)
    SET (seen = seen || 'c', last_by = closed_by)
  ON SKIP DO (SELECT note('skip by ' || closed_by || ' skipped ' || skipped)) DO (SELECT 'skipped' AS loud) SET (seen = seen || 's')
  -> hold;
WAIT hold TIMEOUT (interval '1 hour')
  ON READY DO (SELECT note('wait ready'))
  ON CLOSE DO (SELECT note('wait close, expired ' || expired))
  -> work;
AUTOMATIC work DO (SELECT note('work: ' || task.loud)) SET (seen = seen || 'w')
  -> END;
$bpt$);
SELECT launch_every('one') IS NOT NULL AS launched;
SELECT bpt.activity_open(probe.activity('task'));
SELECT probe.state();
-- A refusal leaves nothing behind, not even what ran before the check.
SELECT probe.fingerprint() AS before \gset
SELECT probe.try($$SELECT bpt.activity_close(probe.activity('task'), '{"answer": "wrong"}')$$);
SELECT probe.fingerprint() = :'before' AS nothing_changed;
SELECT bpt.activity_close(probe.activity('task'), '{"answer": "right"}');
CALL bpt.run('2026-03-02 10:00:00+00');
SELECT what, activity, by = current_user AS by_me FROM trace ORDER BY n;
SELECT * FROM probe.steps();
SELECT probe.state();
TRUNCATE trace;
SELECT launch_every('two') IS NOT NULL AS launched;
SELECT bpt.activity_skip(probe.activity('task'));
SELECT bpt.activity_close(probe.activity('hold'));
CALL bpt.run();
SELECT what, activity, by = current_user AS by_me FROM trace ORDER BY n;
SELECT * FROM probe.steps();
SELECT probe.state();
SELECT count(*) AS errors FROM bpt.error_log;
TRUNCATE trace;

-- WF001 raised by a function refuses as a CHECK does; any other error reaches the caller of a call too.
CREATE FUNCTION guard(how text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note('guard ' || how);
  IF how = 'refuse' THEN
    RAISE 'the guard says no' USING ERRCODE = 'WF001', DETAIL = 'Never on Mondays.', HINT = 'Come back tomorrow.';
  ELSIF how = 'fail' THEN
    RAISE 'the guard fell asleep' USING ERRCODE = 'P0002';
  END IF;
  RETURN NULLIF(how, 'null') = 'yes';
END $$;
SELECT version FROM bpt.publish($bpt$
PROCESS guarded (at_start text DEFAULT ('yes')) DETAIL ('guarded')
  ON PROCESS START CHECK (guard(at_start));
START -> task;
HUMAN task ALLOW SKIP INPUT (how text DEFAULT 'yes')
  ON OPEN CHECK (guard('open'))
  ON CLOSE CHECK (guard(how)) MESSAGE 'guarded'
  ON SKIP DO (SELECT guard('refuse'))
  -> END;
$bpt$);
SELECT how, probe.try(format('SELECT launch_guarded(%L) IS NOT NULL', how))
  FROM unnest('{no,null,refuse,fail,yes}'::text[]) WITH ORDINALITY u (how, n) ORDER BY n;
SELECT count(*) AS processes FROM bpt.process WHERE name = 'guarded';
SELECT probe.fingerprint() AS before \gset
SELECT probe.try($$SELECT bpt.activity_open(probe.activity('task'))$$);
SELECT probe.try($$SELECT bpt.activity_skip(probe.activity('task'))$$);
SELECT how, probe.try(format('SELECT bpt.activity_close(probe.activity(''task''), jsonb_build_object(''how'', %L::text))', how))
  FROM unnest('{no,null,refuse,fail}'::text[]) WITH ORDINALITY u (how, n) ORDER BY n;
SELECT probe.fingerprint() = :'before' AS nothing_changed;
SELECT count(*) AS notes FROM trace WHERE what <> 'guard yes';
SELECT refusals, last_refusal, error_count FROM bpt.activity WHERE id = probe.activity('task');
SELECT bpt.activity_close(probe.activity('task'));
SELECT count(*) AS errors FROM bpt.error_log;

-- What is evaluated for an activity may end its process: the activity stays as it ended, and nobody is offered it.
CREATE FUNCTION end_it(process bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bpt.process_terminate(process);
  RETURN 'nobody';
END $$;
SELECT version FROM bpt.publish($bpt$
PROCESS suicidal (how text) DETAIL ('suicidal');
START -> which;
DECISION which
  WHEN (how = 'detail') -> by_detail
  WHEN (how = 'ready') -> by_ready
  WHEN (how = 'date') -> by_date
  ELSE -> by_timeout;
HUMAN by_detail DETAIL (end_it(process.process_id)) -> END;
HUMAN by_ready DETAIL (end_it(process.process_id)) ON READY DO (INSERT INTO trace (what) VALUES ('ready')) -> END;
HUMAN by_date START DATE (CASE WHEN end_it(process.process_id) = 'nobody' THEN bpt.now() + interval '1 day' END) -> END;
WAIT by_timeout TIMEOUT (CASE WHEN end_it(process.process_id) = 'nobody' THEN interval '1 day' END) -> END;
$bpt$);
SELECT how, launch_suicidal(how) IS NOT NULL AS launched FROM unnest('{detail,ready,date,timeout}'::text[]) WITH ORDINALITY u (how, n) ORDER BY n;
SELECT p.status, a.name, a.status, a.stopped_status FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id
  WHERE p.name = 'suicidal' ORDER BY a.id;
SELECT (SELECT count(*) FROM bpt.task_offer) AS offers, (SELECT count(*) FROM bpt.queue_timer) AS timers;

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA calls CASCADE;
