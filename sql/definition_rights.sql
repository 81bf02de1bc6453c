-- Who may publish, see and drop definitions.
\set VERBOSITY default
SET client_min_messages = warning;
CREATE ROLE regress_rights_alice;
CREATE ROLE regress_rights_bob;
CREATE ROLE regress_rights_team;
CREATE ROLE regress_rights_monitor;
GRANT bpt_monitor TO regress_rights_monitor;
GRANT bpt_publisher TO regress_rights_bob;
CREATE SCHEMA rights;
GRANT USAGE ON SCHEMA rights TO PUBLIC;
SET search_path = rights, public;
RESET client_min_messages;
CREATE TABLE item (id int PRIMARY KEY);

SET ROLE regress_rights_alice;
SELECT bpt.publish('PROCESS p; START -> END;');
RESET ROLE;
GRANT bpt_publisher TO regress_rights_alice;
SET ROLE regress_rights_alice;
SELECT bpt.publish('PROCESS p; START -> END;');
SELECT severity, code, message, sqlstate FROM bpt.validate('PROCESS p; START -> END;');
RESET ROLE;
GRANT CREATE ON SCHEMA rights TO regress_rights_alice, regress_rights_bob, regress_rights_team;
SET ROLE regress_rights_alice;
SELECT process, version, changed FROM bpt.publish('PROCESS p; START -> END;');
SELECT bpt.publish('PROCESS q LAUNCH ON INSERT INTO item AS id; START -> END;');
RESET ROLE;
GRANT SELECT, TRIGGER ON item TO regress_rights_alice;
SET ROLE regress_rights_alice;
SELECT process, version, changed FROM bpt.publish('PROCESS q LAUNCH ON INSERT INTO item AS id; START -> END;');

-- Another publisher neither sees it nor makes a version of it.
SET ROLE regress_rights_bob;
SELECT bpt.publish('PROCESS p; START -> x; HUMAN x DETAIL ''d'' -> END;');
SELECT bpt.publish('PROCESS pp WAS p; START -> END;');
SELECT bpt.definition('p');
SELECT bpt.definition('no_such_process');
SELECT bpt.drop_process('p');
SELECT launch_p();
SELECT count(*) FROM bpt.validate() WHERE process LIKE 'rights.%';
-- A monitor sees it and changes nothing.
SET ROLE regress_rights_monitor;
SELECT bpt.definition('p');
SELECT bpt.drop_process('p');
SELECT bpt.publish('PROCESS p; START -> END;');
RESET ROLE;

-- The owner is the owner of the launch function.
ALTER FUNCTION launch_p OWNER TO regress_rights_team;
SET ROLE regress_rights_alice;
SELECT bpt.definition('p');
RESET ROLE;
GRANT regress_rights_team TO regress_rights_bob;
SET ROLE regress_rights_bob;
SELECT bpt.definition('p');
SELECT process, version, changed FROM bpt.publish('PROCESS p; START -> x; HUMAN x DETAIL ''d'' -> END;');
SELECT proname, pg_get_userbyid(proowner) AS owner FROM pg_proc WHERE pronamespace = 'rights'::regnamespace ORDER BY 1;
SELECT name, owner, published_by FROM bpt.process_definition WHERE schema_name = 'rights' ORDER BY 1;
RESET ROLE;
REASSIGN OWNED BY regress_rights_alice TO regress_rights_team;
SELECT name, owner, published_by FROM bpt.process_definition WHERE schema_name = 'rights' ORDER BY 1;
DROP ROLE regress_rights_alice;
REVOKE ALL ON item FROM regress_rights_alice;
REVOKE ALL ON SCHEMA rights FROM regress_rights_alice;
DROP ROLE regress_rights_alice;

-- What no longer fits the tables is shown to who may see it.
ALTER TABLE item DROP CONSTRAINT item_pkey;
SELECT * FROM bpt.validate() WHERE process LIKE 'rights.%';
SET ROLE regress_rights_bob;
SELECT process, severity, code, line, col, message, sqlstate FROM bpt.validate() WHERE process LIKE 'rights.%';
RESET ROLE;
DROP TABLE item CASCADE;
SELECT process, severity, code, line, col, message, sqlstate FROM bpt.validate() WHERE process LIKE 'rights.%';

SET client_min_messages = warning;
DROP SCHEMA rights CASCADE;
DROP OWNED BY regress_rights_bob, regress_rights_team, regress_rights_monitor;
DROP ROLE regress_rights_bob, regress_rights_team, regress_rights_monitor;
