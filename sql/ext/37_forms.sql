-- Other forms of a definition. As in publishing, names resolve along the caller's search_path.

CREATE FUNCTION bpt.publish(definition jsonb, running text DEFAULT 'keep')
  RETURNS TABLE (process text, version integer, changed boolean, upgraded bigint, suspended bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
  AS 'MODULE_PATHNAME', 'bpt_publish_json';
COMMENT ON FUNCTION bpt.publish(jsonb, text) IS
  'Publishes definitions in the JSON form: an object, or an array of them. Rows and errors as those of bpt.publish(text, text); what is wrong with the form is WF007 and names its JSON path.';

CREATE FUNCTION bpt.validate(definition jsonb)
  RETURNS TABLE (severity text, code text, line integer, col integer, message text, detail text, hint text, sqlstate text,
                 source_line text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10
  AS 'MODULE_PATHNAME', 'bpt_validate_json';
COMMENT ON FUNCTION bpt.validate(jsonb) IS
  'All that bpt.publish would find wrong with definitions in the JSON form, and its warnings. What is wrong with the form has no line; lines of what else is wrong are those of the text that would be stored. Changes nothing.';

CREATE FUNCTION bpt.definition_json(process text, version integer DEFAULT NULL)
  RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_definition_json';
COMMENT ON FUNCTION bpt.definition_json(text, integer) IS
  'The JSON form of a process, of its current version unless another is named. Errors: WF004.';

CREATE FUNCTION bpt.mermaid(process text, version integer DEFAULT NULL)
  RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_mermaid';
COMMENT ON FUNCTION bpt.mermaid(text, integer) IS
  'A Mermaid flowchart of a process, of its current version unless another is named. Errors: WF004.';

CREATE FUNCTION bpt.mermaid(process_id bigint)
  RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_mermaid_instance';
COMMENT ON FUNCTION bpt.mermaid(bigint) IS
  'A Mermaid flowchart of an instance in its version; the class of each node is its state: done, active, error, terminated, not_reached. Errors: WF004 where there is none that the caller may see.';
