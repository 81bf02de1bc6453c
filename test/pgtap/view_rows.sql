-- What the views show of one process from its publishing to its end, and that nothing that has gone wrong hides the rest.
BEGIN;
SELECT no_plan();

CREATE SCHEMA v;
SET LOCAL search_path = v, public;
SET LOCAL bpt.clock = '2026-03-01 12:00+00';
CREATE TYPE v.mood AS ENUM ('good', 'bad');
CREATE TABLE v.ticket (area text, no int, title text, PRIMARY KEY (area, no));
CREATE TABLE v.reply (id int PRIMARY KEY, ticket_area text);
CREATE FUNCTION v.fails() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1 / 0; END';
CREATE FUNCTION v.writes() RETURNS int LANGUAGE plpgsql VOLATILE AS
  $$BEGIN INSERT INTO v.reply VALUES (0, 'written by a view'); RETURN 1; END$$;
CREATE TEMP TABLE source AS SELECT $bpt$
PROCESS handle_ticket (area text, no int, weight numeric(6,2) DEFAULT (1 + 0.5), temper v.mood DEFAULT 'good')
  RETURNS (answer text DEFAULT ('none for ' || area), fault int DEFAULT (v.fails()), written int DEFAULT (v.writes()), never int)
  LABEL 'Handle a ticket'
  DESCRIPTION 'From question to answer.'
  DETAIL ('Ticket ' || area || no)
  PRIORITY high
  LAUNCH ON INSERT INTO ticket AS t WITH (area => new.area, no => new.no);
START -> read, remind;
HUMAN read
  LABEL 'Read it'
  INSTRUCTIONS 'Every word.'
  ROLE pg_database_owner
  ALLOW SKIP
  INPUT (urgent boolean, remark text DEFAULT 'nothing to say')
  -> sort;
DECISION sort
  WHEN (read.urgent) AS hot -> reply
  ELSE AS cold -> broken;
AUTOMATIC reply DO (SELECT 'yes'::text AS word, 3 AS letters) SET (answer = 'yes') -> done;
AUTOMATIC broken DO (SELECT 1 / (no - 1) AS one) RETRY 2 TIMES EVERY '1 minute' -> END;
WAIT remind
  CLOSE ON INSERT INTO reply WHERE (ticket_area = process.area)
  TIMEOUT (interval '3 days')
  -> END;
END done;
$bpt$::text AS v1;
UPDATE source SET v1 = replace(v1, ' AS t WITH', ' WITH');
SELECT lives_ok('SELECT bpt.publish(v1) FROM source', 'publish');

-- Definitions
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s|%s|%s|%s', schema_name, name, label, description, detail, version, is_active, is_valid, priority)
    FROM bpt.process_definition$$,
  $$VALUES ('v|handle_ticket|Handle a ticket|From question to answer.|(''Ticket '' || area || no)|1|t|t|high')$$, 'process_definition');
SELECT matches((SELECT launch_on FROM bpt.process_definition), '^INSERT INTO v.ticket WITH', 'with its LAUNCH ON');
SELECT is((SELECT owner FROM bpt.process_definition), current_user::text, 'and owner');
SELECT ok((SELECT definition LIKE 'PROCESS handle_ticket%END done;' FROM bpt.process_definition), 'and text');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s|%s', name, kind, label, skippable, roles, terminate_process, first_version)
    FROM bpt.activity_definition ORDER BY id$$,
  $$VALUES ('read|human|Read it|t|{pg_database_owner}|f|1'), ('sort|decision|sort|f||f|1'), ('reply|automatic|reply|f||f|1'),
           ('broken|automatic|broken|f||f|1'), ('remind|wait|remind|f||f|1'), ('done|end|done|f||f|1')$$, 'activity_definition');
SELECT set_eq(
  $$SELECT format('%s>%s|%s|%s', s.name, t.name, outcome, l.position) FROM bpt.activity_def_link l
    LEFT JOIN bpt.activity_definition s ON s.id = source_activity_definition_id
    LEFT JOIN bpt.activity_definition t ON t.id = target_activity_definition_id$$,
  ARRAY['>read||0', '>remind||1', 'read>sort||2', 'sort>reply|hot|3', 'sort>broken|cold|4', 'reply>done||5', 'broken>||6', 'remind>||7'],
  'activity_def_link');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s', name, data_type, default_expression, is_mandatory, is_active) FROM bpt.process_input_definition ORDER BY id$$,
  $$VALUES ('area|text||t|t'), ('no|integer||t|t'), ('weight|numeric(6,2)|1 + 0.5|f|t'), ('temper|v.mood|''good''|f|t')$$,
  'process_input_definition');
SELECT results_eq(
  $$SELECT name || '|' || data_type FROM bpt.process_output_definition ORDER BY id$$,
  $$VALUES ('answer|text'), ('fault|integer'), ('written|integer'), ('never|integer')$$, 'process_output_definition');
SELECT results_eq(
  $$SELECT format('%s.%s|%s|%s', a.name, o.name, o.data_type, close_input) FROM bpt.activity_output_definition o
    JOIN bpt.activity_definition a ON a.id = activity_definition_id ORDER BY o.id$$,
  $$VALUES ('read.urgent|boolean|mandatory'), ('read.remark|text|optional'), ('reply.word|text|no'), ('reply.letters|integer|no'),
           ('broken.one|integer|no')$$, 'activity_output_definition');
SELECT is_empty('SELECT FROM bpt.process_definition_lang', 'no translations');

-- The event
INSERT INTO v.ticket VALUES ('x', 1, 'help');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s', entity, operation, data_id, activity_definition_id, is_light, status) FROM bpt.event_queue$$,
  $$SELECT format('ticket|INSERT|%s||f|waiting', data_id) FROM bpt.event_queue$$, 'event_queue');
