# Messages of EMAIL activities and a real mail server: up, down, slow, refusing, with STARTTLS and TLS, with passwords.
use strict;
use warnings FATAL => 'all';
use Test::More;
use Time::HiRes 'time';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;
use MailServer;

plan skip_all => MailServer::missing() if MailServer::missing();

my $plain = MailServer->new;
my $node = new_node('mail', conf => "bpt.workers = 2\nbpt.poll_interval = '500ms'\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');

# The database's mail server from now on; %given: columns of bpt.email_server.
sub use_server
{
	my ($on, %given) = @_;
	my %row = (host => '127.0.0.1', security => 'plain', timeout => '20 s', %given);
	$on->safe_psql('postgres', 'DELETE FROM bpt.email_server; INSERT INTO bpt.email_server (' . join(', ', sort keys %row) . ') VALUES (' .
			join(', ', map { "'$row{$_}'" } sort keys %row) . ')');
	return;
}

sub publish_letter
{
	my ($on) = @_;
	$on->safe_psql('postgres', q{
		CREATE TABLE done (address text);
		SELECT bpt.publish($bpt$
			PROCESS letter (address text, subject text DEFAULT 'A subject', wording text DEFAULT 'Some text') DETAIL ('x');
			START -> note;
			EMAIL note FROM 'The Shop <shop@example.org>' TO (address) SUBJECT (subject) BODY (wording) -> after;
			AUTOMATIC after DO (INSERT INTO done VALUES (address)) -> END;
			PROCESS rich (name text) DETAIL ('x');
			START -> note;
			EMAIL note FROM ('"Größe & Söhne" <shop@example.org>') TO ('"' || name || '" <anna@example.org>, b@example.org')
				CC 'c@example.org' BCC 'hidden@example.org, "H, 2" <hidden2@example.org>'
				SUBJECT ('Für ' || name || repeat(' und noch etwas', 12)) BODY (E'Guten Tag, ' || name || E'!\n.\nFrom here\nto =there\t \n' || repeat('lang ', 400))
				HTML ('<p>' || name || ' €</p>') HEADERS (jsonb_build_object('X-Order', 17, 'Reply-To', '"Ünal" <desk@example.org>', 'X-Text', 'ä ö'))
				LOG CONTENT -> END;
		$bpt$)});
	return;
}
publish_letter($node);

sub letter
{
	my ($address) = @_;
	$node->safe_psql('postgres', "SELECT bpt.launch('letter', jsonb_build_object('address', '$address'))");
	return;
}

# One column of the message to that address.
sub email
{
	my ($column, $address) = @_;
	return "SELECT $column FROM bpt.email WHERE to_addresses = '$address' ORDER BY id DESC LIMIT 1";
}
sub failure
{
	my ($address, $columns) = @_;
	return "SELECT $columns FROM bpt.error_log WHERE id = (" . email('last_error_id', $address) . ')';
}

# Without a server messages wait, and the flow goes on.
letter('early@example.org');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM done WHERE address = 'early@example.org'}, '1', 'the flow goes on when the message is queued');
is($node->safe_psql('postgres', email(q{status || ' ' || error_count || ' ' || body}, 'early@example.org')), 'queued 0 Some text', 'without a mail server it waits');
is($node->safe_psql('postgres', q{SELECT message FROM bpt.health() WHERE NOT ok}), '1 messages wait until bpt.email_server names a mail server', 'health() tells');
use_server($node, port => $plain->port);
wait_until_is($node, 'postgres', email('status', 'early@example.org'), 'sent', 'and is sent when there is one');
is($node->safe_psql('postgres', email(q{COALESCE(body, 'gone')}, 'early@example.org')), 'gone', 'its text is not kept');

