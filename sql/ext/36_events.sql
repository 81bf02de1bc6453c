-- Recorded events that are not done yet.

CREATE FUNCTION bpt.is_read(slot smallint, id bigint, xid xid8) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_is_read';
COMMENT ON FUNCTION bpt.is_read(smallint, bigint, xid8) IS 'Internal: whether the event with this id, of this slot and transaction, is done.';

CREATE FUNCTION bpt.event_clauses(clauses bytea) RETURNS bigint[]
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bpt_event_clauses';
COMMENT ON FUNCTION bpt.event_clauses(bytea) IS 'Internal: the event clauses that an event may concern.';

CREATE FUNCTION bpt.event_changes(event_id bigint, more bytea, OUT id bigint, OUT key text, OUT payload jsonb)
  RETURNS SETOF record
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'bpt_event_changes';
COMMENT ON FUNCTION bpt.event_changes(bigint, bytea) IS 'Internal: the further changes that an event stands for.';

CREATE VIEW bpt.queue_event WITH (security_barrier) AS
  WITH unread AS (
    SELECT e.*
    FROM (SELECT * FROM bpt.event_0 UNION ALL SELECT * FROM bpt.event_1
      UNION ALL SELECT * FROM bpt.event_2 UNION ALL SELECT * FROM bpt.event_3) e
    WHERE NOT bpt.is_read(e.slot, e.id, e.xid))
  SELECT e.id, e.xid, e.slot, e.entity_id, e.operation, e.key, bpt.event_clauses(e.clauses) AS event_defs, e.untested,
    e.payload, e.created, e.clauses
  FROM unread e
  UNION ALL
  SELECT c.id, e.xid, e.slot, e.entity_id, e.operation, c.key, bpt.event_clauses(e.clauses), e.untested,
    c.payload, e.created, e.clauses
  FROM unread e CROSS JOIN LATERAL bpt.event_changes(e.id, e.more) c
  WHERE e.more IS NOT NULL;
COMMENT ON VIEW bpt.queue_event IS 'Internal: the events that are not done yet, in all tables. Seen by bpt.event_queue.';
COMMENT ON COLUMN bpt.queue_event.id IS 'In the order in which rows were changed.';
COMMENT ON COLUMN bpt.queue_event.xid IS 'The top-level transaction.';
COMMENT ON COLUMN bpt.queue_event.slot IS 'Events of one slot are delivered in order.';
COMMENT ON COLUMN bpt.queue_event.entity_id IS 'The table of the changed row.';
COMMENT ON COLUMN bpt.queue_event.operation IS 'I or U.';
COMMENT ON COLUMN bpt.queue_event.key IS 'The key of the changed row.';
COMMENT ON COLUMN bpt.queue_event.event_defs IS 'The event clauses that it may concern.';
COMMENT ON COLUMN bpt.queue_event.untested IS 'True if the row conditions could not be tested when the row was changed.';
COMMENT ON COLUMN bpt.queue_event.payload IS 'Column values that conditions and WITH read.';
COMMENT ON COLUMN bpt.queue_event.created IS 'When the row was changed.';
COMMENT ON COLUMN bpt.queue_event.clauses IS 'The event clauses as they are stored, with the versions that they were of.';
