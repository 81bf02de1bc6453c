-- How processes are doing: counts and times for those who run them, what an instance waits for, and the log that
-- process-mining tools read. All of it is reckoned from the instances that are there; nothing is counted on the way.

CREATE VIEW bpt.stat_process WITH (security_barrier) AS
  SELECT
    d.id AS process_definition_id,
    d.name,
    v.version,
    COALESCE(i.active, 0) AS active,
    COALESCE(i.suspended, 0) AS suspended,
    COALESCE(i.closed, 0) AS closed,
    COALESCE(i.terminated, 0) AS terminated,
    COALESCE(f.errors, 0) AS errors,
    COALESCE(i.launched_last_hour, 0) AS launched_last_hour,
    COALESCE(i.closed_last_hour, 0) AS closed_last_hour,
    i.avg_duration,
    i.percentiles[1] AS p50_duration,
    i.percentiles[2] AS p95_duration,
    i.percentiles[3] AS p99_duration
  FROM bpt.process_def d
  JOIN bpt.process_version v ON v.process_def_id = d.id
  LEFT JOIN (
    SELECT
      p.process_def_id,
      p.version,
      count(*) FILTER (WHERE p.status = 1 AND NOT p.is_suspended) AS active,
      count(*) FILTER (WHERE p.status = 1 AND p.is_suspended) AS suspended,
      count(*) FILTER (WHERE p.status = 2) AS closed,
      count(*) FILTER (WHERE p.status = 3) AS terminated,
      count(*) FILTER (WHERE p.created > bpt.now() - interval '1 hour') AS launched_last_hour,
      count(*) FILTER (WHERE p.status = 2 AND p.closed > bpt.now() - interval '1 hour') AS closed_last_hour,
      avg(p.closed - p.created) FILTER (WHERE p.status = 2) AS avg_duration,
      percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY p.closed - p.created) FILTER (WHERE p.status = 2) AS percentiles
    FROM bpt.process_instance p
    GROUP BY p.process_def_id, p.version) i ON i.process_def_id = d.id AND i.version = v.version
  LEFT JOIN (
    -- What failed before there was an instance counts for the current version.
    SELECT n.process_def_id, COALESCE(p.version, c.version) AS version, count(*) AS errors
    FROM bpt.incident n
    JOIN bpt.process_def c ON c.id = n.process_def_id
    LEFT JOIN bpt.process_instance p ON p.id = n.process_id
    GROUP BY n.process_def_id, COALESCE(p.version, c.version)) f ON f.process_def_id = d.id AND f.version = v.version
  WHERE bpt.may_see(d.id)
    AND (v.version = d.version OR i.process_def_id IS NOT NULL OR f.process_def_id IS NOT NULL);
COMMENT ON VIEW bpt.stat_process IS 'Instances by process and version: how many, how long. A row for the current version and for each other that has instances or errors. Reads all instances that are kept.';
COMMENT ON COLUMN bpt.stat_process.process_definition_id IS 'See bpt.process_definition.';
COMMENT ON COLUMN bpt.stat_process.name IS 'The name of the process.';
COMMENT ON COLUMN bpt.stat_process.version IS 'The version that the instances run.';
COMMENT ON COLUMN bpt.stat_process.active IS 'Instances under way.';
COMMENT ON COLUMN bpt.stat_process.suspended IS 'Instances that take no step for now.';
COMMENT ON COLUMN bpt.stat_process.closed IS 'Instances that came to their end.';
COMMENT ON COLUMN bpt.stat_process.terminated IS 'Instances that were ended.';
COMMENT ON COLUMN bpt.stat_process.errors IS 'Failures, see bpt.error_log.';
COMMENT ON COLUMN bpt.stat_process.launched_last_hour IS 'Instances launched in the last hour.';
COMMENT ON COLUMN bpt.stat_process.closed_last_hour IS 'Instances closed in the last hour.';
COMMENT ON COLUMN bpt.stat_process.avg_duration IS 'Mean time from launch to end, of closed instances.';
COMMENT ON COLUMN bpt.stat_process.p50_duration IS 'Time that half of the closed instances did not exceed.';
COMMENT ON COLUMN bpt.stat_process.p95_duration IS 'Time that 95 of 100 closed instances did not exceed.';
COMMENT ON COLUMN bpt.stat_process.p99_duration IS 'Time that 99 of 100 closed instances did not exceed.';

