-- EMAIL queues a message in the transaction of its activity, and the flow goes on. In a transaction block bpt.run() sends
-- nothing, so that all of this needs no mail server.
\getenv abs_srcdir PG_ABS_SRCDIR
\set setup :abs_srcdir '/test/regress/setup.sql'
\set ECHO none
\i :setup
\set ECHO all
CREATE SCHEMA mail;
SET search_path = mail, public;
CREATE VIEW sent AS
  SELECT status, from_address, to_addresses, cc, bcc, subject, body, created, sent, error_count, next_run,
         activity_id = probe.activity('note') AS of_note, process_id = probe.process() AS of_process
  FROM bpt.email ORDER BY id;

-- What the clauses give.
SELECT process, version FROM bpt.publish($$
PROCESS letter (address text, name text, wording text) RETURNS (email bigint) DETAIL ('to ' || address);
START -> note;
EMAIL note
  LABEL 'A note'
  FROM 'The Shop <shop@example.org>'
  TO ('"' || name || '" <' || address || '>')
  CC 'a@example.org, b@example.org' BCC ('archive@example.org')
  SUBJECT ('Dear ' || name) BODY (wording) HTML ('<p>' || wording || '</p>')
  HEADERS (jsonb_build_object('X-Process', bpt.process_id(), 'Reply-To', 'desk@example.org'))
  SET (email = email_id)
  -> read;
HUMAN read DETAIL ('message ' || (note.email_id = email)) -> END;
$$);
SELECT bpt.launch('letter', '{"address": "anna@example.org", "name": "Änna", "wording": "Hello"}') = probe.process() AS launched;
-- Launching stops at the EMAIL; a worker queues the message.
SELECT step, status FROM probe.steps();
BEGIN;
CALL bpt.run();
SELECT step, status, after FROM probe.steps();
SELECT name, kind, status, detail FROM bpt.activity WHERE process_id = probe.process() ORDER BY id;
SELECT * FROM sent \gx
SELECT message_id = format('<bpt.%s.%s.%s@example.org>', id, (SELECT oid FROM pg_database WHERE datname = current_database()), system_identifier) AS stable
FROM bpt.email, pg_control_system();
SELECT output_value::bigint = (SELECT max(id) FROM bpt.email) AS email_id FROM bpt.process_output WHERE process_id = probe.process();
SELECT kind, label FROM bpt.activity_definition WHERE name = 'note' AND kind = 'email';
-- A message is queued with its transaction, and gone with it.
ROLLBACK;
SELECT count(*) FROM bpt.email;
SELECT step, status FROM probe.steps();
BEGIN;
CALL bpt.run();
COMMIT;
SELECT count(*) FROM sent;
-- Outside a transaction block it would be sent, if bpt.email_server named a server.
CALL bpt.run();
SELECT status, error_count FROM sent;
SELECT ok, regexp_replace(message, '^\d+', 'N') AS message FROM bpt.health() WHERE check_name = 'email';
-- That is all that is to be said of them, however old they are.
BEGIN;
UPDATE bpt.email_message SET next_run = next_run - interval '1 year';
SELECT message FROM bpt.health() WHERE check_name = 'ready_work';
ROLLBACK;

