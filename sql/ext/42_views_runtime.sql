-- Running and ended instances, for those who may see the process. may_see() stands beside the definition tables that the
-- instances are joined to, so it is asked once a definition. Values stand in jsonb objects by the id of the variable; what
-- was stored as a default stands under -id.

-- The expression for status is that of the index process_instance_live: `status = 'active'` reads live instances only.
CREATE VIEW bpt.process WITH (security_barrier) AS
  SELECT
    p.id,
    p.process_def_id AS process_definition_id,
    d.name,
    p.version,
    COALESCE(bpt.translated(d.id, 0, 'detail', p.label), bpt.translated(d.id, 0, 'label', p.label), p.label) AS label,
    CASE p.status WHEN 1 THEN CASE WHEN p.is_suspended THEN 'suspended' ELSE 'active' END
                  WHEN 2 THEN 'closed' ELSE 'terminated' END AS status,
    p.is_suspended,
    p.created,
    p.created_by,
    p.closed,
    p.parent_process_id,
    p.parent_activity_id,
    COALESCE(p.top_process_id, p.id) AS top_process_id,
    p.launched_by_activity_id,
    p.last_modified,
    p.last_modified_by,
    p.suspended_date,
    p.suspended_by,
    e.relation::regclass AS entity,
    p.entity_key
  FROM bpt.process_instance p
  JOIN bpt.process_def d ON d.id = p.process_def_id
  LEFT JOIN bpt.entity e ON e.id = p.entity_id
  WHERE bpt.may_see(d.id);
COMMENT ON VIEW bpt.process IS 'Process instances. Readable by members of the process''s owner, of bpt_monitor and of bpt_admin.';
COMMENT ON COLUMN bpt.process.id IS 'What bpt.process_id() gives in the process''s SQL.';
COMMENT ON COLUMN bpt.process.process_definition_id IS 'Its process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.process.name IS 'The name of the process.';
COMMENT ON COLUMN bpt.process.version IS 'The version that it runs.';
COMMENT ON COLUMN bpt.process.label IS 'DETAIL at launch; without one the first text column of the launching row; where that is NULL the process''s label, else its name.';
COMMENT ON COLUMN bpt.process.status IS 'A code of bpt.process_status.';
COMMENT ON COLUMN bpt.process.is_suspended IS 'True while it takes no step.';
COMMENT ON COLUMN bpt.process.created IS 'When it was launched.';
COMMENT ON COLUMN bpt.process.created_by IS 'Who launched it; NULL: an event.';
COMMENT ON COLUMN bpt.process.closed IS 'When it ended, in whatever way.';
COMMENT ON COLUMN bpt.process.parent_process_id IS 'The process whose EXECUTE runs it.';
COMMENT ON COLUMN bpt.process.parent_activity_id IS 'The activity whose EXECUTE runs it.';
COMMENT ON COLUMN bpt.process.top_process_id IS 'The outermost of its parents; its own id if it has none.';
COMMENT ON COLUMN bpt.process.launched_by_activity_id IS 'The activity whose statement launched it.';
COMMENT ON COLUMN bpt.process.last_modified IS 'When it last changed.';
COMMENT ON COLUMN bpt.process.last_modified_by IS 'Who changed it last; NULL: an event, a timer or a worker.';
COMMENT ON COLUMN bpt.process.suspended_date IS 'Since when it is suspended.';
COMMENT ON COLUMN bpt.process.suspended_by IS 'Who suspended it.';
COMMENT ON COLUMN bpt.process.entity IS 'The table whose row launched it; - if it was dropped.';
COMMENT ON COLUMN bpt.process.entity_key IS 'The key of that row.';

CREATE VIEW bpt.activity WITH (security_barrier) AS
  SELECT
    a.id,
    a.process_id,
    a.activity_def_id AS activity_definition_id,
    d.name,
    bpt.activity_kind_code(a.kind) AS kind,
    COALESCE(a.label, bpt.translated(d.process_def_id, d.id, 'label'), d.label) AS label,
    bpt.activity_status_code(a.status) AS status,
    bpt.activity_status_code(a.stopped_status) AS stopped_status,
    a.user_id,
    a.group_id,
    a.created,
    a.start_date,
    a.ready,
    a.opened,
    a.opened_by,
    a.closed,
    a.closed_by,
    a.due_date,
    a.timeout,
    COALESCE(a.expired, false) AS expired,
    COALESCE(a.skipped, false) AS skipped,
    a.precedent_activity_id,
    a.precedent_outcome,
    a.child_process_id,
    a.started_by,
    a.started_instant,
    COALESCE(a.error_count, 0) AS error_count,
    a.last_error_id,
    a.next_run,
    COALESCE(a.refusals, 0) AS refusals,
    a.last_refusal,
    COALESCE(bpt.translated(d.process_def_id, d.id, 'detail', a.detail),
      bpt.translated(d.process_def_id, 0, 'detail', a.detail), a.detail) AS detail,
    a.destination
  FROM bpt.activity_instance a
  JOIN bpt.activity_def d ON d.id = a.activity_def_id
  WHERE bpt.may_see(d.process_def_id);
