-- Who acts in the tests of actions, after setup.sql: the owner of processes, a user without rights and a monitor. Makes
-- schema :schema for the owner.
DROP ROLE IF EXISTS regress_owner, regress_user, regress_monitor;
CREATE ROLE regress_owner;
CREATE ROLE regress_user;
CREATE ROLE regress_monitor;
GRANT bpt_publisher TO regress_owner;
GRANT bpt_monitor TO regress_monitor;
CREATE SCHEMA :schema AUTHORIZATION regress_owner;
GRANT USAGE ON SCHEMA :schema TO PUBLIC;
SET search_path = :schema;