CREATE VIEW bpt.stat_activity WITH (security_barrier) AS
  SELECT
    d.id AS activity_definition_id,
    d.process_def_id AS process_definition_id,
    d.name,
    bpt.activity_kind_code(d.kind) AS kind,
    COALESCE(i.active, 0) AS active,
    COALESCE(i.ended, 0) AS ended,
    COALESCE(i.errors, 0) AS errors,
    i.waiting[1] AS p50_waiting,
    i.waiting[2] AS p95_waiting,
    i.working[1] AS p50_working,
    i.working[2] AS p95_working
  FROM bpt.activity_def d
  LEFT JOIN (
    SELECT
      a.activity_def_id,
      count(*) FILTER (WHERE a.closed IS NULL) AS active,
      count(*) FILTER (WHERE a.closed IS NOT NULL) AS ended,
      sum(a.error_count)::bigint AS errors,
      percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY
        CASE a.kind WHEN 2 THEN COALESCE(a.opened, a.closed) - a.ready WHEN 4 THEN a.closed - a.ready ELSE a.ready - a.created END)
        FILTER (WHERE a.closed IS NOT NULL) AS waiting,
      percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY
        CASE WHEN a.kind = 2 THEN a.closed - a.opened WHEN a.kind IN (3, 6, 7) THEN a.closed - COALESCE(a.ready, a.created) END)
        FILTER (WHERE a.closed IS NOT NULL) AS working
    FROM bpt.activity_instance a
    GROUP BY a.activity_def_id) i ON i.activity_def_id = d.id
  WHERE bpt.may_see(d.process_def_id)
    AND (d.is_active OR i.activity_def_id IS NOT NULL);
COMMENT ON VIEW bpt.stat_activity IS 'Activities by definition: how many, how long they waited and were worked on. Waiting is, for a HUMAN, from ready until taken; for a WAIT all of its time; else until START DATE. Working is, for a HUMAN, from taken to ended; for AUTOMATIC, EXECUTE and EMAIL from ready to ended. Reads all activities that are kept.';
COMMENT ON COLUMN bpt.stat_activity.activity_definition_id IS 'See bpt.activity_definition.';
COMMENT ON COLUMN bpt.stat_activity.process_definition_id IS 'See bpt.process_definition.';
COMMENT ON COLUMN bpt.stat_activity.name IS 'Its name in the definition.';
COMMENT ON COLUMN bpt.stat_activity.kind IS 'A code of bpt.activity_kind.';
COMMENT ON COLUMN bpt.stat_activity.active IS 'Those that have not ended.';
COMMENT ON COLUMN bpt.stat_activity.ended IS 'Those that have, in whatever way.';
COMMENT ON COLUMN bpt.stat_activity.errors IS 'Attempts that failed.';
COMMENT ON COLUMN bpt.stat_activity.p50_waiting IS 'Time that half of the ended ones waited at most.';
COMMENT ON COLUMN bpt.stat_activity.p95_waiting IS 'Time that 95 of 100 ended ones waited at most.';
COMMENT ON COLUMN bpt.stat_activity.p50_working IS 'Time that half of the ended ones were worked on at most; NULL for kinds that nobody works on.';
COMMENT ON COLUMN bpt.stat_activity.p95_working IS 'Time that 95 of 100 ended ones were worked on at most; NULL for kinds that nobody works on.';

