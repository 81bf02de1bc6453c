-- What stands on the tables that processes listen to. Publish makes the triggers; only they may call the function.

CREATE FUNCTION bpt.entity_event() RETURNS trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'bpt_entity_event';
REVOKE ALL ON FUNCTION bpt.entity_event() FROM PUBLIC;
COMMENT ON FUNCTION bpt.entity_event() IS 'Records inserted and updated rows as events for the processes that listen to the table. Acts only for the triggers that bpt.publish() made.';

CREATE FUNCTION bpt.entity_ddl_end() RETURNS event_trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'bpt_entity_ddl_end';
REVOKE ALL ON FUNCTION bpt.entity_ddl_end() FROM PUBLIC;
COMMENT ON FUNCTION bpt.entity_ddl_end() IS 'Keeps the triggers on tables that processes listen to in step with their partitions and BEFORE triggers, and their names with renames.';

CREATE FUNCTION bpt.entity_dropped() RETURNS event_trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'bpt_entity_dropped';
REVOKE ALL ON FUNCTION bpt.entity_dropped() FROM PUBLIC;
COMMENT ON FUNCTION bpt.entity_dropped() IS 'Lets go of tables that processes listened to when they are dropped.';

CREATE EVENT TRIGGER bpt_entity_ddl_end ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE', 'CREATE FOREIGN TABLE', 'ALTER TABLE', 'ALTER FOREIGN TABLE', 'CREATE TRIGGER', 'ALTER SCHEMA')
  EXECUTE FUNCTION bpt.entity_ddl_end();
ALTER EVENT TRIGGER bpt_entity_ddl_end ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER bpt_entity_ddl_end IS 'Keeps the triggers on tables that processes listen to in step.';

CREATE EVENT TRIGGER bpt_entity_dropped ON sql_drop
  WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION')
  EXECUTE FUNCTION bpt.entity_dropped();
ALTER EVENT TRIGGER bpt_entity_dropped ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER bpt_entity_dropped IS 'Lets go of dropped tables that processes listened to.';
