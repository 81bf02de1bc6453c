# What items do in a batch, where activities run on in line, they do alone: nothing is lost to somebody else's error.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 1\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL);
	CREATE TABLE mode (how text); INSERT INTO mode VALUES ('work');
	CREATE TABLE seen (n int GENERATED ALWAYS AS IDENTITY, what text, event bigint);
	CREATE FUNCTION work(what text) RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO seen (what, event) VALUES (what, bpt.event_id());
		IF (SELECT how FROM mode) = what THEN RAISE 'refused' USING ERRCODE = 'WF001'; END IF;
		RETURN 1;
	END $$;
	CREATE FUNCTION launch_quietly() RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM launch_child();
		RETURN 1;
	EXCEPTION WHEN OTHERS THEN
		RETURN 0;
	END $$;
	SELECT bpt.publish($bpt$
		PROCESS guarded LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'guarded') ON PROCESS START CHECK (true);
		START -> first;
		AUTOMATIC first DO (SELECT work('first') AS x) -> second;
		AUTOMATIC second DO (SELECT work('second') AS x) -> END;
		PROCESS child;
		START -> only;
		AUTOMATIC only DO (SELECT work('only') AS x) -> END;
		PROCESS mother LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'mother');
		START -> launches;
		AUTOMATIC launches DO (SELECT launch_quietly() AS launched) -> END;
		PROCESS long LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'long');
		START -> } . join(', ', map { "s$_" } 1 .. 20) . q{;} . join('', map { "AUTOMATIC s$_ DO (SELECT work('s') AS x, pg_sleep(0.003)::text AS slept) -> END;" } 1 .. 20) . q{
	$bpt$);
});

# Begins five of a kind in one statement, so that a worker takes them in one batch; waits until nothing is left to do.
sub do_five
{
	my ($kind, $how) = @_;
	$node->safe_psql('postgres', "UPDATE mode SET how = '$how'; DELETE FROM seen; INSERT INTO job (kind) SELECT '$kind' FROM generate_series(1, 5)");
	wait_until_is($node, 'postgres', 'SELECT (SELECT count(*) FROM bpt.queue_event) + (SELECT count(*) FROM bpt.queue_ready) + (SELECT count(*) FROM bpt.queue_delivery)', '0', "$kind, $how: all is done");
}

sub count_of
{
	my ($process, $status) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.name = '$process' AND a.status = '$status'");
}

# The first time every activity is an item of its own; then it is known to be quick.
do_five($_, 'work') for qw(guarded mother long guarded);
is(count_of('guarded', 'closed'), '20', 'activities run one after another');
is($node->safe_psql('postgres', 'SELECT count(event) FROM seen'), '0', 'and are not the event that launched their process');

do_five('guarded', 'first');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.process WHERE name = 'guarded'}), '15', 'what an activity refuses does not keep its process from starting');
is(count_of('guarded', 'error'), '5', 'it is the activity that is in error');

do_five('mother', 'only');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.process WHERE name = 'child'}), '10', 'what a launched process fails at does not reach who launched it');
is(count_of('child', 'error'), '5', 'it is an error of its own');

# Twenty activities of 3 ms are too long for one transaction.
do_five('long', 'work');
cmp_ok($node->safe_psql('postgres', q{SELECT count(DISTINCT xmin::text) FROM seen}), '>', 5, 'a long run of activities is no longer in one transaction than a batch may be');
is(count_of('long', 'closed'), '200', 'and all of it is done');
is(restarts($node), 0, 'no crash');
# A step of which nobody knows how long it takes, or that is known to be slow, keeps nothing waiting that was done before it:
# its process is there for all to see, and may be terminated.
$node->safe_psql('postgres', q{
	SELECT bpt.publish($bpt$
		PROCESS sleeper LAUNCH ON INSERT INTO job AS job_id WHERE (kind = 'sleeper');
		START -> nap;
		AUTOMATIC nap DO (SELECT pg_sleep(600)::text AS slept) -> END;
	$bpt$)});
$node->safe_psql('postgres', q{INSERT INTO job (kind) VALUES ('sleeper'), ('sleeper')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE what ~ 'sleeper .* nap'}, '1', 'a slow step runs');
# The other one too, if its event came to be handled in the time that a batch has.
my $begun = count_of('sleeper', 'ready');
cmp_ok($begun, '>=', 1, 'what led to it is committed');
$node->safe_psql('postgres', q{SELECT bpt.process_terminate(id) FROM bpt.process WHERE name = 'sleeper'});
is(count_of('sleeper', 'terminated'), $begun, 'and may be terminated');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM bpt.worker WHERE what ~ 'sleeper .* nap'});
$node->stop;

done_testing();
