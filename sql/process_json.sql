-- JSON given for inputs: objects fill composite types, arrays fill arrays, json and jsonb take any value as it is.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA js;
SET search_path = js, public;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN named AS text NOT NULL;
CREATE TYPE item AS (sku text, qty positive, price numeric(6,2), tags text[]);
CREATE TYPE basket AS (customer text, lines item[], first item, note jsonb, at timestamptz, "Odd Name" boolean);
CREATE DOMAIN full_basket AS basket CHECK (VALUE IS NOT DISTINCT FROM NULL OR (VALUE).customer IS NOT NULL);
CREATE TYPE labelled AS (label named, n int);
CREATE DOMAIN pair AS int[] CHECK (cardinality(VALUE) = 2);
CREATE DOMAIN doc AS jsonb CHECK (jsonb_typeof(VALUE) <> 'boolean');
CREATE TABLE stock (id int PRIMARY KEY, gone int, name varchar(3), amount numeric(5,1));
ALTER TABLE stock DROP gone;
SELECT process FROM bpt.publish($$
PROCESS p (b basket DEFAULT NULL, f full_basket DEFAULT NULL, ls item[] DEFAULT NULL, s stock DEFAULT NULL, l labelled DEFAULT NULL, ps pair[] DEFAULT NULL,
  j jsonb DEFAULT NULL, o json DEFAULT NULL, d doc DEFAULT NULL, n positive NOT NULL DEFAULT (1), t text DEFAULT NULL, jj jsonb[] DEFAULT NULL) DETAIL ('p');
START -> h; HUMAN h INPUT (l item, j jsonb DEFAULT 'null') -> w; WAIT w INPUT (ls item[]) -> END;
CONDITIONAL START c INPUT (b basket) START ON INSERT INTO stock WHERE (id = process.n) -> END;
$$);
CREATE FUNCTION given(inputs jsonb) RETURNS TABLE (name text, value text) LANGUAGE plpgsql AS $$
DECLARE id bigint := bpt.launch('p', inputs);
BEGIN RETURN QUERY SELECT i.name, i.input_value FROM bpt.process_input i WHERE process_id = id AND is_set ORDER BY input_definition_id; END $$;

-- Objects, nested, in arrays; what is left out is NULL; a table's row; a string is the type's own text still.
SELECT * FROM given('{"b": {"customer": "Ann \"A\", (x)", "lines": [{"sku": "a", "qty": 2, "price": 1.005, "tags": ["x", "y,z"]}, {"sku": null, "qty": "3"}, null],
  "first": {"sku": "\\"}, "note": {"k": ["v"]}, "at": "2026-01-01T12:00:00Z", "Odd Name": true}}');
SELECT * FROM given('{"b": {}, "f": {"customer": "Ann"}, "ls": [], "s": {"id": 1, "name": "abc", "amount": 1.25}, "l": {"label": "x"}}');
SELECT * FROM given('{"b": "(Bob,,,,,)", "ls": ["(a,1,,)", {"sku": "b"}], "s": "(2,xyz,)", "f": null}');
SELECT * FROM given('{"ls": "{\"(a,1,,)\"}", "ps": [[1, 2], "{3,4}", null]}');
SELECT * FROM given('{"ls": [[{"sku": "a"}], [{"sku": "b"}]]}');

-- json and jsonb: the value itself, a string too; JSON's null is NULL.
SELECT * FROM given('{"j": "text", "o": "{\"a\": 1}", "d": "1"}');
SELECT * FROM given('{"j": 1.50, "o": true, "d": [1, "two", null]}');
SELECT * FROM given('{"j": {"a": {"b": "c"}}, "o": [], "d": {}}');
SELECT * FROM given('{"j": null, "jj": ["a", null, [1, [2]], {"k": null}], "b": {"note": "text"}, "t": {"any": "thing"}}');

-- What a value is in a session, JSON gives back.
SELECT bpt.launch('p', jsonb_build_object('b', to_jsonb(b), 'ls', to_jsonb((b).lines), 'j', to_jsonb(b), 'ps', to_jsonb(ps))) AS process
  FROM (SELECT row('Ann "A", (\)', ARRAY[row('a', 2, 1.5, '{x,NULL,"y z"}')::item, NULL, row(NULL, NULL, NULL, '{}')::item], NULL, '{"a": "b"}', '2026-01-01', false)::basket AS b,
    '{"{1,2}","{3,4}"}'::pair[] AS ps) v \gset
