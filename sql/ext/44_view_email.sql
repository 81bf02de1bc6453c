-- Messages of EMAIL activities.

CREATE VIEW bpt.email WITH (security_barrier) AS
  SELECT
    m.id,
    m.process_id,
    m.activity_id,
    CASE m.status WHEN 1 THEN 'queued' WHEN 2 THEN 'sent' ELSE 'failed' END AS status,
    m.from_address,
    m.to_addresses,
    m.cc,
    m.bcc,
    m.subject,
    CASE WHEN m.status = 1 OR m.log_content THEN COALESCE(m.body, m.html) END AS body,
    m.message_id,
    m.created,
    m.sent,
    m.error_count,
    CASE WHEN m.status = 1 THEN m.next_run END AS next_run,
    m.last_error_id
  FROM bpt.email_message m
  WHERE bpt.may_see(m.process_def_id);
COMMENT ON VIEW bpt.email IS 'Messages of EMAIL activities: waiting to be sent, sent, or failed. A failed one is tried again by bpt.activity_retry() of its activity.';
COMMENT ON COLUMN bpt.email.id IS 'What the runtime property email_id means.';
COMMENT ON COLUMN bpt.email.process_id IS 'Its process, see bpt.process.';
COMMENT ON COLUMN bpt.email.activity_id IS 'The EMAIL that queued it, see bpt.activity.';
COMMENT ON COLUMN bpt.email.status IS 'queued, sent or failed.';
COMMENT ON COLUMN bpt.email.from_address IS 'The sender (FROM, else the sender of bpt.email_server).';
COMMENT ON COLUMN bpt.email.to_addresses IS 'The recipients (TO).';
COMMENT ON COLUMN bpt.email.cc IS 'Recipients of copies (CC).';
COMMENT ON COLUMN bpt.email.bcc IS 'Recipients that the message does not name (BCC).';
COMMENT ON COLUMN bpt.email.subject IS 'The subject (SUBJECT).';
COMMENT ON COLUMN bpt.email.body IS 'The text (BODY), else the HTML (HTML), while the message is queued; afterwards only with LOG CONTENT.';
COMMENT ON COLUMN bpt.email.message_id IS 'The Message-ID header: the same however often the message is sent.';
COMMENT ON COLUMN bpt.email.created IS 'When it was queued.';
COMMENT ON COLUMN bpt.email.sent IS 'When the mail server took it.';
COMMENT ON COLUMN bpt.email.error_count IS 'How many attempts failed.';
COMMENT ON COLUMN bpt.email.next_run IS 'When it is sent, or tried again, at the earliest; NULL: it is sent or has failed.';
COMMENT ON COLUMN bpt.email.last_error_id IS 'The last failure, see bpt.error_log.';
