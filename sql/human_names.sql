-- Nobody has an empty name: USER and GROUP, by literal and by expression, and the actions that set them.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA names;
SET search_path = names;
\set VERBOSITY default
SELECT bpt.publish($$PROCESS p DETAIL ('p'); START -> a; HUMAN a USER ('') -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL ('p'); START -> a; HUMAN a USER '' GROUP ( '' ) -> END;$$);
\set VERBOSITY terse
SELECT code, line, col, message, hint FROM bpt.validate($$PROCESS p DETAIL ('p'); START -> a; HUMAN a GROUP ('') -> END;$$);

-- An expression: the task is in error until it gives a name, or nobody's.
CREATE TABLE boss (who text, grp text);
INSERT INTO boss VALUES ('', NULL);
SELECT process FROM bpt.publish($$PROCESS p DETAIL ('p'); START -> a; HUMAN a USER (SELECT who FROM boss) GROUP (SELECT grp FROM boss) -> END;$$);
SELECT launch_p() > 0 AS launched;
SELECT status, user_id, group_id, error_count FROM bpt.activity;
SELECT phase, sqlstate, message, hint FROM bpt.error_log;
SELECT activity_id FROM bpt.taskbox;
UPDATE boss SET who = NULL, grp = '';
SELECT bpt.activity_retry(probe.activity('a'));
CALL bpt.run();
SELECT phase, sqlstate, message, hint FROM bpt.error_log ORDER BY id DESC LIMIT 1;
UPDATE boss SET grp = NULL;
SELECT bpt.activity_retry(probe.activity('a'));
CALL bpt.run();
SELECT status, user_id, group_id FROM bpt.activity;
SELECT name FROM bpt.taskbox;

SELECT probe.fingerprint() AS before \gset
SELECT probe.try(format('SELECT bpt.human_activity_assign_to_user(%s, %L)', probe.activity('a'), ''));
SELECT probe.try(format('SELECT bpt.activity_set_group(%s, %L)', probe.activity('a'), ''));
SELECT probe.fingerprint() = :'before' AS nothing_changed;
SELECT bpt.human_activity_assign_to_user(probe.activity('a'), NULL), bpt.activity_set_group(probe.activity('a'), NULL);

-- A provider that gives an empty name names nobody.
CREATE FUNCTION acting() RETURNS text STABLE LANGUAGE sql RETURN current_setting('my.who', true);
SET bpt.user_provider = 'names.acting';
SET my.who = 'maria';
SELECT bpt.user_id();
SET my.who = '';
SELECT bpt.user_id() = current_user AS the_role;
RESET bpt.user_provider;
SELECT bpt.drop_process('p', true);
SELECT * FROM probe.leftovers();
DROP SCHEMA names CASCADE;