SELECT results_eq(
  $$SELECT depth, oldest IS NOT NULL, rate > 0, retrying, failed FROM bpt.stat_event_queue$$,
  $$VALUES (1::bigint, true, true, 0::bigint, 0::bigint)$$, 'stat_event_queue');
CALL bpt.run();
SELECT results_eq('SELECT depth, oldest, rate FROM bpt.stat_event_queue',
  $$VALUES (0::bigint, NULL::timestamptz, NULL::double precision)$$, 'and empty');

-- The instance
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s|%s', name, version, label, status, entity, top_process_id = id, closed) FROM bpt.process$$,
  $$VALUES ('handle_ticket|1|Ticket x1|active|ticket|t|')$$, 'process');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s', name, kind, label, status, timeout) FROM bpt.activity ORDER BY id$$,
  $$VALUES ('read|human|Read it|ready|'), ('remind|wait|remind|listening|2026-03-04 12:00:00+00')$$, 'activity');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s', name, data_type, input_value, is_set) FROM bpt.process_input ORDER BY input_definition_id$$,
  $$VALUES ('area|text|x|t'), ('no|integer|1|t'), ('weight|numeric|1.50|f'), ('temper|mood|good|f')$$, 'process_input');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s', name, data_type, output_value, is_set) FROM bpt.process_output ORDER BY output_definition_id$$,
  $$VALUES ('answer|text|none for x|f'), ('fault|integer||f'), ('written|integer||f'), ('never|integer||f')$$,
  'process_output: defaults, NULL where one fails or writes');
SELECT is_empty('SELECT FROM v.reply', 'a view writes nothing');
SELECT results_eq(
  $$SELECT format('%s|%s|%s', name, output_value, is_set) FROM bpt.activity_output ORDER BY output_definition_id$$,
  $$VALUES ('urgent||f'), ('remark|nothing to say|f')$$, 'activity_output before its end');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s|%s', process, name, label, detail, instructions, is_opened, can_skip) FROM bpt.taskbox$$,
  $$VALUES ('handle_ticket|read|Read it|Ticket x1|Every word.|f|t')$$, 'taskbox');
SELECT is((SELECT active_processes FROM bpt.process_definition_version), 1::bigint, 'an active instance of the version');

-- Errors
SELECT lives_ok($$SELECT bpt.activity_close(activity_id, '{"urgent": false}') FROM bpt.taskbox$$, 'close the task');
CALL bpt.run();
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s', phase, attempt, sqlstate, message, next_run) FROM bpt.error_log ORDER BY id$$,
  $$VALUES ('statement|1|22012|division by zero|2026-03-01 12:01:00+00')$$, 'error_log');
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s|%s|%s', a.name, a.status, precedent_outcome, error_count, a.next_run, e.message)
    FROM bpt.activity a JOIN bpt.error_log e ON e.id = a.last_error_id$$,
  $$VALUES ('broken|error|cold|1|2026-03-01 12:01:00+00|division by zero')$$, 'activity in error');
CALL bpt.run('2026-03-01 13:00+00');
SELECT results_eq($$SELECT status, error_count, next_run FROM bpt.activity WHERE name = 'broken'$$,
  $$VALUES ('failed', 3, NULL::timestamptz)$$, 'and failed in the end');
SELECT results_eq(
  $$SELECT format('%s|%s|%s', o.name, output_value, is_set) FROM bpt.activity_output o JOIN bpt.activity a ON a.id = activity_id
    WHERE a.name = 'read' ORDER BY output_definition_id$$,
  $$VALUES ('urgent|f|t'), ('remark|nothing to say|f')$$, 'activity_output after its end');
SELECT is((SELECT status FROM bpt.process WHERE status = 'active'), 'active', 'the process goes on');

-- What goes away
SELECT lives_ok('DROP TABLE v.reply', 'a table is dropped');
SELECT results_eq('SELECT owner, is_valid FROM bpt.process_definition', 'VALUES (current_user::text COLLATE "default", false)',
  'without which the definition is not valid');
SET LOCAL client_min_messages = error;
DROP TYPE v.mood CASCADE;
SELECT results_eq(
  $$SELECT format('%s|%s|%s|%s', name, data_type, input_value, is_set) FROM bpt.process_input ORDER BY input_definition_id$$,
  $$VALUES ('area|text|x|t'), ('no|integer|1|t'), ('weight|numeric|1.50|f'), ('temper||good|f')$$, 'a dropped type hides no value');
SELECT results_eq('SELECT owner, is_valid FROM bpt.process_definition', 'VALUES (NULL::text, false)',
  'without its launch function a process has no owner');
SELECT is((SELECT count(*) FROM bpt.activity), 3::bigint, 'its instances are still seen');

-- The end
SELECT lives_ok('SELECT bpt.process_terminate(id) FROM bpt.process', 'terminate');
SELECT results_eq($$SELECT status, closed FROM bpt.process$$, $$VALUES ('terminated', '2026-03-01 13:00+00'::timestamptz)$$,
  'the process is terminated');
SELECT set_eq($$SELECT name || '|' || status || '|' || COALESCE(stopped_status, '') FROM bpt.activity$$,
  ARRAY['read|closed|', 'remind|terminated|listening', 'broken|terminated|failed'], 'so are its activities');
SELECT is_empty($$SELECT FROM bpt.process WHERE status = 'active'$$, 'none is active');
SELECT results_eq('SELECT version, active_processes FROM bpt.process_definition_version', 'VALUES (1, 0::bigint)', 'nor of any version');
SELECT is((SELECT count(*) FROM bpt.taskbox), 0::bigint, 'no task is left');

SELECT * FROM finish();
ROLLBACK;
