-- Tasks for groups: GROUP, activity_set_group, groups together with users and roles.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_owner, regress_clerk, regress_north, regress_south, regress_anna, regress_bob, regress_carl;
CREATE ROLE regress_owner;
CREATE ROLE regress_clerk;
CREATE ROLE regress_north;
CREATE ROLE regress_south;
CREATE ROLE regress_anna IN ROLE regress_clerk, regress_north;
CREATE ROLE regress_bob IN ROLE regress_clerk, regress_south;
CREATE ROLE regress_carl IN ROLE regress_north;
GRANT bpt_publisher TO regress_owner;
CREATE SCHEMA grp AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA grp TO PUBLIC;
SET search_path = grp;
SET ROLE regress_owner;
SELECT probe.try($$SELECT bpt.publish('PROCESS p; START -> a; HUMAN a DETAIL ''x'' GROUP (nobody) -> END;')$$);
SELECT probe.try($$SELECT bpt.publish('PROCESS p; START -> a; HUMAN a DETAIL ''x'' GROUP (SELECT 1, 2) -> END;')$$);
SELECT version FROM bpt.publish($bpt$
PROCESS p (region text, who text DEFAULT NULL) PUBLIC DETAIL (region);
START -> plain, role, user;
HUMAN plain GROUP (region) -> END;
HUMAN role ROLE regress_clerk GROUP ('regress_' || substr(region, 9)) -> END;
HUMAN user USER (who) GROUP (region) -> END;
$bpt$);
SELECT launch_p('regress_north') > 0 AS launched;
CREATE FUNCTION box() RETURNS TABLE (who name, tasks text) LANGUAGE plpgsql AS $$
BEGIN
  FOR who IN SELECT unnest('{regress_anna,regress_bob,regress_carl,regress_owner}'::name[]) LOOP
    EXECUTE format('SET LOCAL ROLE %I', who);
    SELECT string_agg(name || COALESCE(' of ' || group_id, '') || CASE WHEN is_opened THEN '*' ELSE '' END, ', ' ORDER BY activity_id) INTO tasks FROM bpt.taskbox;
    RETURN NEXT;
  END LOOP;
END $$;
RESET ROLE;
SELECT * FROM box();
SELECT name, user_id, group_id FROM bpt.activity ORDER BY id;
SELECT w.name, w.waiting_for FROM bpt.process p, bpt.waiting_for(p.id) w ORDER BY w.activity_id;
-- What is offered can be taken, and only that.
SET ROLE regress_bob;
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity(name) || ')') FROM unnest('{plain,role,user}'::text[]) name;
SET ROLE regress_carl;
SELECT probe.try('SELECT bpt.activity_open(' || probe.activity(name) || ')') FROM unnest('{plain,role,user}'::text[]) name;
RESET ROLE;
SELECT * FROM box();
-- A role is not a group.
SELECT bpt.human_activity_check_role(probe.activity('role'), u) FROM unnest('{regress_anna,regress_bob,regress_carl}'::text[]) u;
-- The group changes: who has opened it and is no member gives it back.
SET ROLE regress_anna;
SELECT probe.try('SELECT bpt.activity_set_group(' || probe.activity('role') || ', ''regress_south'')');
SELECT probe.try('SELECT bpt.activity_set_group(NULL, ''regress_south'')');
SELECT probe.try('SELECT bpt.activity_set_group(-3, ''regress_south'')');
SET ROLE regress_owner;
SELECT bpt.activity_set_group(probe.activity('plain'), 'regress_south');
SELECT bpt.activity_set_group(probe.activity('role'), 'regress_south');
SELECT name, status, opened_by, group_id FROM bpt.activity ORDER BY id;
RESET ROLE;
SELECT * FROM box();
-- Without one it is for all again; a group that does not exist has no members.
SELECT bpt.activity_set_group(probe.activity('plain'), NULL);
SELECT bpt.activity_set_group(probe.activity('role'), NULL);
SELECT bpt.activity_set_group(probe.activity('user'), 'no such group');
SELECT * FROM box();
-- Assigned to one who is not of the group: nobody's.
SELECT bpt.activity_set_group(probe.activity('plain'), 'regress_south');
SELECT bpt.human_activity_assign_to_user(probe.activity('plain'), 'regress_anna');
SELECT * FROM box();
SELECT bpt.human_activity_assign_to_user(probe.activity('plain'), 'regress_bob');
SELECT * FROM box();
-- Membership counts as it is now.
GRANT regress_north TO regress_bob;
SELECT bpt.activity_set_group(probe.activity('role'), 'regress_north');
SELECT * FROM box();
-- A user of the application who is no role, and so in no group, sees what is for this user alone.
SELECT launch_p('no such group', 'regress_nobody@example.org') > 0 AS launched;
SELECT bpt.activity_set_group(probe.activity('user'), NULL);
SET bpt.user_id = 'regress_nobody@example.org';
SELECT name, user_id FROM bpt.taskbox;
SELECT bpt.activity_open(probe.activity('user')) IS NULL AS has_no_url;
SELECT name, user_id, is_opened FROM bpt.taskbox;
RESET bpt.user_id;
-- The next task is the caller's only if they are of its group.
SET ROLE regress_owner;
SELECT version FROM bpt.publish($bpt$
PROCESS q (region text) PUBLIC DETAIL (region);
START -> first;
HUMAN first -> second;
HUMAN second GROUP (region) -> END;
$bpt$);
SELECT launch_q('regress_south') > 0 AS launched;
SET ROLE regress_carl;
SELECT bpt.activity_close(probe.activity('first'));
RESET ROLE;
SELECT launch_q('regress_north') > 0 AS launched;
SET ROLE regress_carl;
SELECT bpt.activity_close(probe.activity('first')) = probe.activity('second') AS has_next;
RESET ROLE;
SELECT probe.try('SELECT bpt.activity_set_group(' || probe.activity('first') || ', NULL)');
SELECT count(bpt.drop_process('grp.' || name, true)) FROM unnest('{p,q}'::text[]) name;
SELECT * FROM probe.leftovers();
DROP SCHEMA grp, probe CASCADE;
DROP OWNED BY regress_owner;
DROP ROLE regress_owner, regress_clerk, regress_north, regress_south, regress_anna, regress_bob, regress_carl;
