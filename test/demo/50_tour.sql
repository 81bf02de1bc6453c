-- A tour: what else a process can be made of. Somebody complains about an order.
\set QUIET on
\pset footer off
\pset null ''
SET ROLE shop_owner;
CREATE TABLE complaint (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders, words text NOT NULL, status text NOT NULL DEFAULT 'new');
CREATE TABLE remark (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, complaint_id bigint NOT NULL REFERENCES complaint, words text NOT NULL, length int);
\echo '== A tour of the rest: a complaint runs a process of its own for the inspection, and each remark begins a flow'
\echo
\set definition `cat complaint.bpt`
\echo :definition
SELECT process, version FROM bpt.publish(:'definition');
RESET ROLE;

INSERT INTO complaint (order_id, words) VALUES (1, 'The lid is missing.'), (2, 'Too blue.');
CALL public.until('two inspections', $$ (SELECT count(*) FROM bpt.activity WHERE name = 'inspect' AND status = 'ready') = 2 $$);

\echo '== EXECUTE: each complaint has a child; a remark to the first begins a flow (CONDITIONAL START), and is measured (LIGHT) without a trace'
\echo
INSERT INTO remark (complaint_id, words) VALUES (1, 'I found the lid. It does not fit.');
CALL public.until('the remark is measured and to be read', $$ (SELECT length FROM remark) IS NOT NULL AND EXISTS (SELECT FROM bpt.activity WHERE name = 'read' AND status = 'ready') $$);
SELECT top.label AS complaint, p.name AS process, a.name AS step, a.kind, a.status
  FROM bpt.process p JOIN bpt.process top ON top.id = p.top_process_id JOIN bpt.activity a ON a.process_id = p.id
  WHERE top.name = 'complaints' ORDER BY top.id, p.id, a.id;
SELECT words, length FROM remark;

\echo '== What does the first one wait for?'
\echo
SELECT w.name, w.status, w.waiting_for
  FROM bpt.process p, bpt.waiting_for(p.id) w WHERE p.label = 'Complaint 1' AND p.name = 'complaints' ORDER BY w.activity_id;

\echo '== The same as a picture: a Mermaid flowchart, each step with its state'
\echo
\pset tuples_only on
\pset format unaligned
SELECT bpt.mermaid(id) FROM bpt.process WHERE label = 'Complaint 1' AND name = 'complaints';
\pset format aligned
\pset tuples_only off
\echo

\echo '== The second one is suspended: its task, and its child''s, are in nobody''s taskbox until it is resumed'
\echo
SELECT bpt.process_suspend(id) FROM bpt.process WHERE label = 'Complaint 2' AND name = 'complaints' \g /dev/null
SET ROLE wendy;
SELECT detail, label FROM bpt.taskbox WHERE process <> 'order_handling' ORDER BY activity_id;
RESET ROLE;
SELECT bpt.process_resume(id) FROM bpt.process WHERE label = 'Complaint 2' AND name = 'complaints' \g /dev/null

\echo '== Wendy inspects both; what she finds is the output of the child, and the letter (EMAIL) says it'
\echo
SET ROLE wendy;
SELECT bpt.activity_close(activity_id, jsonb_build_object('finding', CASE detail WHEN 'Complaint 1' THEN 'we send a new lid' ELSE 'it is as blue as ordered' END))
  FROM bpt.taskbox WHERE name = 'inspect' ORDER BY activity_id \g /dev/null
RESET ROLE;
CALL public.until('both are answered', $$ (SELECT count(*) FROM complaint WHERE status = 'answered') = 2 $$);
SELECT to_addresses, subject, body, status FROM bpt.email ORDER BY subject;
SELECT id, words, status FROM complaint ORDER BY id;

\echo '== A TIMER, woken instead of waited for'
\echo
SELECT bpt.wake_timer('shop.tidy_up') \g /dev/null
CALL public.until('the timer has run', $$ EXISTS (SELECT FROM bpt.timer_run WHERE status = 'succeeded') $$);
SELECT t.name, t.schedule, r.status, t.next_run > now() AS goes_on FROM bpt.timer t JOIN bpt.timer_run r ON r.timer_id = t.id;

\echo '== How it all is doing'
\echo
SELECT name, active, closed, terminated, errors FROM bpt.stat_process ORDER BY name;
SELECT transition, count(*) FROM bpt.event_log GROUP BY 1 ORDER BY 1;
