# Items that end their worker or the whole server: each is counted, none is lost, none brings the server down for good.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE done (argument text, at timestamptz DEFAULT clock_timestamp());
	CREATE TABLE switch (crash boolean);
	INSERT INTO switch VALUES (true);
	CREATE FUNCTION do_note(a text) RETURNS text LANGUAGE sql AS 'INSERT INTO done VALUES (a) RETURNING argument';
	CREATE FUNCTION do_sleep(a text) RETURNS text LANGUAGE sql AS 'SELECT pg_sleep(a::float8)::text';
	-- Ends its own backend alone.
	CREATE FUNCTION do_end(a text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT crash FROM switch) THEN
				PERFORM pg_terminate_backend(pg_backend_pid());
				PERFORM pg_sleep(10);
			END IF;
			RETURN a;
		END $$;
	-- Takes the whole server down with it.
	CREATE FUNCTION do_crash(a text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT crash FROM switch) THEN
				EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'kill -9 ' || pg_backend_pid());
				PERFORM pg_sleep(10);
			END IF;
			RETURN a;
		END $$;
});
publish_steps($node, 'postgres', qw(note sleep end crash));

# Alone.
$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('end', 'x')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.error_log WHERE phase = 'crash'}, '1', 'an item that ends its worker is counted');
is($node->safe_psql('postgres', q{SELECT sqlstate, message, attempt, next_run IS NOT NULL FROM bpt.error_log}),
	'57P02|the worker ended while it ran this|1|t', 'as a failed attempt with a next run');
is($node->safe_psql('postgres', q{SELECT status, error_count FROM bpt.activity}), 'error|1', 'its activity is in error');
$node->safe_psql('postgres', 'UPDATE switch SET crash = false');
wait_until_is($node, 'postgres', q{SELECT status FROM bpt.activity}, 'closed', 'and is retried');

# A cancelled item fails, a terminated one too, and each comes again.
$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('sleep', '30')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'an item runs');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM bpt.worker WHERE state = 'running' AND kind = 'worker'});
wait_until_is($node, 'postgres', q{SELECT string_agg(sqlstate, ',') FROM bpt.error_log WHERE phase = 'statement'}, '57014', 'cancelled, it failed');
$node->safe_psql('postgres', q{UPDATE job SET argument = '0' WHERE kind = 'sleep'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'active'}, '0', 'and is retried');
is(restarts($node), 0, 'nothing of this restarted the server');

# Stopped by a shutdown: nobody is charged.
my $errors = $node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log');
$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('sleep', '30')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'an item runs');
$node->restart;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'after a restart it runs again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log'), $errors, 'without a failed attempt');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'and without a line in bpt.attempt');

# kill -9 of the worker: a crash restart; the innocent item survives, the line goes with its commit.
my ($pid) = $node->safe_psql('postgres', q{SELECT pid FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'});
kill 'KILL', $pid;
$node->poll_query_until('postgres', 'SELECT 1', '1');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.attempt a JOIN bpt.activity b ON b.id = a.activity_id WHERE a.started > '-infinity' AND b.name = 'work'},
	'1', 'after the crash the item is run with a line in bpt.attempt');
is(restarts($node), 1, 'one restart');
$node->safe_psql('postgres', q{UPDATE job SET argument = '0' WHERE kind = 'sleep'});
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM bpt.worker WHERE state = 'running' AND kind = 'worker'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'active'}, '0', 'it comes to its end');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'no line is left');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'caution is over: both workers are there');

# An item that crashes the server, among innocent ones.
$node->safe_psql('postgres', 'UPDATE switch SET crash = true');
my $before = restarts($node);
$node->psql('postgres', q{INSERT INTO job(kind, argument) SELECT CASE n WHEN 4 THEN 'crash' ELSE 'note' END, n FROM generate_series(1, 8) n});
my $failed = 0;
for (1 .. 900)
{
	my ($rc, $out) = $node->psql('postgres', q{SELECT count(*) FROM bpt.activity WHERE status = 'failed'});
	last if $failed = ($rc == 0 && $out eq '1');
	select undef, undef, undef, 0.1;
}
ok($failed, 'an item that crashes the server fails for good');
is(restarts($node) - $before, 3, 'after three restarts');
is($node->safe_psql('postgres', q{SELECT string_agg(attempt || ' ' || sqlstate || ' ' || phase || CASE WHEN next_run IS NULL THEN ' at last' ELSE '' END, ', ' ORDER BY id) FROM bpt.error_log WHERE message LIKE 'the server crashed%'}),
	'1 57P02 crash, 2 57P02 crash at last', 'two failed attempts are logged');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM done}, '7', 'the others have all been done');
is($node->safe_psql('postgres', q{SELECT count(DISTINCT argument) FROM done}), '7', 'once each');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'no line is left');
$node->safe_psql('postgres', 'UPDATE switch SET crash = false');
$node->safe_psql('postgres', q{SELECT bpt.activity_retry(id) FROM bpt.activity WHERE status = 'failed'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'active'}, '0', 'an administrator retries it');

# The postmaster killed: unclean as well.
$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('sleep', '60')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'an item runs');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'without a line in normal times');
kill_postmaster($node);
$node->start;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.attempt WHERE started > '-infinity'}, '1', 'after the postmaster was killed it is run with a line');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker'}), '1', 'by one worker');
$node->restart;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'after a clean restart it runs again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'the old line is forgotten');
$node->stop;

done_testing();
