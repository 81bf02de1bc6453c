-- What a session keeps of the versions that it has met: so many, however many there are; and each runs as it was published, kept or not.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA cached;
SET search_path = cached;
CREATE TABLE letter (id int PRIMARY KEY, note text NOT NULL);
CREATE TABLE parcel (id int PRIMARY KEY, note text NOT NULL);
CREATE VIEW kept AS SELECT count(*) FILTER (WHERE name = 'bpt definition') AS definitions,
  count(*) FILTER (WHERE name = 'CachedPlanSource' AND ident LIKE 'UPDATE letter%') AS plans FROM pg_backend_memory_contexts;
CREATE PROCEDURE publish_letters(first int, last int, is_one_transaction boolean) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN first .. last LOOP
    PERFORM bpt.publish(format($bpt$
PROCESS letters LAUNCH ON INSERT INTO letter AS letter_id;
START -> hold;
WAIT hold CLOSE ON UPDATE OF letter (note) WHERE (letter.id = letter_id AND note = 'go') -> answer;
AUTOMATIC answer DO (UPDATE letter SET note = 'answered by %s' WHERE id = letter_id) -> END;
$bpt$, i));
    INSERT INTO letter VALUES (i, 'new');
    IF NOT is_one_transaction THEN COMMIT; CALL bpt.run(); END IF;
  END LOOP;
END $$;

-- A table that nothing happens to for long, and the version that listens to it.
SELECT version FROM bpt.publish($bpt$
PROCESS parcels LAUNCH ON INSERT INTO parcel AS parcel_id;
START -> fetch;
AUTOMATIC fetch DO (UPDATE parcel SET note = 'fetched' WHERE id = parcel_id) -> END;
$bpt$);
INSERT INTO parcel VALUES (1, 'new');
CALL bpt.run();

-- 300 versions, and an instance of each. Each transaction needs few.
CALL publish_letters(1, 300, false);
SELECT definitions BETWEEN 200 AND 270 AS are_bounded FROM kept;
INSERT INTO parcel VALUES (2, 'new');
CALL bpt.run();
SELECT * FROM parcel ORDER BY id;
SELECT count(DISTINCT version) AS versions, count(*) FROM bpt.process WHERE name = 'letters' AND status = 'active';

-- All of them go on, by turns and more than once: each as it was published.
UPDATE letter SET note = 'go';
CALL bpt.run();
SELECT count(*) FILTER (WHERE note = 'answered by ' || id) AS right_ones, count(*) FROM letter;
SELECT definitions BETWEEN 200 AND 270 AS are_bounded, plans < 270 AS plans_are, plans > 100 AS are_kept FROM kept;

-- What a transaction has asked for stays with it; the next one's are as few again.
BEGIN;
CALL publish_letters(301, 600, true);
UPDATE letter SET note = 'go' WHERE id > 300;
CALL bpt.run();
SELECT definitions >= 300 AS are_all_here FROM kept;
COMMIT;
SELECT count(*) FILTER (WHERE note = 'answered by ' || id) AS right_ones, count(*) FROM letter;
CALL publish_letters(601, 602, false);
CALL publish_letters(603, 604, false);
SELECT definitions BETWEEN 200 AND 270 AS are_bounded FROM kept;

DROP SCHEMA cached CASCADE;
