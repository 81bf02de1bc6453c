-- What the runtime tests look with. Ids differ from run to run, so nothing here shows one: activities are named, and
-- numbered by rounds where a process has several of one name.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET timezone = 'UTC';
SET bpt.clock = '2026-03-02 09:00:00+00';
\pset null ~
TRUNCATE bpt.process_instance, bpt.activity_instance, bpt.task_offer, bpt.task_seen, bpt.task_display, bpt.inbox_disabled, bpt.listener, bpt.incident,
  bpt.event_0, bpt.event_1, bpt.event_2, bpt.event_3,
  bpt.queue_delivery, bpt.queue_held, bpt.queue_ready, bpt.queue_timer, bpt.email_message, bpt.email_server, bpt.attempt;
DROP SCHEMA IF EXISTS probe CASCADE;
CREATE SCHEMA probe;

-- The latest instance.
CREATE FUNCTION probe.process() RETURNS bigint SECURITY DEFINER LANGUAGE sql
  AS 'SELECT max(id) FROM bpt.process_instance';

-- The latest activity of that name.
CREATE FUNCTION probe.activity(name text) RETURNS bigint SECURITY DEFINER LANGUAGE sql
  AS 'SELECT max(a.id) FROM bpt.activity_instance a JOIN bpt.activity_def d ON d.id = a.activity_def_id WHERE d.name = $1';

CREATE FUNCTION probe.name_of(activity bigint) RETURNS text SECURITY DEFINER LANGUAGE sql AS $$
  SELECT d.name || CASE WHEN count(*) OVER (PARTITION BY a.activity_def_id) > 1
                        THEN '#' || (SELECT count(*) FROM bpt.activity_instance e
                                     WHERE e.process_id = a.process_id AND e.activity_def_id = a.activity_def_id AND e.id <= a.id)
                        ELSE '' END
  FROM bpt.activity_instance o JOIN bpt.activity_instance a ON a.process_id = o.process_id
       JOIN bpt.activity_def d ON d.id = a.activity_def_id
  WHERE o.id = $1
  ORDER BY a.id <> $1 LIMIT 1
$$;

-- The steps of a process in the order in which they were reached.
CREATE FUNCTION probe.steps(process bigint DEFAULT probe.process())
  RETURNS TABLE (step text, status text, after text, outcome text, outputs text) LANGUAGE sql AS $$
  SELECT probe.name_of(a.id), a.status, probe.name_of(a.precedent_activity_id), a.precedent_outcome,
         (SELECT string_agg(o.name || '=' || COALESCE(o.output_value, '~') || CASE WHEN o.is_set THEN '' ELSE ' (unset)' END, ' '
                            ORDER BY o.output_definition_id)
          FROM bpt.activity_output o WHERE o.activity_id = a.id)
  FROM bpt.activity a WHERE a.process_id = $1 ORDER BY a.id
$$;

-- A process in one line: its status, inputs and outputs.
CREATE FUNCTION probe.state(process bigint DEFAULT probe.process()) RETURNS text LANGUAGE sql AS $$
  SELECT p.label || ': ' || p.status
    || COALESCE((SELECT ', ' || string_agg(name || '=' || COALESCE(input_value, '~') || CASE WHEN is_set THEN '' ELSE ' (unset)' END, ' '
                                           ORDER BY input_definition_id) FROM bpt.process_input WHERE process_id = p.id), '')
    || COALESCE((SELECT ' -> ' || string_agg(name || '=' || COALESCE(output_value, '~') || CASE WHEN is_set THEN '' ELSE ' (unset)' END, ' '
                                           ORDER BY output_definition_id) FROM bpt.process_output WHERE process_id = p.id), '')
  FROM bpt.process p WHERE p.id = $1
$$;

-- What a command gives: its first value, or its error as SQLSTATE and text, with ids of things masked.
CREATE FUNCTION probe.try(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
  message text;
  detail text;
  hint text;
BEGIN
  EXECUTE command INTO answer;
  RETURN COALESCE(answer, '~');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN regexp_replace(SQLSTATE || ' ' || message || COALESCE(E'\n  DETAIL ' || NULLIF(detail, ''), '')
    || COALESCE(E'\n  HINT ' || NULLIF(hint, ''), ''), '\m(activity|process|event) -?\d+', '\1 N', 'g');
END
$$;

-- Everything that runtime tables hold: two equal answers mean that nothing has changed.
CREATE FUNCTION probe.fingerprint() RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS $$
DECLARE
  name text;
  part text;
  whole text := '';
BEGIN
  FOREACH name IN ARRAY ARRAY['process_instance', 'activity_instance', 'task_offer', 'task_seen', 'task_display', 'inbox_disabled', 'listener', 'incident', 'queue_event',
                              'queue_delivery', 'queue_held', 'queue_ready', 'queue_timer', 'attempt'] LOOP
    EXECUTE format('SELECT md5(COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM bpt.%I t', name) INTO part;
    whole := whole || part;
  END LOOP;
  RETURN md5(whole);
END
$$;

-- Nothing is left to do, and nobody waits.
CREATE FUNCTION probe.leftovers() RETURNS TABLE (what text, rows bigint) SECURITY DEFINER LANGUAGE sql AS $$
  SELECT 'event', count(*) FROM bpt.queue_event HAVING count(*) > 0
  UNION ALL SELECT 'delivery', count(*) FROM bpt.queue_delivery HAVING count(*) > 0
  UNION ALL SELECT 'held', count(*) FROM bpt.queue_held HAVING count(*) > 0
  UNION ALL SELECT 'ready', count(*) FROM bpt.queue_ready HAVING count(*) > 0
  UNION ALL SELECT 'timer', count(*) FROM bpt.queue_timer HAVING count(*) > 0
  UNION ALL SELECT 'listener', count(*) FROM bpt.listener HAVING count(*) > 0
  UNION ALL SELECT 'offer', count(*) FROM bpt.task_offer HAVING count(*) > 0
  UNION ALL SELECT 'seen', count(*) FROM bpt.task_seen HAVING count(*) > 0
$$;
GRANT USAGE ON SCHEMA probe TO PUBLIC;
