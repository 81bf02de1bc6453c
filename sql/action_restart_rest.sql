-- Restarting a process whose last call had left some of its paths to a worker: they are counted, and go on.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA rest;
SET search_path = rest;
-- Forty tasks with a callback that writes: more than one call does at once.
CREATE TABLE note (task text);
SELECT count(version) FROM bpt.publish($$PROCESS p DETAIL ('p'); START -> $$
  || (SELECT string_agg('t' || n, ', ' ORDER BY n) || ';' || string_agg(format(
    'HUMAN t%s ON READY DO (INSERT INTO note VALUES (%L)) -> END;', n, n), ' ' ORDER BY n) FROM generate_series(1, 40) n));
SELECT launch_p() AS process \gset
SELECT count(*) < 40 AS some_left, count(*) + (SELECT count(*) FROM bpt.queue_ready) AS paths
  FROM bpt.activity WHERE process_id = :process;
SELECT bpt.process_terminate(:process);
SELECT bpt.process_restart(:process);
CALL bpt.run();
SELECT status, count(*) FROM bpt.activity WHERE process_id = :process GROUP BY 1;
SELECT count(*), count(DISTINCT task) FROM note;
-- The process closes with the last of them.
SELECT count(bpt.activity_close(id)) FROM bpt.activity WHERE process_id = :process AND name <> 't40';
SELECT status FROM bpt.process WHERE id = :process;
SELECT bpt.activity_close(id) FROM bpt.activity WHERE process_id = :process AND name = 't40';
SELECT status FROM bpt.process WHERE id = :process;
-- The same when it was suspended before, so that they were held.
BEGIN;
SELECT launch_p() AS process \gset
SELECT bpt.process_suspend(:process);
CALL bpt.run();
SELECT count(*) > 0 AS held FROM bpt.queue_held;
SELECT bpt.process_terminate(:process);
SELECT bpt.process_restart(:process);
CALL bpt.run();
SELECT status, count(*) FROM bpt.activity WHERE process_id = :process GROUP BY 1;
ROLLBACK;
-- Not restarted, nothing remains of them.
SELECT launch_p() AS process \gset
SELECT bpt.process_suspend(:process);
CALL bpt.run();
SELECT bpt.process_terminate(:process);
CALL bpt.run();
SELECT DISTINCT status FROM bpt.activity WHERE process_id = :process;
SELECT * FROM probe.leftovers();
-- Events of an old version that nobody was waiting for are not recorded any more: the restart says so, and works again while
-- a definition listens to them.
CREATE TABLE thing (id int PRIMARY KEY, state text);
INSERT INTO thing VALUES (1, 'new');
SELECT version FROM bpt.publish('PROCESS old; START -> hold; WAIT hold CLOSE ON UPDATE OF thing WHERE (state = ''old'') -> END;');
SELECT launch_old() AS process \gset
SELECT bpt.process_terminate(:process);
SELECT version FROM bpt.publish('PROCESS old; START -> hold; WAIT hold CLOSE ON UPDATE OF thing WHERE (state = ''young'') -> END;');
SELECT probe.try('SELECT bpt.process_restart(probe.process())');
SELECT status FROM bpt.process WHERE id = :process;
SELECT version FROM bpt.publish('PROCESS old; START -> hold; WAIT hold CLOSE ON UPDATE OF thing WHERE (state = ''old'') -> END;');
SELECT bpt.process_restart(:process);
SELECT version FROM bpt.publish('PROCESS old; START -> hold; WAIT hold CLOSE ON UPDATE OF thing WHERE (state = ''young'') -> END;');
UPDATE thing SET state = 'old';
CALL bpt.run();
SELECT status FROM bpt.process WHERE id = :process;
SELECT bpt.drop_process('rest.old');
SELECT bpt.drop_process('rest.p');
DROP SCHEMA rest, probe CASCADE;
