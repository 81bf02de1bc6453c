-- EXECUTE together with conditional starts: in their flows, as what AFTER waits for, and in batches.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA execstart;
SET search_path = execstart, public;
CREATE TABLE wish (id int PRIMARY KEY, of bigint);
SELECT process FROM bpt.publish($$
PROCESS order_of (n int) RETURNS (served int DEFAULT 0) DETAIL ('order ' || n);
START -> prepare;
EXECUTE prepare PROCESS work (n => n) -> finish;
HUMAN finish -> END;
CONDITIONAL START wished START ON INSERT INTO wish AS wish_id WHERE (wish.of = process.n) -> serve;
EXECUTE serve PROCESS work (n => wished.wish_id) SET (served = served + serve.twice) -> END;
CONDITIONAL START later AFTER prepare START ON INSERT INTO wish WHERE (wish.of = process.n + prepare.twice) -> note;
HUMAN note DETAIL ('after ' || prepare.twice) -> END;
PROCESS work (n int) RETURNS (twice int) DETAIL ('work ' || n);
START -> task;
HUMAN task ON CLOSE SET (twice = n * 2) -> END;
$$);
SELECT bpt.launch('order_of', '{"n": 1}') AS top \gset
INSERT INTO wish VALUES (10, 1), (11, 1), (12, 3);
CALL bpt.run();
SELECT * FROM probe.steps(:top);
-- The children of two starts end; each flow goes on by itself.
SELECT bpt.activity_close(a.id) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'work 10' AND a.name = 'task';
SELECT * FROM probe.steps(:top);
SELECT probe.state(:top);
-- AFTER waits for the EXECUTE, and reads its outputs.
SELECT bpt.activity_close(a.id) > 0 AS next FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.label = 'work 1' AND a.name = 'task';
INSERT INTO wish VALUES (13, 3);
CALL bpt.run();
SELECT * FROM probe.steps(:top);
SELECT detail FROM bpt.activity WHERE id = probe.activity('note');
-- The main flow ends: what runs in flows of conditional starts is terminated, children included.
SELECT bpt.activity_close(probe.activity('finish'));
SELECT label, status FROM bpt.process WHERE top_process_id = :top ORDER BY id;
SELECT * FROM probe.steps(:top);
SELECT * FROM probe.leftovers();

-- A process with conditional starts as a child: it ends for its parent when it closes, which may be after all its flows.
SELECT process FROM bpt.publish($$
PROCESS listening (n int) CLOSE AFTER ALL FLOWS DETAIL ('listening'); START -> main;
HUMAN main -> END;
CONDITIONAL START c START ON INSERT INTO wish WHERE (wish.of = process.n) -> more;
HUMAN more DETAIL ('more') -> END;
PROCESS awaiting DETAIL ('awaiting'); START -> e;
EXECUTE e PROCESS listening (n => 77) -> h;
HUMAN h -> END;
$$);
SELECT bpt.launch('awaiting') AS top \gset
INSERT INTO wish VALUES (20, 77);
CALL bpt.run();
SELECT bpt.activity_close(probe.activity('main')) IS NULL AS waits;
SELECT label, status FROM bpt.process WHERE top_process_id = :top ORDER BY id;
SELECT bpt.activity_close(probe.activity('more')) = probe.activity('h') AS next;
SELECT label, status FROM bpt.process WHERE top_process_id = :top ORDER BY id;
DROP SCHEMA execstart CASCADE;
