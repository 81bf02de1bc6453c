-- Callbacks of conditional starts: ON READY and ON START, refused and failing, by event and by call; what a failing event does
-- to the listening; callbacks of the process; what they may do.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA csc;
SET search_path = csc;
CREATE TABLE mode (ready text, start text);
INSERT INTO mode VALUES ('yes', 'yes');
CREATE FUNCTION guard(what text) RETURNS boolean STABLE LANGUAGE plpgsql AS $$
BEGIN
  IF what = 'fail' THEN
    RAISE 'the guard fell asleep' USING ERRCODE = 'P0002';
  END IF;
  RETURN what = 'yes';
END $$;
CREATE TABLE thing (id int PRIMARY KEY, state text);
CREATE TABLE seen (n int GENERATED ALWAYS AS IDENTITY, what text);
SELECT version FROM bpt.publish($bpt$
PROCESS guarded DETAIL ('guarded') RETURNS (starts int DEFAULT 0, last text)
  ON ACTIVITY READY DO (INSERT INTO seen (what) VALUES ('process ready ' || bpt.activity_name()))
  ON ACTIVITY START DO (INSERT INTO seen (what) VALUES ('process start ' || bpt.activity_name() || ' by ' || COALESCE(bpt.user_id() = session_user, false)))
  ON ACTIVITY CLOSE DO (INSERT INTO seen (what) VALUES ('process close ' || bpt.activity_name()));
START -> open;
HUMAN open -> END;
CONDITIONAL START c
  START ON INSERT INTO thing AS thing WITH (state => state)
  INPUT (state text DEFAULT 'none') OUTPUT (note text, length int DEFAULT (length(state)), again text)
  SET (last = note, again = upper(state))
  ON READY CHECK (guard((SELECT ready FROM mode))) MESSAGE 'not ready'
  ON START CHECK (guard((SELECT start FROM mode)) AND c.state <> 'bad') MESSAGE ('no ' || c.state)
    DO (INSERT INTO seen (what) VALUES ('start ' || c.state || ' by ' || (c.started_by IS NOT NULL) || ' at ' || c.started_instant::time || ' ' || c.closed_instant::time || ' ' || (c.activity_id = bpt.activity_id())) RETURNING what AS note)
    SET (starts = starts + 1)
  -> task;
HUMAN task DETAIL (c.note || ', ' || c.length || ', ' || c.again) -> END;
$bpt$);
CREATE FUNCTION probe.errors() RETURNS TABLE (activity text, phase text, attempt int, sqlstate text, message text, at time, next_run time) LANGUAGE sql AS $$
  SELECT a.name, e.phase, e.attempt, e.sqlstate, e.message, e.instant::time, e.next_run::time
  FROM bpt.error_log e LEFT JOIN bpt.activity_definition a ON a.id = e.activity_definition_id ORDER BY e.id
$$;
CREATE FUNCTION probe.c() RETURNS TABLE (status text, refusals int, last_refusal text, error_count int, next_run time) LANGUAGE sql AS $$
  SELECT status, refusals, last_refusal, error_count, next_run::time FROM bpt.activity WHERE name = 'c' AND started_instant IS NULL
