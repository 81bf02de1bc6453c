-- What is published, for those who may see the process. Every view is a security barrier: a reader's own functions meet
-- only rows that are the reader's. may_see() stands beside the small definition tables, so it is asked once a definition.

CREATE VIEW bpt.process_definition WITH (security_barrier) AS
  SELECT
    d.id,
    COALESCE(n.nspname::text COLLATE "default", d.schema_name) AS schema_name,
    d.name,
    d.label,
    d.description,
    d.detail,
    d.version,
    d.is_active,
    n.oid IS NOT NULL
      AND bpt.process_owner(d.id) IS NOT NULL
      AND NOT EXISTS (
        SELECT
        FROM bpt.event_def c
        JOIN bpt.entity e ON e.id = c.entity_id
        WHERE c.process_def_id = d.id AND d.version BETWEEN c.first_version AND c.last_version
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_class r WHERE r.oid = e.relation)) AS is_valid,
    d.is_public,
    d.is_light,
    d.expose_process_entity,
    d.launch_on,
    CASE d.priority WHEN 0 THEN 'low' WHEN 2 THEN 'high' ELSE 'normal' END AS priority,
    o.rolname::text COLLATE "default" AS owner,
    v.definition,
    d.created,
    d.published,
    d.published_by,
    d.history_retention
  FROM bpt.process_def d
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.schema_oid
  LEFT JOIN bpt.process_version v ON v.process_def_id = d.id AND v.version = d.version
  LEFT JOIN pg_catalog.pg_roles o ON o.oid = bpt.process_owner(d.id)
  WHERE bpt.may_see(d.id);
COMMENT ON VIEW bpt.process_definition IS 'Published processes, one row each, as their current version says. Readable by members of the owner, of bpt_monitor and of bpt_admin.';
COMMENT ON COLUMN bpt.process_definition.id IS 'Stays the same over versions and renames (WAS).';
COMMENT ON COLUMN bpt.process_definition.schema_name IS 'The schema that the process lives in.';
COMMENT ON COLUMN bpt.process_definition.name IS 'Its name, unique in the schema among active processes.';
COMMENT ON COLUMN bpt.process_definition.label IS 'Its name for people (LABEL).';
COMMENT ON COLUMN bpt.process_definition.description IS 'What it is for (DESCRIPTION).';
COMMENT ON COLUMN bpt.process_definition.detail IS 'The DETAIL that labels instances and tasks, as written.';
COMMENT ON COLUMN bpt.process_definition.version IS 'The current version: new instances run it.';
COMMENT ON COLUMN bpt.process_definition.is_active IS 'False after bpt.drop_process().';
COMMENT ON COLUMN bpt.process_definition.is_valid IS 'False if its schema, its launch function or a table that it listens to is gone. bpt.validate() checks everything else.';
COMMENT ON COLUMN bpt.process_definition.is_public IS 'True if everybody may launch it (PUBLIC).';
COMMENT ON COLUMN bpt.process_definition.is_light IS 'True for a light process (LIGHT).';
COMMENT ON COLUMN bpt.process_definition.expose_process_entity IS 'True if its inputs are exposed as an entity (EXPOSE ENTITY).';
COMMENT ON COLUMN bpt.process_definition.launch_on IS 'The LAUNCH ON clauses.';
COMMENT ON COLUMN bpt.process_definition.priority IS 'low, normal or high.';
COMMENT ON COLUMN bpt.process_definition.owner IS 'The role that owns the launch function, of a dropped process the one that did; NULL if it is gone.';
COMMENT ON COLUMN bpt.process_definition.definition IS 'The text of the current version.';
COMMENT ON COLUMN bpt.process_definition.created IS 'When it was first published.';
COMMENT ON COLUMN bpt.process_definition.published IS 'When the current version was published.';
COMMENT ON COLUMN bpt.process_definition.published_by IS 'Who published the current version.';
COMMENT ON COLUMN bpt.process_definition.history_retention IS 'How long ended instances are kept (bpt.set_history_retention); NULL: as the setting bpt.history_retention says.';

CREATE VIEW bpt.process_definition_version WITH (security_barrier) AS
  SELECT
    v.process_def_id AS process_definition_id,
    v.version,
    v.definition,
    v.published,
    v.published_by,
    (SELECT count(*)
     FROM bpt.process_instance p
     WHERE p.process_def_id = v.process_def_id AND p.version = v.version
       AND CASE p.status WHEN 1 THEN CASE WHEN p.is_suspended THEN 'suspended' ELSE 'active' END
                         WHEN 2 THEN 'closed' ELSE 'terminated' END IN ('active', 'suspended')) AS active_processes
  FROM bpt.process_version v
  WHERE bpt.may_see(v.process_def_id);
