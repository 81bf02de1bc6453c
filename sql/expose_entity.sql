-- EXPOSE ENTITY: a view of the instances of a process with typed columns, and indexes by which it is searched.
\set VERBOSITY default
\pset null ∅
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
CREATE ROLE regress_expose_owner;
CREATE ROLE regress_expose_stranger;
GRANT bpt_publisher TO regress_expose_owner;
CREATE SCHEMA expose AUTHORIZATION regress_expose_owner;
GRANT USAGE ON SCHEMA expose TO regress_expose_stranger;
SET search_path = expose, public;
RESET client_min_messages;
-- The indexes of the inputs of a process.
CREATE VIEW indexes AS
  SELECT d.name AS process, v.name AS input, v.is_active, a.amname AS method, pg_get_indexdef(i.indexrelid, 1, false) ~ 'stored_value' AS holds_value
  FROM bpt.process_input_definition v
  JOIN bpt.process_definition d ON d.id = v.process_definition_id
  JOIN pg_class c ON c.relnamespace = 'bpt'::regnamespace AND c.relname = 'exposed_' || v.id
  JOIN pg_index i ON i.indexrelid = c.oid
  JOIN pg_am a ON a.oid = c.relam
  WHERE d.schema_name = 'expose' ORDER BY 1, v.id;
CREATE VIEW columns AS
  SELECT c.relname AS view, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'expose'::regnamespace AND obj_description(c.oid, 'pg_class') LIKE '%Made by bpt.publish%' AND a.attnum > 7
  ORDER BY 1, a.attnum;
GRANT SELECT ON indexes, columns TO PUBLIC;
SET ROLE regress_expose_owner;

-- Types. A domain shows as its base type, what reading could run code for as text.
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a int, b positive);
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS kinds (i int, b bigint, s smallint DEFAULT 3, t text, v varchar(10), c char(3), bo boolean, u uuid, n numeric(8, 2), d date, ti time,
    ts timestamp, tz timestamptz, iv interval, f float8, p positive, m mood, "an Array" int[], ps positive[], pa pair, j jsonb, r int4range, ip inet)
  RETURNS ("Sum" int DEFAULT (1 + i), note text, never date DEFAULT '2026-12-24')
  EXPOSE ENTITY;
START -> t;
HUMAN t DETAIL ('x') INPUT (note text) ON CLOSE SET (note = t.note) -> END;
$bpt$);
SELECT attname AS column, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'kinds'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM indexes;
SELECT relowner = (SELECT extowner FROM pg_extension WHERE extname = 'bpt') AS of_the_extension, reloptions FROM pg_class WHERE oid = 'kinds'::regclass;
SELECT name, expose_process_entity FROM bpt.process_definition WHERE schema_name = 'expose';
-- Settings of the session do not matter, neither when values are stored nor when they are read.
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'sql_standard';
SET timezone = 'Asia/Tokyo';
SELECT bpt.launch('kinds', jsonb_build_object('i', 1, 'b', 9223372036854775807, 't', 'grün', 'v', 'v', 'c', 'c', 'bo', true,
  'u', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'n', 12.5, 'd', '31/12/2026', 'ti', '12:30', 'ts', '31/12/2026 23:59:59.5', 'tz', '31/12/2026 23:59:59+00',
  'iv', '-1 day 2 hours', 'f', 0.1, 'p', 5, 'm', 'happy', 'an Array', '{1,NULL,3}', 'ps', '{1,2}', 'pa', '(1,2)', 'j', '{"x": 1}'::jsonb, 'r', '[1,5)',
  'ip', '10.0.0.1')) AS one \gset
RESET datestyle;
RESET intervalstyle;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SELECT bpt.launch('kinds', jsonb_build_object('i', 2, 'b', -9223372036854775808, 't', NULL, 'v', '', 'c', NULL, 'bo', NULL, 'u', NULL, 'n', 'NaN',
  'd', 'infinity', 'ti', NULL, 'ts', '-infinity', 'tz', '0044-03-15 BC', 'iv', NULL, 'f', 'Infinity', 'p', NULL, 'm', NULL, 'an Array', NULL, 'ps', NULL,
  'pa', NULL, 'j', 'null', 'r', 'empty', 'ip', NULL)) AS two \gset
