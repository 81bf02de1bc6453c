-- Parallel activities: an EXECUTE goes on when all of its process is done; END TERMINATE, when the first is.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/order_parallel.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS warehouse, road_carrier, rail_carrier;
CREATE ROLE warehouse;
CREATE ROLE road_carrier;
CREATE ROLE rail_carrier;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
CREATE FUNCTION tree() RETURNS TABLE (process text, label text, status text, step text, state text, stopped text) LANGUAGE sql AS $$
  SELECT p.name, p.label, p.status, a.name, a.status, a.stopped_status FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id
  WHERE p.top_process_id = (SELECT max(top_process_id) FROM bpt.process) ORDER BY a.process_id, a.id $$;

INSERT INTO orders (customer) VALUES ('Ada');
CALL bpt.run();
-- Two of three paths are done; the order waits for the third.
SELECT * FROM tree();
SELECT kind FROM document ORDER BY kind;
SELECT bpt.activity_close(probe.activity('pack'), '{"parcels": 3}') IS NOT NULL AS next_task;
-- Now two carriers are asked; the first one that accepts ends the question to the other.
SELECT * FROM tree() WHERE process = 'find_carrier';
SELECT bpt.activity_close(probe.activity('rail'));
SELECT probe.try(format('SELECT bpt.activity_close(%s)', probe.activity('road')));
CALL bpt.run();
SELECT * FROM tree();
SELECT customer, status, carrier FROM orders;

-- Nobody accepts: after two days the process ends itself, and its output is the default.
INSERT INTO orders (customer) VALUES ('Bert');
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('pack'), '{"parcels": 1}') IS NOT NULL AS next_task;
CALL bpt.run('2026-03-04 09:00+00');
SELECT * FROM tree();
SELECT customer, status, carrier FROM orders ORDER BY id;

-- Terminating the order ends what its EXECUTE runs.
INSERT INTO orders (customer) VALUES ('Cleo');
CALL bpt.run();
SELECT bpt.process_terminate(max(top_process_id)) FROM bpt.process;
SELECT * FROM tree();

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE warehouse, road_carrier, rail_carrier;