COMMENT ON VIEW bpt.process_definition_version IS 'All versions of the published processes.';
COMMENT ON COLUMN bpt.process_definition_version.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.process_definition_version.version IS 'Counts from 1.';
COMMENT ON COLUMN bpt.process_definition_version.definition IS 'The text that was published.';
COMMENT ON COLUMN bpt.process_definition_version.published IS 'When.';
COMMENT ON COLUMN bpt.process_definition_version.published_by IS 'By whom.';
COMMENT ON COLUMN bpt.process_definition_version.active_processes IS 'How many instances of this version have not ended.';

CREATE VIEW bpt.activity_definition WITH (security_barrier) AS
  SELECT
    a.id,
    a.process_def_id AS process_definition_id,
    a.name,
    bpt.activity_kind_code(a.kind) AS kind,
    a.label,
    a.description,
    a.is_active,
    a.is_public,
    a.skippable,
    a.instructions,
    a.roles,
    a.event,
    a.invoked_process_def_id AS invoked_process_definition_id,
    a.terminate_process,
    a.first_version,
    a.last_version
  FROM bpt.activity_def a
  WHERE bpt.may_see(a.process_def_id);
COMMENT ON VIEW bpt.activity_definition IS 'The activities of published processes, those of earlier versions included.';
COMMENT ON COLUMN bpt.activity_definition.id IS 'Stays the same over versions and renames (WAS).';
COMMENT ON COLUMN bpt.activity_definition.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.activity_definition.name IS 'Its name in the definition.';
COMMENT ON COLUMN bpt.activity_definition.kind IS 'A code of bpt.activity_kind.';
COMMENT ON COLUMN bpt.activity_definition.label IS 'Its name for people (LABEL).';
COMMENT ON COLUMN bpt.activity_definition.description IS 'What it is for (DESCRIPTION).';
COMMENT ON COLUMN bpt.activity_definition.is_active IS 'True if the current version has it.';
COMMENT ON COLUMN bpt.activity_definition.is_public IS 'True if it is PUBLIC.';
COMMENT ON COLUMN bpt.activity_definition.skippable IS 'True if its users may skip it (ALLOW SKIP).';
COMMENT ON COLUMN bpt.activity_definition.instructions IS 'What its user is to do (INSTRUCTIONS).';
COMMENT ON COLUMN bpt.activity_definition.roles IS 'The roles to which the task is offered, in the order of the definition (ROLE).';
COMMENT ON COLUMN bpt.activity_definition.event IS 'The CLOSE ON or START ON clauses.';
COMMENT ON COLUMN bpt.activity_definition.invoked_process_definition_id IS 'The process that an EXECUTE runs.';
COMMENT ON COLUMN bpt.activity_definition.terminate_process IS 'True for an END that terminates the process.';
COMMENT ON COLUMN bpt.activity_definition.first_version IS 'The first version that has it.';
COMMENT ON COLUMN bpt.activity_definition.last_version IS 'The last version that has it.';

CREATE VIEW bpt.activity_def_link WITH (security_barrier) AS
  SELECT
    l.id,
    l.process_def_id AS process_definition_id,
    l.version,
    l.source_activity_def_id AS source_activity_definition_id,
    l.target_activity_def_id AS target_activity_definition_id,
    l.outcome,
    l.is_dependency,
    l.is_terminate,
    l.position
  FROM bpt.link_def l
  WHERE bpt.may_see(l.process_def_id);
COMMENT ON VIEW bpt.activity_def_link IS 'The connectors of every version of the published processes.';
COMMENT ON COLUMN bpt.activity_def_link.id IS 'Of this connector in this version.';
COMMENT ON COLUMN bpt.activity_def_link.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.activity_def_link.version IS 'The version that it stands in.';
COMMENT ON COLUMN bpt.activity_def_link.source_activity_definition_id IS 'Where it begins; NULL: at START.';
COMMENT ON COLUMN bpt.activity_def_link.target_activity_definition_id IS 'Where it leads; NULL: to an END without a name.';
COMMENT ON COLUMN bpt.activity_def_link.outcome IS 'The outcome of a DECISION on which it is followed.';
COMMENT ON COLUMN bpt.activity_def_link.is_dependency IS 'True for the AFTER of a CONDITIONAL START.';
COMMENT ON COLUMN bpt.activity_def_link.is_terminate IS 'True if it leads to an END TERMINATE.';
COMMENT ON COLUMN bpt.activity_def_link.position IS 'Its place in the text.';

