-- What publish refuses, and where its caret stands.
\set VERBOSITY default
SET client_min_messages = warning;
CREATE SCHEMA errors;
SET search_path = errors, public;
RESET client_min_messages;
CREATE TABLE item (id int PRIMARY KEY, name text, n int);
CREATE TABLE keyless (id int);
CREATE VIEW seen AS SELECT * FROM item;
CREATE TEMP TABLE passing (id int PRIMARY KEY);

-- The language.
SELECT bpt.publish('');
SELECT bpt.publish('PROCESS;');
SELECT bpt.publish($$PROCESS p; START -> a; HUMEN a -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a LABEL 'A' DETAIL 'd' LABEL 'B' -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (SELECT 1 -> END;$$);
-- Names and flow.
SELECT bpt.publish($$PROCESS p; START -> b; HUMAN a DETAIL 'd' -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a DETAIL 'd' -> END; HUMAN a DETAIL 'd' -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> END; START -> END;$$);
SELECT bpt.publish($$PROCESS p; HUMAN a DETAIL 'd' -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; DECISION a WHEN (true) -> b ELSE -> b; DECISION b WHEN (true) -> a ELSE -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a DETAIL 'd' -> b; HUMAN b DETAIL 'd' -> a;$$);
SELECT bpt.publish($$PROCESS p; START -> END; PROCESS p; START -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> END; PROCESS errors.p; START -> END;$$);
-- SQL.
SELECT bpt.publish($$
PROCESS p;
START -> a;
AUTOMATIC a
  DO (SELECT nmae FROM item)
  -> END;
$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (SELECT 1 FROM itme) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (SELEC 1) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (CREATE TABLE x ()) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (SELECT 1; SELECT 2) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; AUTOMATIC a DO (SELECT id FROM passing) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> d; DECISION d WHEN ('maybe') -> END ELSE -> END TERMINATE;$$);
SELECT bpt.publish($$PROCESS p; START -> d; DECISION d WHEN (1) -> END ELSE -> END TERMINATE;$$);
SELECT bpt.publish($$PROCESS p (n nosuchtype); START -> END;$$);
SELECT bpt.publish($$PROCESS p (n int DEFAULT ('x' || 1)); START -> END;$$);
SELECT bpt.publish($$PROCESS p (n int); START -> a; HUMAN a DETAIL (n + now()) -> END;$$);
SELECT bpt.publish($$PROCESS p (name text); START -> a; AUTOMATIC a DO (SELECT name FROM item) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a, b; HUMAN a DETAIL 'd' INPUT (x int) -> END; HUMAN b DETAIL (a.x::text) -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a DETAIL 'd' ROLE regress_nobody -> END;$$);
-- Tables.
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO nowhere; START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO keyless; START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO seen; START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO passing; START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO pg_class; START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON UPDATE OF item (nmae); START -> END;$$);
SELECT bpt.publish($$PROCESS p LAUNCH ON INSERT INTO item AS item_id WHERE (missing > 0); START -> END;$$);
SELECT bpt.publish($$PROCESS p (must int) LAUNCH ON INSERT INTO item; START -> END;$$);
-- Schemas.
SELECT bpt.publish($$PROCESS nowhere.p; START -> END;$$);
SELECT bpt.publish($$PROCESS pg_temp.p; START -> END;$$);
SELECT bpt.publish($$PROCESS pg_catalog.p; START -> END;$$);
SET search_path = '';
SELECT bpt.publish($$PROCESS p; START -> END;$$);
SET search_path = errors, public;
-- Generated functions.
CREATE FUNCTION launch_p(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT bpt.publish($$PROCESS p; START -> END;$$);
DROP FUNCTION launch_p(text);
SELECT bpt.publish($$PROCESS a_process_whose_name_is_so_long_that_its_function_is_longer; START -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a CALLED launch_p DETAIL 'd' -> END;$$);
SELECT bpt.publish($$PROCESS p; START -> a; HUMAN a DETAIL 'd' INPUT (activity_id int) -> END;$$);
-- All problems of a text at once; the message is the first.
SELECT bpt.publish($$
PROCESS p (n int)
  LAUNCH ON INSERT INTO nowhere AS n;
START -> a, c;
AUTOMATIC a
  DO (SELECT nonsense FROM item WHERE id = n)
  -> END;
HUMAN b -> END;
DECISION c
  WHEN (n > 'one') -> END
  ELSE -> a;
$$);
-- The same as rows.
SELECT severity, code, line, col, message, hint, sqlstate, source_line FROM bpt.validate($$
PROCESS p (n int)
  LAUNCH ON INSERT INTO nowhere AS n;
START -> a, c;
AUTOMATIC a
  DO (SELECT nonsense FROM item WHERE id = n)
  -> END;
HUMAN b -> END;
DECISION c
  WHEN (n > 'one') -> END
  ELSE -> a;
$$);
-- A syntax error does not hide the others, and what may only follow from it is not told.
SELECT line, col, code, message FROM bpt.validate($$
PROCESS p (n int);
START -> a, c;
AUTOMATIC a
  DO (SELECT 1 AS one) LABLE 'A' -> b;
AUTOMATIC b
  DO (SELECT one FROM itme WHERE id = a.one + c.x)
  DO (SELECT upper(n))
  -> END;
HUMEN c INPUT (x int) -> END;
$$);
-- A length of time is longer than nothing.
SELECT line, col, message, sqlstate FROM bpt.validate($$
PROCESS p;
START -> a, b, c, d;
AUTOMATIC a TIME LIMIT '0' DO (SELECT 1) -> END;
AUTOMATIC b TIME LIMIT '-1 month' DO (SELECT 1) -> END;
AUTOMATIC c RETRY 3 TIMES EVERY '0 s' DO (SELECT 1) -> END;
AUTOMATIC d TIME LIMIT '100000000 years' RETRY EVERY '1 day ago' DO (SELECT 1) -> END;
TIMER t SCHEDULE '* * * * *' TIME LIMIT '-1 hour' DO (SELECT 1);
$$);
-- Lines and columns count characters, a tab is one.
SELECT line, col, source_line FROM bpt.validate(E'PROCESS p;\r\nSTART -> "größe";\r\nHUMAN\t"größe" DETAIL \'é\' -> nirgends;');
SELECT bpt.publish(E'PROCESS p; /* ünïcödé */ START -> nirgends;');
-- Arguments.
SELECT bpt.publish(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bpt.publish('PROCESS p; START -> END;', NULL);
SELECT bpt.publish('PROCESS p; START -> END;', 'upgrade');
SELECT bpt.publish('PROCESS p; START -> END;', running => 'refuse');
SELECT bpt.publish('PROCESS p; START -> END;', running => 'kept');
\echo :LAST_ERROR_SQLSTATE
SELECT bpt.definition('p');
\echo :LAST_ERROR_SQLSTATE
SELECT bpt.definition('nowhere.p');
SELECT bpt.definition('p..q');
SELECT bpt.definition(NULL);
SELECT count(*) AS published FROM bpt.process_definition WHERE schema_name = 'errors';
BEGIN READ ONLY;
SELECT count(*) FROM bpt.validate('PROCESS p; START -> END;');
SELECT bpt.publish('PROCESS p; START -> END;');
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA errors CASCADE;
