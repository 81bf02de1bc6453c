-- Who may what, and what a dump carries. Nothing in bpt is writable but by its owner: the library writes the tables by
-- itself, whoever calls it, and checks rights inside.

GRANT USAGE ON SCHEMA bpt TO PUBLIC;

-- What PostgreSQL grants by default (functions to PUBLIC), or this installation by ALTER DEFAULT PRIVILEGES, is taken back.
DO $$
DECLARE
  granted record;
BEGIN
  FOR granted IN
    SELECT DISTINCT CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
      c.oid::pg_catalog.regclass::text AS name, a.grantee
    FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
    WHERE c.relnamespace = 'bpt'::pg_catalog.regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND a.grantee <> c.relowner
    UNION ALL
    SELECT DISTINCT 'ROUTINE', p.oid::pg_catalog.regprocedure::text, a.grantee
    FROM pg_catalog.pg_proc p,
      pg_catalog.aclexplode(COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'bpt'::pg_catalog.regnamespace
      AND a.grantee <> p.proowner
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %s CASCADE', granted.kind, granted.name,
      CASE WHEN granted.grantee = 0::pg_catalog.oid THEN 'PUBLIC'
           ELSE granted.grantee::pg_catalog.regrole::text END);
  END LOOP;
END
$$;

-- Functions for everybody: each checks what its caller may do, or serves the views, which run it as their reader.
-- All others, the trigger functions among them, are for the extension's owner alone.
DO $$
DECLARE
  routine pg_catalog.regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'bpt'::pg_catalog.regnamespace
      AND p.proname = ANY (ARRAY[
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
        'worker_slots']::pg_catalog.name[])
  LOOP
    EXECUTE pg_catalog.format('GRANT EXECUTE ON ROUTINE %s TO PUBLIC', routine);
  END LOOP;
END
$$;

-- Views: their conditions show each reader what is the reader's.
GRANT SELECT ON
  bpt.activity,
  bpt.activity_def_link,
  bpt.activity_definition,
  bpt.activity_kind,
  bpt.activity_output,
  bpt.activity_output_definition,
  bpt.activity_status,
  bpt.email,
  bpt.error_log,
  bpt.event_log,
  bpt.event_queue,
  bpt.process,
  bpt.process_definition,
  bpt.process_definition_lang,
  bpt.process_definition_version,
  bpt.process_input,
  bpt.process_input_definition,
  bpt.process_output,
  bpt.process_output_definition,
  bpt.process_status,
  bpt.stat_activity,
  bpt.stat_event_queue,
  bpt.stat_process,
  bpt.taskbox,
  bpt.timer,
  bpt.timer_run,
  bpt.worker
TO PUBLIC;

-- What a dump carries: every table and every sequence, bpt.home first, as it tells where the rest comes from. Of events it
-- carries those that are not done, so it needs no positions. The lanes of the event queue are made by this script.
SELECT pg_catalog.pg_extension_config_dump('bpt.home', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.activity_def', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.activity_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.activity_instance', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.attempt', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.definition_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.delivery_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.email_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.email_message', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.email_server', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.entity', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_0', 'WHERE NOT bpt.is_read(slot, id, xid)');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_1', 'WHERE NOT bpt.is_read(slot, id, xid)');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_2', 'WHERE NOT bpt.is_read(slot, id, xid)');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_3', 'WHERE NOT bpt.is_read(slot, id, xid)');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_def', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.event_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.exposed_view', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.inbox_disabled', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.incident', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.incident_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.link_def', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.listener', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.object_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.position_0', 'WHERE false');
SELECT pg_catalog.pg_extension_config_dump('bpt.position_1', 'WHERE false');
SELECT pg_catalog.pg_extension_config_dump('bpt.position_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.process_def', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.process_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.process_instance', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.process_lang', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.process_version', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.queue_delivery', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.queue_held', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.queue_ready', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.queue_slot', 'WHERE false');
SELECT pg_catalog.pg_extension_config_dump('bpt.queue_timer', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.ready_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.role_ref', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.task_display', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.task_offer', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.task_seen', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.timer_def', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.timer_history', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.timer_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.timer_run_id', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.typed_function', '');
SELECT pg_catalog.pg_extension_config_dump('bpt.variable_def', '');
