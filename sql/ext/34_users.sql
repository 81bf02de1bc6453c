-- Who acts, for process SQL and for the views. The views run these functions as their reader, so the reader may call
-- them; each tells only what concerns the reader's own rights, or what a definition says.

CREATE FUNCTION bpt.user_id() RETURNS text
  LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_user_id';
COMMENT ON FUNCTION bpt.user_id() IS 'The acting user. Within the SQL of a process: who caused it, NULL for events, timers and workers.';

CREATE FUNCTION bpt.acting_user_id() RETURNS text
  LANGUAGE C STABLE COST 1000 PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'bpt_acting_user_id';
COMMENT ON FUNCTION bpt.acting_user_id() IS 'Internal: the user whose tasks bpt.taskbox shows.';

-- The cost keeps the planner from filtering with it: it is to be the condition of an index scan, evaluated once.
CREATE FUNCTION bpt.acting_role_refs() RETURNS bigint[]
  LANGUAGE C STABLE COST 1000 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_acting_role_refs';
COMMENT ON FUNCTION bpt.acting_role_refs() IS 'Internal: the ids under which tasks may be offered to the acting user.';

CREATE FUNCTION bpt.acting_groups() RETURNS text[]
  LANGUAGE C STABLE COST 1000 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_acting_groups';
COMMENT ON FUNCTION bpt.acting_groups() IS 'Internal: the groups to which tasks may be offered that the acting user belongs to.';

CREATE FUNCTION bpt.may_see(process_definition_id bigint) RETURNS boolean
  LANGUAGE C STABLE COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_may_see';
COMMENT ON FUNCTION bpt.may_see(bigint) IS 'Internal: whether the acting role sees the definition and the instances of this process; NULL: what belongs to no process.';

CREATE FUNCTION bpt.process_owner(process_definition_id bigint) RETURNS oid
  LANGUAGE C STABLE STRICT COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_owner';
COMMENT ON FUNCTION bpt.process_owner(bigint) IS 'Internal: the role that owns this process, of a dropped process the one that did; NULL if it is gone.';

CREATE FUNCTION bpt.data_type_of(variable_id bigint) RETURNS regtype
  LANGUAGE C STABLE STRICT COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_data_type_of';
COMMENT ON FUNCTION bpt.data_type_of(bigint) IS 'Internal: the type of an input or output, NULL if it is gone.';

CREATE FUNCTION bpt.fits_role(process_definition_id bigint, version integer, activity_definition_id bigint) RETURNS boolean
  LANGUAGE C STABLE STRICT COST 100 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_fits_role';
COMMENT ON FUNCTION bpt.fits_role(bigint, integer, bigint) IS 'Internal: whether the acting user has a role of this task, or it asks for none.';

CREATE FUNCTION bpt.is_skippable(process_definition_id bigint, version integer, activity_definition_id bigint) RETURNS boolean
  LANGUAGE C STABLE STRICT COST 100 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_is_skippable';
COMMENT ON FUNCTION bpt.is_skippable(bigint, integer, bigint) IS 'Internal: whether this version lets the acting user skip this task.';

CREATE FUNCTION bpt.unset_output(process_id bigint, activity_id bigint, variable_id bigint) RETURNS text
  LANGUAGE C STABLE STRICT COST 1000 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_unset_output';
COMMENT ON FUNCTION bpt.unset_output(bigint, bigint, bigint) IS 'Internal: the default of an output that was not set, of an activity or (activity 0) of the process; NULL if it has none or it fails.';