# What arrives.
my ($simple) = $plain->received('early@example.org');
is($simple->{from}, 'shop@example.org', 'the envelope names the sender');
is(MailServer::header($simple, 'From'), 'The Shop <shop@example.org>', 'so does the message');
is($simple->{type}, 'text/plain', 'a text is a plain message');
like($simple->{parts}[0][1], qr/^Some text\s*$/, 'with that text');
is(MailServer::header($simple, 'Message-ID'), $node->safe_psql('postgres', email('message_id', 'early@example.org')), 'with the Message-ID of the view');
$node->safe_psql('postgres', q{SELECT bpt.launch('rich', '{"name": "Änna, M\u00fcller"}')});
wait_until_is($node, 'postgres', q{SELECT status FROM bpt.email WHERE subject LIKE 'Für%'}, 'sent', 'a message with everything is sent');
my ($rich) = $plain->received('hidden2@example.org');
is_deeply($rich->{to}, [qw(anna@example.org b@example.org c@example.org hidden@example.org hidden2@example.org)], 'to all recipients at once');
is_deeply($rich->{defects}, [], 'a MIME parser finds nothing to complain of');
is(MailServer::header($rich, 'From'), 'Größe & Söhne <shop@example.org>', 'names keep their characters');
is(MailServer::header($rich, 'Subject'), 'Für Änna, Müller' . ' und noch etwas' x 12, 'so does a long subject');
is(MailServer::header($rich, 'Cc'), 'c@example.org', 'copies are named');
is(MailServer::header($rich, 'Reply-To'), 'Ünal <desk@example.org>', 'HEADERS are added');
is(MailServer::header($rich, 'X-Order') . MailServer::header($rich, 'X-Text'), '17ä ö', 'also numbers and texts');
unlike(join("\n", map { "$_->[0]: $_->[1]" } @{ $rich->{headers} }), qr/hidden/i, 'BCC is nowhere in the message');
is($rich->{type}, 'multipart/alternative', 'text and HTML are alternatives');
is($rich->{parts}[0][0] . ' ' . $rich->{parts}[1][0], 'text/plain text/html', 'the text first');
(my $text = $rich->{parts}[0][1]) =~ s/\r\n/\n/g;
is($text, qq{Guten Tag, Änna, Müller!\n.\nFrom here\nto =there\t \n} . 'lang ' x 400, 'the text is whole');
like($rich->{parts}[1][1], qr/^<p>Änna, Müller €<\/p>\s*$/, 'so is the HTML');
cmp_ok($rich->{longest_line}, '<=', 78, 'no line is long');
is($rich->{bare_newlines}, 0, 'every line ends as it should');
like($node->safe_psql('postgres', q{SELECT body FROM bpt.email WHERE subject LIKE 'Für%'}), qr/^Guten Tag/, 'LOG CONTENT keeps the text');

# Refused for good, refused for now.
letter('refused@example.org');
wait_until_is($node, 'postgres', email(q{status || ' ' || error_count}, 'refused@example.org'), 'failed 1', 'what the server refuses has failed at once');
is($node->safe_psql('postgres', failure('refused@example.org', q{phase || ' ' || sqlstate || ' ' || COALESCE(next_run::text, 'never') || ': ' || message || '; ' || detail})),
	'email 38000 never: the mail server refused the message: RCPT failed: 550; The server answered: 550 5.1.1 no such mailbox here', 'it is an incident');
$node->safe_psql('postgres', 'SELECT bpt.activity_retry(activity_id) FROM (' . email('activity_id', 'refused@example.org') . ') e');
wait_until_is($node, 'postgres', email(q{status || ' ' || error_count}, 'refused@example.org'), 'failed 2', 'an administrator has it tried again');
letter('spam@example.org');
wait_until_is($node, 'postgres', email('status', 'spam@example.org'), 'failed', 'a message refused after its text has failed, too');
letter('later@example.org');
wait_until_is($node, 'postgres', email('error_count >= 2', 'later@example.org'), 't', 'what the server does not take now is tried again');
is($node->safe_psql('postgres', q{SELECT string_agg(date_trunc('second', next_run - instant)::text, ' ' ORDER BY id) FROM (SELECT * FROM bpt.error_log WHERE detail LIKE '%451%' ORDER BY id LIMIT 2) l}),
	'00:00:01 00:00:04', 'later each time');
$node->safe_psql('postgres', q{DELETE FROM bpt.email_message WHERE to_addresses = 'later@example.org'});

