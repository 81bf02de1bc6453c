-- The user provider: functions that tell who acts, and the roles and groups of users.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_app, regress_clerk, regress_boss, regress_other, regress_adm;
CREATE ROLE regress_owner;
CREATE ROLE regress_app;
CREATE ROLE regress_other;
CREATE ROLE regress_clerk;
CREATE ROLE regress_boss;
CREATE ROLE regress_adm IN ROLE bpt_admin;
GRANT bpt_publisher TO regress_owner;
CREATE SCHEMA prov AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA prov TO PUBLIC;
SET search_path = prov;
SET ROLE regress_owner;
CREATE TABLE member (user_id text, role text, grp text);
INSERT INTO member VALUES ('maria', 'regress_clerk', 'north'), ('jose', 'regress_boss', 'south'), ('ana', NULL, NULL);
CREATE FUNCTION acting() RETURNS text STABLE LANGUAGE sql RETURN NULLIF(current_setting('my.claims', true), '')::jsonb ->> 'sub';
CREATE FUNCTION roles(u text) RETURNS text[] STABLE SECURITY DEFINER LANGUAGE sql BEGIN ATOMIC SELECT array_agg(role) FROM member WHERE user_id = u; END;
CREATE FUNCTION groups(u text) RETURNS text[] STABLE SECURITY DEFINER LANGUAGE sql BEGIN ATOMIC SELECT array_agg(grp) FROM member WHERE user_id = u; END;
CREATE FUNCTION wrong(u text) RETURNS int LANGUAGE sql RETURN 1;
CREATE FUNCTION hidden() RETURNS text LANGUAGE sql RETURN 'x';
REVOKE ALL ON FUNCTION hidden() FROM PUBLIC;
SELECT version FROM bpt.publish($bpt$
PROCESS p PUBLIC DETAIL ('p') VISIBLE TO regress_boss;
START -> clerk, boss, north, maria, both, all;
HUMAN clerk ROLE regress_clerk -> END;
HUMAN boss ROLE regress_boss -> END;
HUMAN north GROUP ('north') -> END;
HUMAN maria USER ('maria') -> END;
HUMAN both ROLE regress_boss GROUP ('north') -> END;
HUMAN all -> END;
$bpt$);
SELECT launch_p() > 0 AS launched;
-- Who may set it, and to what.
SELECT probe.try('SET LOCAL bpt.user_provider = ''prov.acting''');
SET ROLE regress_adm;
SELECT probe.try('SET LOCAL bpt.user_provider = ''acting''');
SELECT probe.try('SET LOCAL bpt.user_provider = ''prov.acting, roles''');
SELECT probe.try('SET LOCAL bpt.user_provider = ''prov.a, prov.b, prov.c, prov.d''');
SET bpt.user_provider = 'prov.acting, prov.roles, prov.groups';
RESET ROLE;
-- Users of the application, who are no roles.
SET ROLE regress_app;
SET my.claims = '{"sub": "maria"}';
SELECT bpt.user_id(), string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity(name) || ')') FROM unnest('{clerk,boss,north,both}'::text[]) name;
SELECT count(*) FROM bpt.process;
SET my.claims = '{"sub": "jose"}';
SELECT bpt.user_id(), string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity(name) || ')') FROM unnest('{clerk,boss,north,both}'::text[]) name;
SELECT count(*) FROM bpt.process;
SELECT probe.try($$SELECT bpt.human_activity_check_role(probe.activity('boss'), 'maria')$$);
SELECT probe.try('SELECT bpt.process_suspend(' || id || ')') FROM bpt.process;
SET my.claims = '{"sub": "ana"}';
SELECT bpt.user_id(), string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
-- Nobody named: the role.
SET my.claims = '';
SELECT bpt.user_id(), string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
RESET ROLE;
SELECT name, opened_by FROM bpt.activity WHERE opened_by IS NOT NULL ORDER BY id;
-- The roles of PostgreSQL do not count where the provider has functions for them, and do where it has none.
GRANT regress_clerk TO regress_other;
SET ROLE regress_other;
SELECT string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
RESET ROLE;
SELECT bpt.activity_reset(id, true) FROM bpt.activity WHERE status = 'opened' ORDER BY id;
SET bpt.user_provider = 'prov.acting';
SET ROLE regress_other;
SELECT string_agg(name, ',' ORDER BY activity_id) FROM bpt.taskbox;
RESET ROLE;
-- Functions that are not there, not as they should be, or not the caller's to call.
SET bpt.user_provider = 'prov.nothing';
SELECT probe.try('SELECT bpt.user_id()');
SET bpt.user_provider = ', prov.wrong';
SELECT probe.try('SELECT count(*) FROM bpt.taskbox');
SET bpt.user_provider = 'prov.hidden';
SET ROLE regress_app;
SELECT probe.try('SELECT bpt.user_id()');
RESET ROLE;
RESET bpt.user_provider;
SELECT bpt.drop_process('prov.p', true);
DROP SCHEMA prov, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_app, regress_other, regress_clerk, regress_boss, regress_adm;
