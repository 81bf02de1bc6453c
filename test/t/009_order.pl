# The order of ready work while a long backlog is being done by one worker, whose claims begin behind its last one: what is of
# a better priority comes first, and what was set aside, resumed, and now stands before all that is being done is found too.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $backlog = 8000;
my $gate = 1000;
my @resumes = map { 2000 + 411 * $_ } 0 .. 9; # at ever other places of the transactions in which the backlog is done

my $node = new_node('main', conf => "bpt.workers = 1\nbpt.poll_interval = '1h'\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
# Each backlog item may have more to do: wait for the test to open the gate, or resume an instance.
$node->safe_psql('postgres', q{
	CREATE TABLE done (n bigint GENERATED ALWAYS AS IDENTITY, kind text, k int);
	CREATE SEQUENCE arrived;
	CREATE TABLE gate (is_open boolean);
	CREATE TABLE resumed_at (k int, process_id bigint, n bigint);
	CREATE FUNCTION note(kind text, k int) RETURNS bigint LANGUAGE sql AS 'INSERT INTO done (kind, k) VALUES (kind, k) RETURNING n';
	CREATE FUNCTION work(the_k int) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE
		note bigint := note('backlog', the_k);
	BEGIN
		IF EXISTS (SELECT FROM resumed_at WHERE k = the_k) THEN
			PERFORM bpt.process_resume(process_id) FROM resumed_at WHERE k = the_k;
			UPDATE resumed_at SET n = note WHERE k = the_k;
		ELSIF the_k = (SELECT last_value FROM arrived) THEN
			PERFORM nextval('arrived');
			WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.001); END LOOP;
		END IF;
		RETURN note;
	END $$;
	SELECT bpt.publish($bpt$
		PROCESS backlog (k int);
		START -> work;
		AUTOMATIC work DO (SELECT work(k) AS n) -> END;
		PROCESS urgent PRIORITY HIGH;
		START -> work;
		AUTOMATIC work DO (SELECT note('urgent', 0) AS n) -> END;
		PROCESS aside (k int);
		START -> work;
		AUTOMATIC work DO (SELECT note('aside', k) AS n) -> END;
	$bpt$)});

my $nothing_ready = 'SELECT (SELECT count(*) FROM bpt.queue_ready) + (SELECT count(*) FROM bpt.queue_event)';

# Once each, so that it is known to be quick.
$node->safe_psql('postgres', qq{SELECT setval('arrived', $gate); SELECT bpt.launch('backlog', '{"k":0}'), bpt.launch('urgent'), bpt.launch('aside', '{"k":0}')});
wait_until_is($node, 'postgres', $nothing_ready, '0', 'each is done once');
$node->safe_psql('postgres', 'DELETE FROM done');

# Set aside by the worker: they keep their numbers, which are the lowest.
$node->safe_psql('postgres', qq{
	BEGIN;
	INSERT INTO resumed_at (k, process_id) SELECT $_, bpt.launch('aside', '{"k":$_}');
	SELECT bpt.process_suspend(process_id) FROM resumed_at WHERE k = $_;
	COMMIT}) for @resumes;
wait_until_is($node, 'postgres', 'SELECT count(*) FROM bpt.queue_held', scalar(@resumes), 'instances are suspended');

$node->safe_psql('postgres', qq{SELECT bpt.hold(); SELECT count(bpt.launch('backlog', jsonb_build_object('k', k))) FROM generate_series(1, $backlog) k; SELECT bpt.release()});
wait_until_is($node, 'postgres', 'SELECT last_value FROM arrived', $gate + 1, 'the worker is in the midst of the backlog');
$node->safe_psql('postgres', q{SELECT bpt.launch('urgent')});
$node->safe_psql('postgres', 'INSERT INTO gate VALUES (true)');
wait_until_is($node, 'postgres', $nothing_ready, '0', 'all is done');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT (kind, k)) FROM done'), join('|', ($backlog + 1 + @resumes) x 2), 'everything once');

# How much of the backlog was done between. A transaction does at most 100 items; a few of them may pass.
my $few = 400;
cmp_ok($node->safe_psql('postgres', qq{SELECT count(*) FROM done JOIN done urgent ON done.n < urgent.n WHERE urgent.kind = 'urgent' AND done.k > $gate}),
	'<=', $few, 'what is of a better priority is done before the rest of the backlog');
is($node->safe_psql('postgres', qq{SELECT string_agg(format('%s after %s', aside.k, aside.n - r.n), ', ' ORDER BY aside.k) FROM resumed_at r JOIN done aside ON aside.kind = 'aside' AND aside.k = r.k WHERE aside.n - r.n NOT BETWEEN 1 AND $few}),
	'', 'what is resumed is done soon after');
is(restarts($node), 0, 'no crash');
$node->stop;
done_testing();