\x on
SELECT label, status, is_suspended, created_by, closed, created IS NOT NULL AS created, (to_jsonb(k) - 'process_id' - 'label' - 'status' - 'is_suspended' - 'created' - 'created_by' - 'closed') AS "values" FROM kinds k ORDER BY process_id;
\x off
SELECT i, "Sum", note, never FROM kinds ORDER BY i;
SELECT close_kinds_t(activity_id, 'well') FROM bpt.taskbox WHERE process_id = :one;
SELECT status, closed IS NOT NULL AS closed, "Sum", note, never FROM kinds ORDER BY i;
-- Look-ups by every type that has an index.
SELECT i FROM kinds WHERE i = 1 AND b = 9223372036854775807 AND t = 'grün' AND v = 'v' AND bo AND u = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AND d = '2026-12-31'
  AND ti = '12:30' AND ts = '2026-12-31 23:59:59.5' AND tz = '2026-12-31 23:59:59+00' AND iv = '-1 day -2 hours' AND f = 0.1 AND p = 5 AND ip = '10.0.0.1';
SET enable_seqscan = off;
SELECT 'tz', i FROM kinds WHERE tz = '2026-12-31 23:59:59+00'
UNION ALL SELECT 'ts', i FROM kinds WHERE ts < '2026-01-01'
UNION ALL SELECT 'bc', i FROM kinds WHERE tz < '0001-01-01'
UNION ALL SELECT 'iv', i FROM kinds WHERE iv = '-1 day -2 hours'
UNION ALL SELECT 't', i FROM kinds WHERE t = 'grün'
UNION ALL SELECT 'null', i FROM kinds WHERE t IS NULL
UNION ALL SELECT 'v', i FROM kinds WHERE v = ''
UNION ALL SELECT 'b', i FROM kinds WHERE b < 0
UNION ALL SELECT 's', count(*) FROM kinds WHERE s = 3;
RESET enable_seqscan;

-- A text as long as it likes.
SELECT bpt.publish($$PROCESS long (body text) EXPOSE ENTITY AS "Long Texts"; START -> t; HUMAN t DETAIL ('x') -> END;$$) IS NULL AS failed;
SELECT count(launch_long((SELECT string_agg(md5(g || '/' || i), '') FROM generate_series(1, 2000) i))) FROM generate_series(1, 3) g;
SELECT length(body) FROM "Long Texts" WHERE body = (SELECT string_agg(md5('2/' || i), '') FROM generate_series(1, 2000) i);

