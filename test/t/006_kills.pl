# Workers ended again and again at random while they work: everything is done exactly once, in the order of its process.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $items = 600;
my $seed = $ENV{BPT_SEED} // int(rand(1_000_000));
srand($seed);
note("BPT_SEED=$seed");
my $node = new_node('main', conf => "bpt.workers = 3\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE orders (id int PRIMARY KEY, state int NOT NULL DEFAULT 0, paid boolean NOT NULL DEFAULT false);
	CREATE TABLE done (id int, step text, at bigint GENERATED ALWAYS AS IDENTITY);
	CREATE FUNCTION note(i int, s text) RETURNS text LANGUAGE sql AS
		$$ SELECT pg_sleep(random() * 0.004); INSERT INTO done(id, step) VALUES (i, s) RETURNING step $$;
	SELECT bpt.publish($bpt$
		PROCESS sale LAUNCH ON INSERT INTO orders AS order_id;
		START -> one, other;
		AUTOMATIC one DO (SELECT note(order_id, 'one') AS x) -> pay;
		WAIT pay CLOSE ON UPDATE OF orders (paid) WHERE (id = order_id AND paid) OR ALREADY TIMEOUT (interval '1 hour') -> two;
		AUTOMATIC two DO (SELECT note(order_id, 'two') AS x) -> END;
		AUTOMATIC other DO (SELECT note(order_id, 'other') AS x) -> END;
	$bpt$);
});

my $kills = 0;
for my $round (1 .. 30)
{
	my $from = ($round - 1) * $items / 30 + 1;
	my $to = $round * $items / 30;
	$node->safe_psql('postgres', "INSERT INTO orders SELECT n FROM generate_series($from, $to) n");
	$node->safe_psql('postgres', "UPDATE orders SET paid = true WHERE id IN (SELECT id FROM orders WHERE NOT paid ORDER BY random() LIMIT 15)");
	my @pids = workers($node, 'postgres');
	next unless @pids;
	select undef, undef, undef, rand(0.05);
	$kills += $node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE pg_terminate_backend($pids[rand @pids]))");
}
$node->safe_psql('postgres', 'UPDATE orders SET paid = true WHERE NOT paid');
cmp_ok($kills, '>', 5, 'workers were ended');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, $items, 'every process comes to its end');
is($node->safe_psql('postgres', q{SELECT step, count(*), count(DISTINCT id) FROM done GROUP BY step ORDER BY step}),
	"one|$items|$items\nother|$items|$items\ntwo|$items|$items", 'every step is done exactly once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM done a JOIN done b USING (id) WHERE a.step = 'one' AND b.step = 'two' AND a.at > b.at}), '0', 'in order');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.error_log WHERE phase <> 'crash'}), '0', 'nothing failed but by being ended');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM bpt.queue_event) + (SELECT count(*) FROM bpt.queue_ready) + (SELECT count(*) FROM bpt.queue_delivery) + (SELECT count(*) FROM bpt.queue_timer) + (SELECT count(*) FROM bpt.listener)}),
	'0', 'nothing is left in the queues');
is(restarts($node), 0, 'no crash');
$node->stop;

done_testing();
