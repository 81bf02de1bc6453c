-- Tasks, failures and the event queue.

-- The tasks offered to the acting user are found by index, however many others are open: by the user's roles (role 0 for
-- tasks that anybody may take), by the user's id, and by the user's groups. Three parts, so that each has a condition on every
-- column of the index.
CREATE VIEW bpt.taskbox WITH (security_barrier) AS
  SELECT
    a.id AS activity_id,
    a.process_id,
    t.name AS process,
    d.name,
    COALESCE(a.label, bpt.translated(p.process_def_id, d.id, 'label'), d.label) AS label,
    CASE WHEN a.label IS NULL THEN bpt.label_language(p.process_def_id, d.id) END AS label_lang,
    COALESCE(bpt.translated(p.process_def_id, d.id, 'detail', a.detail),
      bpt.translated(p.process_def_id, 0, 'detail', a.detail), a.detail) AS detail,
    COALESCE(a.instructions, bpt.translated(p.process_def_id, d.id, 'instructions'), d.instructions) AS instructions,
    v.custom_instructions,
    a.destination,
    a.due_date,
    COALESCE(a.due_date < bpt.now(), false) AS is_overdue,
    a.status = 4 AS is_opened,
    a.opened,
    a.opened_by,
    a.user_id,
    a.group_id,
    a.status = 4 OR EXISTS (
      SELECT FROM bpt.task_seen s
      WHERE s.activity_id = a.id AND s.user_id = (SELECT bpt.acting_user_id())) AS is_seen,
    CASE WHEN p.version = t.version THEN d.skippable
      ELSE bpt.is_skippable(p.process_def_id, p.version, a.activity_def_id) END AS can_skip,
    COALESCE(v.hide_done, false) AS hide_done,
    COALESCE(v.hide_release, false) AS hide_release,
    a.created
  FROM bpt.activity_instance a
  JOIN bpt.process_instance p ON p.id = a.process_id
  -- Both are always there; LEFT keeps the planner from pairing each offer with each definition first.
  LEFT JOIN bpt.activity_def d ON d.id = a.activity_def_id
  LEFT JOIN bpt.process_def t ON t.id = p.process_def_id
  LEFT JOIN bpt.task_display v ON v.activity_id = a.id
  WHERE a.id IN (
      SELECT o.activity_id
      FROM bpt.task_offer o
      WHERE o.role_id = ANY (bpt.acting_role_refs()) AND o.user_id = ''
      UNION ALL
      SELECT o.activity_id
      FROM bpt.task_offer o
      WHERE o.role_id = 0 AND o.user_id = bpt.acting_user_id()
      UNION ALL
      SELECT o.activity_id
      FROM bpt.task_offer o
      WHERE o.role_id = -1 AND o.user_id = ANY (bpt.acting_groups()))
    AND p.status = 1
    AND NOT p.is_suspended
    AND NOT EXISTS (SELECT FROM bpt.inbox_disabled)
    AND CASE a.status
          WHEN 2 THEN a.user_id IS NULL AND a.group_id IS NULL
            OR (COALESCE(a.user_id = (SELECT bpt.acting_user_id()), true)
              AND (a.group_id IS NULL OR a.group_id = ANY ((SELECT bpt.acting_groups())::text[]))
              AND bpt.fits_role(p.process_def_id, p.version, a.activity_def_id))
          WHEN 4 THEN a.opened_by = (SELECT bpt.acting_user_id())
          ELSE false
        END;
COMMENT ON VIEW bpt.taskbox IS 'The open tasks of the acting user: those taken by this user, and those that this user may take.';
COMMENT ON COLUMN bpt.taskbox.activity_id IS 'What bpt.activity_open() and bpt.activity_close() take.';
COMMENT ON COLUMN bpt.taskbox.process_id IS 'Its process.';
COMMENT ON COLUMN bpt.taskbox.process IS 'The name of the process.';
COMMENT ON COLUMN bpt.taskbox.name IS 'The name of the activity in the definition.';
COMMENT ON COLUMN bpt.taskbox.label IS 'The task''s name for people.';
COMMENT ON COLUMN bpt.taskbox.label_lang IS 'The language of that name; NULL: the definition''s own.';
COMMENT ON COLUMN bpt.taskbox.detail IS 'What the task is about (DETAIL).';
COMMENT ON COLUMN bpt.taskbox.instructions IS 'What is to be done (INSTRUCTIONS).';
COMMENT ON COLUMN bpt.taskbox.custom_instructions IS 'Instructions added to this task alone (bpt.api_set_activity_visualization).';
COMMENT ON COLUMN bpt.taskbox.destination IS 'Where the task is done (DESTINATION).';
COMMENT ON COLUMN bpt.taskbox.due_date IS 'When it is due (DUE).';
COMMENT ON COLUMN bpt.taskbox.is_overdue IS 'True if it was due before bpt.now().';
COMMENT ON COLUMN bpt.taskbox.is_opened IS 'True if the user has taken it; nobody else sees it then.';
COMMENT ON COLUMN bpt.taskbox.opened IS 'When the user took it.';
COMMENT ON COLUMN bpt.taskbox.opened_by IS 'Who took it.';
COMMENT ON COLUMN bpt.taskbox.user_id IS 'The user that the task is limited to.';
COMMENT ON COLUMN bpt.taskbox.group_id IS 'The group that the task is limited to.';
COMMENT ON COLUMN bpt.taskbox.is_seen IS 'True if the user has opened the task, or seen it (bpt.api_mark_activities_as_seen).';
COMMENT ON COLUMN bpt.taskbox.can_skip IS 'True if the user may skip it (ALLOW SKIP).';
COMMENT ON COLUMN bpt.taskbox.hide_done IS 'True if the page is to offer no way to close the task.';
COMMENT ON COLUMN bpt.taskbox.hide_release IS 'True if the page is to offer no way to give the task back.';
COMMENT ON COLUMN bpt.taskbox.created IS 'When the path reached the task.';

