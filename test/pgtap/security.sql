-- Who sees and may do what: owner, task users, stranger, monitor, administrator, proxy.
BEGIN;
SELECT no_plan();

CREATE ROLE t_owner LOGIN IN ROLE bpt_publisher;
CREATE ROLE t_packer;
CREATE ROLE t_anna LOGIN IN ROLE t_packer;
CREATE ROLE t_bert LOGIN IN ROLE t_packer;
CREATE ROLE t_stranger LOGIN;
CREATE ROLE t_other LOGIN IN ROLE bpt_publisher;
CREATE ROLE t_monitor LOGIN IN ROLE bpt_monitor;
CREATE ROLE t_admin LOGIN IN ROLE bpt_admin;
CREATE ROLE t_app LOGIN IN ROLE bpt_proxy;
CREATE ROLE t_deputy LOGIN IN ROLE t_owner;
CREATE SCHEMA t AUTHORIZATION t_owner;
CREATE SCHEMA u AUTHORIZATION t_other;
CREATE SCHEMA s AUTHORIZATION t_stranger;
GRANT USAGE ON SCHEMA t TO PUBLIC;

-- The first value of a query run as a role, or the SQLSTATE of its error. With `session` the role logs in, so to speak.
CREATE FUNCTION pg_temp.as_user(who text, query text, session boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
  login text := session_user;
BEGIN
  IF session THEN
    PERFORM set_config('session_authorization', who, true);
  ELSE
    PERFORM set_config('role', who, true);
  END IF;
  EXECUTE query INTO result;
  IF session THEN
    PERFORM set_config('session_authorization', login, true);
  ELSE
    PERFORM set_config('role', 'none', true);
  END IF;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;

-- Two owners, a process each, an instance each.
CREATE FUNCTION pg_temp.build() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL search_path = t, public;
  SET LOCAL ROLE t_owner;
  CREATE TABLE parcels (id bigint PRIMARY KEY, content text, state text);
  CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY, who text, acting text);
  PERFORM bpt.publish($bpt$
    PROCESS pack_parcel (parcel_id bigint, remark text DEFAULT 'none') RETURNS (verdict text DEFAULT 'open')
      LAUNCH ON INSERT INTO parcels AS parcel_id;
    START -> pack;
    HUMAN pack
      LABEL 'Pack'
      ROLE t_packer
      DETAIL ('parcel ' || parcel_id)
      DESTINATION ('/pack/' || parcel_id)
      DUE (interval '1 day')
      INPUT (weight int)
      ON CLOSE CHECK (weight > 0) MESSAGE 'Nothing weighs nothing.'
      -> note;
    AUTOMATIC note DO (INSERT INTO log (who, acting) VALUES (current_user, bpt.user_id())) -> check;
    HUMAN check
      USER ('t_anna')
      DETAIL ('check ' || parcel_id)
      SET (verdict = 'good')
      -> END;
  $bpt$);
  RESET ROLE;
  SET LOCAL search_path = u, public;
  SET LOCAL ROLE t_other;
  PERFORM bpt.publish($bpt$
    PROCESS secret_business (secret text);
    START -> decide;
    HUMAN decide USER ('t_other') DETAIL (secret) -> END;
  $bpt$);
  PERFORM bpt.launch('secret_business', '{"secret": "the secret"}');
  RESET ROLE;
  SET LOCAL search_path = public;
END
$$;
SELECT lives_ok('SELECT pg_temp.build()', 'members of bpt_publisher publish');
SELECT is(pg_temp.as_user('t_stranger', $$SELECT count(*) FROM bpt.publish('PROCESS s.p; START -> END;')$$), '42501',
  'others do not');

SET LOCAL bpt.clock = '2026-03-01 12:00+00';
SELECT lives_ok($$INSERT INTO t.parcels VALUES (1, 'a book'), (2, 'a vase')$$, 'a row is inserted');
SELECT isnt_empty('SELECT FROM bpt.event_queue', 'which is an event');
SELECT lives_ok('CALL bpt.run()', 'the work is done');

-- The ids that the tests speak of.
CREATE TEMP VIEW known AS
  SELECT d.id AS def, p.id AS process, a.id AS activity, a.name
  FROM bpt.process p
  JOIN bpt.process_definition d ON d.id = p.process_definition_id
  JOIN bpt.activity a ON a.process_id = p.id
  WHERE d.name = 'pack_parcel' AND p.entity_key = '1';
CREATE FUNCTION pg_temp.act(activity_name text) RETURNS bigint LANGUAGE sql AS
  $$SELECT activity FROM known WHERE name = activity_name ORDER BY activity DESC LIMIT 1$$;
