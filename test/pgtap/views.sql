-- The views of schema bpt: their names, columns, types, and that they are barriers for everybody to read.
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.columns_of(view text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(attname || CASE atttypid
      WHEN 'bigint'::regtype THEN '' WHEN 'text'::regtype THEN ':t' WHEN 'timestamptz'::regtype THEN ':i'
      WHEN 'boolean'::regtype THEN ':b' WHEN 'integer'::regtype THEN ':n' ELSE ':' || format_type(atttypid, NULL) END,
    ' ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = ('bpt.' || view)::regclass AND attnum > 0 AND NOT attisdropped
$$;

-- Columns in order; :t text, :i instant, :b boolean, :n integer, without a mark bigint.
CREATE TEMP TABLE expected (view text, columns text);
INSERT INTO expected VALUES
  ('process', 'id process_definition_id name:t version:n label:t status:t is_suspended:b created:i created_by:t closed:i '
    'parent_process_id parent_activity_id top_process_id launched_by_activity_id last_modified:i last_modified_by:t '
    'suspended_date:i suspended_by:t entity:regclass entity_key:t'),
  ('activity', 'id process_id activity_definition_id name:t kind:t label:t status:t stopped_status:t user_id:t group_id:t '
    'created:i start_date:i ready:i opened:i opened_by:t closed:i closed_by:t due_date:i timeout:i expired:b skipped:b '
    'precedent_activity_id precedent_outcome:t child_process_id started_by:t started_instant:i error_count:n last_error_id '
    'next_run:i refusals:n last_refusal:t detail:t destination:t'),
  ('process_definition', 'id schema_name:t name:t label:t description:t detail:t version:n is_active:b is_valid:b '
    'is_public:b is_light:b expose_process_entity:b launch_on:t priority:t owner:t definition:t created:i published:i '
    'published_by:t history_retention:interval'),
  ('process_definition_version', 'process_definition_id version:n definition:t published:i published_by:t active_processes'),
  ('activity_definition', 'id process_definition_id name:t kind:t label:t description:t is_active:b is_public:b skippable:b '
    'instructions:t roles:text[] event:t invoked_process_definition_id terminate_process:b first_version:n last_version:n'),
  ('activity_def_link', 'id process_definition_id version:n source_activity_definition_id target_activity_definition_id '
    'outcome:t is_dependency:b is_terminate:b position:n'),
  ('process_input_definition', 'id process_definition_id name:t data_type:t default_expression:t is_mandatory:b is_active:b'),
  ('process_output_definition', 'id process_definition_id name:t data_type:t default_expression:t is_mandatory:b is_active:b'),
  ('activity_output_definition', 'id activity_definition_id name:t data_type:t default_expression:t close_input:t is_active:b'),
  ('process_definition_lang', 'process_definition_id activity_definition_id locale:t property:t value:t'),
  ('process_input', 'process_id input_definition_id name:t data_type:regtype input_value:t is_set:b'),
  ('process_output', 'process_id output_definition_id name:t data_type:regtype output_value:t is_set:b'),
  ('activity_output', 'activity_id process_id output_definition_id name:t data_type:regtype output_value:t is_set:b'),
  ('process_status', 'code:t label:t is_terminal:b'),
  ('activity_status', 'code:t label:t is_terminal:b'),
  ('activity_kind', 'code:t label:t is_terminal:b'),
  ('taskbox', 'activity_id process_id process:t name:t label:t label_lang:t detail:t instructions:t custom_instructions:t '
    'destination:t due_date:i is_overdue:b is_opened:b opened:i opened_by:t user_id:t group_id:t is_seen:b can_skip:b '
    'hide_done:b hide_release:b created:i'),
  ('error_log', 'id instant:i process_id process_definition_id activity_id activity_definition_id event_id phase:t attempt:n '
    'sqlstate:t message:t detail:t hint:t context:t statement:t user_id:t worker_pid:n next_run:i'),
  ('email', 'id process_id activity_id status:t from_address:t to_addresses:t cc:t bcc:t subject:t body:t message_id:t created:i '
    'sent:i error_count:n next_run:i last_error_id'),
  ('event_queue', 'id enqueue_time:i entity:regclass operation:t data_id:t process_definition_id activity_definition_id '
    'activity_id is_light:b status:t error_count:n next_run:i last_error_id'),
  ('stat_event_queue', 'process_definition_id depth oldest:i rate:double precision retrying failed'),
  ('timer', 'id schema_name:t name:t schedule:t priority:t time_limit:interval owner:t is_active:b last_run:i next_run:i '
    'running_since:i time_zone:t definition:t'),
  ('timer_run', 'id timer_id scheduled:i started:i ended:i status:t last_error_id'),
  ('stat_process', 'process_definition_id name:t version:n active suspended closed terminated errors launched_last_hour '
    'closed_last_hour avg_duration:interval p50_duration:interval p95_duration:interval p99_duration:interval'),
  ('stat_activity', 'activity_definition_id process_definition_id name:t kind:t active ended errors p50_waiting:interval '
    'p95_waiting:interval p50_working:interval p95_working:interval'),
  ('event_log', 'case_id activity:t transition:t instant:i resource:t'),
  ('worker', 'pid:n datname:name kind:t state:t process_id activity_id what:t since:i started:i steps errors next_wakeup:i');

SELECT is(pg_temp.columns_of(view), columns, 'columns of bpt.' || view) FROM expected ORDER BY view;
SELECT ok(has_table_privilege('public', 'bpt.' || view, 'SELECT'), 'everybody may read bpt.' || view) FROM expected ORDER BY view;

SELECT set_eq(
  $$SELECT relname::text FROM pg_class WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v'$$,
  $$SELECT view FROM expected UNION SELECT 'queue_event'$$, 'no other view but an internal one');
SELECT is_empty(
  $$SELECT relname FROM pg_class WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v'
      AND NOT COALESCE(reloptions @> '{security_barrier=true}', false)$$,
  'every view is a security barrier');
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v' AND atttypid = 'text'::regtype
      AND attcollation <> 'pg_catalog."default"'::regcollation$$, 'every text sorts as the database does');
SELECT is_empty(
  $$SELECT relname FROM pg_class, pg_extension WHERE relnamespace = 'bpt'::regnamespace AND extname = 'bpt'
      AND relkind IN ('r', 'v', 'S', 'p') AND relowner <> extowner$$,
  'all relations belong to the owner of the extension');

-- The codes are those of the tables, in their order.
SELECT results_eq(
  $$SELECT bpt.activity_status_code(g::smallint) FROM generate_series(1, 12) g$$,
  $$SELECT code FROM bpt.activity_status$$, 'statuses of activities');
SELECT results_eq(
  $$SELECT bpt.activity_kind_code(g::smallint) FROM generate_series(1, 8) g$$,
  $$SELECT code FROM bpt.activity_kind$$, 'kinds of activities');
SELECT results_eq(
  $$SELECT code FROM bpt.process_status WHERE is_terminal$$, $$VALUES ('closed'), ('terminated')$$, 'ended processes');

SELECT * FROM finish();
ROLLBACK;