# Down, and up again.
$plain->stop;
letter('down@example.org');
wait_until_is($node, 'postgres', email('error_count > 0', 'down@example.org'), 't', 'a server that is down is tried');
is($node->safe_psql('postgres', failure('down@example.org', 'sqlstate')) . ' ' . $node->safe_psql('postgres', email('status', 'down@example.org')), '08006 queued', 'the message waits');
$plain->start;
wait_until_is($node, 'postgres', email('status', 'down@example.org'), 'sent', 'and is sent when it is up');
is(scalar $plain->received('down@example.org'), 1, 'once');

# Taken, but the answer is lost: sent again, and known again.
letter('lost@example.org');
wait_until_is($node, 'postgres', email('error_count >= 2', 'lost@example.org'), 't', 'an answer that is lost has it sent again');
my @twice = $plain->received('lost@example.org');
cmp_ok(scalar @twice, '>=', 2, 'so it arrives twice');
is(MailServer::header($twice[0], 'Message-ID'), MailServer::header($twice[1], 'Message-ID'), 'with one Message-ID');
is_deeply($twice[0]{headers}, $twice[1]{headers}, 'and is the same message');
$node->safe_psql('postgres', q{DELETE FROM bpt.email_message WHERE to_addresses = 'lost@example.org'});

# A server that never answers keeps one worker and no more; a worker that is to end ends.
use_server($node, port => $plain->port, timeout => '2 s');
letter('hang@example.org');
wait_until_is($node, 'postgres', email('error_count', 'hang@example.org'), '1', 'a message has its time');
like($node->safe_psql('postgres', failure('hang@example.org', 'message')), qr/^the message could not be sent: .*time/i, 'after which it is tried again');
use_server($node, port => $plain->port, timeout => '10 minutes');
$node->safe_psql('postgres', 'SELECT bpt.activity_retry(activity_id) FROM (' . email('activity_id', 'hang@example.org') . ') e');
my $sending = q{SELECT count(*) FROM bpt.worker w JOIN bpt.email e USING (activity_id) WHERE to_addresses = 'hang@example.org'};
wait_until_is($node, 'postgres', $sending, '1', 'a worker waits for the server');
letter("other$_\@example.org") for 1 .. 5;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM done WHERE address LIKE 'other%'}, '5', 'another goes on with other work');
is($node->safe_psql('postgres', $sending . q{ AND (SELECT count(*) FROM bpt.email WHERE to_addresses LIKE 'other%' AND status = 'queued') = 5}), '1', 'and sends nothing meanwhile');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.process_instance WHERE id = (SELECT process_id FROM bpt.email WHERE to_addresses = 'hang@example.org') FOR UPDATE NOWAIT} =~ s/count\(\*\)/1/r), '1', 'no instance is locked');
my ($rc, $out, $err) = $node->psql('postgres', q{SET lock_timeout = '200ms'; SELECT bpt.process_delete(process_id) FROM bpt.email WHERE to_addresses = 'hang@example.org'});
like($err, qr/canceling statement due to lock timeout/, 'but deleting its process waits for the message');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.process JOIN bpt.email e ON e.process_id = process.id WHERE to_addresses = 'hang@example.org'}), '1', 'which keeps it');
my $start = time;
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(w.pid) FROM bpt.worker w JOIN bpt.email e USING (activity_id) WHERE to_addresses = 'hang@example.org'});
wait_until_is($node, 'postgres', email(q{status || ' ' || (error_count > 1)}, 'hang@example.org'), 'queued true', 'told to end, the worker ends');
cmp_ok(time - $start, '<', 60, 'soon');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.email WHERE to_addresses LIKE 'other%' AND status = 'sent'}, '5', 'the others are sent');
$node->safe_psql('postgres', 'SELECT bpt.activity_retry(activity_id) FROM (' . email('activity_id', 'hang@example.org') . ') e');
wait_until_is($node, 'postgres', $sending, '1', 'the server hangs again');
use_server($node, port => $plain->port, timeout => '2 s'); # from the next attempt on
$start = time;
$node->stop('fast');
cmp_ok(time - $start, '<', 30, 'nor does it keep the database server from stopping');
$node->start;
$node->safe_psql('postgres', q{DELETE FROM bpt.email_message WHERE to_addresses = 'hang@example.org'});

