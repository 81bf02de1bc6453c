-- What people and programs do to processes (BPT.md §8). All are SECURITY INVOKER; rights are checked inside.

CREATE FUNCTION bpt.launch(process text, inputs jsonb DEFAULT '{}') RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_launch';
COMMENT ON FUNCTION bpt.launch(text, jsonb) IS 'Starts an instance of a process, named as a function is (along the search_path where no schema is written), with inputs by name, and returns its id. Needs EXECUTE on launch_<process>. Errors: WF004 no such process, WF005 invalid inputs, 42501.';

CREATE FUNCTION bpt.activity_close(activity_id bigint, arguments jsonb DEFAULT '{}') RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_close';
COMMENT ON FUNCTION bpt.activity_close(bigint, jsonb) IS 'Closes a task or a wait with its inputs by name, and advances the process. Returns next_human_activity_id: the first task that this made ready and that the caller may carry out, or NULL. Errors: WF001 refused by a callback, WF002 wrong state, WF003 taken by another user, WF004, WF005, WF006 suspended, 42501.';

CREATE FUNCTION bpt.activity_start(activity_id bigint, arguments jsonb DEFAULT '{}') RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_start';
COMMENT ON FUNCTION bpt.activity_start(bigint, jsonb) IS 'Starts a flow of a conditional start, named by the activity that listens, with its inputs by name, and advances it. Returns next_human_activity_id as activity_close does. Errors: WF001 refused by ON START, WF002 wrong state, WF004, WF005, WF006 suspended, 42501.';

CREATE FUNCTION bpt.activity_skip(activity_id bigint) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_skip';
COMMENT ON FUNCTION bpt.activity_skip(bigint) IS 'Skips an activity that has ALLOW SKIP; the owner of the process and administrators may skip any unfinished one. Returns next_human_activity_id as activity_close does. Errors: WF001, WF002, WF003, WF004, WF006, 42501.';

CREATE FUNCTION bpt.activity_open(activity_id bigint) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_open';
COMMENT ON FUNCTION bpt.activity_open(bigint) IS 'Takes a task: others no longer see it. Returns its URL (DESTINATION). Opening one''s own again returns the URL. Errors: WF001, WF002, WF003, WF004, WF006, 42501.';

CREATE FUNCTION bpt.activity_reset(activity_id bigint, reset_activity_user boolean) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_reset';
COMMENT ON FUNCTION bpt.activity_reset(bigint, boolean) IS 'Gives an opened task back: with true it is free again for all who may take it, with false it stays with its user. Errors: WF002, WF003, WF004, WF006, 42501.';

CREATE FUNCTION bpt.activity_schedule(activity_id bigint, start_date timestamptz) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_schedule';
COMMENT ON FUNCTION bpt.activity_schedule(bigint, timestamptz) IS 'Sets when a scheduled or ready task becomes ready; an instant in the past or NULL: at once. For the process''s owner, its own statements and administrators. Errors: WF002, WF004, 42501.';

CREATE FUNCTION bpt.activity_get_url(activity_id bigint) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_get_url';
COMMENT ON FUNCTION bpt.activity_get_url(bigint) IS 'The URL (DESTINATION) of a task, NULL if it has none. Errors: WF004, 42501.';

