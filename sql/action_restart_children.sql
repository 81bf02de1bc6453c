-- Restarting a process whose EXECUTE has lost its child before: what ended by itself stays ended, and the EXECUTE goes on.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA again;
SET search_path = again;
SELECT count(version) FROM bpt.publish($bpt$
PROCESS child RETURNS (said text) DETAIL ('child');
START -> inner, aside;
HUMAN inner SET (said = 'by the child') -> END TERMINATE;
HUMAN aside -> END;
PROCESS single DETAIL ('single');
START -> only;
HUMAN only -> END TERMINATE;
PROCESS p DETAIL ('p');
START -> sub, one, stopped;
EXECUTE sub PROCESS child () -> after;
DECISION after WHEN (sub.terminated AND sub.said = 'by the child') -> seen ELSE -> unseen;
HUMAN seen -> END;
HUMAN unseen -> END;
EXECUTE one PROCESS single () -> alone;
HUMAN alone -> END;
EXECUTE stopped PROCESS child () -> never;
HUMAN never -> END;
$bpt$);
SET bpt.clock = '2026-03-02 09:00';
SELECT launch_p() AS process \gset
-- Two children end by END TERMINATE while their parent is suspended; the third is stopped with the parent.
SELECT bpt.process_suspend(:process);
SELECT bpt.process_resume(id) FROM bpt.process WHERE parent_process_id = :process ORDER BY id;
SELECT bpt.activity_close(a.id) FROM bpt.activity a JOIN bpt.activity s ON s.child_process_id = a.process_id
  WHERE (s.name, a.name) IN (('sub', 'inner'), ('one', 'only')) ORDER BY a.id;
SELECT p.name, p.status, a.name AS by FROM bpt.process p LEFT JOIN bpt.activity a ON a.id = p.parent_activity_id ORDER BY p.id;
SET bpt.clock = '2026-03-02 10:00';
SELECT bpt.process_terminate(:process);
SET bpt.clock = '2026-03-02 11:00';
SELECT bpt.process_restart(:process);
CALL bpt.run();
SELECT p.name, p.status, p.closed, a.name AS by FROM bpt.process p LEFT JOIN bpt.activity a ON a.id = p.parent_activity_id ORDER BY p.id;
SELECT p.name AS process, a.name, a.status, a.stopped_status FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id ORDER BY a.id;
SELECT bpt.activity_discard(id) FROM bpt.activity WHERE closed IS NULL AND kind = 'human' ORDER BY id;
CALL bpt.run();
SELECT bpt.activity_discard(id) FROM bpt.activity WHERE closed IS NULL AND kind = 'human' ORDER BY id;
SELECT name, status FROM bpt.process ORDER BY id;
SELECT * FROM probe.leftovers();
SELECT count(bpt.drop_process('again.' || name)) FROM unnest('{p,child,single}'::text[]) name;
DROP SCHEMA again, probe CASCADE;
