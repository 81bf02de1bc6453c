-- Look-ups in the views use indexes, whoever reads, however many rows there are.
BEGIN;
SELECT no_plan();

CREATE ROLE t_reader LOGIN;
CREATE SCHEMA p;
SET LOCAL search_path = p, public;
SELECT lives_ok(format($$SELECT bpt.publish('PROCESS p%s (a int) RETURNS (r int DEFAULT 1); START -> t; HUMAN t ROLE t_reader DETAIL (''x'') INPUT (n int) -> END;')$$, g),
  'publish') FROM generate_series(1, 4) g;
CREATE TEMP TABLE def AS
  SELECT row_number() OVER (ORDER BY a.id) - 1 AS n, a.id AS activity, a.process_def_id AS process FROM bpt.activity_def a;

-- 40 000 instances of which one in 50 is active, and 80 000 open tasks of which 20 are this user's.
INSERT INTO bpt.entity VALUES (990001, 'pg_class'::regclass, 'pg_catalog', 'pg_class');
INSERT INTO bpt.process_instance (id, process_def_id, version, status, is_suspended, label, created, closed, top_process_id,
    last_modified, entity_id, entity_key, inputs, outputs, paths, changes)
  SELECT g, d.process, 1, CASE WHEN g % 50 = 0 THEN 1 ELSE 2 END, false, 'x', now(), CASE WHEN g % 50 <> 0 THEN now() END, g,
    now(), 990001, g::text, '{}', '{}', 1, 1
  FROM generate_series(1, 40000) g JOIN def d ON d.n = g % 4;
INSERT INTO bpt.activity_instance (id, process_id, activity_def_id, kind, status, created, expired, skipped, error_count, refusals)
  SELECT g, 1 + g % 40000, d.activity, 2, 2, now(), false, false, 0, 0
  FROM generate_series(1, 80000) g JOIN def d ON d.n = (1 + g % 40000) % 4;
INSERT INTO bpt.task_offer
  SELECT g, 0, CASE WHEN g % 4000 = 49 THEN 't_reader' ELSE 'u' || g % 100 END FROM generate_series(1, 80000) g;
INSERT INTO bpt.incident (id, instant, process_id, process_def_id, phase, attempt, sqlstate, message)
  SELECT g, now(), g, d.process, 'statement', 1, 'XX000', 'x' FROM generate_series(1, 40000) g JOIN def d ON d.n = g % 4;
ANALYZE bpt.process_instance, bpt.activity_instance, bpt.task_offer, bpt.incident, bpt.process_def, bpt.activity_def, bpt.variable_def;

-- The tables of instances that a query reads from end to end.
CREATE FUNCTION pg_temp.scanned(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  found text = '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    found := found || COALESCE(substring(line FROM 'Seq Scan on ((?:process_instance|activity_instance|task_offer|incident)\M.*)'), '');
  END LOOP;
  RETURN found;
END
$$;
SELECT is(pg_temp.scanned('SELECT * FROM bpt.process'), 'process_instance p', 'all of a view is a scan');
CREATE FUNCTION pg_temp.by_index(query text) RETURNS text LANGUAGE sql AS $$SELECT is(pg_temp.scanned(query), '', query)$$;
SELECT pg_temp.by_index($$SELECT * FROM bpt.process WHERE id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process WHERE status = 'active'$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process WHERE status IN ('active', 'suspended') AND name = 'p1'$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process WHERE entity = 'pg_class'::regclass AND entity_key = '500'$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.activity WHERE id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.activity WHERE process_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process_input WHERE process_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process_output WHERE process_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.activity_output WHERE activity_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.activity_output WHERE process_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.error_log WHERE process_id = 500$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.process_definition_version$$);
SELECT pg_temp.by_index($$SELECT * FROM bpt.taskbox$$);

SELECT * FROM finish();
ROLLBACK;
