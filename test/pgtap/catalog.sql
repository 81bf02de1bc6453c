-- What the extension leaves in the catalogs: comments, privileges, the ways in which functions run, what a dump carries.
BEGIN;
SELECT no_plan();

-- Comments
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'bpt'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
      AND obj_description(c.oid, 'pg_class') IS NULL$$, 'every table, view and sequence has a comment');
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v' AND attnum > 0 AND NOT attisdropped
      AND col_description(attrelid, attnum) IS NULL$$, 'every column of a view has a comment');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'bpt'::regnamespace
      AND obj_description(oid, 'pg_proc') IS NULL$$, 'every function has a comment');
SELECT is_empty(
  $$SELECT name FROM pg_settings WHERE name LIKE 'bpt.%' AND COALESCE(short_desc, '') = ''$$, 'every setting has a description');
SELECT is_empty(
  $$SELECT rolname FROM pg_roles WHERE rolname LIKE 'bpt\_%' AND shobj_description(oid, 'pg_authid') IS NULL$$,
  'every role has a comment');
SELECT is_empty(
  $$SELECT evtname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = evtfoid WHERE pronamespace = 'bpt'::regnamespace
      AND obj_description(e.oid, 'pg_event_trigger') IS NULL$$, 'every event trigger has a comment');

-- Roles
SELECT results_eq(
  $$SELECT rolname::text COLLATE "default", rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles
    WHERE rolname IN ('bpt_admin', 'bpt_monitor', 'bpt_proxy', 'bpt_publisher') ORDER BY 1$$,
  $$VALUES ('bpt_admin', false, false, false, false, false), ('bpt_monitor', false, false, false, false, false),
           ('bpt_proxy', false, false, false, false, false), ('bpt_publisher', false, false, false, false, false)$$,
  'the roles are there and have no rights of their own');

-- Privileges
SELECT ok(has_schema_privilege('public', 'bpt', 'USAGE') AND NOT has_schema_privilege('public', 'bpt', 'CREATE'),
  'everybody may look into the schema, nobody may create in it');
SELECT is_empty(
  $$SELECT c.oid::regclass, a.grantee, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
    WHERE relnamespace = 'bpt'::regnamespace AND a.grantee <> c.relowner
      AND NOT (relkind = 'v' AND a.grantee = 0 AND a.privilege_type = 'SELECT' AND NOT a.is_grantable)$$,
  'nobody but the owner has any right on tables and sequences, and on views everybody may read');
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'bpt'::regnamespace AND attacl IS NOT NULL$$, 'no right on a single column');
SELECT is_empty(
  $$SELECT p.oid::regprocedure, a.grantee FROM pg_proc p, aclexplode(COALESCE(proacl, acldefault('f', proowner))) a
    WHERE pronamespace = 'bpt'::regnamespace AND a.grantee NOT IN (proowner, 0)$$, 'no right on a function for a single role');
SELECT set_eq(
  $$SELECT DISTINCT proname::text FROM pg_proc p, aclexplode(COALESCE(proacl, acldefault('f', proowner))) a
    WHERE pronamespace = 'bpt'::regnamespace AND a.grantee = 0$$,
  ARRAY[
    'acting_groups',
    'acting_role_refs',
    'acting_user_id',
    'activity_close',
    'activity_discard',
    'activity_get_url',
    'activity_id',
    'activity_is_valid_id',
    'activity_kind_code',
    'activity_name',
    'activity_open',
    'activity_reset',
    'activity_retry',
    'activity_schedule',
    'activity_set_group',
    'activity_skip',
    'activity_start',
    'activity_status_code',
    'api_get_activities',
    'api_get_activity_guidance_html',
    'api_get_activity_pagination',
    'api_get_activity_visualization',
    'api_get_new_open_activity',
    'api_mark_activities_as_seen',
    'api_set_activity_visualization',
    'data_type_of',
    'definition',
    'definition_json',
    'drop_process',
    'drop_timer',
    'drop_translation',
    'event_changes',
    'event_clauses',
    'event_discard',
    'event_id',
    'event_retry',
    'fits_role',
    'health',
    'hold',
    'human_activity_assign_to_user',
    'human_activity_check_role',
    'human_activity_flush_pending_events',
    'human_activity_set_due_date',
    'inbox_disable_in_server',
    'inbox_enable_in_server',
    'is_read',
    'is_skippable',
    'label_language',
    'launch',
    'may_see',
    'mermaid',
    'now',
    'process_bulk_delete',
    'process_delete',
    'process_id',
    'process_move',
    'process_owner',
    'process_restart',
    'process_resume',
    'process_suspend',
    'process_terminate',
    'publish',
    'release',
    'run',
    'set_history_retention',
    'set_timer_schedule',
    'stored_value',
    'timer_running_since',
    'translated',
    'unset',
    'unset_domain',
    'unset_output',
    'user_id',
    'validate',
    'waiting_for',
    'wake_timer',
    'worker_slots'],
  'the functions that everybody may call');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'bpt'::regnamespace
      AND prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AND has_function_privilege('public', oid, 'EXECUTE')$$,
  'trigger functions are granted to nobody');

-- How functions run
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'bpt'::regnamespace AND prosecdef$$,
  'every function is SECURITY INVOKER');
SELECT set_eq(
  $$SELECT proname::text, proparallel::text FROM pg_proc WHERE pronamespace = 'bpt'::regnamespace AND proparallel <> 'u'$$,
  $$VALUES ('activity_id', 'r'), ('activity_name', 'r'), ('event_id', 'r'), ('now', 'r'), ('process_id', 'r'), ('user_id', 'r'),
           ('unset', 's'), ('unset_domain', 's'), ('acting_user_id', 'r'), ('worker_slots', 'r'),
           ('activity_kind_code', 's'), ('api_get_activity_guidance_html', 's'), ('activity_status_code', 's'), ('event_changes', 's'), ('event_clauses', 's')$$,
  'PARALLEL UNSAFE but for those that tell what is current and those that read nothing');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = prolang
    WHERE pronamespace = 'bpt'::regnamespace AND lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL
      AND NOT COALESCE(array_to_string(proconfig, ' ') LIKE '%search\_path=%', false)$$,
  'no function finds names by its caller''s search_path');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'bpt'::regnamespace AND proleakproof$$, 'none is leakproof');

-- Dumps
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class c, pg_extension e
    WHERE relnamespace = 'bpt'::regnamespace AND relkind IN ('r', 'p', 'S') AND extname = 'bpt'
      AND NOT c.oid = ANY (extconfig)$$, 'a dump carries every table and sequence');
SELECT results_eq(
  $$SELECT c.oid::regclass::text, condition COLLATE "default"
    FROM pg_extension e, unnest(extconfig, extcondition) WITH ORDINALITY AS u (oid, condition, n), pg_class c
    WHERE extname = 'bpt' AND c.oid = u.oid AND (n = 1 OR condition <> '') ORDER BY n$$,
  $$VALUES ('bpt.home', ''), ('bpt.event_0', 'WHERE NOT bpt.is_read(slot, id, xid)'),
    ('bpt.event_1', 'WHERE NOT bpt.is_read(slot, id, xid)'), ('bpt.event_2', 'WHERE NOT bpt.is_read(slot, id, xid)'),
    ('bpt.event_3', 'WHERE NOT bpt.is_read(slot, id, xid)'), ('bpt.position_0', 'WHERE false'),
    ('bpt.position_1', 'WHERE false'), ('bpt.queue_slot', 'WHERE false')$$,
  'bpt.home first, whole tables but the lanes of the queue, and of events those that are not done');

SELECT * FROM finish();
ROLLBACK;
