-- What publish and validate say of EXECUTE: unknown processes, inputs, types, rights; callers that would no longer fit; what is
-- executed cannot be dropped.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA execpub;
CREATE SCHEMA execother;
SET search_path = execpub, execother, public;
CREATE TABLE done (what text);

CREATE FUNCTION problems(definition text) RETURNS TABLE (code text, line int, col int, message text, hint text, sqlstate text) LANGUAGE sql
  AS 'SELECT code, line, col, message, hint, sqlstate FROM bpt.validate($1) WHERE severity = ''error''';

SELECT process FROM bpt.publish('PROCESS execother.child (order_id bigint, amount numeric NOT NULL, note text DEFAULT ''n'') RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');

SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS nobody -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS nowhere.child -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS execpub.child -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child (orderid => 1, amount => 'much', amount => 2) -> END;$$);
SELECT * FROM problems($$PROCESS p (x text);
START -> e;
EXECUTE e PROCESS child (order_id => x, amount => (SELECT nothing FROM pg_class), note => e.invoice)
  SET (y = 1)
  -> h;
HUMAN h DETAIL (e.invoices || e.expired || e.stamp || h2.x) -> END;$$);
-- An unknown process is one problem, not one for each name read from it.
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS nobody (a => 1) -> h; HUMAN h DETAIL ('d' || e.total) -> END;$$);
-- A syntax error in the process that is executed is no error of the one that executes.
SELECT * FROM problems($$PROCESS q (a int; START -> END; PROCESS p; START -> e; EXECUTE e PROCESS q (a => 1) -> h; HUMAN h DETAIL ('d' || e.total) -> END;$$);
-- Clauses that it does not have.
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child (order_id => 1, amount => 2) RETRY 3 TIMES -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child (order_id => 1, amount => 2) PROCESS child -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child (1, 2) -> END;$$);
SELECT * FROM problems($$PROCESS p; START -> e; EXECUTE e PROCESS child (order_id => 1, amount => 2) ON CLOSE DO (SELECT 1) -> END;$$);

-- psql shows the caret.
SELECT bpt.publish($$PROCESS p; START -> e;
EXECUTE e PROCESS child (order_id => 1, amoutn => 2) -> END;$$);
\echo :LAST_ERROR_SQLSTATE

-- The types that are passed are those of the inputs; where they cast by assignment they fit.
SELECT process FROM bpt.publish($$
PROCESS p (x int) RETURNS (at timestamptz); START -> e;
EXECUTE e WAS old_e PROCESS child (order_id => x, amount => (SELECT count(*) FROM done)) SET (at = e.stamp) -> h;
HUMAN h DETAIL (concat(e.invoice + 1, e.paid, e.terminated)) -> END;
$$);
SELECT * FROM bpt.validate();

-- A change that callers do not mind, and those that they do.
SELECT process, version FROM bpt.publish('PROCESS execother.child (order_id bigint, amount numeric NOT NULL, note varchar DEFAULT ''n'', more int DEFAULT 1) RETURNS (invoice bigint, paid bool, stamp timestamptz, again int); START -> END;');
SELECT * FROM bpt.validate();
SELECT bpt.launch('p', '{"x": 1}') > 0 AS launched;
SELECT name, data_type, output_value FROM bpt.activity_output WHERE activity_id = probe.activity('e') ORDER BY output_definition_id;
SELECT bpt.publish('PROCESS execother.child (order_id bigint, amount numeric NOT NULL, new int) RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');
\echo :LAST_ERROR_SQLSTATE
SELECT bpt.publish('PROCESS execother.child (order_id bigint) RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');
SELECT bpt.publish('PROCESS execother.child (order_id date, amount numeric) RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');
SELECT bpt.publish('PROCESS execother.child (order_id bigint, amount numeric) RETURNS (paid bool, stamp timestamptz); START -> END;');
SELECT bpt.publish('PROCESS execother.child (order_id bigint, amount numeric) RETURNS (invoice int, paid int[], stamp timestamptz); START -> END;');
SELECT code, message, hint FROM bpt.validate('PROCESS execother.child (order_id bigint) RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');
-- What was wrong with the caller before is not held against the change.
CREATE TABLE gone (x int);
SELECT process FROM bpt.publish('PROCESS also (y int); START -> e; EXECUTE e PROCESS child (order_id => y, amount => 1) -> a; AUTOMATIC a DO (SELECT gone.x FROM gone) -> END;');
DROP TABLE gone;
SELECT process, version FROM bpt.publish('PROCESS execother.child (order_id bigint, amount numeric NOT NULL, note text DEFAULT ''n'') RETURNS (invoice int, paid bool, stamp timestamptz); START -> END;');
SELECT process, code, message FROM bpt.validate();
SELECT bpt.drop_process('also');
-- In one text, in any order, it is no matter.
SELECT process, version FROM bpt.publish($$
PROCESS p (x int); START -> e; EXECUTE e PROCESS child (id => x) -> h; HUMAN h DETAIL (e.result) -> END;
PROCESS execother.child (id int) RETURNS (result text); START -> END;
$$);
-- Another process of the name nearer on the search_path: only a publish of the caller takes it.
SELECT process FROM bpt.publish('PROCESS execpub.child (id int) RETURNS (result text DEFAULT ''near''); START -> END;');
SELECT bpt.launch('p', '{"x": 1}') > 0 AS launched;
SELECT schema_name FROM bpt.process p JOIN bpt.process_definition d ON d.id = p.process_definition_id WHERE p.id = probe.process();
SELECT process, version, changed FROM bpt.publish('PROCESS p (x int); START -> e; EXECUTE e PROCESS child (id => x) -> h; HUMAN h DETAIL (e.result) -> END;');
SELECT bpt.launch('p', '{"x": 1}') > 0 AS launched;
SELECT schema_name FROM bpt.process p JOIN bpt.process_definition d ON d.id = p.process_definition_id WHERE p.id = probe.process();
SELECT detail FROM bpt.activity WHERE id = probe.activity('h');