SELECT is((SELECT count(*)::int FROM known), 1, 'an instance waits at its task');

-- Who sees the instances
SELECT is(pg_temp.as_user(who, $$SELECT string_agg(DISTINCT name || ':' || (entity IS NOT NULL), ' ') FROM bpt.process$$), seen,
    'bpt.process as ' || who)
FROM (VALUES ('t_owner', 'pack_parcel:true'), ('t_deputy', 'pack_parcel:true'), ('t_other', 'secret_business:false'),
  ('t_monitor', 'pack_parcel:true secret_business:false'), ('t_admin', 'pack_parcel:true secret_business:false'),
  ('t_anna', NULL), ('t_stranger', NULL), ('t_app', NULL)) AS v (who, seen);
SELECT is(pg_temp.as_user(who, $$SELECT string_agg(name || ':' || owner || ':' || is_valid, ' ' ORDER BY name) FROM bpt.process_definition$$),
    seen, 'bpt.process_definition as ' || who)
FROM (VALUES ('t_owner', 'pack_parcel:t_owner:true'), ('t_monitor', 'pack_parcel:t_owner:true secret_business:t_other:true'),
  ('t_anna', NULL)) AS v (who, seen);

-- A SECURITY DEFINER function of the owner shows its caller nothing.
CREATE FUNCTION t.peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM bpt.process';
ALTER FUNCTION t.peep() OWNER TO t_owner;
SELECT is(pg_temp.as_user('t_stranger', 'SELECT t.peep()'), '0', 'the outer role counts, not the current one');
SELECT is(pg_temp.as_user('t_owner', 'SELECT t.peep()'), '2', 'for the owner, too');

