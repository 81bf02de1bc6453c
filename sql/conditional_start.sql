-- Conditional starts: one row that listens and one for each start, inputs from events and from callers, explicit start,
-- AFTER, what a flow reads, and what it is told apart by.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA cs;
SET search_path = cs;
CREATE TABLE parcel (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new');
CREATE TABLE complaint (id int PRIMARY KEY, parcel int NOT NULL, text text);

SELECT version FROM bpt.publish($bpt$
PROCESS delivery (parcel int) DETAIL ('parcel ' || parcel);
START -> deliver;
HUMAN deliver -> END;
CONDITIONAL START complaint
  LABEL ('Complaint ' || COALESCE(process.complaint.complaint, 0))
  START ON INSERT INTO complaint AS complaint WHERE (complaint.parcel = process.parcel) WITH (words => text)
  START ON UPDATE OF complaint (text) WHERE (complaint.parcel = process.parcel AND new.text LIKE '%!') WITH (words => 'again: ' || new.text)
  START ON UPDATE OF complaint WHERE (complaint.parcel = process.parcel AND new.text LIKE '%!!') WITH (words => 'once more: ' || new.text)
  INPUT (words text DEFAULT 'by telephone', urgent boolean DEFAULT (words LIKE '%!'))
  -> answer;
HUMAN answer DETAIL (complaint.words || CASE WHEN complaint.urgent THEN ' (urgent)' ELSE '' END) INPUT (reply text DEFAULT 'sorry') -> note;
AUTOMATIC note DO (SELECT complaint.complaint AS which, complaint.words AS words, complaint.started_by IS NULL AS by_event, complaint.started_instant::time AS at, answer.reply AS reply, complaint.activity_id IS NOT NULL AS has_id) -> END;
$bpt$);
SELECT launch_delivery(p) IS NOT NULL AS launched FROM generate_series(1, 2) p;
CREATE VIEW flows AS
  SELECT p.label AS process, a.name, a.label, a.status, a.detail, a.started_by IS NOT NULL AS called, a.started_instant,
    f.label AS flow, probe.name_of(a.precedent_activity_id) AS after
  FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id JOIN bpt.activity_instance i ON i.id = a.id
       LEFT JOIN bpt.activity_instance f ON f.id = i.flow_id
  ORDER BY p.id, a.id;
SELECT * FROM flows;
-- Each event starts a flow, of the instance whose it is; three of one statement start three.
INSERT INTO complaint VALUES (1, 1, 'late'), (2, 2, 'broken!'), (3, 1, 'still late!');
CALL bpt.run();
SELECT * FROM flows;
-- An event that fits two clauses starts one flow, by the first; the same row again starts another.
SET bpt.clock = '2026-03-02 10:00:00+00';
UPDATE complaint SET text = text || '!!' WHERE id = 1;
CALL bpt.run();
UPDATE complaint SET text = text WHERE id = 1;
CALL bpt.run();
SELECT * FROM bpt.event_queue;
SELECT process, name, detail, flow, started_instant::time FROM flows WHERE started_instant IS NOT NULL OR name = 'answer';
-- A caller starts one too: by the listening activity, or by the process.
SELECT bpt.activity_start(id, '{"words": "by hand", "complaint": 7}') = probe.activity('answer') AS next FROM bpt.activity WHERE status = 'listening' ORDER BY id LIMIT 1;
SELECT start_delivery_complaint(min(id)) = probe.activity('answer') AS next FROM bpt.process;
SELECT bpt.activity_close(id, '{"reply": "dear"}') FROM bpt.activity WHERE name = 'answer' ORDER BY id;
CALL bpt.run();
SELECT probe.name_of(activity_id), string_agg(o.name || '=' || COALESCE(output_value, '~'), ' ' ORDER BY output_definition_id) FROM bpt.activity_output o JOIN bpt.activity a ON a.id = activity_id WHERE a.name = 'note' GROUP BY 1, activity_id ORDER BY activity_id;
-- With the main flow everything ends: the listening is closed, what is active in flows terminated.
SELECT start_delivery_complaint(min(id), urgent => NULL, words => 'last') = probe.activity('answer') AS next FROM bpt.process;
SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'deliver' ORDER BY id;
SELECT probe.state(id) FROM bpt.process ORDER BY id;
SELECT process, name, status, flow FROM flows WHERE started_instant IS NULL AND name <> 'note';
SELECT a.name, s.code AS stopped FROM bpt.activity a JOIN bpt.activity_status s ON s.code = a.stopped_status;
SELECT * FROM probe.leftovers();
INSERT INTO complaint VALUES (4, 1, 'too late');
CALL bpt.run();
SELECT count(*) FROM bpt.activity WHERE name = 'complaint';
SELECT * FROM probe.leftovers();
SELECT bpt.drop_process('delivery');
DROP SCHEMA cs CASCADE;