COMMENT ON VIEW bpt.activity IS 'Activity instances: every step of a process that has taken place or is at hand. A START and an END without a name have no row, a DECISION only while in error.';
COMMENT ON COLUMN bpt.activity.id IS 'What the action functions take, and bpt.activity_id() gives in the process''s SQL.';
COMMENT ON COLUMN bpt.activity.process_id IS 'Its process, see bpt.process.';
COMMENT ON COLUMN bpt.activity.activity_definition_id IS 'Its definition, see bpt.activity_definition.';
COMMENT ON COLUMN bpt.activity.name IS 'Its name in the definition.';
COMMENT ON COLUMN bpt.activity.kind IS 'A code of bpt.activity_kind.';
COMMENT ON COLUMN bpt.activity.label IS 'Its name for people.';
COMMENT ON COLUMN bpt.activity.status IS 'A code of bpt.activity_status.';
COMMENT ON COLUMN bpt.activity.stopped_status IS 'The status in which the end of the process met it.';
COMMENT ON COLUMN bpt.activity.user_id IS 'The user that the task is limited to.';
COMMENT ON COLUMN bpt.activity.group_id IS 'The group that the task is limited to.';
COMMENT ON COLUMN bpt.activity.created IS 'When the path reached it.';
COMMENT ON COLUMN bpt.activity.start_date IS 'Until when it is scheduled (START DATE).';
COMMENT ON COLUMN bpt.activity.ready IS 'When it became ready or began to listen.';
COMMENT ON COLUMN bpt.activity.opened IS 'When a user took it.';
COMMENT ON COLUMN bpt.activity.opened_by IS 'The user who took it.';
COMMENT ON COLUMN bpt.activity.closed IS 'When it ended, in whatever way.';
COMMENT ON COLUMN bpt.activity.closed_by IS 'Who ended it; NULL: an event, a timer or a worker.';
COMMENT ON COLUMN bpt.activity.due_date IS 'When the task is due (DUE).';
COMMENT ON COLUMN bpt.activity.timeout IS 'When the wait expires (TIMEOUT).';
COMMENT ON COLUMN bpt.activity.expired IS 'True if it ended by timeout.';
COMMENT ON COLUMN bpt.activity.skipped IS 'True if it was skipped.';
COMMENT ON COLUMN bpt.activity.precedent_activity_id IS 'The activity before it on its path.';
COMMENT ON COLUMN bpt.activity.precedent_outcome IS 'The outcome of the DECISION that led to it.';
COMMENT ON COLUMN bpt.activity.child_process_id IS 'The process that an EXECUTE runs.';
COMMENT ON COLUMN bpt.activity.started_by IS 'Who made this start of a CONDITIONAL START; NULL: an event.';
COMMENT ON COLUMN bpt.activity.started_instant IS 'When this start of a CONDITIONAL START was made.';
COMMENT ON COLUMN bpt.activity.error_count IS 'How many of its attempts failed.';
COMMENT ON COLUMN bpt.activity.last_error_id IS 'The last failure, see bpt.error_log.';
COMMENT ON COLUMN bpt.activity.next_run IS 'When it is tried again.';
COMMENT ON COLUMN bpt.activity.refusals IS 'How often a callback refused an event, a timeout or to become ready.';
COMMENT ON COLUMN bpt.activity.last_refusal IS 'What the last refusal said.';
COMMENT ON COLUMN bpt.activity.detail IS 'What the task is about (DETAIL).';
COMMENT ON COLUMN bpt.activity.destination IS 'Where the task is done (DESTINATION).';

CREATE VIEW bpt.process_input WITH (security_barrier) AS
  SELECT
    p.id AS process_id,
    v.id AS input_definition_id,
    v.name,
    bpt.data_type_of(v.id) AS data_type,
    CASE
      WHEN p.inputs ? v.id::text THEN p.inputs ->> v.id::text
      ELSE p.inputs ->> ('-' || v.id)
    END AS input_value,
    COALESCE(p.inputs ? v.id::text, false) AS is_set
  FROM bpt.process_instance p
  JOIN bpt.variable_def v
    ON v.owner_id = p.process_def_id AND v.role = 1 AND p.version BETWEEN v.first_version AND v.last_version
  WHERE bpt.may_see(v.owner_id)
    -- A name that was taken out and came back is in the range, but not of the versions between.
    AND EXISTS (
      SELECT FROM bpt.process_version w
      WHERE w.process_def_id = p.process_def_id AND w.version = p.version AND w.bindings @> jsonb_build_object('inputs', jsonb_build_array(jsonb_build_object('id', v.id))));
