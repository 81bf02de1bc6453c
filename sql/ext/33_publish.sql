-- Publishing. Names in a definition, and process names, resolve along the caller's search_path, so none is set here; the C
-- functions qualify all that is theirs.

CREATE FUNCTION bpt.publish(definition text, running text DEFAULT 'keep')
  RETURNS TABLE (process text, version integer, changed boolean, upgraded bigint, suspended bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
  AS 'MODULE_PATHNAME', 'bpt_publish';
COMMENT ON FUNCTION bpt.publish(text, text) IS
  'Checks a text of definitions and makes them the current versions of their processes. One row a definition, in text order.';

CREATE FUNCTION bpt.definition(process text, version integer DEFAULT NULL)
  RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_definition';
COMMENT ON FUNCTION bpt.definition(text, integer) IS
  'The text of a process, of its current version unless another is named.';

CREATE FUNCTION bpt.validate(definition text)
  RETURNS TABLE (severity text, code text, line integer, col integer, message text, detail text, hint text, sqlstate text,
                 source_line text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10
  AS 'MODULE_PATHNAME', 'bpt_validate_text';
COMMENT ON FUNCTION bpt.validate(text) IS
  'All that bpt.publish would find wrong with a text, and its warnings, in text order. Changes nothing.';

CREATE FUNCTION bpt.validate()
  RETURNS TABLE (process text, severity text, code text, line integer, col integer, message text, detail text, hint text,
                 sqlstate text, source_line text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10
  AS 'MODULE_PATHNAME', 'bpt_validate_all';
COMMENT ON FUNCTION bpt.validate() IS
  'What is wrong with the current definitions that the caller may see, checked against the database as it is now.';

CREATE FUNCTION bpt.drop_process(process text, terminate_active boolean DEFAULT false)
  RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_drop_process';
COMMENT ON FUNCTION bpt.drop_process(text, boolean) IS
  'Drops a process: its functions and triggers go, its name is free. Ended instances stay until they are deleted. Errors: 55006 active instances, 2BP01 another process executes it, WF004, 42501.';

-- Defaults of the optional parameters of generated functions. Volatile, so that they are still there when the function is
-- called, and not strict, so that a NULL argument does not make them disappear.
CREATE FUNCTION bpt.unset(anyelement)
  RETURNS anyelement
  LANGUAGE c VOLATILE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'bpt_unset';
COMMENT ON FUNCTION bpt.unset(anyelement) IS
  'Internal: stands for an argument of a generated function that is left out.';
CREATE FUNCTION bpt.unset_domain(anyarray)
  RETURNS anyelement
  LANGUAGE c VOLATILE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'bpt_unset';
COMMENT ON FUNCTION bpt.unset_domain(anyarray) IS
  'Internal: the same for a parameter whose type is a domain.';

-- What the views of EXPOSE ENTITY show and their indexes hold. Neither the session's settings nor what is in the database
-- changes what a text means to it. Unsafe, as it may need a subtransaction.
CREATE FUNCTION bpt.stored_value("values" jsonb, variable_id bigint, type anyelement)
  RETURNS anyelement
  LANGUAGE c IMMUTABLE COST 5 PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_stored_value';
COMMENT ON FUNCTION bpt.stored_value(jsonb, bigint, anyelement) IS
  'Internal: the value of an input or output among stored ones, as the type of the last argument; NULL where there is none or it does not convert.';

-- A process lives in its schema as a table does: it goes with it.
CREATE FUNCTION bpt.schema_dropped() RETURNS event_trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'bpt_schema_dropped';
REVOKE ALL ON FUNCTION bpt.schema_dropped() FROM PUBLIC;
COMMENT ON FUNCTION bpt.schema_dropped() IS 'Drops the processes of dropped schemas.';
CREATE EVENT TRIGGER bpt_schema_dropped ON sql_drop
  WHEN TAG IN ('DROP SCHEMA', 'DROP OWNED')
  EXECUTE FUNCTION bpt.schema_dropped();
COMMENT ON EVENT TRIGGER bpt_schema_dropped IS 'Drops the processes of dropped schemas.';
