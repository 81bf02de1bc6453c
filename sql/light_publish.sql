-- What a LIGHT process may be, and what publish says of one that is not.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all

CREATE SCHEMA light_publish;
SET search_path = light_publish;
CREATE TABLE item (id bigint PRIMARY KEY, what text, state text);

-- Each rule by itself.
SELECT bpt.publish($bpt$
PROCESS wrong LIGHT;
START -> work;
AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);
SELECT bpt.publish($bpt$
PROCESS wrong LIGHT LAUNCH ON INSERT INTO item;
START -> work;
AUTOMATIC work START DATE (interval '1 hour') DO (SELECT 1) -> END;
$bpt$);
SELECT bpt.publish($bpt$
PROCESS wrong RETURNS (result text) LIGHT LAUNCH ON INSERT INTO item;
START -> work;
AUTOMATIC work DO (SELECT 1) SET (result = 'x') -> END;
$bpt$);
SELECT line, col, message FROM bpt.validate($bpt$
PROCESS wrong LIGHT EXPOSE ENTITY LAUNCH ON INSERT INTO item;
START -> work;
AUTOMATIC work DO (SELECT 1) -> END;
$bpt$) WHERE code = 'not_light';
SELECT bpt.publish($bpt$
PROCESS wrong LIGHT LAUNCH ON INSERT INTO item ON PROCESS START DO (SELECT 1);
START -> work;
AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);
SELECT bpt.publish($bpt$
PROCESS wrong LIGHT LAUNCH ON INSERT INTO item;
START -> choose;
DECISION choose WHEN (true) -> work ELSE -> END;
AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);
SELECT bpt.publish($bpt$
PROCESS wrong LIGHT LAUNCH ON INSERT INTO item;
START -> END;
$bpt$);

-- All problems of one text at once, with their places.
SELECT code, line, col, message, hint, source_line FROM bpt.validate($bpt$
PROCESS wrong LIGHT LAUNCH ON INSERT INTO item
  ON ACTIVITY CLOSE DO (SELECT 1);
START -> work, more;
AUTOMATIC work START DATE (now()) DO (SELECT 1) -> pause;
AUTOMATIC more DO (SELECT 1) -> END;
WAIT pause TIMEOUT (interval '1 day') -> ask;
HUMAN ask DETAIL ('?') -> END;
$bpt$);

-- A mandatory input must come from the event, as for every launch.
SELECT bpt.publish($bpt$
PROCESS wrong (who text NOT NULL) LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> work;
AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);

-- What it may have: inputs, labels, comments, a named End, several statements and clauses, the clauses of its AUTOMATIC.
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS fine (prefix text DEFAULT ('> '), what text) LIGHT LABEL 'Fine' DESCRIPTION 'Notes.' PRIORITY low PUBLIC
  LAUNCH ON INSERT INTO item AS item_id WHERE (what <> '') WITH (what => upper(what))
  LAUNCH ON UPDATE OF item (what) AS item_id WITH (what => old.what || ' ' || new.what);
START -> work;
AUTOMATIC work LABEL 'Work'
  DO (SELECT 1 AS one)
  DO STRICT (UPDATE item SET state = prefix || process.what WHERE id = item_id)
  RETRY 2 TIMES EVERY '10 seconds' BACKOFF 3 TIME LIMIT '1 minute' COMMIT EACH -> written;
END written;
COMMENT 'It writes.';
$bpt$);
SELECT name, label, is_light, launch_on, expose_process_entity FROM bpt.process_definition WHERE name = 'fine';
SELECT proname, pg_get_function_arguments(oid) FROM pg_proc WHERE pronamespace = 'light_publish'::regnamespace ORDER BY 1;

-- Light or not is part of the definition: a change of it makes a version.
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS turning LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> work; AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS turning LAUNCH ON INSERT INTO item AS item_id;
START -> work; AUTOMATIC work DO (SELECT 1) -> END;
$bpt$);
SELECT name, version, is_light FROM bpt.process_definition WHERE name = 'turning';

SELECT bpt.drop_process('fine'), bpt.drop_process('turning');
DROP SCHEMA light_publish CASCADE;
