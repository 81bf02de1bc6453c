-- Codes as views show them. The tables hold small numbers (src/pg/tables.hpp); these functions are inlined into queries.

CREATE FUNCTION bpt.activity_kind_code(kind smallint) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (ARRAY['conditional_start', 'human', 'automatic', 'wait', 'decision', 'execute', 'email', 'end'])[kind];
COMMENT ON FUNCTION bpt.activity_kind_code(smallint) IS 'Internal: the code of an activity''s kind.';

CREATE FUNCTION bpt.activity_status_code(status smallint) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (ARRAY['scheduled', 'ready', 'listening', 'opened', 'error', 'failed', 'running', 'closed', 'skipped', 'expired',
                'discarded', 'terminated'])[status];
COMMENT ON FUNCTION bpt.activity_status_code(smallint) IS 'Internal: the code of an activity''s status.';

CREATE VIEW bpt.process_status WITH (security_barrier) AS
  SELECT code, label, is_terminal
  FROM (VALUES
    ('active', 'Active', false),
    ('suspended', 'Suspended', false),
    ('closed', 'Closed', true),
    ('terminated', 'Terminated', true)) AS v (code, label, is_terminal);
COMMENT ON VIEW bpt.process_status IS 'The statuses of process instances.';
COMMENT ON COLUMN bpt.process_status.code IS 'As in bpt.process.status.';
COMMENT ON COLUMN bpt.process_status.label IS 'Name for people.';
COMMENT ON COLUMN bpt.process_status.is_terminal IS 'True for statuses of ended processes.';

CREATE VIEW bpt.activity_status WITH (security_barrier) AS
  SELECT code, label, is_terminal
  FROM (VALUES
    ('scheduled', 'Scheduled', false),
    ('ready', 'Ready', false),
    ('listening', 'Listening', false),
    ('opened', 'Opened', false),
    ('error', 'Error', false),
    ('failed', 'Failed', false),
    ('running', 'Running', false),
    ('closed', 'Closed', true),
    ('skipped', 'Skipped', true),
    ('expired', 'Expired', true),
    ('discarded', 'Discarded', true),
    ('terminated', 'Terminated', true)) AS v (code, label, is_terminal);
COMMENT ON VIEW bpt.activity_status IS 'The statuses of activity instances.';
COMMENT ON COLUMN bpt.activity_status.code IS 'As in bpt.activity.status.';
COMMENT ON COLUMN bpt.activity_status.label IS 'Name for people.';
COMMENT ON COLUMN bpt.activity_status.is_terminal IS 'True for statuses of ended activities.';

CREATE VIEW bpt.activity_kind WITH (security_barrier) AS
  SELECT code, label, is_terminal
  FROM (VALUES
    ('conditional_start', 'Conditional start', false),
    ('human', 'Human activity', false),
    ('automatic', 'Automatic activity', false),
    ('wait', 'Wait', false),
    ('decision', 'Decision', false),
    ('execute', 'Execute process', false),
    ('email', 'Email', false),
    ('end', 'End', true)) AS v (code, label, is_terminal);
COMMENT ON VIEW bpt.activity_kind IS 'The kinds of activities.';
COMMENT ON COLUMN bpt.activity_kind.code IS 'As in bpt.activity.kind and bpt.activity_definition.kind.';
COMMENT ON COLUMN bpt.activity_kind.label IS 'Name for people.';
COMMENT ON COLUMN bpt.activity_kind.is_terminal IS 'True for the kind that ends a path.';
