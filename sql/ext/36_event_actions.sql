-- What is done about events that failed.

CREATE FUNCTION bpt.event_retry(event_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_event_retry';
COMMENT ON FUNCTION bpt.event_retry(bigint) IS 'Tries an event that failed (bpt.event_queue shows it as retrying or failed) again at once, for each process that failed at it. For the process''s owner and administrators. Errors: WF002 it has not failed, or is being handled just now, WF004 there is no such event, 42501.';

CREATE FUNCTION bpt.event_discard(event_id bigint) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_event_discard';
COMMENT ON FUNCTION bpt.event_discard(bigint) IS 'Gives up an event that failed (bpt.event_queue shows it as retrying or failed), for each process that failed at it: it is not tried again, and what it would have launched or ended is not. For the process''s owner and administrators. Errors: WF002 it has not failed, or is being handled just now, WF004 there is no such event, 42501.';
