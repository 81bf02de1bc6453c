-- Messages of EMAIL activities, and the server that takes them.
-- src/pg/tables.hpp names the columns by number: keep both in step.

CREATE SEQUENCE bpt.email_id AS bigint;
CREATE TABLE bpt.email_message (
  id bigint PRIMARY KEY,
  process_def_id bigint NOT NULL,
  process_id bigint NOT NULL,
  activity_id bigint NOT NULL,
  activity_def_id bigint NOT NULL,
  status smallint NOT NULL,            -- 1 queued, 2 sent, 3 failed
  from_address text NOT NULL,
  to_addresses text,
  cc text,
  bcc text,
  subject text,
  body text,                           -- body and html: until the message is sent, with LOG CONTENT for ever
  html text,
  headers jsonb,
  log_content boolean NOT NULL,
  message_id text NOT NULL,
  created timestamptz NOT NULL,
  sent timestamptz,
  error_count integer NOT NULL,
  last_error_id bigint,
  next_run timestamptz NOT NULL);
CREATE UNIQUE INDEX email_message_activity ON bpt.email_message (activity_id);
CREATE INDEX email_message_process ON bpt.email_message (process_id);
CREATE INDEX email_message_due ON bpt.email_message (next_run, id) WHERE status = 1;

-- One row at most, written by the owner of the extension; nobody else may even read it. Without it messages wait.
CREATE TABLE bpt.email_server (
  host text NOT NULL CHECK (host ~ '^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$'),
  port integer CHECK (port BETWEEN 1 AND 65535),
  security text NOT NULL DEFAULT 'starttls' CHECK (security IN ('plain', 'starttls', 'tls')),
  user_name text,
  password text,
  sender text,
  timeout interval NOT NULL DEFAULT '30 seconds'
    CHECK (timeout BETWEEN interval '1 millisecond' AND interval '10 minutes' AND extract(day FROM timeout) = 0),
  ca_file text,
  single boolean PRIMARY KEY DEFAULT true CHECK (single));
COMMENT ON COLUMN bpt.email_server.host IS 'The mail server: a name, an IPv4 address, or an IPv6 address in brackets.';
COMMENT ON COLUMN bpt.email_server.port IS 'Its port; NULL: 25 for plain, 587 for starttls, 465 for tls.';
COMMENT ON COLUMN bpt.email_server.security IS 'starttls (the default): encrypted before a password or a message is sent, or not sent; tls: encrypted from the first byte; plain: not encrypted.';
COMMENT ON COLUMN bpt.email_server.user_name IS 'Whom the server knows us as; NULL: no authentication.';
COMMENT ON COLUMN bpt.email_server.password IS 'The password of that user.';
COMMENT ON COLUMN bpt.email_server.sender IS 'Who sends messages whose EMAIL has no FROM.';
COMMENT ON COLUMN bpt.email_server.timeout IS 'How long one message may take, at most 10 minutes; 30 seconds by default.';
COMMENT ON COLUMN bpt.email_server.ca_file IS 'A file of certificates, on the database server, that vouch for the mail server; NULL: those of the system.';
