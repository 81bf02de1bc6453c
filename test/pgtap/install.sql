-- What CREATE EXTENSION relies on, and what it does not let others slip in.
BEGIN;
SELECT no_plan();

CREATE ROLE t_x;
SELECT lives_ok('DROP EXTENSION bpt', 'the extension goes');
SELECT is_empty($$SELECT FROM pg_class WHERE relnamespace = 'bpt'::regnamespace$$, 'and leaves nothing behind');

-- Rights that this installation gives on whatever is made
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO t_x, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO t_x;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO t_x;
SET LOCAL client_min_messages = warning;
SELECT lives_ok('CREATE EXTENSION bpt', 'it can come again');
SELECT is_empty(
  $$SELECT c.oid::regclass, a.grantee, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
    WHERE relnamespace = 'bpt'::regnamespace AND a.grantee <> c.relowner AND NOT (relkind = 'v' AND a.grantee = 0 AND a.privilege_type = 'SELECT')$$,
  'default privileges do not reach its tables, views and sequences');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(proacl) a WHERE pronamespace = 'bpt'::regnamespace AND a.grantee NOT IN (0, proowner)$$,
  'nor its functions');

-- A schema that somebody else prepared
SELECT lives_ok('DROP EXTENSION bpt; DROP SCHEMA bpt; CREATE SCHEMA bpt AUTHORIZATION t_x', 'a schema made by somebody else');
SELECT throws_ok('CREATE EXTENSION bpt', '42501', 'schema "bpt" belongs to role "t_x"', 'is refused');
ALTER SCHEMA bpt OWNER TO CURRENT_USER;
CREATE FUNCTION bpt.now() RETURNS timestamptz LANGUAGE sql RETURN now();
SELECT throws_ok('CREATE EXTENSION bpt', '55000', 'schema "bpt" is not empty', 'so is one with something in it');
DROP FUNCTION bpt.now();
SELECT lives_ok('CREATE EXTENSION bpt', 'an empty one of the installer''s own is not');

SELECT * FROM finish();
ROLLBACK;