SELECT name, CASE name WHEN 'b' THEN to_jsonb(input_value::basket) = j WHEN 'ls' THEN to_jsonb(input_value::item[]) = j -> 'lines' WHEN 'j' THEN input_value::jsonb = j
  ELSE input_value = '{"{1,2}","{3,4}"}' END AS same
  FROM bpt.process_input, (SELECT input_value::jsonb AS j FROM bpt.process_input WHERE process_id = :process AND name = 'j') v WHERE process_id = :process AND is_set ORDER BY 1;

-- Tasks, waits and conditional starts, by the same rules; the values go on through EXECUTE.
SELECT version FROM bpt.publish($$
PROCESS child (b basket, ls item[]) RETURNS (first item, total numeric) DETAIL ('child');
START -> a; AUTOMATIC a DO (SELECT (b).lines[1] AS first, (SELECT sum(l.qty * l.price) FROM unnest(ls) l) AS total) SET (first = a.first, total = a.total) -> END;
PROCESS parent (b basket) RETURNS (got item, doc jsonb) DETAIL ('parent');
START -> e; EXECUTE e PROCESS child (b => b, ls => (b).lines) -> h;
HUMAN h INPUT (l item, j jsonb) ON CLOSE SET (got = h.l, doc = h.j) -> END;
$$);
SELECT probe.try($$SELECT bpt.launch('parent', '{"b": {"customer": "Ann", "lines": [{"sku": "a", "qty": 2, "price": 1.5}, {"qty": 1, "price": 4}]}}') > 0$$);
CALL bpt.run();
SELECT name, output_value FROM bpt.activity_output WHERE process_id = (SELECT max(id) FROM bpt.process WHERE name = 'parent') ORDER BY activity_id, output_definition_id;
SELECT bpt.activity_close(probe.activity('h'), '{"l": {"sku": "z", "tags": ["t"]}, "j": "just text"}');
SELECT name, output_value FROM bpt.process_output WHERE process_id = (SELECT max(id) FROM bpt.process WHERE name = 'parent') ORDER BY output_definition_id;
SELECT bpt.launch('p') AS process \gset
SELECT id AS listener FROM bpt.activity WHERE process_id = :process AND name = 'c' \gset
SELECT probe.try($$SELECT bpt.activity_start(probe.activity('c'), '{"b": {"items": []}}')$$);
SELECT bpt.activity_start(:listener, '{"b": {"lines": [{"sku": "s"}]}}');
SELECT bpt.activity_close((SELECT max(id) FROM bpt.activity WHERE name = 'h'), '{"l": {"qty": 5}}');
SELECT bpt.activity_close(probe.activity('w'), '{"ls": [{"sku": "w"}]}');
SELECT o.name, output_value FROM bpt.activity_output o WHERE process_id = :process AND is_set ORDER BY activity_id, output_definition_id;

-- What is wrong, and where in the value.
SELECT probe.fingerprint() AS before \gset
SELECT i, probe.try(format('SELECT bpt.launch(''p'', %L)', i)) FROM (VALUES
  ('{"b": {"customer": "Ann", "lines": [{"sku": "a", "qty": 2}, {"qty": "two"}]}}'),
  ('{"b": {"lines": [{"qty": 0}]}}'),
  ('{"b": {"custommer": "Ann"}}'),
  ('{"b": {"first": {"SKU": "a"}}}'),
  ('{"b": {"lines": {"sku": "a"}}}'),
  ('{"b": {"first": ["a"]}}'),
  ('{"b": {"at": 5}}'),
  ('{"b": [1]}'),
  ('{"b": 1}'),
  ('{"b": true}'),
  ('{"b": "Ann"}'),
  ('{"f": {}}'),
  ('{"s": {"gone": 1}}'),
  ('{"s": {"name": "four"}}'),
  ('{"s": {"amount": 99999}}'),
  ('{"l": {"n": 1}}'),
  ('{"ls": [{"sku": "a"}, 5]}'),
  ('{"ls": [[{"sku": "a"}], [{"sku": "b"}, {"sku": "c"}]]}'),
  ('{"ls": [{"sku": "a"}, [{"sku": "b"}]]}'),
  ('{"ps": [[1, 2], [3]]}'),
  ('{"d": true}'),
  ('{"n": null}')) v (i);
SELECT probe.fingerprint() = :'before' AS nothing_changed;
SELECT bpt.drop_process(name, true) FROM bpt.process_definition WHERE is_active ORDER BY name DESC;
DROP SCHEMA js CASCADE;