-- What cannot be an address or a header is an error of the activity, and nothing is queued.
TRUNCATE bpt.email_message;
SELECT process, version FROM bpt.publish($$
PROCESS any_mail (sender text, target text, copy text, hidden text, subject text, headers text) DETAIL ('x');
START -> note;
EMAIL note FROM (sender) TO (target) CC (copy) BCC (hidden) SUBJECT (subject) HEADERS (headers) -> END;
$$);
CREATE FUNCTION try(inputs jsonb, OUT queued text, OUT sqlstate text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bpt.launch('any_mail', '{"sender": "s@example.org", "target": "t@example.org", "copy": null, "hidden": null, "subject": "s", "headers": null}'::jsonb || inputs);
  CALL bpt.run();
  SELECT concat_ws(' | ', from_address, to_addresses, cc, bcc, e.subject) INTO queued FROM bpt.email e WHERE process_id = probe.process();
  SELECT l.sqlstate, l.message, l.detail, l.hint INTO sqlstate, message, detail, hint FROM bpt.error_log l WHERE process_id = probe.process() ORDER BY id DESC LIMIT 1;
END
$$;
SELECT n, t.* FROM (VALUES
  (1, jsonb_build_object('subject', E'Hello\r\nBcc: everybody@example.org')),
  (2, jsonb_build_object('subject', E'Hello\nX-Evil: 1')),
  (3, jsonb_build_object('target', E'a@example.org\r\nSubject: evil')),
  (4, jsonb_build_object('target', E'a@example.org\n, b@example.org')),
  (5, jsonb_build_object('sender', E'"A\rB" <a@example.org>')),
  (6, jsonb_build_object('copy', E'a@example.org>\r\nRCPT TO:<b@example.org')),
  (7, jsonb_build_object('hidden', E'a@example.org> SIZE=1\nDATA')),
  (8, jsonb_build_object('target', 'a@example.org> NOTIFY=NEVER')),
  (9, jsonb_build_object('target', 'a b@example.org')),
  (10, jsonb_build_object('target', '<a@example.org> x')),
  (11, jsonb_build_object('target', 'nobody')),
  (12, jsonb_build_object('target', 'a@example.org,,b@example.org')),
  (13, jsonb_build_object('target', 'ü@example.org')),
  (14, jsonb_build_object('target', 'a@münchen.example')),
  (15, jsonb_build_object('target', '"unended <a@example.org>')),
  (16, jsonb_build_object('target', 'A <a@example.org')),
  (17, jsonb_build_object('target', 'a@-b.example')),
  (18, jsonb_build_object('target', '')),
  (19, jsonb_build_object('target', NULL)),
  (20, jsonb_build_object('sender', NULL)),
  (21, jsonb_build_object('sender', 'a@example.org, b@example.org')),
  (22, jsonb_build_object('headers', '{"X-A": "1\r\nBcc: b@example.org"}')),
  (23, jsonb_build_object('headers', '{"X-A: 1\r\nBcc": "b@example.org"}')),
  (24, jsonb_build_object('headers', '{"bcc": "b@example.org"}')),
  (25, jsonb_build_object('headers', '{"Content-Type": "text/plain"}')),
  (26, jsonb_build_object('headers', '{"Reply-To": "nobody"}')),
  (27, jsonb_build_object('headers', '["X-A"]')),
  (28, jsonb_build_object('headers', '{"X-A": ["1"]}')),
  (29, jsonb_build_object('headers', 'X-A: 1')),
  (30, jsonb_build_object('headers', jsonb_build_object('X-A', repeat('a', 901))))
) AS v (n, inputs), LATERAL try(inputs) AS t \gx
SELECT DISTINCT phase, attempt, next_run - instant AS delay FROM bpt.error_log;
SELECT count(*) FROM sent;
-- What can.
SELECT n, t.queued, t.message FROM (VALUES
  (1, jsonb_build_object('target', ' A B <a@example.org> , b@localhost,"C, D \"E\"" <c@x.example>')),
  (2, jsonb_build_object('target', NULL, 'hidden', 'h@example.org', 'subject', NULL)),
  (3, jsonb_build_object('target', '"Jörg" <j.o+tag@xn--mnchen-3ya.example>', 'subject', '=?UTF-8?B?eA==?= € ' || repeat('long ', 10))),
  (4, jsonb_build_object('headers', '{"X-A": "a", "X-B": 17, "X-C": null, "Reply-To": "\"Ü\" <r@example.org>"}'))
) AS v (n, inputs), LATERAL try(inputs) AS t ORDER BY n;
-- Without FROM the server's sender counts.
INSERT INTO bpt.email_server (host, sender) VALUES ('mail.example.org', 'Server <server@example.org>');
SELECT queued, message FROM try(jsonb_build_object('sender', NULL));
SELECT message_id LIKE '<bpt.%@example.org>' AS by_its_domain FROM bpt.email ORDER BY id DESC LIMIT 1;
-- The table refuses what cannot be a server.
UPDATE bpt.email_server SET host = 'mail.example.org/x';
UPDATE bpt.email_server SET host = E'a\nb';
UPDATE bpt.email_server SET port = 70000;
UPDATE bpt.email_server SET security = 'ssl';
UPDATE bpt.email_server SET timeout = '0';
UPDATE bpt.email_server SET timeout = '1 hour';
UPDATE bpt.email_server SET timeout = '1 day -23 hours -59 minutes';
INSERT INTO bpt.email_server (host) VALUES ('second.example.org');
UPDATE bpt.email_server SET host = '[::1]', timeout = '10 minutes', security = 'tls';
DELETE FROM bpt.email_server;

-- An activity that could not queue its message is retried, or skipped; email_id is NULL then.
SELECT process, version FROM bpt.publish($$
PROCESS later (address text) DETAIL ('x');
START -> note;
EMAIL note FROM 'a@example.org' TO (address) SUBJECT 's' BODY 'b' -> read;
HUMAN read DETAIL ('message ' || COALESCE(note.email_id::text, 'none')) -> END;
$$);
SELECT bpt.launch('later', '{"address": "none"}') = probe.process() AS launched;
CALL bpt.run();
SELECT step, status FROM probe.steps();
SELECT bpt.activity_retry(probe.activity('note'));
CALL bpt.run();
SELECT attempt, next_run - instant AS delay FROM bpt.error_log WHERE process_id = probe.process() ORDER BY id;
SELECT bpt.activity_skip(probe.activity('note')) IS NULL AS none_for_me;
SELECT step, status FROM probe.steps();
SELECT detail FROM bpt.activity WHERE id = probe.activity('read');
\set VERBOSITY sqlstate
SELECT bpt.activity_retry(probe.activity('note'));
SELECT bpt.activity_close(probe.activity('note'));
\set VERBOSITY default

-- Found at publish.
SELECT bpt.publish($$PROCESS p DETAIL ('x'); START -> e; EMAIL e TO 'nobody' CC 'a@b, c' SUBJECT 's' -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL ('x'); START -> e; EMAIL e TO (nobody) SUBJECT (1 / 'x') BODY (b) HTML (h.x) HEADERS (jsonb '{}' -> 1) -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL ('x'); START -> e; EMAIL e SUBJECT 's' -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL ('x'); START -> e; EMAIL e TO 'a@b' HEADERS 'X-A: 1' -> f; EMAIL f TO 'a@b' HEADERS '{"To": "c@d"}' -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL ('x'); START -> e; EMAIL e TO 'a@b' ROLE r -> END;$$);
SELECT bpt.publish($$PROCESS p DETAIL (e.email_id); START -> e; EMAIL e TO 'a@b' -> END;$$);
-- So is an expression whose type writes neither addresses nor headers; what a type of the user's writes is seen when it is queued.
CREATE TYPE person AS (name text, address text);
CREATE TYPE address AS (name text, host text);
CREATE TYPE team AS ENUM ('a@example.org', 'b@example.org');
CREATE DOMAIN list AS text[];
CREATE DOMAIN phrase AS varchar(99);
CREATE FUNCTION written(address) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT ($1).name || '@' || ($1).host$$;
CREATE CAST (address AS text) WITH FUNCTION written(address) AS ASSIGNMENT;
SELECT bpt.publish($$PROCESS p (people text[]) DETAIL ('x'); START -> e;
EMAIL e FROM (people) TO (ARRAY['a@x', 'b@y']) CC ((SELECT array_agg('a@x'::text))) BCC (ROW('a', 'b')) HEADERS (now()) -> END;$$);
SELECT line, col, code, sqlstate, message, hint FROM bpt.validate($$PROCESS p (n int, d date, l list, p person, b boolean, i inet, c phrase, a address, t team, j jsonb) DETAIL ('x'); START -> e;
EMAIL e FROM (d) TO (n) CC (  l ) BCC (p) HEADERS (b) -> f;
EMAIL f FROM (i) TO (c || '@x') CC (c) BCC (t) HEADERS (j) -> g;
EMAIL g FROM (a) TO (NULL) CC ('a@x') BCC (array_to_string(l, ', ')) HEADERS ('{}') SUBJECT (n) BODY (l) HTML (p) -> END;$$);
SELECT process, version FROM bpt.publish($$PROCESS typed (a address, t team) DETAIL ('x'); START -> e; EMAIL e FROM (a) TO (t) -> END;$$);
SELECT bpt.launch('typed', '{"a": "(x,example.org)", "t": "b@example.org"}') = probe.process() AS launched;
BEGIN;
CALL bpt.run();
SELECT from_address, to_addresses FROM sent ORDER BY 1 DESC LIMIT 1;
COMMIT;

-- A message that was sent keeps its text with LOG CONTENT only; the rights are those of the process.
TRUNCATE bpt.email_message;
SELECT process, version FROM bpt.publish($$
PROCESS two DETAIL ('x');
START -> kept, forgotten;
EMAIL kept FROM 'a@example.org' TO 'b@example.org' SUBJECT 'kept' BODY 'text' HTML '<p>' LOG CONTENT -> END;
EMAIL forgotten FROM 'a@example.org' TO 'b@example.org' SUBJECT 'forgotten' HTML '<p>' -> END;
$$);
SELECT bpt.launch('two') = probe.process() AS launched;
CALL bpt.run();
SELECT subject, status, body FROM sent ORDER BY subject;
SELECT status FROM bpt.process WHERE id = probe.process();
UPDATE bpt.email_message SET status = 2, sent = bpt.now();
SELECT subject, status, body, sent, next_run FROM sent ORDER BY subject;
UPDATE bpt.email_message SET status = 3;
SELECT subject, status, body, next_run FROM sent ORDER BY subject;
-- An administrator has what failed tried again.
SELECT bpt.activity_retry(probe.activity('forgotten'));
SELECT subject, status, body, next_run FROM sent ORDER BY subject;
UPDATE bpt.email_message SET status = 2;
\set VERBOSITY sqlstate
SELECT bpt.activity_retry(probe.activity('forgotten'));
CREATE ROLE mail_stranger;
CREATE ROLE mail_monitor IN ROLE bpt_monitor;
GRANT USAGE ON SCHEMA probe, mail TO mail_stranger, mail_monitor;
SET ROLE mail_stranger;
SELECT count(*) FROM bpt.email;
SELECT * FROM bpt.email_server;
SELECT * FROM bpt.email_message;
SELECT bpt.activity_retry(probe.activity('forgotten'));
SET ROLE mail_monitor;
SELECT count(*) FROM bpt.email;
SELECT * FROM bpt.email_server;
RESET ROLE;
\set VERBOSITY default
-- Deleted with its process, unless it is still to be sent.
UPDATE bpt.email_message SET status = 1 WHERE subject = 'kept';
SELECT bpt.process_delete(probe.process());
SELECT subject, status FROM bpt.email;

DROP OWNED BY mail_stranger, mail_monitor;
DROP ROLE mail_stranger, mail_monitor;
SET client_min_messages = warning;
TRUNCATE bpt.email_message;
DROP SCHEMA mail CASCADE;