CREATE VIEW bpt.event_log WITH (security_barrier) AS
  SELECT
    a.process_id AS case_id,
    d.name AS activity,
    t.transition,
    t.instant,
    t.resource
  FROM bpt.activity_instance a
  JOIN bpt.activity_def d ON d.id = a.activity_def_id
  CROSS JOIN LATERAL (VALUES
    ('schedule', a.created, NULL::text),
    ('start', COALESCE(a.opened, a.started_instant), COALESCE(a.opened_by, a.started_by)),
    (CASE a.status WHEN 8 THEN 'complete' WHEN 9 THEN 'manualskip' WHEN 10 THEN 'autoskip' WHEN 11 THEN 'withdraw' ELSE 'pi_abort' END,
      a.closed, a.closed_by)) AS t (transition, instant, resource)
  WHERE bpt.may_see(d.process_def_id)
    AND t.instant IS NOT NULL;
COMMENT ON VIEW bpt.event_log IS 'What process-mining tools import: the transitions of all activities, by the names of the XES lifecycle. Order by case_id, instant.';
COMMENT ON COLUMN bpt.event_log.case_id IS 'The process, see bpt.process.';
COMMENT ON COLUMN bpt.event_log.activity IS 'The activity''s name in the definition.';
COMMENT ON COLUMN bpt.event_log.transition IS 'schedule: reached; start: taken by a user, or a start of a CONDITIONAL START; complete: closed; manualskip: skipped; autoskip: expired; withdraw: discarded; pi_abort: ended with its process.';
COMMENT ON COLUMN bpt.event_log.instant IS 'When.';
COMMENT ON COLUMN bpt.event_log.resource IS 'The user; NULL: an event, a timer or a worker.';

CREATE FUNCTION bpt.waiting_for(process_id bigint)
  RETURNS TABLE (activity_id bigint, name text, kind text, status text, waiting_for text, since timestamptz, until timestamptz)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT
    a.id,
    a.name,
    a.kind,
    a.status,
    CASE WHEN p.is_suspended THEN 'the process to be resumed; then ' ELSE '' END ||
    CASE
      WHEN a.status = 'scheduled' THEN 'its start date'
      WHEN a.status = 'opened' THEN pg_catalog.format('%s to close the task', a.opened_by)
      WHEN a.status = 'error' THEN pg_catalog.format('its next attempt, after: %s', COALESCE(e.message, 'a failure'))
      WHEN a.status = 'failed' THEN pg_catalog.format('an administrator, after: %s', COALESCE(e.message, 'a failure'))
      WHEN a.kind = 'human' THEN
        COALESCE(NULLIF(pg_catalog.concat_ws(' as ',
            'user ' || a.user_id,
            'a member of ' || NULLIF(pg_catalog.concat_ws(' and of ',
              NULLIF(pg_catalog.array_to_string(d.roles, ' or '), ''),
              'group ' || a.group_id), '')), ''), 'anybody') || ' to open the task'
      WHEN a.kind = 'automatic' THEN 'a worker to run its statements'
      WHEN a.kind = 'execute' THEN pg_catalog.format('process %s to end', a.child_process_id)
      WHEN d.event IS NOT NULL THEN pg_catalog.format('the event %s', d.event)
      ELSE 'an explicit call'
    END,
    COALESCE(a.opened, a.ready, a.created),
    CASE a.status WHEN 'scheduled' THEN a.start_date WHEN 'error' THEN a.next_run ELSE COALESCE(a.timeout, a.due_date) END
  FROM bpt.activity a
  JOIN bpt.process p ON p.id = a.process_id
  JOIN bpt.activity_definition d ON d.id = a.activity_definition_id
  LEFT JOIN bpt.error_log e ON e.id = a.last_error_id
  WHERE a.process_id = waiting_for.process_id AND a.closed IS NULL
  ORDER BY a.id;
END;
COMMENT ON FUNCTION bpt.waiting_for(bigint) IS 'What an active process waits for, a row for each of its activities that has not ended: in words, since when, and until when (next attempt, start date, timeout or due date; NULL: without end). Nothing for a process that has ended or that the caller may not see.';