-- Who reads: those who see the instances, and whom the owner lets. Nobody writes.
CREATE FUNCTION leak(what text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$BEGIN RAISE NOTICE 'leaks %', what; RETURN true; END$$;
SELECT count(*) FROM kinds WHERE i = 1 AND leak(label || i);
SET ROLE regress_expose_stranger;
SELECT count(*) FROM kinds WHERE leak(label || i);
SET ROLE regress_expose_owner;
GRANT SELECT ON kinds TO regress_expose_stranger;
SET ROLE regress_expose_stranger;
SELECT count(*) FROM kinds WHERE leak(label || i);
SELECT i, "Sum", note, never FROM kinds ORDER BY i;
SELECT i FROM kinds WHERE i = 1;
SELECT count(*) FROM bpt.process;
INSERT INTO kinds (process_id) VALUES (1);
SET ROLE regress_expose_owner;
UPDATE kinds SET label = 'x';
RESET ROLE;
DELETE FROM kinds;
DROP TABLE IF EXISTS kinds;
SET ROLE regress_expose_owner;
ALTER VIEW kinds RENAME TO other;

-- Errors. They change nothing.
CREATE TABLE taken (id int PRIMARY KEY);
CREATE TYPE taken_type AS ENUM ();
CREATE FUNCTION try(definition text) RETURNS TABLE (line int, col int, message text, sqlstate text, hint text) LANGUAGE sql AS
  'SELECT v.line, v.col, v.message, v.sqlstate, v.hint FROM bpt.validate($1) v WHERE severity = ''error''';
SELECT * FROM try('PROCESS taken EXPOSE ENTITY; START -> END;');
SELECT * FROM try('PROCESS p EXPOSE ENTITY AS taken; START -> END;');
SELECT * FROM try('PROCESS p EXPOSE ENTITY AS kinds; START -> END;');
SELECT * FROM try('PROCESS p EXPOSE ENTITY AS taken_type; START -> END;');
SELECT * FROM try('PROCESS p EXPOSE ENTITY AS e; START -> END; PROCESS q EXPOSE ENTITY AS e; START -> END;');
SELECT * FROM try('PROCESS p (status int, "Status" int) RETURNS (closed int) EXPOSE ENTITY; START -> END;');
SELECT * FROM try('PROCESS p (process_id int) EXPOSE ENTITY; START -> END;');
SELECT * FROM try('PROCESS p EXPOSE ENTITY EXPOSE ENTITY AS x; START -> END;');
SELECT * FROM try('PROCESS p LIGHT EXPOSE ENTITY LAUNCH ON INSERT INTO taken AS i; START -> a; AUTOMATIC a DO (SELECT 1 AS one) -> END;');
SELECT bpt.publish('PROCESS taken EXPOSE ENTITY; START -> END;');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM bpt.process_definition WHERE name IN ('p', 'q', 'taken');

-- Rights survive republishing, also where the view is made anew; those of VISIBLE TO come and go with it.
CREATE FUNCTION readers(view text) RETURNS TABLE (reader text, by text, may_grant boolean) LANGUAGE sql AS $$
  SELECT CASE WHEN a.grantee::regrole::text = o.oid::regrole::text THEN 'owner' ELSE a.grantee::regrole::text END,
         CASE WHEN a.grantor = o.oid THEN 'owner' ELSE a.grantor::regrole::text END, a.is_grantable
  FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner, aclexplode(c.relacl) a
  WHERE c.oid = view::regclass AND a.privilege_type = 'SELECT' ORDER BY 1, 2$$;
SELECT * FROM readers('kinds');
SELECT version FROM bpt.publish('PROCESS seen (a int) VISIBLE TO bpt_proxy EXPOSE ENTITY; START -> END;');
GRANT SELECT ON seen TO regress_expose_stranger;
SELECT * FROM readers('seen');
SELECT version FROM bpt.publish('PROCESS seen (a int) VISIBLE TO bpt_publisher EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen');
SELECT version FROM bpt.publish('PROCESS seen (a text) EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen');
REVOKE SELECT ON seen FROM regress_expose_stranger;
SELECT * FROM readers('seen');
SELECT bpt.drop_process('seen');
-- A role that was dropped and made anew has them again after the next publish, be it of the same text; so has a new owner, and
-- who has lost them. A publish that finds them all writes nothing.
RESET ROLE;
CREATE ROLE regress_expose_reader;
SET ROLE regress_expose_owner;
SELECT version FROM bpt.publish('PROCESS seen (a int) VISIBLE TO regress_expose_reader EXPOSE ENTITY; START -> END;');
RESET ROLE;
DROP OWNED BY regress_expose_reader;
DROP ROLE regress_expose_reader;
CREATE ROLE regress_expose_reader;
GRANT USAGE ON SCHEMA expose TO regress_expose_reader;
SELECT * FROM readers('seen');
SET ROLE regress_expose_owner;
SELECT version, changed FROM bpt.publish('PROCESS seen (a int) VISIBLE TO regress_expose_reader EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen');
SET ROLE regress_expose_reader;
SELECT count(*) FROM seen;
RESET ROLE;
SELECT c.xmin AS before FROM pg_class c WHERE c.oid = 'seen'::regclass \gset
SET ROLE regress_expose_owner;
SELECT version, changed FROM bpt.publish('PROCESS seen (a int) VISIBLE TO regress_expose_reader EXPOSE ENTITY; START -> END;');
SELECT c.xmin = :'before'::xid AS untouched FROM pg_class c WHERE c.oid = 'seen'::regclass;
RESET ROLE;
REVOKE SELECT ON seen FROM bpt_monitor;
ALTER FUNCTION launch_seen OWNER TO regress_expose_stranger;
SELECT version, changed FROM bpt.publish('PROCESS seen (a int) VISIBLE TO regress_expose_reader EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen');
DROP OWNED BY regress_expose_reader;
DROP ROLE regress_expose_reader;
CREATE ROLE regress_expose_reader;
SELECT version, changed FROM bpt.publish('PROCESS seen (a int, b int) VISIBLE TO regress_expose_reader EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen') WHERE reader = 'regress_expose_reader';
SELECT version, changed FROM bpt.publish('PROCESS seen (a int) EXPOSE ENTITY; START -> END;');
SELECT * FROM readers('seen');
SELECT bpt.drop_process('seen');
DROP ROLE regress_expose_reader;
SET ROLE regress_expose_owner;

-- Versions
CREATE FUNCTION publish_it(inputs text, outputs text, expose text) RETURNS text LANGUAGE sql AS $$
  SELECT version || ' ' || changed FROM bpt.publish(
    'PROCESS it' || inputs || ' RETURNS ' || outputs || ' ' || expose || '; START -> t; HUMAN t DETAIL (''x'') -> END;')$$;
SELECT publish_it('(a text)', '(r int)', 'EXPOSE ENTITY');
SELECT bpt.launch('it', '{"a": "12"}') AS first \gset
SELECT bpt.launch('it', '{"a": "now"}') AS second \gset
SELECT bpt.launch('it', '{"a": "2026-02-30"}') AS third \gset
SELECT bpt.launch('it', '{"a": "2026-02-28"}') AS fourth \gset
CREATE VIEW dependent AS SELECT a, r FROM it;
SELECT 'it'::regclass::oid AS it \gset
-- A column more at the end: the view stays, and what depends on it.
SELECT publish_it('(a text)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT * FROM columns WHERE view = 'it';
SELECT 'it'::regclass = :it AS same, (SELECT count(*) FROM dependent) AS dependent;
-- Otherwise it is made anew.
SELECT publish_it('(a int)', '(r int, s text)', 'EXPOSE ENTITY');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM columns WHERE view = 'it';
SELECT * FROM indexes WHERE process = 'it';
SELECT version FROM bpt.process_definition WHERE name = 'it' AND schema_name = 'expose';
DROP VIEW dependent;
-- Values that are none of the new type are NULL, in the view and in the index.
SELECT publish_it('(a int, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT a, b FROM it ORDER BY process_id;
SELECT publish_it('(a date, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT a, b FROM it ORDER BY process_id;
SELECT * FROM indexes WHERE process = 'it';
SELECT publish_it('(a timestamptz, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SET timezone = 'Asia/Tokyo';
SELECT a AT TIME ZONE 'UTC' AS a FROM it ORDER BY process_id;
SET timezone = 'UTC';
SELECT count(*) FROM it WHERE a = '2026-02-28';
SELECT publish_it('(a uuid, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT publish_it('(a boolean, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT publish_it('(a mood, b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT a, b FROM it ORDER BY process_id;
SELECT * FROM indexes WHERE process = 'it';
-- An input goes, its index goes; a rename keeps values and index.
SELECT publish_it('(c WAS a text, d WAS b bigint DEFAULT 7)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT launch_it('new', 8) AS fifth \gset
SELECT c, d FROM it ORDER BY process_id;
SELECT publish_it('(c text)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT * FROM columns WHERE view = 'it';
SELECT * FROM indexes WHERE process = 'it';
-- What was dropped comes back, what is there stays.
DROP VIEW it;
SELECT publish_it('(c text)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT c FROM it ORDER BY process_id;
SELECT 'it'::regclass::oid AS it \gset
SELECT publish_it('(c text)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT 'it'::regclass = :it AS same;
RESET ROLE;
DO $$
BEGIN
  EXECUTE (SELECT format('DROP INDEX bpt.exposed_%s', v.id) FROM bpt.process_input_definition v
           JOIN bpt.process_definition d ON d.id = v.process_definition_id WHERE d.schema_name = 'expose' AND d.name = 'it' AND v.name = 'c');
END $$;
SELECT * FROM expose.indexes WHERE process = 'it';
SET ROLE regress_expose_owner;
SELECT publish_it('(c text)', '(r int, s text)', 'EXPOSE ENTITY');
SELECT * FROM indexes WHERE process = 'it';
-- Another name; the process renamed.
SELECT publish_it('(c text)', '(r int, s text)', 'EXPOSE ENTITY AS "Its Instances"');
SELECT to_regclass('it') IS NULL AS gone, (SELECT count(*) FROM "Its Instances") AS instances;
SELECT version, changed FROM bpt.publish('PROCESS that WAS it (c text) RETURNS (r int, s text) EXPOSE ENTITY; START -> t; HUMAN t DETAIL (''x'') -> END;');
SELECT to_regclass('"Its Instances"') IS NULL AS gone, (SELECT count(*) FROM that) AS instances;
-- A name that another process has given up in the same text is still taken.
SELECT * FROM try('PROCESS that (c text); START -> END; PROCESS p EXPOSE ENTITY AS that; START -> END;');
-- A type that is needed is not dropped unawares.
DROP TYPE mood;

-- A publish that is rolled back leaves nothing.
BEGIN;
SELECT version FROM bpt.publish('PROCESS brief (a int) EXPOSE ENTITY; START -> END;');
SELECT count(*) FROM brief;
ROLLBACK;
SELECT to_regclass('brief') IS NULL AS gone, (SELECT count(*) FROM indexes WHERE process = 'brief') AS indexes;

-- No longer exposed, dropped, its schema dropped.
BEGIN;
SELECT version, changed FROM bpt.publish('PROCESS that (c text) RETURNS (r int, s text); START -> t; HUMAN t DETAIL (''x'') -> END;');
SELECT to_regclass('that') IS NULL AS gone, (SELECT count(*) FROM indexes WHERE process = 'that') AS indexes;
ROLLBACK;
CREATE VIEW dependent AS SELECT c FROM that;
SELECT bpt.drop_process('that', true);
DROP VIEW dependent;
SELECT bpt.drop_process('that', true);
SELECT to_regclass('that') IS NULL AS gone, (SELECT count(*) FROM indexes WHERE process = 'that') AS indexes;
SELECT publish_it('(a int)', '(r int)', 'EXPOSE ENTITY');
SELECT count(*) FROM it;
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA expose CASCADE;
SELECT count(*) FROM pg_class c WHERE relname ~ '^exposed_\d' AND relnamespace = 'bpt'::regnamespace;
DROP ROLE regress_expose_owner, regress_expose_stranger;