# Held, disabled: nothing is sent.
use_server($node, port => $plain->port);
$node->safe_psql('postgres', 'SELECT bpt.hold()');
$node->safe_psql('postgres', q{INSERT INTO bpt.email_message SELECT 1000000 + id, process_def_id, process_id, 1000000 + activity_id, activity_def_id, 1, from_address, 'held@example.org', cc, bcc, subject, 'text', html, headers, log_content, message_id, created, NULL, 0, NULL, now() FROM bpt.email_message WHERE to_addresses = 'early@example.org'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'held'}, '2', 'a held database');
is($node->safe_psql('postgres', email('status', 'held@example.org')), 'queued', 'sends nothing');
$node->safe_psql('postgres', q{ALTER SYSTEM SET bpt.enabled = off});
$node->reload;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'disabled'}, '2', 'where workers are disabled');
$node->safe_psql('postgres', 'SELECT bpt.release()');
is($node->safe_psql('postgres', email('status', 'held@example.org')), 'queued', 'nothing is sent, either');
$node->safe_psql('postgres', q{ALTER SYSTEM RESET bpt.enabled});
$node->reload;
wait_until_is($node, 'postgres', email('status', 'held@example.org'), 'sent', 'afterwards it is sent');

# Encrypted: by STARTTLS and from the first byte, with a certificate of our own authority, with a password.
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/server.ext", "subjectAltName = IP:127.0.0.1\n");
for my $command (
	"req -x509 -newkey rsa:2048 -nodes -keyout $dir/ca.key -out $dir/ca.crt -subj /CN=ca -days 2",
	"req -newkey rsa:2048 -nodes -keyout $dir/server.key -out $dir/server.csr -subj /CN=mail.test",
	"x509 -req -in $dir/server.csr -CA $dir/ca.crt -CAkey $dir/ca.key -CAcreateserial -out $dir/server.crt -days 2 -extfile $dir/server.ext")
{
	system("openssl $command >$dir/log 2>&1") == 0 or die "openssl $command: " . slurp_file("$dir/log");
}
my @certificate = ('--cert', "$dir/server.crt", '--key', "$dir/server.key", '--auth', 'shop:a "secret" ü');
my $starttls = MailServer->new(options => [ '--starttls', @certificate ]);
my $tls = MailServer->new(options => [ '--tls', @certificate ]);
my %password = (user_name => 'shop', password => 'a "secret" ü', ca_file => "$dir/ca.crt");
for ([ 'starttls', $starttls ], [ 'tls', $tls ])
{
	my ($security, $server) = @$_;
	my $good = "good_$security\@example.org";
	use_server($node, port => $server->port, security => $security, %password);
	letter($good);
	wait_until_is($node, 'postgres', email('status', $good), 'sent', "$security: sent");
	my ($message) = $server->received($good);
	ok($message->{tls} || $security eq 'tls', "$security: encrypted");
	is($message->{user}, 'shop', "$security: as the user");

	my $bad = "bad_$security\@example.org";
	use_server($node, port => $server->port, security => $security, %password, password => 'wrong');
	letter($bad);
	wait_until_is($node, 'postgres', email(q{status || ' ' || (error_count > 0)}, $bad), 'queued true', "$security: a wrong password has it wait");
	is($node->safe_psql('postgres', failure($bad, 'sqlstate')), '28000', "$security: which the incident tells");
	unlike($node->safe_psql('postgres', "SELECT string_agg(l::text, '') FROM bpt.error_log l"), qr/wrong|secret/, "$security: without the password");
	use_server($node, port => $server->port, security => $security, %password);
	wait_until_is($node, 'postgres', email('status', $bad), 'sent', "$security: with the right one it is sent");

	my $unknown = "unknown_$security\@example.org";
	my %without = %password;
	delete $without{ca_file};
	use_server($node, port => $server->port, security => $security, %without);
	letter($unknown);
	wait_until_is($node, 'postgres', email('error_count > 0', $unknown), 't', "$security: a certificate that nobody vouches for is not trusted");
	like($node->safe_psql('postgres', failure($unknown, q{sqlstate || ' ' || message})), qr/^08006 .*certificate/i, "$security: which the incident tells");
	is(scalar $server->received($unknown), 0, "$security: nothing was sent");
	$node->safe_psql('postgres', "DELETE FROM bpt.email_message WHERE to_addresses = '$unknown'");
}
use_server($node, port => $plain->port, security => 'starttls', %password);
letter('clear@example.org');
wait_until_is($node, 'postgres', email('error_count > 0', 'clear@example.org'), 't', 'a server without encryption gets nothing that is to be encrypted');
is(scalar $plain->received('clear@example.org'), 0, 'not even the message');