COMMENT ON VIEW bpt.process_input IS 'The inputs of process instances, a row for every declared one.';
COMMENT ON COLUMN bpt.process_input.process_id IS 'The process, see bpt.process.';
COMMENT ON COLUMN bpt.process_input.input_definition_id IS 'See bpt.process_input_definition.';
COMMENT ON COLUMN bpt.process_input.name IS 'Its name.';
COMMENT ON COLUMN bpt.process_input.data_type IS 'Its type; NULL if that is gone.';
COMMENT ON COLUMN bpt.process_input.input_value IS 'The value as its type writes it; the default if it was not given.';
COMMENT ON COLUMN bpt.process_input.is_set IS 'True if the launch gave it.';

CREATE VIEW bpt.process_output WITH (security_barrier) AS
  SELECT
    p.id AS process_id,
    v.id AS output_definition_id,
    v.name,
    bpt.data_type_of(v.id) AS data_type,
    CASE
      WHEN p.outputs ? v.id::text THEN p.outputs ->> v.id::text
      WHEN p.outputs ? ('-' || v.id) THEN p.outputs ->> ('-' || v.id)
      WHEN p.closed IS NULL AND v.default_expression IS NOT NULL THEN bpt.unset_output(p.id, 0, v.id)
    END AS output_value,
    COALESCE(p.outputs ? v.id::text, false) AS is_set
  FROM bpt.process_instance p
  JOIN bpt.variable_def v
    ON v.owner_id = p.process_def_id AND v.role = 2 AND p.version BETWEEN v.first_version AND v.last_version
  WHERE bpt.may_see(v.owner_id)
    -- A name that was taken out and came back is in the range, but not of the versions between.
    AND EXISTS (
      SELECT FROM bpt.process_version w
      WHERE w.process_def_id = p.process_def_id AND w.version = p.version AND w.bindings @> jsonb_build_object('outputs', jsonb_build_array(jsonb_build_object('id', v.id))));
COMMENT ON VIEW bpt.process_output IS 'The outputs of process instances, a row for every declared one.';
COMMENT ON COLUMN bpt.process_output.process_id IS 'The process, see bpt.process.';
COMMENT ON COLUMN bpt.process_output.output_definition_id IS 'See bpt.process_output_definition.';
COMMENT ON COLUMN bpt.process_output.name IS 'Its name.';
COMMENT ON COLUMN bpt.process_output.data_type IS 'Its type; NULL if that is gone.';
COMMENT ON COLUMN bpt.process_output.output_value IS 'The value as its type writes it; the default if it was not set.';
COMMENT ON COLUMN bpt.process_output.is_set IS 'True if the process has set it.';

CREATE VIEW bpt.activity_output WITH (security_barrier) AS
  SELECT
    a.id AS activity_id,
    a.process_id,
    v.id AS output_definition_id,
    v.name,
    bpt.data_type_of(v.id) AS data_type,
    CASE
      WHEN a.outputs ? v.id::text THEN a.outputs ->> v.id::text
      WHEN a.outputs ? ('-' || v.id) THEN a.outputs ->> ('-' || v.id)
      WHEN a.closed IS NULL AND v.default_expression IS NOT NULL THEN bpt.unset_output(p.id, a.id, v.id)
    END AS output_value,
    COALESCE(a.outputs ? v.id::text, false) AS is_set
  FROM bpt.activity_instance a
  JOIN bpt.process_instance p ON p.id = a.process_id
  JOIN bpt.activity_def d ON d.id = a.activity_def_id
  JOIN bpt.variable_def v
    ON v.owner_id = d.id AND v.role = 3 AND p.version BETWEEN v.first_version AND v.last_version
  WHERE bpt.may_see(d.process_def_id)
    -- A name that was taken out and came back is in the range, but not of the versions between.
    AND EXISTS (
      SELECT FROM bpt.process_version w
      WHERE w.process_def_id = p.process_def_id AND w.version = p.version AND w.bindings @> jsonb_build_object('elements', jsonb_build_array(jsonb_build_object('outputs', jsonb_build_array(jsonb_build_object('id', v.id))))));
COMMENT ON VIEW bpt.activity_output IS 'What activity instances have been given or gave, a row for every declared input and output and every result column.';
COMMENT ON COLUMN bpt.activity_output.activity_id IS 'The activity, see bpt.activity.';
COMMENT ON COLUMN bpt.activity_output.process_id IS 'Its process, see bpt.process.';
COMMENT ON COLUMN bpt.activity_output.output_definition_id IS 'See bpt.activity_output_definition.';
COMMENT ON COLUMN bpt.activity_output.name IS 'Its name.';
COMMENT ON COLUMN bpt.activity_output.data_type IS 'Its type; NULL if that is gone.';
COMMENT ON COLUMN bpt.activity_output.output_value IS 'The value as its type writes it; the default if it was not set, but NULL in an activity that the end of the process stopped.';
COMMENT ON COLUMN bpt.activity_output.is_set IS 'True if it was given or set.';
