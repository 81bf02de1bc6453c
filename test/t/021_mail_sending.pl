# What people do about an EMAIL activity and its process while a worker sends its message: nobody waits for the mail server,
# and the message is sent once, if the server takes it; if not, it is tried again.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;
use MailServer;

plan skip_all => MailServer::missing() if MailServer::missing();

my $server = MailServer->new;
my $node = new_node('mail', conf => "bpt.workers = 2\nbpt.poll_interval = '500ms'\n");
my $port = $server->port;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION bpt;
	INSERT INTO bpt.email_server (host, port, security, timeout) VALUES ('127.0.0.1', $port, 'plain', '3 minutes');
	SELECT bpt.publish(\$bpt\$
		PROCESS letter (subject text) DETAIL (subject);
		START -> note;
		EMAIL note FROM 'shop\@example.org' TO 'wait\@example.org' SUBJECT (subject) BODY 'Some text' -> rest;
		HUMAN rest -> END;
	\$bpt\$)});

# The message of that subject, or its activity or process: one column.
sub of
{
	my ($column, $subject) = @_;
	return "SELECT $column FROM bpt.email WHERE subject = '$subject'";
}

# How often the mail server has been given the message, with how many ids.
sub received
{
	my ($subject) = @_;
	my @messages = grep { MailServer::header($_, 'Subject') eq $subject } $server->received('wait@example.org');
	my %ids = map { MailServer::header($_, 'Message-ID') => 1 } @messages;
	return scalar(@messages) . ' of ' . keys %ids;
}

# Launches a process and returns when a worker waits for the server's answer about its message.
sub begin_sending
{
	my ($subject) = @_;
	$server->answer(undef);
	$node->safe_psql('postgres', "SELECT bpt.launch('letter', jsonb_build_object('subject', '$subject'))");
	for (1 .. 1000)
	{
		last if received($subject) ne '0 of 0';
		select(undef, undef, undef, 0.05);
	}
	is(received($subject), '1 of 1', "$subject: the server has the message");
	is($node->safe_psql('postgres', of('status', $subject)), 'queued', "$subject: and has not answered");
	return;
}

# What a call gives that is not to wait for anybody: '' or its error.
sub called
{
	my ($call) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "SET lock_timeout = '10s'; $call");
	return $err =~ /ERROR: +(.*)/ ? $1 =~ s/\d+/N/r : '';
}

sub is_sent_once
{
	my ($subject) = @_;
	$server->answer('250 OK');
	wait_until_is($node, 'postgres', of(q{status || ' ' || error_count}, $subject), 'sent 0', "$subject: it is sent");
	is(received($subject), '1 of 1', "$subject: once");
	return;
}

begin_sending('retried');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'retried') . ') e'), '', 'retried while it is being sent');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'retried') . ') e'), '', 'and again');
is_sent_once('retried');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'retried') . ') e'), 'activity N has ended as closed', 'afterwards there is nothing to retry');

begin_sending('refused');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'refused') . ') e'), '', 'retried while it is being sent');
$server->answer('554 5.7.1 not this');
wait_until_is($node, 'postgres', of(q{status || ' ' || error_count}, 'refused'), 'failed 1', 'which fails then');
is(received('refused'), '1 of 1', 'it was tried once');
$server->answer(undef);
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'refused') . ') e'), '', 'retried when it has failed');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'refused') . ') e'), '', 'and again, maybe while it is being sent');
$server->answer('250 OK');
wait_until_is($node, 'postgres', of(q{status || ' ' || error_count}, 'refused'), 'sent 1', 'it is sent');
is(received('refused'), '2 of 1', 'by the second attempt');

begin_sending('put off');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'put off') . ') e'), '', 'retried while it is being sent');
$server->answer('451 4.3.0 later');
wait_until_is($node, 'postgres', of('error_count > 0', 'put off'), 't', 'which the server puts off');
$server->answer('250 OK');
wait_until_is($node, 'postgres', of('status', 'put off'), 'sent', 'it is not lost');

begin_sending('skipped');
is(called('SELECT bpt.activity_skip(activity_id) FROM (' . of('activity_id', 'skipped') . ') e'), 'activity N has ended as closed', 'what is queued cannot be skipped');
is(called('SELECT bpt.activity_discard(activity_id) FROM (' . of('activity_id', 'skipped') . ') e'), 'activity N has ended as closed', 'nor discarded');
is_sent_once('skipped');

begin_sending('terminated');
is(called('SELECT bpt.process_terminate(process_id) FROM (' . of('process_id', 'terminated') . ') e'), '', 'its process is terminated while it is being sent');
is(called('SELECT bpt.process_restart(process_id) FROM (' . of('process_id', 'terminated') . ') e'), '', 'and restarted');
is_sent_once('terminated');
is($node->safe_psql('postgres', q{SELECT string_agg(name || ' ' || status, ', ' ORDER BY id) FROM bpt.activity WHERE process_id = (} . of('process_id', 'terminated') . ')'),
	'note closed, rest ready', 'the process goes on where it was');

begin_sending('suspended');
is(called('SELECT bpt.process_suspend(process_id) FROM (' . of('process_id', 'suspended') . ') e'), '', 'its process is suspended while it is being sent');
is(called('SELECT bpt.activity_retry(activity_id) FROM (' . of('activity_id', 'suspended') . ') e'), '', 'then it is retried');
is_sent_once('suspended');
is(called('SELECT bpt.process_resume(process_id) FROM (' . of('process_id', 'suspended') . ') e'), '', 'the process goes on');

# All of them at last, with the time of a few looks for work.
$node->safe_psql('postgres', q{SELECT bpt.launch('letter', '{"subject": "last"}')});
wait_until_is($node, 'postgres', of('status', 'last'), 'sent', 'a later message is sent');
is(received($_), '1 of 1', "$_: still once") for 'retried', 'skipped', 'terminated', 'suspended';
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.email WHERE status <> 'sent'}), '0', 'nothing is left to be sent');
$node->stop;
done_testing();
