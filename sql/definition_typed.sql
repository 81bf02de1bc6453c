-- Functions that publishing generates.
\set VERBOSITY default
\pset null ∅
SET client_min_messages = warning;
CREATE ROLE regress_typed_owner;
CREATE ROLE regress_typed_user;
GRANT bpt_publisher TO regress_typed_owner;
CREATE SCHEMA typed AUTHORIZATION regress_typed_owner;
GRANT USAGE ON SCHEMA typed TO regress_typed_user;
SET search_path = typed, public;
SET ROLE regress_typed_owner;
RESET client_min_messages;
-- What a call gives, with ids masked.
CREATE FUNCTION pg_temp.try(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
  detail text;
BEGIN
  EXECUTE command INTO answer;
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '\d+', 'N') || COALESCE(E'\n' || NULLIF(detail, ''), '');
END $$;
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE item (id int PRIMARY KEY);

SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS many (a int, b text DEFAULT 'none', c positive DEFAULT 7, d int[] DEFAULT ('{1,2}'::int[]), e mood NOT NULL DEFAULT 'sad',
    f text, "G h" varchar(3) DEFAULT 'xyz')
  DETAIL (concat_ws('/', a, coalesce(b, 'NULL'), c, d, e, coalesce(f, 'NULL'), "G h"));
START -> ask;
HUMAN ask INPUT (x int, y text DEFAULT 'unsaid', z positive DEFAULT 1) CLOSE ON INSERT INTO item AS item_id WHERE (id = a) -> hold;
WAIT hold CALLED go_on INPUT (why text DEFAULT 'none') -> END;
$bpt$);
\df typed.*
CREATE TEMP TABLE made (id bigint);
INSERT INTO made VALUES (launch_many(1, f => 'six')), (launch_many(2, NULL, f => NULL)),
  (launch_many(a => 3, f => 'named', d => '{}', e => 'happy', "G h" => 'abc'));
SELECT label FROM bpt.process JOIN made USING (id) ORDER BY id;
SELECT launch_many(4);
SELECT launch_many(f => 'only');
SELECT launch_many(5, e => NULL, f => 'x');
SELECT launch_many(5, c => 0, f => 'x');

-- Left out and NULL differ however the call is made.
TRUNCATE made;
PREPARE launching(int) AS INSERT INTO made SELECT launch_many($1, f => 'prepared') AS id;
EXECUTE launching(10);
SET plan_cache_mode = force_generic_plan;
EXECUTE launching(11);
SET plan_cache_mode = force_custom_plan;
EXECUTE launching(12);
RESET plan_cache_mode;
DO $$
DECLARE
  id bigint;
BEGIN
  id := launch_many(13, f => 'plpgsql');
  INSERT INTO made VALUES (id);
  FOR i IN 14 .. 15 LOOP
    SELECT launch_many(i, CASE i WHEN 14 THEN NULL ELSE 'said' END, f => 'loop') INTO id;
    INSERT INTO made VALUES (id);
  END LOOP;
  EXECUTE 'SELECT launch_many($1, NULL, f => $2)' INTO id USING 16, 'dynamic';
  INSERT INTO made VALUES (id);
END $$;
INSERT INTO made SELECT * FROM launch_many(17, f => 'from');
INSERT INTO made SELECT launch_many(n, b => t, f => 'rows') FROM (VALUES (18, 'b'), (19, NULL)) v (n, t);
CREATE FUNCTION relay(a int) RETURNS bigint LANGUAGE sql AS 'SELECT launch_many(a, f => ''sql'')';
INSERT INTO made SELECT relay(20);
INSERT INTO made SELECT launch_many(21, bpt.unset(NULL::text), f => 'unset');
SELECT label FROM bpt.process JOIN made USING (id) ORDER BY id;

-- Closing.
SELECT a.id AS ask FROM bpt.activity a JOIN made m ON m.id = a.process_id WHERE a.name = 'ask' ORDER BY a.id LIMIT 1 \gset
SELECT pg_temp.try(format('SELECT close_many_ask(%s)', :ask));
SELECT close_many_ask(:ask, x => 1, z => -1);
SELECT close_many_ask(:ask, 5, NULL);
SELECT o.name, o.output_value, o.is_set FROM bpt.activity_output o WHERE o.activity_id = :ask ORDER BY o.output_definition_id;
SELECT pg_temp.try(format('SELECT close_many_ask(%s, 5)', :ask));
SELECT a.id AS hold FROM bpt.activity a WHERE a.name = 'hold' AND a.precedent_activity_id = :ask \gset
SELECT pg_temp.try(format('SELECT close_many_ask(%s, 5)', :hold));
SELECT go_on(:hold);
SELECT o.name, o.output_value, o.is_set FROM bpt.activity_output o WHERE o.activity_id = :hold;
SELECT close_many_ask(NULL, 1);
SELECT close_many_ask(-1, 1);