CREATE VIEW bpt.error_log WITH (security_barrier) AS
  SELECT
    i.id,
    i.instant,
    i.process_id,
    i.process_def_id AS process_definition_id,
    i.activity_id,
    i.activity_def_id AS activity_definition_id,
    i.event_id,
    i.phase,
    i.attempt,
    i.sqlstate,
    i.message,
    i.detail,
    i.hint,
    i.context,
    i.statement,
    i.user_id,
    i.worker_pid,
    i.next_run
  FROM bpt.incident i
  WHERE bpt.may_see(i.process_def_id);
COMMENT ON VIEW bpt.error_log IS 'What failed: a row for every attempt. Refusals (WF001) are expected and have none.';
COMMENT ON COLUMN bpt.error_log.id IS 'What last_error_id of activities and queued events means.';
COMMENT ON COLUMN bpt.error_log.instant IS 'When it failed.';
COMMENT ON COLUMN bpt.error_log.process_id IS 'The process, see bpt.process.';
COMMENT ON COLUMN bpt.error_log.process_definition_id IS 'Its definition, see bpt.process_definition; or the timer, see bpt.timer.';
COMMENT ON COLUMN bpt.error_log.activity_id IS 'The activity, see bpt.activity.';
COMMENT ON COLUMN bpt.error_log.activity_definition_id IS 'Its definition, see bpt.activity_definition.';
COMMENT ON COLUMN bpt.error_log.event_id IS 'The event that was being handled, see bpt.event_queue.';
COMMENT ON COLUMN bpt.error_log.phase IS 'What was being done: statement, decision, check, on_process_start, on_ready, on_open, on_start, on_close, on_skip, event, timer, email, crash.';
COMMENT ON COLUMN bpt.error_log.attempt IS 'Which attempt it was, from 1.';
COMMENT ON COLUMN bpt.error_log.sqlstate IS 'The error''s SQLSTATE.';
COMMENT ON COLUMN bpt.error_log.message IS 'The error''s message.';
COMMENT ON COLUMN bpt.error_log.detail IS 'The error''s DETAIL.';
COMMENT ON COLUMN bpt.error_log.hint IS 'The error''s HINT.';
COMMENT ON COLUMN bpt.error_log.context IS 'The error''s CONTEXT: where in functions and statements it arose.';
COMMENT ON COLUMN bpt.error_log.statement IS 'The SQL of the definition that failed.';
COMMENT ON COLUMN bpt.error_log.user_id IS 'Who caused it; NULL: an event, a timer or a worker.';
COMMENT ON COLUMN bpt.error_log.worker_pid IS 'The backend in which it failed.';
COMMENT ON COLUMN bpt.error_log.next_run IS 'When it was to be tried again; NULL: no more.';