-- A function that tells everything it meets, as cheap and as early as functions can be.
CREATE FUNCTION s.leak(what text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
  PERFORM set_config('t.leaked', current_setting('t.leaked') || what, true);
  RETURN true;
END
$$;
ALTER FUNCTION s.leak(text) OWNER TO t_stranger;
GRANT USAGE ON SCHEMA s TO PUBLIC;
-- Everything that a role's own function meets in a view.
CREATE FUNCTION pg_temp.met(who text, view name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('t.leaked', '', true);
  PERFORM pg_temp.as_user(who, format('SELECT count(*) FROM bpt.%I v WHERE s.leak(v::text)', view));
  RETURN current_setting('t.leaked');
END
$$;
SELECT is(pg_temp.met('t_stranger', relname), '', 'a leaky function of a stranger meets nothing in bpt.' || relname)
FROM pg_class
WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v'
  AND relname NOT IN ('process_status', 'activity_status', 'activity_kind')
ORDER BY relname;
SELECT ok(pg_temp.met('t_owner', relname) !~ 'secret', 'nor does that of one owner meet another''s in bpt.' || relname)
FROM pg_class WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'v' ORDER BY relname;
SELECT matches(pg_temp.met('t_owner', 'process'), 'pack_parcel.*pack_parcel', 'what is the owner''s it does meet');

-- Values
SELECT is(pg_temp.as_user('t_owner', $$SELECT string_agg(i.name || '=' || input_value || ':' || data_type || ':' || is_set, ' ' ORDER BY input_definition_id)
    FROM bpt.process_input i JOIN bpt.process p ON p.id = i.process_id WHERE entity_key = '1'$$),
  'parcel_id=1:bigint:true remark=none:text:false', 'inputs, given and by default');
SELECT is(pg_temp.as_user('t_owner', $$SELECT string_agg(o.name || '=' || output_value || ':' || is_set, ' ')
    FROM bpt.process_output o JOIN bpt.process p ON p.id = o.process_id WHERE entity_key = '1'$$),
  'verdict=open:false', 'an output never set shows its default');
SELECT is(pg_temp.as_user('t_stranger', format('SELECT bpt.unset_output(%s, 0, %s)',
    (SELECT process FROM known), (SELECT id FROM bpt.process_output_definition WHERE name = 'verdict'))), NULL,
  'but not to a stranger who knows the ids');

-- The taskbox
SELECT is(pg_temp.as_user(who, $$SELECT string_agg(label || '|' || detail || '|' || destination || '|' || is_opened || '|' || is_overdue, ', ' ORDER BY activity_id)
    FROM bpt.taskbox$$), seen, 'bpt.taskbox of ' || who)
FROM (VALUES ('t_anna', 'Pack|parcel 1|/pack/1|false|false, Pack|parcel 2|/pack/2|false|false'), ('t_owner', NULL),
  ('t_stranger', NULL), ('t_admin', NULL), ('t_monitor', NULL)) AS v (who, seen);

-- Actions
CREATE TEMP TABLE known_pack AS
  SELECT a.id AS activity_id FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.entity_key = '2';
GRANT SELECT ON known_pack TO PUBLIC;
CREATE TEMP TABLE act AS SELECT pg_temp.act('pack') AS id;
SELECT is(pg_temp.as_user('t_stranger', format('SELECT bpt.activity_%s(%s%s)', action, (SELECT id FROM act), more)), '42501',
    'a stranger may not ' || action)
FROM (VALUES ('open', ''), ('close', ', ''{"weight": 1}'''), ('skip', ''), ('schedule', ', now()'), ('get_url', ''), ('retry', ''))
  AS v (action, more);
SELECT is(pg_temp.as_user('t_stranger', format('SELECT bpt.process_terminate(%s)', (SELECT process FROM known LIMIT 1))), 'WF004',
  'nor terminate what is no process to them');
SELECT is(pg_temp.as_user('t_monitor', format('SELECT bpt.process_terminate(%s)', (SELECT process FROM known LIMIT 1))), '42501',
  'nor may a monitor');
SELECT is(pg_temp.as_user('t_stranger', $$SELECT bpt.launch('t.pack_parcel', '{"parcel_id": 3}')$$), '42501', 'nor launch');
SELECT is(pg_temp.as_user('t_anna', format('SELECT bpt.activity_skip(%s)', (SELECT id FROM act))), '42501',
  'a task user does not skip what does not allow it');
SELECT is(pg_temp.as_user('t_anna', format($$SELECT bpt.human_activity_assign_to_user(%s, 't_anna')$$, (SELECT id FROM act))), '42501',
  'nor assign');
SELECT is(pg_temp.as_user('t_owner', format($$SELECT bpt.human_activity_assign_to_user(%s, 't_stranger')$$, (SELECT id FROM act))), '42501',
  'nobody is assigned a task whose role they lack');
SELECT is(pg_temp.as_user('t_anna', format('SELECT bpt.activity_open(%s)', (SELECT id FROM act))), '/pack/1', 'a task user opens');
SELECT is(pg_temp.as_user('t_bert', 'SELECT string_agg(detail, '', '') FROM bpt.taskbox'), 'parcel 2', 'others no longer see it');
SELECT is(pg_temp.as_user('t_anna', 'SELECT string_agg(detail || is_opened || opened_by, '', '' ORDER BY 1) FROM bpt.taskbox'),
  'parcel 1truet_anna', 'who took it does') ;
SELECT is(pg_temp.as_user('t_bert', format('SELECT bpt.activity_open(%s)', (SELECT id FROM act))), 'WF003', 'it is taken');
SELECT is(pg_temp.as_user('t_anna', format($$SELECT bpt.activity_close(%s, '{"weight": 0}')$$, (SELECT id FROM act))), 'WF001',
  'the callback refuses');
SELECT is(pg_temp.as_user('t_anna', format($$SELECT bpt.activity_close(%s, '{"weight": 7}')$$, (SELECT id FROM act))), NULL,
  'the task is closed');
SELECT is(pg_temp.as_user('t_anna', format($$SELECT bpt.activity_close(%s, '{"weight": 7}')$$, (SELECT id FROM act))), 'WF002',
  'once');
SELECT lives_ok('CALL bpt.run()', 'an administrator runs the rest');
SELECT results_eq('SELECT who, acting FROM t.log', $$VALUES ('t_owner', NULL::text)$$,
  'the statement ran as the owner, with nobody acting');

-- Assigned by USER
SELECT is(pg_temp.as_user(who, $$SELECT count(*) FROM bpt.taskbox WHERE name = 'check'$$), seen, 'the checks of ' || who)
FROM (VALUES ('t_anna', '1'), ('t_bert', '0')) AS v (who, seen);

-- Proxies
SELECT is(pg_temp.as_user('t_app', $$SELECT set_config('bpt.user_id', 't_anna', true) || ':' || bpt.user_id()$$, true), 't_anna:t_anna',
  'a proxy names its user');
SELECT is(pg_temp.as_user('t_app', $$SELECT set_config('bpt.user_id', 't_anna', true) || ':' || count(*) FROM bpt.process$$, true),
  't_anna:0', 'which is no role');
SET LOCAL bpt.user_id = 't_anna';
SELECT is(pg_temp.as_user('t_app', $$SELECT string_agg(name, ' ' ORDER BY name) FROM bpt.taskbox$$, true), 'check pack',
  'a proxy sees its user''s tasks');
SELECT is(pg_temp.as_user('t_stranger', $$SELECT count(*) FROM bpt.taskbox$$, true), '42501', 'nobody else does');
SELECT is(pg_temp.as_user('t_stranger', $$SELECT bpt.user_id()$$, true), '42501', 'or may pretend');
SELECT is(pg_temp.as_user('t_app', format('SELECT bpt.activity_close(%s)', pg_temp.act('check')), true), NULL, 'a proxy closes for its user');
SET LOCAL bpt.user_id = 't_owner';
SELECT is(pg_temp.as_user('t_app', format('SELECT bpt.process_terminate(%s)', (SELECT process FROM known LIMIT 1)), true), 'WF004',
  'a user''s name gives no rights over processes');
SET LOCAL bpt.user_id = '';
SELECT is((SELECT closed_by FROM bpt.activity WHERE id = pg_temp.act('check')), 't_anna', 'who is recorded');
SELECT is(pg_temp.as_user('t_owner', $$SELECT string_agg(o.name || '=' || output_value || ':' || is_set, ' ')
    FROM bpt.process_output o JOIN bpt.process p ON p.id = o.process_id WHERE entity_key = '1'$$),
  'verdict=good:true', 'an output that was set');

-- Within a security-restricted operation the current role acts, whoever started it.
CREATE MATERIALIZED VIEW s.acting AS SELECT bpt.user_id() AS id, (SELECT count(*) FROM bpt.process) AS seen WITH NO DATA;
ALTER MATERIALIZED VIEW s.acting OWNER TO t_stranger;
SELECT lives_ok('REFRESH MATERIALIZED VIEW s.acting', 'a superuser maintains a stranger''s table');
SELECT results_eq('SELECT id, seen FROM s.acting', $$VALUES ('t_stranger', 0::bigint)$$, 'and lends it no rights');

-- The trigger function on a table that nobody published.
CREATE TABLE s.own (id bigint PRIMARY KEY, content text);
ALTER TABLE s.own OWNER TO t_stranger;
SELECT is(pg_temp.as_user('t_stranger', 'CREATE TRIGGER x AFTER INSERT ON s.own FOR EACH ROW EXECUTE FUNCTION bpt.entity_event()'),
  '42501', 'a stranger cannot attach it');
CREATE TRIGGER x AFTER INSERT OR UPDATE ON s.own FOR EACH ROW EXECUTE FUNCTION bpt.entity_event();
CREATE TRIGGER bpt_event_insert AFTER INSERT ON s.own REFERENCING NEW TABLE AS n FOR EACH STATEMENT
  EXECUTE FUNCTION bpt.entity_event('1', '2', '3');
SELECT is(pg_temp.as_user('t_stranger', $$INSERT INTO s.own VALUES (1, 'x') RETURNING id$$), '1', 'and attached by a superuser');
SELECT is_empty('SELECT FROM bpt.event_queue', 'it does nothing');

-- Settings
SELECT is(pg_temp.as_user('t_stranger', $$SELECT set_config('bpt.clock', '2030-01-01', true)$$), '42501', 'a stranger does not set the clock');
SELECT is(pg_temp.as_user('t_admin', $$SELECT set_config('bpt.clock', '2026-03-02 12:01+00', true)$$), '2026-03-02 12:01+00',
  'an administrator does');
SELECT is(pg_temp.as_user('t_anna', $$SELECT count(*) FROM bpt.taskbox WHERE is_overdue$$), '1', 'by which a task is overdue');
SELECT throws_ok($$SET LOCAL bpt.user_provider = 'x'$$, '22023', NULL, 'a user provider is named with its schema');

-- Administrators
SELECT is(pg_temp.as_user('t_admin', $$SELECT bpt.activity_skip((SELECT activity_id FROM known_pack))$$), NULL, 'an administrator skips');
SELECT is((SELECT status FROM bpt.activity WHERE id = (SELECT activity_id FROM known_pack)), 'skipped', 'which ends the task');

-- What is gone does not stop a view.
SELECT lives_ok($$DROP FUNCTION t.peep()$$, 'tidy up');
SELECT lives_ok($$ALTER FUNCTION t.launch_pack_parcel OWNER TO t_other$$, 'a process is handed over');
SELECT is(pg_temp.as_user('t_other', 'SELECT count(DISTINCT name) FROM bpt.process'), '2', 'to its new owner');
SELECT is(pg_temp.as_user('t_owner', 'SELECT count(*) FROM bpt.process'), '0', 'from its old one');

SELECT * FROM finish();
ROLLBACK;