-- Rights: launching needs EXECUTE, which only the owner has; closing is checked inside.
SELECT p.proname, p.proacl FROM pg_proc p WHERE p.pronamespace = 'typed'::regnamespace AND p.probin IS NOT NULL ORDER BY 1;
RESET ROLE;
SET ROLE regress_typed_user;
SELECT launch_many(1, f => 'x');
RESET ROLE;
SET ROLE regress_typed_owner;
-- The owner's SECURITY DEFINER functions lend the right.
CREATE FUNCTION lent() RETURNS SETOF boolean LANGUAGE sql SECURITY DEFINER
  AS $$ SELECT typed.launch_many(1, f => 'lent') > 0 UNION ALL SELECT bpt.launch('typed.many', '{"a": 1, "f": "lent"}') > 0 $$;
SET ROLE regress_typed_user;
SELECT lent();
SELECT bpt.launch('typed.many', '{"a": 1, "f": "x"}');
SET ROLE regress_typed_owner;
GRANT EXECUTE ON FUNCTION launch_many TO regress_typed_user WITH GRANT OPTION;
SELECT 'launch_many'::regproc::oid AS launch, 'close_many_ask'::regproc::oid AS ask_function \gset
-- A function that keeps its form is kept.
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), '''unsaid''', '''silent'''));
SELECT 'launch_many'::regproc::oid = :launch AS launch_kept, 'close_many_ask'::regproc::oid = :ask_function AS close_kept;
RESET ROLE;
SET ROLE regress_typed_user;
SELECT launch_many(30, f => 'granted') > 0 AS launched;
RESET ROLE;
SELECT label FROM bpt.process ORDER BY id DESC LIMIT 1;
SET ROLE regress_typed_owner;
-- One that changes is made anew with its grants.
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), 'f text,', 'f text, extra date DEFAULT NULL,'));
SELECT 'launch_many'::regproc::oid = :launch AS launch_kept, 'close_many_ask'::regproc::oid = :ask_function AS close_kept;
SELECT pg_get_function_arguments('launch_many'::regproc), proacl FROM pg_proc WHERE oid = 'launch_many'::regproc;
-- What depends on it keeps it from changing.
CREATE VIEW starter AS SELECT launch_many(1, f => 'view') AS id;
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), ', extra date DEFAULT NULL', ''));
DROP VIEW starter;
-- PUBLIC gives the right to launch to all, and takes it back.
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), 'DETAIL (concat', 'PUBLIC DETAIL (concat'));
SELECT proacl FROM pg_proc WHERE oid = 'launch_many'::regproc;
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), 'PUBLIC DETAIL (concat', 'DETAIL (concat'));
SELECT proacl FROM pg_proc WHERE oid = 'launch_many'::regproc;

-- A function that has moved on does not fit activities of an older version.
SELECT launch_many(40, f => 'old') AS old_process \gset
SELECT id AS old_ask FROM bpt.activity WHERE process_id = :old_process AND name = 'ask' \gset
SELECT version, changed FROM bpt.publish(replace(bpt.definition('many'), 'INPUT (x int, y text', 'INPUT (x bigint, more text, y text'));
SELECT close_many_ask(:old_ask, 1, 'more');
SELECT close_many_ask(:old_ask, x => 1, more => NULL);
SELECT bpt.activity_close(:old_ask, '{"x": 1}') AS next_task;
-- An activity that goes takes its function along.
SELECT version, changed FROM bpt.publish('PROCESS many (a int); START -> END;');
\df typed.*
-- A function that was dropped comes back.
DROP FUNCTION launch_many(int);
SELECT version, changed FROM bpt.publish('PROCESS many (a int); START -> END;');
RESET ROLE;
SELECT version, changed FROM bpt.publish('PROCESS many (a int); START -> END;');
SELECT pg_get_userbyid(proowner) = current_user AS is_mine FROM pg_proc WHERE oid = 'launch_many'::regproc;

-- Names that need quotes keep them.
SELECT process, version FROM bpt.publish('PROCESS "Order Handling" ("In Put" int DEFAULT 1); START -> "Do It"; HUMAN "Do It" DETAIL ''d'' -> END;');
SELECT p.oid::regprocedure::text COLLATE "C" FROM pg_proc p WHERE p.pronamespace = 'typed'::regnamespace AND proname LIKE '%Order%' ORDER BY 1;
SELECT "launch_Order Handling"("In Put" => 3) > 0 AS launched;

SET client_min_messages = warning;
DROP SCHEMA typed CASCADE;
DROP OWNED BY regress_typed_owner, regress_typed_user;
DROP ROLE regress_typed_owner, regress_typed_user;
