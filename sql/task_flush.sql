-- human_activity_flush_pending_events(): a task handles its events at once, those of the caller's transaction too; what it has
-- handled nobody handles again, what it has not is not lost.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA flush;
SET search_path = flush;
CREATE ROLE regress_clerk;
CREATE ROLE regress_stranger;
GRANT USAGE ON SCHEMA flush TO regress_clerk, regress_stranger;
CREATE TABLE mode (how text);
INSERT INTO mode VALUES ('yes');
CREATE FUNCTION guard() RETURNS boolean STABLE LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT how FROM mode) = 'fail' THEN
    RAISE 'the guard fell asleep' USING ERRCODE = 'P0002';
  END IF;
  RETURN (SELECT how FROM mode) = 'yes';
END $$;
CREATE TABLE invoice (id int PRIMARY KEY, state text, amount int);
INSERT INTO invoice SELECT n, 'new', 10 FROM generate_series(1, 9) n;
SELECT version FROM bpt.publish($bpt$
PROCESS approval (invoice_id int) DETAIL ('Invoice ' || invoice_id);
START -> approve, note;
HUMAN approve ROLE regress_clerk INPUT (by_state text DEFAULT 'by hand')
  CLOSE ON UPDATE OF invoice (state) WHERE (id = invoice_id AND state <> 'new') WITH (by_state => new.state)
  CLOSE ON UPDATE OF invoice (amount) WHERE (id = invoice_id AND guard())
  ON CLOSE CHECK (guard()) MESSAGE ('not by ' || approve.by_state)
  -> again;
HUMAN again CLOSE ON UPDATE OF invoice (state) WHERE (id = invoice_id) -> END;
WAIT note CLOSE ON UPDATE OF invoice (state) WHERE (id = invoice_id AND state = 'noted') -> END;
$bpt$);
CREATE FUNCTION state() RETURNS TABLE (name text, status text, closed_by text, refusals int, last_refusal text, errors int, by_state text) LANGUAGE sql AS $$
  SELECT a.name, a.status, a.closed_by, a.refusals, a.last_refusal, a.error_count,
         (SELECT o.output_value FROM bpt.activity_output o WHERE o.activity_id = a.id)
  FROM bpt.activity a WHERE a.process_id = probe.process() ORDER BY a.id
$$;
CREATE FUNCTION queues() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
  SELECT 'events ' || (SELECT count(*) FROM bpt.queue_event) || ', deliveries ' || (SELECT count(*) FROM bpt.queue_delivery)
$$;

-- Nothing is pending.
SELECT launch_approval(1) > 0 AS launched;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
-- An event of this very transaction closes the task, and the process goes on at once. What came before the next task began
-- is not for that one; the wait beside it has its event later.
BEGIN;
UPDATE invoice SET state = 'noted' WHERE id = 1;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
SELECT bpt.human_activity_flush_pending_events(probe.activity('again'));
COMMIT;
SELECT queues();
CALL bpt.run();
SELECT * FROM state();
SELECT queues();
-- A later event of the same transaction, and of a later one, still reaches it.
UPDATE invoice SET state = 'paid' WHERE id = 1;
SELECT bpt.human_activity_flush_pending_events(probe.activity('again'));
SELECT probe.state();
CALL bpt.run();
SELECT * FROM probe.leftovers();

-- Rolled back, all is as it was: the event too, which a worker handles.
SELECT launch_approval(2) > 0 AS launched;
UPDATE invoice SET state = 'paid' WHERE id = 2;
BEGIN;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
ROLLBACK TO s;
SELECT * FROM state();
COMMIT;
CALL bpt.run();
SELECT * FROM state();

-- Events are handled in order: the first is refused, the second too, the third fails and is tried again. Each is handled once.
SELECT launch_approval(3) > 0 AS launched;
UPDATE mode SET how = 'no';
UPDATE invoice SET state = 'a' WHERE id = 3;
BEGIN;
UPDATE invoice SET state = 'b' WHERE id = 3;
UPDATE invoice SET amount = 11 WHERE id = 3;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
UPDATE mode SET how = 'fail';
UPDATE invoice SET state = 'c' WHERE id = 3;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
COMMIT;
CALL bpt.run();
SELECT * FROM state();
SELECT queues();
-- What failed is pending too.
UPDATE mode SET how = 'no';
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
SELECT queues();
UPDATE mode SET how = 'fail';
UPDATE invoice SET state = 'd' WHERE id = 3;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
SELECT phase, attempt, message FROM bpt.error_log WHERE process_id = probe.process() ORDER BY id;
UPDATE mode SET how = 'yes';
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
CALL bpt.run();
SELECT * FROM state();

