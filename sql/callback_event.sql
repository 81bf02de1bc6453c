-- Callbacks of what no person does: by event a refusal consumes the event and an error is retried; a refused timeout is put
-- off; ON READY is retried before the task is offered; what callbacks may do to their own process.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA calls;
SET search_path = calls;
CREATE TABLE mode (how text);
INSERT INTO mode VALUES ('yes');
CREATE FUNCTION guard() RETURNS boolean STABLE LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT how FROM mode) = 'fail' THEN
    RAISE 'the guard fell asleep' USING ERRCODE = 'P0002';
  END IF;
  RETURN (SELECT how FROM mode) = 'yes';
END $$;
CREATE TABLE thing (id int PRIMARY KEY, state text);
SELECT version FROM bpt.publish($bpt$
PROCESS eventful DETAIL ('Thing ' || thing_id) LAUNCH ON INSERT INTO thing AS thing_id WHERE (state = 'new')
  ON PROCESS START CHECK (guard());
START -> hold;
WAIT hold INPUT (went_to text DEFAULT 'nowhere') OUTPUT (note text)
  CLOSE ON UPDATE OF thing (state) WHERE (id = thing_id) WITH (went_to => new.state)
  ON CLOSE CHECK (guard()) MESSAGE ('not to ' || hold.went_to) DO (SELECT 'went to ' || hold.went_to AS note)
  -> END;
$bpt$);
CREATE FUNCTION probe.errors() RETURNS TABLE (process text, activity text, phase text, attempt int, sqlstate text, message text,
                                             at time, next_run time, by text) LANGUAGE sql AS $$
  SELECT d.name, a.name, e.phase, e.attempt, e.sqlstate, e.message, e.instant::time, e.next_run::time, e.user_id
  FROM bpt.error_log e LEFT JOIN bpt.process_definition d ON d.id = e.process_definition_id
       LEFT JOIN bpt.activity_definition a ON a.id = e.activity_definition_id ORDER BY e.id
$$;

-- Launch by event: refused, no process and the event is done; failed, it is tried again until it works.
UPDATE mode SET how = 'no';
INSERT INTO thing VALUES (1, 'new');
CALL bpt.run();
SELECT (SELECT count(*) FROM bpt.process) AS processes, (SELECT count(*) FROM bpt.event_queue) AS events, (SELECT count(*) FROM bpt.error_log) AS errors;
UPDATE mode SET how = 'fail';
INSERT INTO thing VALUES (2, 'new');
CALL bpt.run();
SELECT entity, operation, data_id, status, error_count, next_run, last_error_id IS NOT NULL AS has_error FROM bpt.event_queue;
SELECT * FROM probe.errors();
CALL bpt.run('2026-03-02 09:00:30+00');
SELECT status, error_count, next_run FROM bpt.event_queue;
UPDATE mode SET how = 'yes';
CALL bpt.run('2026-03-02 09:02:00+00');
SELECT probe.state(), created FROM bpt.process;
SELECT * FROM probe.errors();
SELECT * FROM probe.leftovers();

-- A wait: refused twice, failed once, then closed. Every event has its turn.
UPDATE mode SET how = 'no';
UPDATE thing SET state = 'a' WHERE id = 2;
CALL bpt.run();
UPDATE thing SET state = 'b' WHERE id = 2;
CALL bpt.run();
SELECT status, refusals, last_refusal, error_count FROM bpt.activity WHERE id = probe.activity('hold');
SELECT count(*) FROM bpt.event_queue;
UPDATE mode SET how = 'fail';
UPDATE thing SET state = 'c' WHERE id = 2;
CALL bpt.run();
SELECT status, refusals, last_refusal, error_count, next_run FROM bpt.activity WHERE id = probe.activity('hold');
SELECT status, error_count, next_run, activity_id = probe.activity('hold') AS of_hold FROM bpt.event_queue;
-- Further events still arrive; the one that fits first closes the wait, and the one in error is dropped.
UPDATE mode SET how = 'yes';
UPDATE thing SET state = 'd' WHERE id = 2;
CALL bpt.run();
SELECT * FROM probe.steps();
SELECT probe.state();
CALL bpt.run('2026-03-02 09:02:00+00');
SELECT * FROM probe.errors();
SELECT * FROM probe.leftovers();

-- Administration retries at once; a person closes a wait in error, too.
INSERT INTO thing VALUES (3, 'new');
CALL bpt.run();
UPDATE mode SET how = 'fail';
UPDATE thing SET state = 'a' WHERE id = 3;
CALL bpt.run();
SELECT status FROM bpt.activity WHERE id = probe.activity('hold');
UPDATE mode SET how = 'yes';
SELECT bpt.activity_retry(probe.activity('hold'));
CALL bpt.run();
SELECT * FROM probe.steps();
INSERT INTO thing VALUES (4, 'new');
CALL bpt.run();
UPDATE mode SET how = 'fail';
UPDATE thing SET state = 'a' WHERE id = 4;
CALL bpt.run();
UPDATE mode SET how = 'yes';
SELECT bpt.activity_close(probe.activity('hold'), '{"went_to": "the end"}');
SELECT * FROM probe.steps();
CALL bpt.run('2026-03-02 09:02:00+00');
SELECT * FROM probe.leftovers();

