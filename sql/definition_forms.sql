-- Other forms of a definition: jsonb and flowcharts.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set definition :abs_srcdir '/test/fixtures/order_handling.sql'
\set ECHO none
\i :setup
\set ECHO all
DROP ROLE IF EXISTS regress_packer, warehouse, regress_forms_stranger;
CREATE ROLE warehouse;
CREATE ROLE regress_packer IN ROLE warehouse;
CREATE ROLE regress_forms_stranger;
CREATE SCHEMA shop;
SET search_path = shop;
CREATE FUNCTION shop.create_invoice(order_id bigint, amount numeric) RETURNS TABLE (invoice_no text)
  LANGUAGE sql AS $$ SELECT format('R%s/%s', order_id, amount) $$;
CREATE FUNCTION shop.ship(order_id bigint, parcels int) RETURNS TABLE (tracking text)
  LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT 'T' || order_id; END $$;
\set ECHO none
\i :definition
\set ECHO all
GRANT USAGE ON SCHEMA shop TO warehouse;

-- The demo as JSON.
SELECT jsonb_pretty(bpt.definition_json('order_handling'));

-- Publishing what it says changes nothing, whatever the layout and comments of the text were.
SELECT * FROM bpt.publish(bpt.definition_json('order_handling'));

-- A change to the JSON is a new version, stored as text; its JSON is what was published.
SELECT jsonb_set(bpt.definition_json('order_handling'), '{label}', '"It''s handling"') AS changed \gset
SELECT * FROM bpt.publish(:'changed'::jsonb);
SELECT bpt.definition('order_handling');
SELECT bpt.definition_json('order_handling') = :'changed'::jsonb AS is_kept,
       bpt.definition_json('order_handling', 1) ->> 'label' AS first_label;
SELECT * FROM bpt.publish(bpt.definition('order_handling'));
SELECT * FROM bpt.publish(bpt.definition('order_handling', 1));

-- Several at once, and of every sort.
CREATE TABLE shop.daily (id int PRIMARY KEY, note text);
SELECT process, version, changed FROM bpt.publish('[
  {"kind": "process", "name": {"schema": "shop", "name": "Pay out"}, "input": [{"name": "amount", "type": "numeric(10, 2)", "not_null": true}],
   "detail": {"sql": "''Pay '' || amount"},
   "elements": [
     {"kind": "start", "to": ["by hand", "beat"]},
     {"kind": "human", "name": "by hand", "user": "''alice''", "input": [{"name": "ok", "type": "boolean", "default": "false"}],
      "callbacks": [{"on": "close", "check": "ok", "message": "No."}], "to": [{"end": true}]},
     {"kind": "automatic", "name": "beat", "do": [{"sql": "SELECT 1 AS one", "strict": true}], "time_limit": "10 s",
      "retry": {"times": 3, "every": "5 s", "backoff": 1.5}, "to": ["which"]},
     {"kind": "decision", "name": "which", "outcomes": [
       {"when": "beat.one = 1", "as": "one", "to": {"terminate": true}}, {"else": true, "to": {"end": true}}]}]},
  {"kind": "timer", "name": "nightly", "schedule": "22:00", "time_limit": "5 minutes", "do": "INSERT INTO daily VALUES (1, $$;)$$)"},
  {"kind": "translation", "process": "Pay out", "locale": "pt", "texts": [{"element": "by hand", "label": "À mão"}]}]'::jsonb);
SELECT bpt.definition('"Pay out"');
SELECT jsonb_pretty(bpt.definition_json('"Pay out"') #> '{elements,2}');

-- What is wrong with the form is told with its path, all at once.
SELECT * FROM bpt.publish('{"kind": "process", "name": "p", "elements": [{"kind": "human", "nam": "h", "due": 7}]}'::jsonb);
SELECT * FROM bpt.publish('"PROCESS p;"'::jsonb);
SELECT * FROM bpt.publish('{"kind": "process", "name": "p", "elements": [{"kind": "automatic", "name": "a", "do": ["SELECT 1) -> END; --"]}]}'::jsonb);
SELECT * FROM bpt.publish(NULL::jsonb);
SELECT * FROM bpt.publish('{"kind": "timer"}'::jsonb, 'maybe');
SELECT severity, code, line, col, message, hint, sqlstate, source_line FROM bpt.validate(
  '[{"kind": "process", "name": "p", "input": [{"name": "i", "type": "int, j int"}], "labl": "x"}, {"kind": "clock"}]'::jsonb);
-- What is wrong otherwise, with the place in the text that would be stored.
SELECT severity, code, line, col, message, source_line FROM bpt.validate(
  '{"kind": "process", "name": "p", "elements": [{"kind": "start", "to": ["a"]},
    {"kind": "automatic", "name": "a", "do": ["SELECT nonsense"], "to": ["b"]}]}'::jsonb);