$$;
-- ON READY refuses: it does not listen, and is tried again; a refusal is no error, something else is.
UPDATE mode SET ready = 'no';
SELECT launch_guarded() IS NOT NULL AS launched;
SELECT * FROM probe.c();
SELECT probe.try('SELECT start_guarded_c(probe.process())');
INSERT INTO thing VALUES (1, 'unheard');
UPDATE mode SET ready = 'fail';
CALL bpt.run('2026-03-02 09:00:01+00');
SELECT * FROM probe.c();
UPDATE mode SET ready = 'yes';
CALL bpt.run('2026-03-02 09:00:10+00');
SELECT * FROM probe.c();
SELECT * FROM probe.errors();
SET bpt.clock = '2026-03-02 09:01:00+00';
-- ON START by call: the caller gets it, and nothing has changed.
UPDATE mode SET start = 'no';
SELECT probe.fingerprint() AS before \gset
SELECT probe.try('SELECT start_guarded_c(probe.process(), ''x'')');
UPDATE mode SET start = 'fail';
SELECT probe.try('SELECT start_guarded_c(probe.process(), ''x'')');
SELECT probe.fingerprint() = :'before' AS unchanged, (SELECT count(*) FROM seen WHERE what LIKE '%start%') AS starts;
-- By event: a refusal is counted, the event is over, and it goes on listening.
UPDATE mode SET start = 'yes';
INSERT INTO thing VALUES (2, 'bad'), (3, 'good');
CALL bpt.run();
SELECT * FROM probe.c();
SELECT step, status, outputs FROM probe.steps();
SELECT detail FROM bpt.activity WHERE name = 'task';
-- Another error: the event is tried again; meanwhile others, and callers, have their turn.
UPDATE mode SET start = 'fail';
INSERT INTO thing VALUES (4, 'first failing'), (5, 'second failing');
CALL bpt.run();
SELECT * FROM probe.c();
SELECT data_id, status, error_count, next_run::time FROM bpt.event_queue ORDER BY id;
UPDATE mode SET start = 'yes';
INSERT INTO thing VALUES (6, 'between');
CALL bpt.run();
SELECT start_guarded_c(probe.process(), 'by call') IS NOT NULL AS next;
SELECT status FROM probe.c();
SELECT bpt.activity_retry(id) FROM bpt.activity WHERE name = 'c' AND status = 'error';
CALL bpt.run();
SELECT * FROM probe.c();
SELECT detail FROM bpt.activity WHERE name = 'task' ORDER BY id;
SELECT * FROM probe.errors();
SELECT probe.state();
-- After many good ones, what fails again is tried again soon.
UPDATE mode SET start = 'fail';
INSERT INTO thing VALUES (7, 'again');
CALL bpt.run();
SELECT * FROM probe.c();
-- An event given up lets it rest.
SELECT bpt.event_discard(id) FROM bpt.event_queue;
SELECT * FROM probe.c();
UPDATE mode SET start = 'yes';
SELECT what FROM seen ORDER BY n;
SELECT bpt.drop_process('guarded', true);

-- A callback may not start what is being started, but anything else; it may end the process.
CREATE FUNCTION act(what text, process bigint) RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $$
BEGIN
  CASE what
    WHEN 'same' THEN PERFORM bpt.activity_start(id, jsonb_build_object('what', 'x')) FROM bpt.activity WHERE process_id = process AND name = 'c' AND started_instant IS NULL;
    WHEN 'other' THEN PERFORM bpt.activity_start(id) FROM bpt.activity WHERE process_id = process AND name = 'd' AND started_instant IS NULL;
    WHEN 'end' THEN PERFORM bpt.process_terminate(process);
    WHEN 'close' THEN PERFORM bpt.activity_close(id) FROM bpt.activity WHERE process_id = process AND name = 'open';
    ELSE NULL;
  END CASE;
END $$;
SELECT version FROM bpt.publish($bpt$
PROCESS active DETAIL ('active'); START -> open; HUMAN open -> END;
CONDITIONAL START c INPUT (what text) ON START DO (SELECT act(what, bpt.process_id())) -> after;
HUMAN after -> END;
CONDITIONAL START d -> other;
HUMAN other -> END;
$bpt$);
SELECT launch_active() IS NOT NULL AS launched;
SELECT probe.try('SELECT start_active_c(probe.process(), ''same'')');
SELECT probe.try('SELECT start_active_c(probe.process(), ''other'')') <> '~' AS next;
SELECT step, status FROM probe.steps();
BEGIN; SELECT start_active_c(probe.process(), 'end'); SELECT step, status FROM probe.steps(); ROLLBACK;
SELECT start_active_c(probe.process(), 'close');
SELECT probe.state();
SELECT step, status FROM probe.steps();
SELECT bpt.drop_process('active', true);
SELECT * FROM probe.leftovers();
DROP SCHEMA csc CASCADE;
