-- Medical appointments, split into sub-processes that give back outputs.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set fixture :abs_srcdir '/test/fixtures/appointment.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS reception, doctor, laboratory;
CREATE ROLE reception;
CREATE ROLE doctor;
CREATE ROLE laboratory;
CREATE SCHEMA example;
SET search_path = example;
\set ECHO none
\i :fixture
\set ECHO all
INSERT INTO appointment (patient, at) VALUES ('Paul', '2026-03-02 11:00+00'), ('Pia', '2026-03-02 11:30+00'), ('Pit', '2026-03-02 12:00+00');
CALL bpt.run('2026-03-02 12:00+00');
SET bpt.clock = '2026-03-02 12:00+00';
SELECT detail, label, ready FROM bpt.activity WHERE name = 'arrive' ORDER BY id;
-- Paul and Pia come, Pit does not. The next task lies in another process of the same tree.
SELECT detail, CASE detail WHEN 'Pit' THEN bpt.activity_skip(id) ELSE bpt.activity_close(id) END IS NOT NULL AS next_task
  FROM bpt.activity WHERE name = 'arrive' ORDER BY id;
SELECT p.name, a.name, a.detail FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE a.status = 'ready' AND a.kind = 'human' ORDER BY a.id;
SELECT bpt.activity_close(id, CASE detail WHEN 'Pia' THEN '{"exams": ["blood", "heart"]}' ELSE '{}' END::jsonb) IS NOT NULL AS next_task
  FROM bpt.activity WHERE name = 'examine' ORDER BY id;
SELECT detail FROM bpt.activity WHERE name = 'carry_out';
SELECT bpt.activity_close(probe.activity('carry_out'), '{"finding": "all is well"}') = probe.activity('conclude') AS next;
SELECT detail FROM bpt.activity WHERE name = 'conclude';
SELECT bpt.activity_close(probe.activity('conclude'));
CALL bpt.run();
SELECT patient, status, bill FROM appointment ORDER BY id;
-- The trees.
SELECT t.label AS appointment, p.name, a.name AS by, p.status, (SELECT string_agg(o.name || '=' || COALESCE(o.output_value, '~'), ' ' ORDER BY o.output_definition_id) FROM bpt.process_output o WHERE o.process_id = p.id) AS outputs
  FROM bpt.process p JOIN bpt.process t ON t.id = p.top_process_id LEFT JOIN bpt.activity a ON a.id = p.parent_activity_id ORDER BY t.id, p.id;

SELECT * FROM probe.leftovers();
SELECT count(*) AS errors FROM bpt.error_log;
SELECT bpt.drop_process(format('%I.%I', schema_name, name), true) FROM bpt.process_definition WHERE is_active AND schema_name = 'example' ORDER BY id;
DROP SCHEMA example CASCADE;
DROP ROLE reception, doctor, laboratory;
