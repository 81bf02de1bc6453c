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

-- What one transaction does before its launch is not heard, what it does after it is.
BEGIN;
INSERT INTO complaint VALUES (11, 3, 'before');
SELECT launch_delivery(3) IS NOT NULL AS launched;
INSERT INTO complaint VALUES (12, 3, 'after');
SAVEPOINT s; INSERT INTO complaint VALUES (13, 3, 'lost'); ROLLBACK TO s;
COMMIT;
CALL bpt.run();
SELECT detail FROM bpt.activity WHERE process_id = probe.process() AND name = 'answer' ORDER BY id;
-- Running instances hear what their version said; new ones what theirs says.
SELECT version FROM bpt.publish($bpt$
PROCESS delivery (parcel int) DETAIL ('parcel ' || parcel);
START -> deliver;
HUMAN deliver -> END;
CONDITIONAL START complaint START ON INSERT INTO complaint AS complaint WHERE (complaint.parcel = process.parcel AND text LIKE '%!') -> answer;
HUMAN answer DETAIL ('new: ' || complaint.complaint) -> END;
$bpt$);
SELECT launch_delivery(3) IS NOT NULL AS launched;
INSERT INTO complaint VALUES (21, 3, 'loud!'), (22, 3, 'low');
CALL bpt.run();
SELECT p.version, a.detail FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'parcel 3' AND a.name = 'answer' ORDER BY a.id;
SELECT bpt.drop_process('delivery', true);

-- What an advance leaves to a worker stays in its flow: more callbacks than a call runs at once.
CREATE TABLE seen (name text);
SELECT version FROM bpt.publish('PROCESS many DETAIL (''many'') CLOSE AFTER ALL FLOWS ON ACTIVITY READY DO (INSERT INTO seen VALUES (bpt.activity_name()));'
  || ' START -> open; HUMAN open -> END; CONDITIONAL START c -> ' || (SELECT string_agg('t' || n, ', ' ORDER BY n) FROM generate_series(1, 50) n) || ';'
  || (SELECT string_agg('HUMAN t' || n || ' -> END;', ' ') FROM generate_series(1, 50) n));
SELECT launch_many() IS NOT NULL AS launched;
SELECT start_many_c(probe.process()) IS NOT NULL AS next;
SELECT count(*) < 50 AS leaves_some FROM seen WHERE name LIKE 't%';
CALL bpt.run();
SELECT count(*), count(DISTINCT flow_id) AS flows, count(*) FILTER (WHERE flow_id IS NULL) AS main FROM bpt.activity_instance a JOIN bpt.activity_def d ON d.id = activity_def_id WHERE process_id = probe.process() AND d.name LIKE 't%';
SELECT bpt.activity_close(probe.activity('open'));
SELECT count(bpt.activity_close(id)) FROM bpt.activity WHERE status = 'ready' AND name <> 't17';
SELECT probe.state();
SELECT bpt.activity_close(probe.activity('t17'));
SELECT probe.state();
SELECT * FROM probe.leftovers();
SELECT bpt.drop_process('many');
DROP SCHEMA cs CASCADE;
