-- What an idle conditional start costs: two rows, and nothing else; no event of another instance and no passing of time touches
-- it, and an event of its own finds it without looking at any other.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA csi;
SET search_path = csi;
CREATE TABLE complaint (id int PRIMARY KEY, parcel int NOT NULL);
SELECT version FROM bpt.publish($bpt$
PROCESS idle (parcel int) DETAIL ('parcel ' || parcel);
START -> deliver;
HUMAN deliver -> END;
CONDITIONAL START by_event START ON INSERT INTO complaint AS complaint WHERE (complaint.parcel = process.parcel) -> answer;
CONDITIONAL START by_call -> answer;
CONDITIONAL START afterwards AFTER deliver START ON INSERT INTO complaint WHERE (complaint.parcel = process.parcel) -> answer;
HUMAN answer -> END;
$bpt$);
SELECT count(launch_idle(p)) FROM generate_series(1, 1000) p;
SELECT name, count(*) FROM bpt.activity GROUP BY name ORDER BY name;
SELECT * FROM probe.leftovers();
-- Nothing is done, however long it lasts.
SELECT probe.fingerprint() AS before \gset
CALL bpt.run('2026-04-01');
SELECT probe.fingerprint() = :'before' AS untouched;
-- An event of one of them reads one listener, and changes one instance.
CREATE FUNCTION probe.reads() RETURNS TABLE (seq_scan bigint, idx_tup_fetch bigint) LANGUAGE sql AS
  $$SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_all_tables WHERE relid = 'bpt.listener'::regclass$$;
BEGIN;
SELECT seq_scan AS scans, idx_tup_fetch AS reads FROM probe.reads() \gset
INSERT INTO complaint VALUES (1, 500), (2, 100000);
CALL bpt.run();
SELECT seq_scan - :scans AS scans, idx_tup_fetch - :reads BETWEEN 1 AND 2 AS few_reads FROM probe.reads();
SELECT p.label, probe.steps(p.id) FROM bpt.process p WHERE last_modified > created OR EXISTS (SELECT FROM bpt.activity a WHERE a.process_id = p.id AND a.name = 'answer');
SELECT count(*) FROM bpt.activity WHERE started_instant IS NOT NULL;
COMMIT;
SELECT bpt.drop_process('idle', true);
SELECT * FROM probe.leftovers();
DROP SCHEMA csi CASCADE;
