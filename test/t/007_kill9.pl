# Ten thousand instances, a worker and then the postmaster killed with signal 9 in their midst: all complete, each effect
# exactly once.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $instances = 10_000;
# fsync on: what is committed must be there after the postmaster's death, too.
my $node = new_node('main', conf => "fsync = on\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE orders (id int PRIMARY KEY);
	CREATE TABLE done (id int NOT NULL, step int NOT NULL);
	SELECT bpt.publish($bpt$
		PROCESS three LAUNCH ON INSERT INTO orders AS order_id;
		START -> one;
		AUTOMATIC one DO (INSERT INTO done VALUES (order_id, 1)) -> two;
		AUTOMATIC two DO (INSERT INTO done VALUES (order_id, 2)) -> three;
		AUTOMATIC three DO (INSERT INTO done VALUES (order_id, 3)) -> END;
	$bpt$);
});

# Waits until so many instances have ended and says how many had.
sub wait_until_ended
{
	my ($count) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) >= $count FROM bpt.process_instance WHERE closed IS NOT NULL")
		or die "only few instances end";
	return $node->safe_psql('postgres', 'SELECT count(*) FROM bpt.process_instance WHERE closed IS NOT NULL');
}

$node->safe_psql('postgres', 'SELECT bpt.hold()');
$node->safe_psql('postgres', "INSERT INTO orders SELECT generate_series(1, $instances)");
$node->safe_psql('postgres', 'SELECT bpt.release()');

my $before_worker = wait_until_ended(500);
my @pids = workers($node, 'postgres');
ok(@pids > 0, 'workers work');
kill 'KILL', $pids[0];
$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
cmp_ok($before_worker, '<', $instances, "a worker is killed after $before_worker of $instances instances");

my $before_postmaster = wait_until_ended($before_worker + 500);
kill_postmaster($node);
cmp_ok($before_postmaster, '<', $instances, "the postmaster is killed after $before_postmaster of them");
$node->start;

wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, $instances, 'all instances complete');
is($node->safe_psql('postgres', q{SELECT step, count(*), count(DISTINCT id) FROM done GROUP BY step ORDER BY step}),
	"1|$instances|$instances\n2|$instances|$instances\n3|$instances|$instances", 'each effect exactly once');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT entity_key) FROM bpt.process}), "$instances|$instances", 'one instance a row');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.activity WHERE status <> 'closed'}), '0', 'no activity is left');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM bpt.queue_event) + (SELECT count(*) FROM bpt.queue_ready)
	+ (SELECT count(*) FROM bpt.queue_delivery) + (SELECT count(*) FROM bpt.queue_timer) + (SELECT count(*) FROM bpt.attempt)}), '0', 'nothing is left in the queues');
$node->stop;

done_testing();