# Who may read the password: nobody.
$node->safe_psql('postgres', 'CREATE ROLE curious LOGIN; GRANT bpt_admin, bpt_monitor, bpt_publisher, pg_read_all_settings TO curious');
($rc, $out, $err) = $node->psql('postgres', 'SET ROLE curious; SELECT password FROM bpt.email_server');
like($err, qr/permission denied for table email_server/, 'not even administrators of processes read the password');
$node->stop;

# Without workers: bpt.run() sends, but never what could be rolled back. Virtual time tries again.
my $bare = new_node('bare', preload => 0);
$bare->safe_psql('postgres', 'CREATE EXTENSION bpt');
publish_letter($bare);
use_server($bare, port => $plain->port);
$bare->safe_psql('postgres', q{BEGIN; SELECT bpt.launch('letter', '{"address": "run@example.org"}'); CALL bpt.run(); COMMIT});
is($bare->safe_psql('postgres', email('status', 'run@example.org')), 'queued', 'in a transaction block bpt.run() queues and does not send');
$bare->safe_psql('postgres', 'CALL bpt.run()');
is($bare->safe_psql('postgres', email('status', 'run@example.org')), 'sent', 'outside it sends');
is(scalar $plain->received('run@example.org'), 1, 'once');
# A message that outlives its process, and is refused, goes; its incident by the retention of its definition.
$bare->safe_psql('postgres', q{BEGIN; SELECT bpt.launch('letter', '{"address": "refused@example.org"}'); CALL bpt.run(); COMMIT});
$bare->safe_psql('postgres', q{SELECT bpt.process_delete(max(id)) FROM bpt.process});
is($bare->safe_psql('postgres', email('status', 'refused@example.org')), 'queued', 'a message that waits outlives its process');
$bare->safe_psql('postgres', 'CALL bpt.run()');
is($bare->safe_psql('postgres', q{SELECT count(*) FROM bpt.email WHERE to_addresses = 'refused@example.org'}), '0', 'refused, it is gone');
is($bare->safe_psql('postgres', q{SELECT count(*) FROM bpt.error_log WHERE process_id IS NULL AND process_definition_id IS NOT NULL}), '1', 'but not its incident');
$bare->safe_psql('postgres', q{SELECT bpt.set_history_retention('letter', '0')});
$bare->safe_psql('postgres', 'CALL bpt.run()');
is($bare->safe_psql('postgres', q{SELECT count(*) FROM bpt.error_log}), '0', 'which goes with the history');
$bare->safe_psql('postgres', q{SELECT bpt.set_history_retention('letter', NULL)});
$plain->stop;
$bare->safe_psql('postgres', q{SELECT bpt.launch('letter', '{"address": "again@example.org"}')});
$bare->safe_psql('postgres', q{SET bpt.clock = '2040-01-01 00:00+00'; CALL bpt.run('2040-01-01 00:10+00')});
is($bare->safe_psql('postgres', q{SELECT string_agg(attempt || ' ' || to_char(instant AT TIME ZONE 'UTC', 'HH24:MI:SS'), ', ' ORDER BY id) FROM bpt.error_log WHERE phase = 'email'}),
	'1 00:00:00, 2 00:00:01, 3 00:00:05, 4 00:00:21, 5 00:01:25, 6 00:05:41', 'later each time, through virtual time');
$bare->stop;
$_->stop for $starttls, $tls;

done_testing();
