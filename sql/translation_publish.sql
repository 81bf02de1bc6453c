-- Translations: publishing, replacing, dropping; which language a session sees; what they refuse.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA tongues;
SET search_path = tongues;

SELECT process, version, changed FROM bpt.publish($bpt$
TRANSLATION OF orders INTO 'pt' (
  LABEL 'Encomenda' DETAIL 'Uma encomenda', pack LABEL 'Embalar' INSTRUCTIONS 'Verifique tudo.', check_it LABEL 'Verificar' DETAIL 'Com cuidado');
PROCESS orders (n int) LABEL 'Order' DETAIL 'An order';
START -> pack, check_it, named, work;
HUMAN pack LABEL 'Pack' INSTRUCTIONS 'Check all.' -> END;
HUMAN check_it LABEL 'Check' DETAIL 'With care' -> END;
HUMAN named LABEL ('Number ' || n) INSTRUCTIONS ('Do ' || n) DETAIL ('n = ' || n) -> END;
AUTOMATIC work START DATE (interval '1 day') DO (SELECT 1 AS one) -> END;
TRANSLATION OF orders INTO 'pt-br' (pack LABEL 'Empacotar');
$bpt$);
SELECT a.name, l.locale, l.property, l.value FROM bpt.process_definition_lang l
  LEFT JOIN bpt.activity_definition a ON a.id = l.activity_definition_id ORDER BY 2, 1 NULLS FIRST, 3;
SELECT launch_orders(7) IS NOT NULL AS launched;
SELECT name, label, label_lang, detail, instructions FROM bpt.taskbox ORDER BY activity_id;
SET bpt.locale = 'pt';
SELECT name, label, label_lang, detail, instructions FROM bpt.taskbox ORDER BY activity_id;
SELECT name, label, detail FROM bpt.activity ORDER BY id;
SELECT name, label FROM bpt.process;
-- The nearer language where it has the text, else the wider one, else the definition's own.
SET bpt.locale = 'pt_BR';
SELECT name, label, label_lang, detail, instructions FROM bpt.taskbox ORDER BY activity_id;
SET bpt.locale = 'PT-br';
SELECT name, label, label_lang FROM bpt.taskbox WHERE name = 'pack';
SET bpt.locale = 'fr_CA';
SELECT name, label, label_lang FROM bpt.taskbox WHERE name = 'pack';
SELECT label FROM bpt.process;
SET bpt.locale = 'no such';
SET bpt.locale = 'pt';

-- A process without DETAIL is labelled by its LABEL.
SELECT process FROM bpt.publish($bpt$PROCESS plain LABEL 'Plain'; START -> t; HUMAN t DETAIL 'd' -> END;
TRANSLATION OF plain INTO 'pt' (LABEL 'Simples', t LABEL 'Tarefa');$bpt$);
SELECT launch_plain() IS NOT NULL AS launched;
SELECT label FROM bpt.process WHERE name = 'plain';
SELECT label, label_lang FROM bpt.taskbox WHERE process = 'plain';

-- Published again: as a whole, or not at all.
SELECT process, version, changed FROM bpt.publish($$TRANSLATION OF orders INTO 'pt-BR' (pack LABEL 'Empacotar')$$);
SELECT process, version, changed FROM bpt.publish($$TRANSLATION OF tongues.orders INTO 'pt' (check_it LABEL 'Conferir' DESCRIPTION 'x')$$);
SELECT name, label, label_lang, detail, instructions FROM bpt.taskbox WHERE process = 'orders' ORDER BY activity_id;
-- What the definition says differently now is shown as it says.
SELECT process, changed FROM bpt.publish($$TRANSLATION OF orders INTO 'pt' (DETAIL 'Uma encomenda', named LABEL 'Nunca', work LABEL 'Trabalho')$$);
SELECT name, label, label_lang, detail FROM bpt.taskbox WHERE process = 'orders' ORDER BY activity_id;
SELECT label FROM bpt.process WHERE name = 'orders';
SELECT process, version FROM bpt.publish($bpt$PROCESS orders (n int) LABEL 'Order' DETAIL 'Some order';
START -> pack, check_it, named, work;
HUMAN pack LABEL 'Pack' -> END; HUMAN check_it LABEL 'Check' -> END; HUMAN named WAS named -> END;
AUTOMATIC work START DATE (interval '1 day') DO (SELECT 1 AS one) -> END;$bpt$);
SELECT launch_orders(8) IS NOT NULL AS launched;
SELECT name, label, label_lang, detail FROM bpt.taskbox WHERE process = 'orders' ORDER BY activity_id;
-- Elements keep their translations over a rename.
SELECT process, version FROM bpt.publish($bpt$PROCESS orders (n int) DETAIL 'Some order'; START -> labour;
AUTOMATIC labour WAS work LABEL 'Labour' START DATE (interval '1 day') DO (SELECT 1 AS one) -> END;$bpt$);
SELECT launch_orders(9) IS NOT NULL AS launched;
SELECT name, label FROM bpt.activity WHERE process_id = probe.process();

-- Dropping.
SELECT bpt.drop_translation('orders', 'pt-BR');
SELECT probe.try($$SELECT bpt.drop_translation('orders', 'pt-BR')$$);
SELECT probe.try($$SELECT bpt.drop_translation('orders', 'x x')$$);
SELECT probe.try($$SELECT bpt.drop_translation('nothing', 'pt')$$);
SELECT probe.try($$SELECT bpt.drop_translation(NULL, 'pt')$$);
SELECT probe.try($$SELECT bpt.drop_translation('orders', NULL)$$);
SELECT DISTINCT locale FROM bpt.process_definition_lang ORDER BY 1;
SELECT bpt.drop_translation('tongues.orders', 'pt');
SELECT label FROM bpt.process WHERE id = probe.process();

-- All problems at once.
SELECT severity, code, line, col, message, hint FROM bpt.validate($bpt$
TRANSLATION OF nowhere INTO 'pt' (LABEL 'x');
TRANSLATION OF plain INTO 'pt br' (LABEL 'x');
TRANSLATION OF plain INTO 'es' (tt LABEL 'x', LABEL 'y', LABEL 'z', INSTRUCTIONS 'i', t DETAIL 'd', t LABEL 'e');
TRANSLATION OF plain INTO 'ES' (LABEL 'x');
TRANSLATION OF plain INTO 'fr' (t TITLE 'x');
PROCESS other DETAIL ('a' || 'b'); START -> w; WAIT w LABEL ('x') CLOSE ON INSERT INTO nothing -> END;
TRANSLATION OF other INTO 'de' (w LABEL 'y' INSTRUCTIONS 'z', DETAIL 'd');
$bpt$);
SELECT bpt.publish($$TRANSLATION OF plain INTO 'de' (tt LABEL 'x');$$);
-- Only who owns the process translates it.
CREATE ROLE tongue IN ROLE bpt_publisher;
GRANT USAGE, CREATE ON SCHEMA tongues TO tongue;
SET ROLE tongue;
SELECT bpt.publish($$TRANSLATION OF plain INTO 'de' (t LABEL 'x');$$);
SELECT bpt.drop_translation('plain', 'pt');
SELECT count(*) FROM bpt.process_definition_lang;
RESET ROLE;
DROP OWNED BY tongue;
DROP ROLE tongue;
DROP SCHEMA tongues CASCADE;
