-- Waits and tasks that events close: several clauses, WITH, keys, OR ALREADY, chains of waits, events of one transaction, ends by
-- hand and by skip, and what ends with the process.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA waits;
SET search_path = waits;
CREATE TABLE bill (id int PRIMARY KEY, customer int, state text NOT NULL DEFAULT 'new', amount int);
CREATE TABLE mail (customer int, n int, body text, PRIMARY KEY (customer, n));
INSERT INTO bill VALUES (1, 10, 'new', 100), (2, 10, 'new', 200), (3, 20, 'new', 300);

-- Several clauses: any of them; AS gives the key, WITH the values; without them the default, else NULL.
SELECT version FROM bpt.publish($bpt$
PROCESS several (customer int, tag text) DETAIL (tag);
START -> hold;
WAIT hold
  INPUT (how text DEFAULT 'by default', amount int DEFAULT NULL)
  CLOSE ON UPDATE OF bill (state) AS which WHERE (bill.customer = process.customer AND state = 'paid') WITH (how => 'paid from ' || old.state, amount => amount)
  CLOSE ON INSERT INTO mail WHERE (mail.customer = process.customer AND body LIKE '%sorry%') WITH (how => body)
  CLOSE ON UPDATE OF bill AS other WHERE (bill.customer = process.customer AND state = 'void')
  TIMEOUT (interval '1 day')
  ALLOW SKIP
  -> after;
AUTOMATIC after DO (SELECT hold.which AS which, hold.other AS other, hold.how AS how, hold.amount AS amount, hold.expired AS expired, hold.skipped AS skipped, hold.closed_instant::time AS at) -> END;
$bpt$);
SELECT count(launch_several(10, t)) FROM unnest('{paid,mail,void,timeout,skip,hand}'::text[]) t;
CREATE FUNCTION probe.left(VARIADIC keep text[]) RETURNS void LANGUAGE sql AS $$ SELECT bpt.process_terminate(id) FROM bpt.process WHERE name = 'several' AND status = 'active' AND label <> ALL (keep) $$;
CREATE FUNCTION probe.only(what text) RETURNS TABLE (step text, status text, outputs text) LANGUAGE sql AS $$
  SELECT s.step, s.status, s.outputs FROM bpt.process p, probe.steps(p.id) s WHERE p.label = what AND p.status <> 'terminated' $$;
BEGIN; SELECT probe.left('paid'); UPDATE bill SET state = 'sent' WHERE id = 2; UPDATE bill SET state = 'paid' WHERE id = 2; UPDATE bill SET state = 'paid' WHERE id = 1; CALL bpt.run(); SELECT * FROM probe.only('paid'); ROLLBACK;
BEGIN; SELECT probe.left('mail'); INSERT INTO mail VALUES (10, 1, 'hello'), (20, 1, 'sorry'), (10, 2, 'so sorry'), (10, 3, 'very sorry'); CALL bpt.run(); SELECT * FROM probe.only('mail'); ROLLBACK;
BEGIN; SELECT probe.left('void'); UPDATE bill SET state = 'void'; CALL bpt.run(); SELECT * FROM probe.only('void'); ROLLBACK;
BEGIN; SELECT probe.left('timeout'); UPDATE bill SET amount = 0; CALL bpt.run('2026-03-04'); SELECT * FROM probe.only('timeout'); ROLLBACK;
BEGIN; SELECT probe.left('skip'); SELECT bpt.activity_skip(id) FROM bpt.activity WHERE status = 'listening'; CALL bpt.run(); SELECT * FROM probe.only('skip'); ROLLBACK;
BEGIN; SELECT probe.left('hand'); SELECT bpt.activity_close(id, '{"amount": 7, "which": 3}') FROM bpt.activity WHERE status = 'listening'; CALL bpt.run(); SELECT * FROM probe.only('hand'); ROLLBACK;
-- One event ends all six; nothing is left that waits.
UPDATE bill SET state = 'paid' WHERE id = 1;
CALL bpt.run();
SELECT label, status FROM bpt.process ORDER BY id;
SELECT * FROM probe.leftovers();

