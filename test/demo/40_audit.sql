-- What can be seen afterwards.
\set QUIET on
\pset footer off
\pset null ''
CALL public.until('all processes ended', $$ NOT EXISTS (SELECT FROM bpt.process WHERE status NOT IN ('closed', 'terminated')) $$);
\echo '== The audit of order 5: every step, who did it and when'
\echo
SELECT a.name, a.kind, a.status, to_char(a.created, 'HH24:MI:SS.MS') AS reached, to_char(a.closed, 'HH24:MI:SS.MS') AS ended,
       a.closed_by, a.error_count AS errors, before.name AS after_step
  FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id LEFT JOIN bpt.activity before ON before.id = a.precedent_activity_id
  WHERE p.entity = 'orders'::regclass AND p.entity_key = '5' ORDER BY a.id;

\echo '== What became of the orders'
\echo
SELECT o.id, o.customer, o.total, o.status, o.tracking, o.paid_at IS NOT NULL AS paid, p.status AS process_status
  FROM orders o LEFT JOIN bpt.process p ON p.entity = 'orders'::regclass AND p.entity_key = o.id::text ORDER BY o.id;

\echo '== Totals'
\echo
SELECT p.name AS process, p.version, p.status, count(*) AS instances FROM bpt.process p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT a.name AS step, a.kind, a.status, count(*), sum(a.error_count) AS errors
  FROM bpt.activity a GROUP BY 1, 2, 3 ORDER BY min(a.activity_definition_id), 3;
SELECT check_name, ok, message FROM bpt.health() ORDER BY 1;
