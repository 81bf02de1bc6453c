-- What the SQL of a process can ask about the work that it is part of.

CREATE FUNCTION bpt.now() RETURNS timestamptz
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_now';
COMMENT ON FUNCTION bpt.now() IS 'The time that processes go by: bpt.clock where it is set, else the start of the transaction. In the SQL of a process now() means this.';

CREATE FUNCTION bpt.process_id() RETURNS bigint
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_process_id';
COMMENT ON FUNCTION bpt.process_id() IS 'The process whose SQL is running, NULL outside of any and in a light process.';

CREATE FUNCTION bpt.activity_id() RETURNS bigint
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_activity_id';
COMMENT ON FUNCTION bpt.activity_id() IS 'The activity whose SQL is running, NULL outside of any and in a light process.';

CREATE FUNCTION bpt.activity_name() RETURNS text
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_activity_name';
COMMENT ON FUNCTION bpt.activity_name() IS 'The name of the activity whose SQL is running, NULL outside of any.';

CREATE FUNCTION bpt.event_id() RETURNS bigint
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_event_id';
COMMENT ON FUNCTION bpt.event_id() IS 'The event that is being handled, NULL if none is.';
