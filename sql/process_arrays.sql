-- A JSON array given for an input of an array type is that array, its elements what the element's type makes of them.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA arrays;
SET search_path = arrays, public;
CREATE DOMAIN tags AS text[] CHECK (cardinality(VALUE) < 4);
CREATE TYPE pair AS (a int, b text);
SELECT process FROM bpt.publish($$
PROCESS p (t text[] DEFAULT NULL, n int[] DEFAULT NULL, m numeric(6,2)[] DEFAULT NULL, d tags DEFAULT NULL, j jsonb[] DEFAULT NULL, o json[] DEFAULT NULL,
  x box[] DEFAULT NULL, c pair[] DEFAULT NULL, doc jsonb DEFAULT NULL, s text DEFAULT NULL, v int2vector DEFAULT NULL, i int DEFAULT NULL, b bool[] DEFAULT NULL) DETAIL ('p');
START -> h; HUMAN h INPUT (more timestamptz[]) -> END;
$$);
CREATE FUNCTION given(inputs jsonb) RETURNS TABLE (name text, value text) LANGUAGE plpgsql AS $$
DECLARE id bigint := bpt.launch('p', inputs);
BEGIN RETURN QUERY SELECT i.name, i.input_value FROM bpt.process_input i WHERE process_id = id AND is_set ORDER BY input_definition_id; END $$;
SELECT * FROM given('{"t": ["a", "b,c", "d\"e", "f\\g", "{h}", null, "null", "", " i ", 1, 2.50, true, {"k": "v"}], "n": [1, "2", null], "m": [1.234, 5]}');
SELECT * FROM given('{"n": [[1, 2], [3, 4]], "t": [["a"], ["b"]], "d": ["x", "y"], "b": [true, false, null, "t"]}');
SELECT * FROM given('{"t": [], "n": []}');
SELECT * FROM given('{"j": [1, "two", null, [3, 4], {"five": "six"}], "o": ["x", ["y"]], "doc": [1, [2]], "s": ["as", "text"], "v": "1 2"}');
SELECT * FROM given('{"x": ["(1,2),(3,4)", "(5,6),(7,8)"], "c": ["(1,one)", "(2,\"t, wo\")"]}');
SELECT * FROM given('{"t": "{a,b}", "n": "{1,2}"}');
SELECT bpt.launch('p', jsonb_build_object('t', ARRAY(SELECT repeat(chr(34) || chr(92), g) FROM generate_series(1, 500) g))) > 0 AS launched;
SELECT array_length(output_value::text[], 1), md5(output_value) = md5(ARRAY(SELECT repeat(chr(34) || chr(92), g) FROM generate_series(1, 500) g)::text) AS same FROM (SELECT input_value AS output_value FROM bpt.process_input WHERE process_id = probe.process() AND name = 't') o;
SELECT probe.try($$SELECT bpt.launch('p', '{"n": [1, "two"]}')$$);
SELECT probe.try($$SELECT bpt.launch('p', '{"n": [[1, 2], [3]]}')$$);
SELECT probe.try($$SELECT bpt.launch('p', '{"n": {"a": 1}}')$$);
SELECT probe.try($$SELECT bpt.launch('p', '{"n": 1}')$$);
SELECT probe.try($$SELECT bpt.launch('p', '{"d": ["1", "2", "3", "4"]}')$$);
SELECT probe.try($$SELECT bpt.launch('p', '{"i": [1]}')$$);
SELECT probe.try($$SELECT bpt.launch('p', jsonb_build_object('t', '[[[[[[[["too deep"]]]]]]]]'::jsonb))$$);
SELECT bpt.launch('p') > 0 AS launched;
SELECT bpt.activity_close(probe.activity('h'), '{"more": ["2026-01-01", null, "epoch"]}');
SELECT name, output_value FROM bpt.activity_output WHERE activity_id = probe.activity('h');
DROP SCHEMA arrays CASCADE;
