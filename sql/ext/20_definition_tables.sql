-- Definitions. One row a thing; ids are stable over versions and renames (WAS). The text of a version is the truth that
-- the engine runs; these rows give its names ids, and what the views show.
-- src/pg/tables.hpp names the columns by number: keep both in step.

CREATE TABLE bpt.home (
  database_oid oid NOT NULL,
  system_identifier bigint NOT NULL,
  held boolean NOT NULL DEFAULT false,
  single boolean PRIMARY KEY DEFAULT true CHECK (single));
COMMENT ON TABLE bpt.home IS 'Where this database lives. Written by the first publish. Where it differs from the database at hand, the database is a copy and its work is held until bpt.release().';

-- Objects outside bpt that definitions refer to: the oid wins while it exists, the name after a restore (bpt.release()).
CREATE SEQUENCE bpt.object_id AS bigint;
CREATE TABLE bpt.entity (
  id bigint PRIMARY KEY,
  relation oid NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL);
CREATE INDEX entity_relation ON bpt.entity (relation);
CREATE TABLE bpt.role_ref (
  id bigint PRIMARY KEY,
  role oid NOT NULL,
  role_name text NOT NULL);
CREATE INDEX role_ref_role ON bpt.role_ref (role);

CREATE SEQUENCE bpt.definition_id AS bigint;

CREATE TABLE bpt.process_def (
  id bigint PRIMARY KEY,
  schema_oid oid NOT NULL,
  schema_name text NOT NULL,
  name text NOT NULL,
  label text NOT NULL,
  description text,
  detail text,
  version integer NOT NULL,
  is_active boolean NOT NULL,
  is_public boolean NOT NULL,
  is_light boolean NOT NULL,
  expose_process_entity boolean NOT NULL,
  launch_on text,
  priority smallint NOT NULL,          -- 0 low, 1 normal, 2 high
  launch_function oid NOT NULL,        -- its owner is the process's owner
  launch_signature text NOT NULL,      -- schema-qualified, with argument types: finds the function after a restore
  created timestamptz NOT NULL,
  published timestamptz NOT NULL,
  published_by text NOT NULL,
  last_owner bigint,                   -- of a dropped process: bpt.role_ref of its owner
  visible_to bigint[],                 -- bpt.role_ref of the roles in VISIBLE TO; NULL: none
  history_retention interval);         -- how long ended instances are kept; NULL: as bpt.history_retention says
-- A dropped process (is_active false) has given its name back. By schema_name only where the oid means nothing any more.
CREATE UNIQUE INDEX process_def_by_schema ON bpt.process_def (schema_oid, name) WHERE is_active;
CREATE INDEX process_def_by_name ON bpt.process_def (schema_name, name) WHERE is_active;

CREATE TABLE bpt.process_version (
  process_def_id bigint NOT NULL,
  version integer NOT NULL,
  definition text NOT NULL,            -- this process's own text
  search_path text NOT NULL,
  bindings jsonb NOT NULL,             -- ids and types of the names in the text (src/expr/definition.hpp)
  published timestamptz NOT NULL,
  published_by text NOT NULL,
  PRIMARY KEY (process_def_id, version));

CREATE TABLE bpt.activity_def (
  id bigint PRIMARY KEY,
  process_def_id bigint NOT NULL,
  name text NOT NULL,
  kind smallint NOT NULL,              -- bpt.activity_kind.code by position, from 1
  label text NOT NULL,
  description text,
  is_active boolean NOT NULL,
  is_public boolean NOT NULL,
  skippable boolean NOT NULL,
  instructions text,
  roles text[],
  event text,
  invoked_process_def_id bigint,
  terminate_process boolean NOT NULL,
  first_version integer NOT NULL,
  last_version integer NOT NULL,
  position integer NOT NULL);          -- definition order in the last version
CREATE INDEX activity_def_process ON bpt.activity_def (process_def_id);
-- EXECUTEs of a process: its callers.
CREATE INDEX activity_def_invoked ON bpt.activity_def (invoked_process_def_id) WHERE invoked_process_def_id IS NOT NULL;

-- Inputs and outputs of processes and activities. owner_id: the process_def or activity_def.
CREATE TABLE bpt.variable_def (
  id bigint PRIMARY KEY,
  owner_id bigint NOT NULL,
  role smallint NOT NULL,              -- 1 process input, 2 process output, 3 activity output (also what its closer gives)
  name text NOT NULL,
  data_type text NOT NULL,
  default_expression text,
  is_mandatory boolean NOT NULL,
  close_input text NOT NULL,           -- mandatory, optional, no (activity outputs)
  is_active boolean NOT NULL,
  first_version integer NOT NULL,
  last_version integer NOT NULL,
  position integer NOT NULL);
CREATE INDEX variable_def_owner ON bpt.variable_def (owner_id);

CREATE TABLE bpt.link_def (
  id bigint PRIMARY KEY,
  process_def_id bigint NOT NULL,
  version integer NOT NULL,
  source_activity_def_id bigint,       -- NULL: START
  target_activity_def_id bigint,       -- NULL: END without a name
  outcome text,
  is_dependency boolean NOT NULL,
  is_terminate boolean NOT NULL,
  position integer NOT NULL);
CREATE INDEX link_def_process ON bpt.link_def (process_def_id, version);

-- Event clauses. A clause whose meaning does not change from version to version keeps its id.
CREATE TABLE bpt.event_def (
  id bigint PRIMARY KEY,
  process_def_id bigint NOT NULL,
  activity_def_id bigint,              -- NULL: LAUNCH ON
  entity_id bigint NOT NULL,
  operation "char" NOT NULL,           -- I, U
  clause text NOT NULL,                -- its text, by which a later version recognises it
  is_active boolean NOT NULL,          -- tested by the trigger: of the current version, or of one with live instances
  first_version integer NOT NULL,
  last_version integer NOT NULL,
  position integer NOT NULL);          -- among the clauses of its element
CREATE INDEX event_def_entity ON bpt.event_def (entity_id, id); -- the clauses of a table in their order
CREATE INDEX event_def_process ON bpt.event_def (process_def_id);

-- Functions made by publish. The oid wins while it exists, the signature after a restore.
CREATE TABLE bpt.typed_function (
  id bigint PRIMARY KEY,
  function oid NOT NULL,
  signature text NOT NULL,             -- schema-qualified, with argument types
  process_def_id bigint NOT NULL,
  activity_def_id bigint,              -- NULL: launch
  version integer NOT NULL);           -- that made it in this form
CREATE INDEX typed_function_function ON bpt.typed_function (function);
CREATE INDEX typed_function_process ON bpt.typed_function (process_def_id);

-- Views made by publish (EXPOSE ENTITY). The oid wins while it exists, the name after a restore.
CREATE TABLE bpt.exposed_view (
  process_def_id bigint PRIMARY KEY,
  view oid NOT NULL,
  schema_name text NOT NULL,
  view_name text NOT NULL,
  query text NOT NULL);                -- that it was made with: tells whether it must be made anew