SELECT * FROM bpt.publish('{"kind": "process", "name": "p", "elements": [{"kind": "start", "to": ["a"]}]}'::jsonb);
SELECT bpt.definition_json('missing');
SELECT bpt.definition_json('order_handling', 99);
SELECT bpt.definition_json(NULL);

-- Flowcharts: of the definition, and of instances as they go on.
SELECT bpt.mermaid('order_handling');
SELECT bpt.mermaid('order_handling', 99);
INSERT INTO orders (customer, total) VALUES ('Ada', 120);
CALL bpt.run();
SELECT bpt.mermaid(probe.process());
SELECT shop.close_order_handling_pack(probe.activity('pack'), parcels => 2);
UPDATE orders SET paid_at = '2026-03-02';
ALTER FUNCTION shop.ship(bigint, int) RENAME TO ship_not;
CALL bpt.run();
SELECT line FROM string_to_table(bpt.mermaid(probe.process()), E'\n') AS line WHERE line ~ ':::';
ALTER FUNCTION shop.ship_not(bigint, int) RENAME TO ship;
CALL bpt.run('2026-03-03');
SELECT line FROM string_to_table(bpt.mermaid(probe.process()), E'\n') AS line WHERE line ~ ':::';
SELECT bpt.mermaid(0);
SELECT bpt.mermaid(NULL::bigint);

-- Labels stay labels; the decision is known by what follows it, or by the only way that leaves no trace.
SELECT process, changed FROM bpt.publish($bpt$
PROCESS charted (n int) DETAIL 'd' CLOSE AFTER ALL FLOWS;
START LABEL '"]; click e0 "javascript:alert(1)" %% <b>' -> which;
DECISION which LABEL E'two\nlines #1;' WHEN (n > 1) AS "more | than" -> first_task WHEN (n = 1) AS one -> again ELSE -> next_mail;
DECISION again WHEN (n = 1) -> END ELSE -> first_task;
HUMAN first_task LABEL ('expression' || n) -> rejected;
EMAIL next_mail TO 'a@example.org' SUBJECT '' BODY '' -> END TERMINATE;
END rejected TERMINATE;
CONDITIONAL START more AFTER first_task -> child;
EXECUTE child PROCESS "Pay out" (amount => 1) -> pause;
WAIT pause -> END;
COMMENT 'Nothing `to` do';
$bpt$);
SELECT bpt.mermaid('charted');
SELECT shop.launch_charted(2), shop.launch_charted(1), shop.launch_charted(0) \gset
SELECT p.inputs ->> (SELECT key FROM jsonb_each(p.inputs) LIMIT 1) AS n, line
FROM bpt.process_instance p, string_to_table(bpt.mermaid(p.id), E'\n') WITH ORDINALITY AS lines (line, at)
WHERE line ~ ':::' AND p.process_def_id = (SELECT id FROM bpt.process_definition WHERE name = 'charted')
ORDER BY p.id, at;

SELECT bpt.process_terminate(p.id) FROM bpt.process p WHERE name = 'charted' AND status = 'active' ORDER BY id LIMIT 1;
SELECT line FROM bpt.process p, string_to_table(bpt.mermaid(p.id), E'\n') AS line
WHERE name = 'charted' AND status = 'terminated' AND line ~ 'first_task"';

-- Rights are those of bpt.definition().
GRANT USAGE ON SCHEMA shop TO regress_forms_stranger;
SELECT set_config('probe.latest', probe.process()::text, false) IS NOT NULL AS is_known;
SET SESSION AUTHORIZATION regress_forms_stranger;
SELECT bpt.definition('order_handling');
SELECT bpt.definition_json('order_handling');
SELECT bpt.mermaid('order_handling');
SELECT count(bpt.mermaid(id)) FROM bpt.process;
DO $$ BEGIN PERFORM bpt.mermaid(current_setting('probe.latest')::bigint); EXCEPTION WHEN SQLSTATE 'WF004' THEN RAISE WARNING 'none that the caller may see'; END $$;
SELECT * FROM bpt.publish('{"kind": "process", "name": "p", "elements": []}'::jsonb);
RESET SESSION AUTHORIZATION;

SELECT bpt.drop_translation('"Pay out"', 'pt');
DROP SCHEMA shop CASCADE;
DROP SCHEMA probe CASCADE;
RESET search_path;
DROP ROLE regress_packer, warehouse, regress_forms_stranger;