-- A timeout that is refused evaluates TIMEOUT anew.
CREATE TABLE patience (until timestamptz);
INSERT INTO patience VALUES ('2026-03-02 10:00+00');
SELECT version FROM bpt.publish($bpt$
PROCESS timed DETAIL ('timed');
START -> hold;
WAIT hold TIMEOUT (SELECT until FROM patience)
  ON CLOSE CHECK (guard()) MESSAGE ('not at ' || closed_instant::time || CASE WHEN expired THEN ', expired' END)
  -> END;
$bpt$);
UPDATE mode SET how = 'no';
SELECT launch_timed() IS NOT NULL AS launched;
CALL bpt.run('2026-03-02 09:59:59+00');
SELECT status, timeout, refusals, last_refusal FROM bpt.activity WHERE id = probe.activity('hold');
-- An instant that is not in the future is tried again with growing delay.
CALL bpt.run('2026-03-02 10:00+00');
SELECT status, timeout, refusals, last_refusal FROM bpt.activity WHERE id = probe.activity('hold');
CALL bpt.run('2026-03-02 10:00:30+00');
SELECT timeout, refusals, last_refusal FROM bpt.activity WHERE id = probe.activity('hold');
UPDATE patience SET until = '2026-03-02 11:00+00';
CALL bpt.run('2026-03-02 10:30:00+00');
SELECT status, timeout, refusals, last_refusal FROM bpt.activity WHERE id = probe.activity('hold');
-- NULL: no more.
UPDATE patience SET until = NULL;
CALL bpt.run('2026-03-02 12:00:00+00');
SELECT status, timeout, refusals FROM bpt.activity WHERE id = probe.activity('hold');
SELECT count(*) AS timers FROM bpt.queue_timer;
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''hold''))');
SELECT count(*) AS errors FROM bpt.error_log WHERE process_id = probe.process();
UPDATE mode SET how = 'yes';
SELECT bpt.activity_close(probe.activity('hold'));
SELECT status, expired FROM bpt.activity WHERE id = probe.activity('hold');

-- An error at a timeout: in error, retried, and events or people may still end it.
UPDATE patience SET until = '2026-03-02 10:00+00';
UPDATE mode SET how = 'fail';
SELECT launch_timed() IS NOT NULL AS launched;
CALL bpt.run('2026-03-02 10:00:03+00');
SELECT status, timeout, error_count, next_run, refusals FROM bpt.activity WHERE id = probe.activity('hold');
SELECT * FROM probe.errors() WHERE process = 'timed';
UPDATE mode SET how = 'yes';
CALL bpt.run('2026-03-02 10:00:05+00');
SELECT status, expired, closed, error_count FROM bpt.activity WHERE id = probe.activity('hold');

-- ON READY that fails or refuses: the task is in error, not offered, and tried again; the caller's launch stands.
SELECT version FROM bpt.publish($bpt$
PROCESS readied DETAIL ('readied');
START -> task, hold;
HUMAN task ON READY CHECK (guard()) MESSAGE 'not ready' -> END;
WAIT hold ON READY CHECK (guard()) MESSAGE 'not listening' CLOSE ON UPDATE OF thing -> END;
$bpt$);
UPDATE mode SET how = 'fail';
SELECT launch_readied() IS NOT NULL AS launched;
SELECT name, status, error_count, next_run, refusals, last_refusal FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT count(*) AS tasks FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(probe.activity(''task''))');
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''task''))');
UPDATE thing SET state = 'nobody listens' WHERE id = 3;
UPDATE mode SET how = 'no';
CALL bpt.run('2026-03-02 09:00:01+00');
SELECT name, status, error_count, next_run, refusals, last_refusal FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT * FROM probe.errors() WHERE process = 'readied';
UPDATE mode SET how = 'yes';
CALL bpt.run('2026-03-02 09:01:00+00');
SELECT name, status, error_count, next_run, ready FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT count(*) AS tasks FROM bpt.taskbox;
SELECT bpt.process_terminate(probe.process());

-- Callbacks may act on their own process, but not on the change in progress.
SELECT version FROM bpt.publish($bpt$
PROCESS acting RETURNS (said text) DETAIL ('acting');
START -> task, other, sleeper;
HUMAN task INPUT (what text)
  ON CLOSE DO (SELECT CASE what
    WHEN 'self' THEN (SELECT bpt.activity_close(bpt.activity_id()))
    WHEN 'other' THEN (SELECT bpt.activity_close(a.id) FROM bpt.activity a WHERE a.process_id = bpt.process_id() AND a.name = 'other') END AS done)
  DO (SELECT bpt.human_activity_set_due_date(a.id, bpt.now()) FROM bpt.activity a WHERE a.process_id = bpt.process_id() AND a.name = 'sleeper')
  -> after;
HUMAN other -> after_other;
HUMAN after -> END;
HUMAN after_other -> END;
HUMAN sleeper -> END;
$bpt$);
SELECT launch_acting() IS NOT NULL AS launched;
SELECT probe.try($$SELECT bpt.activity_close(probe.activity('task'), '{"what": "self"}')$$);
SELECT step, status FROM probe.steps();
SELECT probe.name_of(bpt.activity_close(probe.activity('task'), '{"what": "other"}')) AS next;
SELECT step, status, after FROM probe.steps();
SELECT due_date FROM bpt.activity WHERE id = probe.activity('sleeper');
SELECT version FROM bpt.publish($bpt$
PROCESS ending DETAIL ('ending');
START -> task, other;
HUMAN task ON CLOSE DO (SELECT bpt.process_terminate(bpt.process_id())) -> after;
HUMAN other -> END;
HUMAN after -> END;
$bpt$);
SELECT launch_ending() IS NOT NULL AS launched;
SELECT probe.try($$SELECT bpt.activity_close(probe.activity('task'))$$);
SELECT step, status FROM probe.steps();
SELECT probe.state();

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA calls CASCADE;