CREATE VIEW bpt.event_queue WITH (security_barrier) AS
  SELECT
    q.id,
    q.created AS enqueue_time,
    e.relation::regclass AS entity,
    CASE q.operation WHEN 'I' THEN 'INSERT' ELSE 'UPDATE' END AS operation,
    q.key AS data_id,
    c.process_def_id AS process_definition_id,
    c.activity_def_id AS activity_definition_id,
    NULL::bigint AS activity_id,
    d.is_light,
    'waiting' AS status,
    0 AS error_count,
    NULL::timestamptz AS next_run,
    NULL::bigint AS last_error_id
  FROM bpt.queue_event q
  CROSS JOIN LATERAL unnest(q.event_defs) AS u (event_def_id)
  JOIN bpt.event_def c ON c.id = u.event_def_id
  JOIN bpt.process_def d ON d.id = c.process_def_id
  LEFT JOIN bpt.entity e ON e.id = q.entity_id
  WHERE bpt.may_see(d.id)
  UNION ALL
  SELECT
    q.event_id,
    q.created,
    e.relation::regclass,
    CASE q.operation WHEN 'I' THEN 'INSERT' ELSE 'UPDATE' END,
    q.key,
    c.process_def_id,
    c.activity_def_id,
    NULLIF(q.activity_id, 0),
    d.is_light,
    CASE q.status WHEN 2 THEN 'retrying' WHEN 3 THEN 'failed' ELSE 'waiting' END,
    q.error_count,
    CASE q.status WHEN 2 THEN q.next_run END,
    q.last_error_id
  FROM bpt.queue_delivery q
  JOIN bpt.event_def c ON c.id = q.event_def_id
  JOIN bpt.process_def d ON d.id = c.process_def_id
  LEFT JOIN bpt.entity e ON e.id = q.entity_id
  WHERE bpt.may_see(d.id);
COMMENT ON VIEW bpt.event_queue IS 'Recorded events that are not handled yet: a row for each event and each clause or instance that it may concern. Values of the changed rows are not shown.';
COMMENT ON COLUMN bpt.event_queue.id IS 'The event. Rows of one event share it.';
COMMENT ON COLUMN bpt.event_queue.enqueue_time IS 'When the row was changed.';
COMMENT ON COLUMN bpt.event_queue.entity IS 'The table of the changed row.';
COMMENT ON COLUMN bpt.event_queue.operation IS 'INSERT or UPDATE.';
COMMENT ON COLUMN bpt.event_queue.data_id IS 'The key of the changed row.';
COMMENT ON COLUMN bpt.event_queue.process_definition_id IS 'The process that it may concern.';
COMMENT ON COLUMN bpt.event_queue.activity_definition_id IS 'The activity that listens; NULL: the event launches.';
COMMENT ON COLUMN bpt.event_queue.activity_id IS 'The listening activity instance, once it is found.';
COMMENT ON COLUMN bpt.event_queue.is_light IS 'True if it is handled by a light process.';
COMMENT ON COLUMN bpt.event_queue.status IS 'waiting, retrying or failed.';
COMMENT ON COLUMN bpt.event_queue.error_count IS 'How many attempts failed.';
COMMENT ON COLUMN bpt.event_queue.next_run IS 'When it is tried again.';
COMMENT ON COLUMN bpt.event_queue.last_error_id IS 'The last failure, see bpt.error_log.';

-- Events of a process are handled in about the order in which they came, so all that came since the oldest stand in the
-- queue: their number by its age is the rate at which they come.
CREATE VIEW bpt.stat_event_queue WITH (security_barrier) AS
  SELECT
    d.id AS process_definition_id,
    count(q.created) AS depth,
    min(q.created) FILTER (WHERE q.status <> 3) AS oldest,
    (count(*) FILTER (WHERE q.status IN (1, 4))
      / NULLIF(EXTRACT(epoch FROM clock_timestamp() - min(q.created) FILTER (WHERE q.status IN (1, 4))), 0))::double precision AS rate,
    count(*) FILTER (WHERE q.status = 2) AS retrying,
    count(*) FILTER (WHERE q.status = 3) AS failed
  FROM bpt.process_def d
  LEFT JOIN (
    SELECT c.process_def_id, v.created, 1::smallint AS status
    FROM bpt.queue_event v
    CROSS JOIN LATERAL unnest(v.event_defs) AS u (event_def_id)
    JOIN bpt.event_def c ON c.id = u.event_def_id
    UNION ALL
    SELECT c.process_def_id, v.created, v.status
    FROM bpt.queue_delivery v
    JOIN bpt.event_def c ON c.id = v.event_def_id) AS q ON q.process_def_id = d.id
  WHERE bpt.may_see(d.id)
  GROUP BY d.id;
COMMENT ON VIEW bpt.stat_event_queue IS 'How full the event queue is, a row for every process.';
COMMENT ON COLUMN bpt.stat_event_queue.process_definition_id IS 'The process, see bpt.process_definition.';
COMMENT ON COLUMN bpt.stat_event_queue.depth IS 'How many rows bpt.event_queue has for it.';
COMMENT ON COLUMN bpt.stat_event_queue.oldest IS 'When the oldest of them that has not failed for good was recorded.';
COMMENT ON COLUMN bpt.stat_event_queue.rate IS 'Arrivals a second since the oldest waiting one; NULL if none waits.';
COMMENT ON COLUMN bpt.stat_event_queue.retrying IS 'How many failed and are tried again.';
COMMENT ON COLUMN bpt.stat_event_queue.failed IS 'How many failed for good and need an administrator.';
