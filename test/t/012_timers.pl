# Timers whose worker or whole server ends in the middle of a run: what the run did is undone, it is counted and tried again,
# and no run is done twice or lost.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE done (what text, at timestamptz DEFAULT clock_timestamp());
	CREATE TABLE switch (what text);
	INSERT INTO switch VALUES ('end');
	CREATE FUNCTION work() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO done VALUES ('work');
			IF (SELECT what = 'end' FROM switch) THEN
				PERFORM pg_terminate_backend(pg_backend_pid());
				PERFORM pg_sleep(10);
			ELSIF (SELECT what = 'crash' FROM switch) THEN
				EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'kill -9 ' || pg_backend_pid());
				PERFORM pg_sleep(10);
			ELSIF (SELECT what = 'sleep' FROM switch) THEN
				PERFORM pg_sleep(60);
			END IF;
		END $$;
	SELECT bpt.publish('TIMER t SCHEDULE ''0 0 1 1 *'' DO (SELECT work())');
});
my $failed = q{SELECT count(*) FROM bpt.timer_run WHERE status = 'failed'};

# Its worker alone.
$node->safe_psql('postgres', q{SELECT bpt.wake_timer('t')});
wait_until_is($node, 'postgres', $failed, '1', 'a run that ends its worker is counted');
$node->safe_psql('postgres', q{UPDATE switch SET what = 'go'});
is($node->safe_psql('postgres', q{SELECT phase, sqlstate, attempt, next_run IS NOT NULL FROM bpt.error_log ORDER BY id LIMIT 1}),
	'crash|57P02|1|t', 'as a failed attempt that is tried again');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.timer_run WHERE status = 'succeeded'}, '1', 'and is tried again');
is($node->safe_psql('postgres', q{SELECT count(*) FROM done}), '1', 'what it did before is undone');
is(restarts($node), 0, 'nothing of this restarted the server');

# A worker shows what it runs; a shutdown charges nobody.
$node->safe_psql('postgres', q{UPDATE switch SET what = 'sleep'});
my $before = $node->safe_psql('postgres', $failed);
$node->safe_psql('postgres', q{SELECT bpt.wake_timer('t')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.timer WHERE running_since IS NOT NULL}, '1', 'it is running');
is($node->safe_psql('postgres', q{SELECT what FROM bpt.worker WHERE state = 'running' AND kind = 'worker'}), 'timer t', 'says bpt.worker');
$node->restart;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what = 'timer t'}, '1', 'it runs again, as it was when it began');
$node->safe_psql('postgres', q{UPDATE switch SET what = 'go'});
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM bpt.worker WHERE state = 'running' AND what = 'timer t'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.timer_run WHERE status = 'succeeded'}, '2', 'cancelled, it is tried again');
is($node->safe_psql('postgres', $failed), $before + 1, 'the shutdown counted as nothing, the cancellation as a failure');
is($node->safe_psql('postgres', q{SELECT count(*) FROM done}), '2', 'and everything is done once');

# The whole server. It is tried again after the restart, and given up when that has crashed the server twice more.
$node->safe_psql('postgres', q{UPDATE switch SET what = 'crash'});
$node->psql('postgres', q{SELECT bpt.wake_timer('t')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.error_log WHERE phase = 'crash' AND next_run IS NULL}, '1',
	'a run that crashes the server again and again is given up');
$node->safe_psql('postgres', q{UPDATE switch SET what = 'go'});
is($node->safe_psql('postgres', q{SELECT count(*) FROM done}), '2', 'all that it did is undone');
is($node->safe_psql('postgres', q{SELECT is_active, next_run > now() + interval '2 seconds' FROM bpt.timer}), 't|t', 'its schedule goes on');
$node->safe_psql('postgres', q{SELECT bpt.wake_timer('t')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM done}, '3', 'and woken it runs');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM bpt.queue_ready), (SELECT count(*) FROM bpt.attempt)}), '0|0', 'nothing is left over');

$node->stop;
done_testing();