-- OR ALREADY looks at the table, and gives what WITH says; without it what happened before is not seen.
UPDATE bill SET state = 'new';
SELECT version FROM bpt.publish($bpt$
PROCESS already (bill int) DETAIL ('already');
START -> task, sure, unsure;
HUMAN task CLOSE ON UPDATE OF bill AS which WHERE (id = process.bill AND state = 'paid') OR ALREADY -> END;
WAIT sure INPUT (how text DEFAULT NULL) CLOSE ON UPDATE OF bill WHERE (id = process.bill AND state = 'paid') OR ALREADY WITH (how => state || ' ' || amount) ON CLOSE DO (SELECT 1) -> END;
WAIT unsure CLOSE ON UPDATE OF bill WHERE (id = process.bill AND state = 'paid') -> END;
$bpt$);
SELECT launch_already(1) IS NOT NULL AS launched;
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();
UPDATE bill SET state = 'paid' WHERE id = 1;
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();
SELECT launch_already(1) IS NOT NULL AS launched;
SELECT step, status, outputs FROM probe.steps();
CALL bpt.run();
SELECT step, status FROM probe.steps();
UPDATE bill SET state = 'paid' WHERE id = 1;
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT closed_by, opened_by FROM bpt.activity WHERE id = probe.activity('task');

-- A chain of waits takes one event each, in order, however many have come before the work is done; but what an automatic activity in
-- between could see does not reach what waits behind it.
UPDATE bill SET state = 'new';
SELECT version FROM bpt.publish($bpt$
PROCESS chain (bill int) DETAIL ('chain');
START -> a, w;
WAIT a INPUT (s text DEFAULT NULL) CLOSE ON UPDATE OF bill WHERE (id = process.bill) WITH (s => new.state) -> b;
WAIT b INPUT (s text DEFAULT NULL) CLOSE ON UPDATE OF bill WHERE (id = process.bill) WITH (s => new.state) -> c;
WAIT c INPUT (s text DEFAULT NULL) CLOSE ON UPDATE OF bill WHERE (id = process.bill) WITH (s => new.state) -> END;
WAIT w CLOSE ON UPDATE OF bill WHERE (id = process.bill) -> x;
AUTOMATIC x DO (SELECT state AS s FROM bill WHERE id = process.bill) -> y;
WAIT y CLOSE ON UPDATE OF bill WHERE (id = process.bill) -> END;
$bpt$);
SELECT launch_chain(1) IS NOT NULL AS launched;
UPDATE bill SET state = 'one' WHERE id = 1;
UPDATE bill SET state = 'two' WHERE id = 1;
BEGIN; UPDATE bill SET state = 'three' WHERE id = 1; UPDATE bill SET state = 'four' WHERE id = 1; COMMIT;
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();
SELECT bpt.process_terminate(id) FROM bpt.process WHERE status = 'active';

-- Within one transaction the order of statements decides.
SELECT version FROM bpt.publish($bpt$
PROCESS ordered (bill int) DETAIL ('ordered'); START -> a; WAIT a INPUT (s text DEFAULT NULL) CLOSE ON UPDATE OF bill WHERE (id = process.bill) WITH (s => new.state) -> END;
$bpt$);
BEGIN;
UPDATE bill SET state = 'before' WHERE id = 1;
SELECT launch_ordered(1) IS NOT NULL AS launched;
UPDATE bill SET state = 'after' WHERE id = 1;
COMMIT;
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();
BEGIN;
SELECT launch_ordered(1) IS NOT NULL AS launched;
SAVEPOINT s;
UPDATE bill SET state = 'rolled back' WHERE id = 1;
ROLLBACK TO s;
UPDATE bill SET state = 'kept' WHERE id = 1;
COMMIT;
CALL bpt.run();
SELECT step, status, outputs FROM probe.steps();

-- An opened task that an event closes is closed for its user; ON CLOSE sees nobody.
SELECT version FROM bpt.publish($bpt$
PROCESS taken (bill int) DETAIL ('taken'); START -> a;
HUMAN a INPUT (x int) CLOSE ON UPDATE OF bill WHERE (id = process.bill) ON CLOSE CHECK (closed_by IS NULL OR x > 0) MESSAGE 'x' -> END;
$bpt$);
SELECT launch_taken(2) IS NOT NULL AS launched;
SELECT bpt.activity_open(probe.activity('a'));
UPDATE bill SET state = 'x' WHERE id = 2;
CALL bpt.run();
SELECT probe.try('SELECT bpt.activity_close(probe.activity(''a''), ''{"x": 1}'')');
SELECT status, opened_by, closed_by FROM bpt.activity WHERE id = probe.activity('a');
SELECT count(*) AS errors FROM bpt.error_log;

SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name;
SELECT * FROM probe.leftovers();
DROP SCHEMA waits CASCADE;
