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
-- Nor is each task offered paired with each activity that is defined, however many these are.
CREATE FUNCTION pg_temp.joined_last(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  line text;
  lines text = '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    lines := lines || line || E'\n';
  END LOOP;
  RETURN strpos(lines, 'activity_def d') > strpos(lines, 'activity_instance a');
END
$$;
SELECT ok(pg_temp.joined_last('SELECT activity_id, process, name, label, detail FROM bpt.taskbox'), 'what a task is defined as is looked up by the task');

-- EXPOSE ENTITY: 40 000 instances of one process among those of the others.
SELECT lives_ok($$SELECT bpt.publish('PROCESS exposed (order_id bigint, customer text, due date, at timestamptz, ref uuid, paid boolean, amount numeric)
  RETURNS (r int DEFAULT 1) EXPOSE ENTITY; START -> t; HUMAN t ROLE t_reader DETAIL (''x'') -> END;')$$, 'publish');
GRANT SELECT ON exposed TO PUBLIC;
CREATE TEMP TABLE input AS
  SELECT name, v.id::text FROM bpt.process_input_definition v WHERE v.name IN ('order_id', 'customer', 'due', 'at', 'ref', 'paid', 'amount');
INSERT INTO bpt.process_instance (id, process_def_id, version, status, is_suspended, label, created, closed, top_process_id, last_modified, inputs,
    outputs, paths, changes)
  SELECT 100000 + g, (SELECT id FROM bpt.process_definition WHERE name = 'exposed'), 1, 2, false, 'x', now(), now(), 100000 + g, now(),
    (SELECT jsonb_object_agg(i.id, v.value) FROM input i JOIN (VALUES ('order_id', g::text), ('customer', 'customer ' || g % 5000),
        ('due', (date '2026-01-01' + g % 1000)::text), ('at', to_char(timestamptz '2026-01-01 00:00+00' + g * interval '1 min', 'YYYY-MM-DD HH24:MI:SSOF')),
        ('ref', md5(g::text)::uuid::text), ('paid', CASE g % 2000 WHEN 0 THEN 't' ELSE 'f' END), ('amount', g::text)) AS v (name, value) USING (name)),
    '{}', 1, 1
  FROM generate_series(1, 40000) g;
ANALYZE bpt.process_instance;
CREATE FUNCTION pg_temp.by_value(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN matches(plan::text, '"Index Cond": "\(+bpt\.stored_value\(', query);
END
$$;
-- Whoever reads.
GRANT USAGE ON SCHEMA p TO t_reader;
SET LOCAL ROLE t_reader;
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE order_id = 777$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE order_id IN (777, 778)$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE order_id BETWEEN 777 AND 780$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE customer = 'customer 77'$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE customer IN ('customer 77', 'customer 78')$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE due = '2026-03-01'$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE at = '2026-01-02 00:00+00'$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE ref = md5('7')::uuid$$);
SELECT pg_temp.by_index($$SELECT * FROM exposed WHERE process_id = 100777$$);
SELECT pg_temp.by_index($$SELECT * FROM exposed WHERE status = 'active' AND r = 1$$);
SELECT pg_temp.by_value($$SELECT * FROM exposed WHERE order_id = ANY (ARRAY(SELECT entity_key::bigint FROM bpt.process WHERE status = 'active'))$$);
SELECT pg_temp.by_value($$SELECT * FROM (VALUES (7::bigint), (8)) AS t (id)
  CROSS JOIN LATERAL (SELECT * FROM exposed WHERE order_id = t.id OFFSET 0) e$$);
RESET ROLE;
-- The indexes find what a scan finds.
CREATE FUNCTION pg_temp.found(by_index boolean) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('enable_seqscan', by_index::text, true), set_config('enable_indexscan', by_index::text, true),
    set_config('enable_bitmapscan', by_index::text, true);
  PERFORM set_config('enable_seqscan', (NOT by_index)::text, true);
  RETURN QUERY EXECUTE $q$SELECT process_id FROM exposed WHERE customer = 'customer 77'
    UNION ALL SELECT process_id FROM exposed WHERE order_id < 9 UNION ALL SELECT process_id FROM exposed WHERE due = '2026-03-01'
    UNION ALL SELECT process_id FROM exposed WHERE paid UNION ALL SELECT process_id FROM exposed WHERE at = '2026-01-02 00:00+00'
    UNION ALL SELECT process_id FROM exposed WHERE ref = md5('7')::uuid$q$;
END
$$;
SELECT bag_eq('SELECT pg_temp.found(true)', 'SELECT pg_temp.found(false)', 'indexes find what a scan finds');
SELECT is((SELECT count(*)::int FROM pg_temp.found(true)), 78, 'which is there');

SELECT * FROM finish();
ROLLBACK;