-- A condition that fails, and then does not hold: nothing is left in error.
SELECT launch_approval(4) > 0 AS launched;
UPDATE mode SET how = 'fail';
UPDATE invoice SET amount = 11 WHERE id = 4;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
UPDATE mode SET how = 'no';
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
UPDATE mode SET how = 'fail';
UPDATE invoice SET amount = 12 WHERE id = 4;
CALL bpt.run();
SELECT * FROM state();
UPDATE mode SET how = 'no';
CALL bpt.run('2026-03-02 09:05:00+00');
SELECT * FROM state();
SELECT queues();
UPDATE mode SET how = 'yes';

-- One event for many tasks: it is handled for this one, the others have it from a worker.
SELECT count(launch_approval(5)) FROM generate_series(1, 3);
UPDATE invoice SET state = 'paid' WHERE id = 5;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT a.status, count(*) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'Invoice 5' AND a.name = 'approve' GROUP BY 1 ORDER BY 1;
CALL bpt.run();
SELECT a.name, a.status, count(*) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'Invoice 5' AND a.kind = 'human' GROUP BY 1, 2 ORDER BY 1, 2;

-- Before and after a worker's work in the same transaction.
BEGIN;
SELECT launch_approval(6) > 0 AS launched;
UPDATE mode SET how = 'no';
UPDATE invoice SET state = 'a' WHERE id = 6;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
CALL bpt.run();
UPDATE invoice SET state = 'b' WHERE id = 6;
CALL bpt.run();
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
SELECT * FROM state();
UPDATE mode SET how = 'yes';
COMMIT;

-- Who may: those who may see the task. What is refused changes nothing.
UPDATE invoice SET state = 'c' WHERE id = 6;
SELECT probe.fingerprint() AS before \gset
SET ROLE regress_stranger;
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(probe.activity(''approve''))');
RESET ROLE;
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(NULL)');
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(-1)');
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(probe.activity(''note''))');
SELECT probe.fingerprint() = :'before' AS unchanged;
SELECT bpt.process_suspend(probe.process());
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(probe.activity(''approve''))');
CALL bpt.run();
SELECT queues();
SELECT bpt.process_resume(probe.process());
SET ROLE regress_clerk;
SELECT bpt.human_activity_flush_pending_events(probe.activity('approve'));
RESET ROLE;
SELECT * FROM state();
SELECT probe.try('SELECT bpt.human_activity_flush_pending_events(probe.activity(''approve''))');
CALL bpt.run();
SELECT * FROM state();

-- A task that is not ready yet hears nothing; a callback may not flush the task that it is about.
SELECT version FROM bpt.publish($bpt$
PROCESS late (invoice_id int) DETAIL ('late'); START -> asleep; HUMAN asleep START DATE (interval '1 day') CLOSE ON UPDATE OF invoice WHERE (id = invoice_id) -> END;
PROCESS inward (invoice_id int) DETAIL ('inward'); START -> self; HUMAN self CLOSE ON UPDATE OF invoice WHERE (id = invoice_id)
  ON CLOSE DO (SELECT bpt.human_activity_flush_pending_events(bpt.activity_id())) -> END;
$bpt$);
SELECT launch_late(7) > 0 AS launched;
UPDATE invoice SET amount = 1 WHERE id = 7;
SELECT bpt.human_activity_flush_pending_events(probe.activity('asleep'));
SELECT launch_inward(8) > 0 AS launched;
UPDATE invoice SET amount = 1 WHERE id = 8;
SELECT bpt.human_activity_flush_pending_events(probe.activity('self'));
SELECT status, error_count FROM bpt.activity WHERE id = probe.activity('self');
SELECT phase, sqlstate, regexp_replace(message, '\d+', 'N') AS message FROM bpt.error_log WHERE process_id = probe.process();

SELECT bpt.drop_process('approval', true), bpt.drop_process('late', true), bpt.drop_process('inward', true);
DROP SCHEMA flush CASCADE;
DROP ROLE regress_clerk, regress_stranger;