CREATE VIEW bpt.process_input_definition WITH (security_barrier) AS
  SELECT v.id, v.owner_id AS process_definition_id, v.name, v.data_type, v.default_expression, v.is_mandatory, v.is_active
  FROM bpt.variable_def v
  WHERE v.role = 1 AND bpt.may_see(v.owner_id);
COMMENT ON VIEW bpt.process_input_definition IS 'The inputs of published processes.';
COMMENT ON COLUMN bpt.process_input_definition.id IS 'Stays the same over versions and renames (WAS).';
COMMENT ON COLUMN bpt.process_input_definition.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.process_input_definition.name IS 'Its name.';
COMMENT ON COLUMN bpt.process_input_definition.data_type IS 'Its type, with its length or precision.';
COMMENT ON COLUMN bpt.process_input_definition.default_expression IS 'The DEFAULT, as written.';
COMMENT ON COLUMN bpt.process_input_definition.is_mandatory IS 'True if a launch must give it.';
COMMENT ON COLUMN bpt.process_input_definition.is_active IS 'True if the current version has it.';

CREATE VIEW bpt.process_output_definition WITH (security_barrier) AS
  SELECT v.id, v.owner_id AS process_definition_id, v.name, v.data_type, v.default_expression, v.is_mandatory, v.is_active
  FROM bpt.variable_def v
  WHERE v.role = 2 AND bpt.may_see(v.owner_id);
COMMENT ON VIEW bpt.process_output_definition IS 'The outputs of published processes (RETURNS).';
COMMENT ON COLUMN bpt.process_output_definition.id IS 'Stays the same over versions and renames (WAS).';
COMMENT ON COLUMN bpt.process_output_definition.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.process_output_definition.name IS 'Its name.';
COMMENT ON COLUMN bpt.process_output_definition.data_type IS 'Its type, with its length or precision.';
COMMENT ON COLUMN bpt.process_output_definition.default_expression IS 'The DEFAULT, as written: the value of an output never set.';
COMMENT ON COLUMN bpt.process_output_definition.is_mandatory IS 'Always false: outputs cannot be NOT NULL.';
COMMENT ON COLUMN bpt.process_output_definition.is_active IS 'True if the current version has it.';

CREATE VIEW bpt.activity_output_definition WITH (security_barrier) AS
  SELECT
    v.id, v.owner_id AS activity_definition_id, v.name, v.data_type, v.default_expression, v.close_input, v.is_active
  FROM bpt.variable_def v
  JOIN bpt.activity_def a ON a.id = v.owner_id
  WHERE v.role = 3 AND bpt.may_see(a.process_def_id);
COMMENT ON VIEW bpt.activity_output_definition IS 'What activities of published processes give: inputs of their closer, outputs, result columns of their statements.';
COMMENT ON COLUMN bpt.activity_output_definition.id IS 'Stays the same over versions and renames (WAS).';
COMMENT ON COLUMN bpt.activity_output_definition.activity_definition_id IS 'The activity, see bpt.activity_definition.';
COMMENT ON COLUMN bpt.activity_output_definition.name IS 'Its name.';
COMMENT ON COLUMN bpt.activity_output_definition.data_type IS 'Its type, with its length or precision.';
COMMENT ON COLUMN bpt.activity_output_definition.default_expression IS 'The DEFAULT, as written.';
COMMENT ON COLUMN bpt.activity_output_definition.close_input IS 'Whether who closes or starts the activity gives it: mandatory, optional, no.';
COMMENT ON COLUMN bpt.activity_output_definition.is_active IS 'True if the current version has it.';

CREATE VIEW bpt.process_definition_lang WITH (security_barrier) AS
  SELECT
    t.process_def_id AS process_definition_id,
    NULLIF(t.activity_def_id, 0) AS activity_definition_id,
    t.locale,
    t.property,
    t.value
  FROM bpt.process_lang t
  WHERE bpt.may_see(t.process_def_id);
COMMENT ON VIEW bpt.process_definition_lang IS 'Texts of published processes in other languages.';
COMMENT ON COLUMN bpt.process_definition_lang.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.process_definition_lang.activity_definition_id IS 'The activity; NULL: the text is the process''s own.';
COMMENT ON COLUMN bpt.process_definition_lang.locale IS 'The language.';
COMMENT ON COLUMN bpt.process_definition_lang.property IS 'Which text: label, description, instructions, detail.';
COMMENT ON COLUMN bpt.process_definition_lang.value IS 'The text in that language.';
