-- VISIBLE TO: members of its roles see the definition and its instances, and may do no more than before.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_audit, regress_boss, regress_anna, regress_bob, regress_app;
CREATE ROLE regress_owner;
CREATE ROLE regress_audit;
CREATE ROLE regress_boss;
CREATE ROLE regress_anna IN ROLE regress_audit;
CREATE ROLE regress_bob;
GRANT bpt_publisher TO regress_owner;
CREATE SCHEMA vis AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA vis TO PUBLIC;
SET search_path = vis;
SET ROLE regress_owner;
SELECT probe.try($$SELECT bpt.publish('PROCESS p VISIBLE TO regress_audit, "no such role", nor_this; START -> END;')$$);
SELECT probe.try($$SELECT bpt.publish('PROCESS p VISIBLE TO; START -> END;')$$);
SELECT version FROM bpt.publish($bpt$
PROCESS p (n int) RETURNS (r int DEFAULT 5) DETAIL ('p ' || n) VISIBLE TO regress_audit, regress_boss;
START -> work, task;
AUTOMATIC work DO (SELECT 1 / n AS one) -> END;
HUMAN task ROLE regress_boss -> END;
$bpt$);
SELECT version FROM bpt.publish($bpt$PROCESS other DETAIL ('other'); START -> a; HUMAN a ROLE regress_boss -> END;$bpt$);
SELECT launch_p(0) > 0 AS launched, launch_other() > 0 AS other;
RESET ROLE;
CALL bpt.run();
CREATE FUNCTION seen() RETURNS TABLE (who name, seen text) LANGUAGE plpgsql AS $$
BEGIN
  FOR who IN SELECT unnest('{regress_owner,regress_anna,regress_bob}'::name[]) LOOP
    EXECUTE format('SET LOCAL ROLE %I', who);
    SELECT concat_ws(' ', 'definitions', (SELECT string_agg(name, ',' ORDER BY name) FROM bpt.process_definition WHERE schema_name = 'vis'), 'instances', (SELECT string_agg(name, ',' ORDER BY name) FROM bpt.process),
      'activities', (SELECT string_agg(name, ',' ORDER BY id) FROM bpt.activity), 'errors', (SELECT count(*) FROM bpt.error_log), 'values', (SELECT count(*) FROM bpt.process_input) + (SELECT count(*) FROM bpt.process_output),
      'outputs', (SELECT count(*) FROM bpt.activity_output), 'tasks', (SELECT count(*) FROM bpt.taskbox)) INTO seen;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT * FROM seen();
-- Seeing is not doing.
SET ROLE regress_anna;
SELECT bpt.definition('p') ~ 'VISIBLE TO' AS definition;
SELECT count(*) FROM bpt.validate();
SELECT probe.try('SELECT bpt.launch(''p'', ''{"n": 1}'')');
SELECT probe.try('SELECT bpt.process_suspend(' || id || ')') FROM bpt.process;
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity('task') || ')');
SELECT probe.try('SELECT bpt.activity_skip(' || probe.activity('work') || ')');
SELECT probe.try('SELECT bpt.drop_process(''p'', true)');
SET ROLE regress_bob;
SELECT probe.try('SELECT bpt.definition(''p'')');
SELECT probe.try('SELECT bpt.process_suspend(' || probe.process() || ')');
-- A membership counts as it is now; a new version says anew who sees it.
RESET ROLE;
GRANT regress_boss TO regress_bob;
REVOKE regress_audit FROM regress_anna;
SELECT * FROM seen();
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS p (n int) RETURNS (r int DEFAULT 5) DETAIL ('p ' || n);
START -> work, task;
AUTOMATIC work DO (SELECT 1 / n AS one) -> END;
HUMAN task ROLE regress_boss -> END;
$bpt$);
RESET ROLE;
SELECT * FROM seen();
-- A role that is gone shows it to nobody.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$PROCESS p (n int) DETAIL ('p ' || n) VISIBLE TO regress_audit; START -> a; HUMAN a -> END;$bpt$);
RESET ROLE;
DROP ROLE regress_audit;
SELECT * FROM seen();
SELECT count(bpt.drop_process('vis.' || name, true)) FROM unnest('{p,other}'::text[]) name;
DROP SCHEMA vis, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_boss, regress_anna, regress_bob;