CREATE FUNCTION bpt.human_activity_assign_to_user(activity_id bigint, user_id text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_human_activity_assign_to_user';
COMMENT ON FUNCTION bpt.human_activity_assign_to_user(bigint, text) IS 'Assigns a task to a user who has one of its roles; NULL lifts the assignment. For the process''s owner, its own statements and administrators. Errors: WF002, WF004, 22023 an empty name, 42501.';

CREATE FUNCTION bpt.activity_set_group(activity_id bigint, group_id text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_set_group';
COMMENT ON FUNCTION bpt.activity_set_group(bigint, text) IS 'Limits a task to the members of a group (by default a group is a role); NULL lifts the limit. A task that is opened by one who is no member is ready again. For the process''s owner, its own statements and administrators. Errors: WF002, WF004, 22023 an empty name, 42501.';

CREATE FUNCTION bpt.human_activity_check_role(activity_id bigint, user_id text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_human_activity_check_role';
COMMENT ON FUNCTION bpt.human_activity_check_role(bigint, text) IS 'Whether a user has one of the roles of a task (true where it has none). Errors: WF002, WF004, 42501.';

CREATE FUNCTION bpt.human_activity_flush_pending_events(activity_id bigint) RETURNS integer
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_human_activity_flush_pending_events';
COMMENT ON FUNCTION bpt.human_activity_flush_pending_events(bigint) IS 'Has a task handle now, in the caller''s transaction, the events that it has not handled yet: those of this transaction, committed ones that no worker has come to, and ones that failed and are to be tried again; each in order, until one closes the task. Returns processed_events: how many met one of its CLOSE ON conditions, be it that they closed the task, were refused by ON CLOSE or failed (and are tried again). What else an event concerns is left to the workers. A task that has ended has none. For all who may see the task. Errors: WF002 it is no human activity, WF004, WF006 suspended, 22004, 42501.';

CREATE FUNCTION bpt.human_activity_set_due_date(activity_id bigint, due_date timestamptz) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_human_activity_set_due_date';
COMMENT ON FUNCTION bpt.human_activity_set_due_date(bigint, timestamptz) IS 'Sets when a task is due; NULL: never. For the process''s owner, its own statements and administrators. Errors: WF002, WF004, 42501.';

CREATE FUNCTION bpt.activity_retry(activity_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_retry';
COMMENT ON FUNCTION bpt.activity_retry(bigint) IS 'Tries an activity in error or failed again at once. For the process''s owner and administrators. Errors: WF002, WF004, 42501.';

CREATE FUNCTION bpt.activity_discard(activity_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_discard';
COMMENT ON FUNCTION bpt.activity_discard(bigint) IS 'Ends an unfinished activity and its path with it: nothing that follows is done; no callback runs. The last path of a process closes it. For the process''s owner, its own statements and administrators. Errors: WF002 it has ended, WF004, WF006 suspended, 42501.';

CREATE FUNCTION bpt.activity_is_valid_id(activity_id bigint, kind text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_activity_is_valid_id';
COMMENT ON FUNCTION bpt.activity_is_valid_id(bigint, text) IS 'Whether there is such an activity, visible to the caller and of this kind (bpt.activity_kind.code); false for NULL and for what is unknown.';

CREATE FUNCTION bpt.process_delete(process_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_delete';
COMMENT ON FUNCTION bpt.process_delete(bigint) IS 'Deletes an ended top-level process with the processes that it has executed: activities, values, errors and all else that is known of them. For the process''s owner and administrators. Errors: WF002 it has not ended or is part of another, WF004, 42501.';

CREATE FUNCTION bpt.set_history_retention(process text, keep interval) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_set_history_retention';
COMMENT ON FUNCTION bpt.set_history_retention(text, interval) IS 'How long ended instances of a process are kept, with all that is known of them, counted from their end; NULL: as bpt.history_retention says, which by default is for ever. Workers delete what is older, a little at a time. It stays over new versions. For the process''s owner and administrators. Errors: WF004, WF005 a negative interval, 22004, 42501.';

CREATE FUNCTION bpt.process_bulk_delete(processes_older_than timestamptz, process_definition_id bigint DEFAULT NULL,
    max_deleted_processes bigint DEFAULT 1000) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_bulk_delete';
COMMENT ON FUNCTION bpt.process_bulk_delete(timestamptz, bigint, bigint) IS 'Deletes, as process_delete() does, top-level processes that ended before an instant: of one definition, or of all that the caller owns or administers; at most max_deleted_processes, 0: no limit. Errors from before that which belong to no process instance, those of light processes, go too, up to 1000 at a time, unless their event still waits. Returns has_more_to_delete. Call it until that is false, each time in a transaction of its own, so that no lock is held for long; processes that somebody is changing are passed over. Errors: WF004, WF005, 22004, 42501.';

CREATE FUNCTION bpt.process_suspend(process_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_suspend';
COMMENT ON FUNCTION bpt.process_suspend(bigint) IS 'Suspends an active process and the processes that its EXECUTEs run: they take no step and lose nothing until they are resumed. A statement that is running is not waited for: it is rolled back when it ends, and run again later. For the process''s owner and administrators. Errors: WF002 it has ended, WF004, WF006 it is suspended already, 42501.';

CREATE FUNCTION bpt.process_resume(process_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_resume';
COMMENT ON FUNCTION bpt.process_resume(bigint) IS 'Lets a suspended process, and the processes that its EXECUTEs run, go on: the events of the meantime are handled in order, then what has become due. For the process''s owner and administrators. Errors: WF002 it is not suspended, or has ended, WF004, 42501.';

CREATE FUNCTION bpt.process_restart(process_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_restart';
COMMENT ON FUNCTION bpt.process_restart(bigint) IS 'Makes a terminated process, and the processes of its EXECUTEs that were stopped with it, active again: every activity is back in the status in which it was stopped. Dates that have passed are due at once; events of the meantime are not made up. For the process''s owner and administrators. Errors: WF002 it was not terminated, has nothing to go on with, is part of another or was dropped, WF004, 42501.';

CREATE FUNCTION bpt.process_move(process_id bigint, from_activity_id bigint, to_activity_name text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_move';
COMMENT ON FUNCTION bpt.process_move(bigint, bigint, text) IS 'Ends an unfinished activity of a process as terminated and has its path go on at another element, given by its name in the version of the process: nothing between is done, no callback of the activity runs. A suspended process stays so, and enters the element when it is resumed. For the process''s owner, its own statements and administrators. Errors: WF002 the activity has ended or is a conditional start, WF004 no such activity or element, 42501.';

CREATE FUNCTION bpt.process_terminate(process_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_process_terminate';
COMMENT ON FUNCTION bpt.process_terminate(bigint) IS 'Ends an active process and its activities as terminated. For the process''s owner and administrators. Errors: WF002 it has ended, WF004, 42501.';
