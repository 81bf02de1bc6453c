-- What the extension does as its owner, or for whoever drops a schema, is not led astray by the caller's search_path.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_trapper;
CREATE ROLE regress_trapper;
GRANT bpt_publisher TO regress_trapper;
CREATE SCHEMA trap AUTHORIZATION regress_trapper;
CREATE SCHEMA victim;
\set VERBOSITY terse
SET ROLE regress_trapper;
-- An operator of the trapper's own in front of each of PostgreSQL's: it raises whoever runs it.
DO $$
DECLARE
  o record;
BEGIN
  FOR o IN SELECT oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result, row_number() OVER () AS n
           FROM pg_catalog.pg_operator
           WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' AND oprcode <> 0
             AND oprleft IN ('text'::regtype, 'name'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'oid'::regtype,
                             'bool'::regtype, 'timestamptz'::regtype, 'interval'::regtype, 'xid8'::regtype, 'anyarray'::regtype)
           UNION ALL VALUES ('=', 'oid'::regtype, 'regclass'::regtype, 'bool'::regtype, 0)
  LOOP
    EXECUTE format('CREATE FUNCTION trap.f%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION ''trapped: %%'', current_user; END$f$',
                   o.n, o.l, o.r, o.result);
    EXECUTE format('CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.f%s)', o.oprname, o.l, o.r, o.n);
  END LOOP;
END$$;
SELECT version FROM bpt.publish('PROCESS trap.hunt (n int) PUBLIC; START -> task; HUMAN task -> END;');
SET search_path = trap, pg_catalog;
SELECT 'a'::text = 'b'::text;
SELECT count(check_name) FROM bpt.health();
SELECT bpt.launch('trap.hunt', '{"n": 1}') IS NULL;
CALL bpt.run();
SELECT count(id) FROM bpt.api_get_activities('regress_trapper');
SELECT total, unseen FROM bpt.api_get_activity_pagination('regress_trapper');
SELECT bpt.api_mark_activities_as_seen('regress_trapper');
SELECT bpt.api_get_new_open_activity('regress_trapper', 1);
SELECT bpt.drop_process('trap.hunt', true);
RESET ROLE;
DROP SCHEMA victim;

SET search_path = public;
DROP SCHEMA trap CASCADE;
DROP SCHEMA IF EXISTS victim;
DROP ROLE regress_trapper;