-- A renamed process is still the one that is executed; the text of the caller is not rewritten.
SELECT process FROM bpt.publish('PROCESS offspring WAS child (id int) RETURNS (result text DEFAULT ''renamed''); START -> END;');
SELECT bpt.launch('p', '{"x": 1}') > 0 AS launched;
SELECT detail FROM bpt.activity WHERE id = probe.activity('h');
SELECT process, version FROM bpt.publish('PROCESS offspring (id int, more int DEFAULT 3) RETURNS (result text DEFAULT ''renamed''); START -> END;');
SELECT bpt.publish('PROCESS offspring (more int DEFAULT 3) RETURNS (result text DEFAULT ''renamed''); START -> END;');
SELECT process, code, message FROM bpt.validate();

-- Dropping.
SELECT bpt.drop_process('offspring');
\echo :LAST_ERROR_SQLSTATE
SELECT bpt.drop_process('offspring', true);
SELECT process FROM bpt.publish('PROCESS p (x int); START -> h; HUMAN h DETAIL (''h'') -> END;');
SELECT bpt.drop_process('offspring');
-- One that executes itself is nobody else's.
SELECT process FROM bpt.publish('PROCESS self; START -> e; EXECUTE e PROCESS self -> END;');
SELECT bpt.drop_process('self');
-- A running instance of a caller's older version meets a dropped process.
SELECT process FROM bpt.publish('PROCESS brief; START -> END; PROCESS q; START -> h; HUMAN h DETAIL (''h'') -> e; EXECUTE e PROCESS brief -> END;');
SELECT bpt.launch('q') > 0 AS launched;
SELECT process FROM bpt.publish('PROCESS q; START -> h; HUMAN h DETAIL (''h'') -> END;');
SELECT bpt.drop_process('brief');
SELECT bpt.activity_close(probe.activity('h'));
SELECT a.name, a.status, e.phase, e.sqlstate, e.message, e.next_run - e.instant AS again FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id;
SELECT bpt.process_terminate(probe.process());

-- Rights: the owner of the caller needs the right to launch, at publish and later; the child runs as its own owner.
CREATE ROLE regress_execute_caller IN ROLE bpt_publisher;
CREATE ROLE regress_execute_owner IN ROLE bpt_publisher;
GRANT CREATE, USAGE ON SCHEMA execpub TO regress_execute_caller, regress_execute_owner;
SET SESSION AUTHORIZATION regress_execute_owner;
SET search_path = execpub;
SELECT process FROM bpt.publish('PROCESS served (n int) RETURNS (who text); START -> a; AUTOMATIC a DO (SELECT current_user::text AS me) SET (who = a.me) -> END;');
SET SESSION AUTHORIZATION regress_execute_caller;
SET search_path = execpub;
SELECT bpt.publish('PROCESS serving; START -> e; EXECUTE e PROCESS served (n => 1) -> h; HUMAN h DETAIL (e.who || current_user) -> END;');
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_execute_owner;
GRANT EXECUTE ON FUNCTION launch_served TO regress_execute_caller;
SET SESSION AUTHORIZATION regress_execute_caller;
SELECT process FROM bpt.publish('PROCESS serving; START -> e; EXECUTE e PROCESS served (n => 1) -> h; HUMAN h DETAIL (e.who || '' for '' || current_user) -> END;');
SELECT bpt.launch('serving') > 0 AS launched;
RESET SESSION AUTHORIZATION;
SET search_path = execpub, execother, public;
CALL bpt.run();
SELECT detail FROM bpt.activity WHERE id = probe.activity('h');
REVOKE EXECUTE ON FUNCTION launch_served FROM regress_execute_caller;
SELECT bpt.launch('serving') > 0 AS launched;
SELECT a.status, e.sqlstate, e.message, e.hint FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id WHERE a.id = probe.activity('e');
-- PUBLIC gives it to all.
SET SESSION AUTHORIZATION regress_execute_owner;
SELECT process FROM bpt.publish('PROCESS served (n int) PUBLIC RETURNS (who text); START -> a; AUTOMATIC a DO (SELECT current_user::text AS me) SET (who = a.me) -> END;');
RESET SESSION AUTHORIZATION;
SET bpt.clock = '2026-03-02 09:00:01+00';
CALL bpt.run();
SELECT a.status, a.error_count, d.detail FROM bpt.activity a JOIN bpt.activity d ON d.process_id = a.process_id AND d.name = 'h' WHERE a.id = probe.activity('e');
-- Workers do the steps of each owner as that one: a start, and the way back, are items of their own.
SET SESSION AUTHORIZATION regress_execute_caller;
SELECT process FROM bpt.publish('PROCESS late; START -> w; AUTOMATIC w DO (SELECT 1 AS one) -> e; EXECUTE e PROCESS served (n => w.one) -> f; EXECUTE f PROCESS served (n => 2) -> h; HUMAN h DETAIL (e.who || f.who) -> END;');
SELECT bpt.launch('late') > 0 AS launched;
RESET SESSION AUTHORIZATION;
CALL bpt.run();
SELECT * FROM probe.steps((SELECT max(id) FROM bpt.process WHERE name = 'late'));
SELECT detail FROM bpt.activity WHERE id = probe.activity('h');
SELECT * FROM probe.leftovers() WHERE what <> 'offer';

DROP SCHEMA execpub CASCADE;
DROP SCHEMA execother CASCADE;
DROP OWNED BY regress_execute_caller, regress_execute_owner;
DROP ROLE regress_execute_caller, regress_execute_owner;
