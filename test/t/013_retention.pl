# History retention with workers: they delete what was kept long enough beside their work, in small transactions, and after a
# crash too; a reader with an old snapshot, an instance that somebody holds and messages that wait lose nothing.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\nbpt.poll_interval = 100ms\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE job (id bigint PRIMARY KEY, done boolean NOT NULL DEFAULT false);
	CREATE TABLE kept (id bigint PRIMARY KEY);
	SELECT bpt.publish($$
		PROCESS work LAUNCH ON INSERT INTO job AS job_id; START -> step;
		AUTOMATIC step DO (UPDATE job SET done = true WHERE id = job_id) -> END;
		PROCESS keep LAUNCH ON INSERT INTO kept AS kept_id; START -> step;
		AUTOMATIC step DO (SELECT 1) -> END;
	$$)});
my $left = q{SELECT count(*) FROM bpt.process WHERE name = 'work'};
my $rows = q{SELECT (SELECT count(*) FROM bpt.process_instance), (SELECT count(*) FROM bpt.activity_instance)};
my $done = q{SELECT count(*) FROM job WHERE NOT done};

sub work
{
	my ($from, $to) = @_;
	$node->safe_psql('postgres', "INSERT INTO job SELECT generate_series($from, $to)");
	wait_until_is($node, 'postgres', $done, '0', "jobs $from to $to are done");
	return;
}

# For ever, by default.
$node->safe_psql('postgres', 'INSERT INTO kept SELECT generate_series(1, 10)');
work(1, 1000);
wait_until_is($node, 'postgres', $rows, '1010|1010', 'everything is kept');

# An old snapshot sees all of it to its end, an instance that is held stays, the others go.
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
is($reader->query_safe($left), '1000', 'a reader sees them');
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN');
my $held = $holder->query_safe(q{SELECT id FROM bpt.process_instance WHERE id = (SELECT min(id) FROM bpt.process WHERE name = 'work') FOR NO KEY UPDATE});
$node->safe_psql('postgres', q{SELECT bpt.set_history_retention('work', '0')});
wait_until_is($node, 'postgres', q{SELECT string_agg(id::text, ',') FROM bpt.process WHERE name = 'work'}, $held, 'all go but the one that is held');
is($reader->query_safe($left), '1000', 'the reader sees all of them');
is($reader->query_safe('SELECT count(*) FROM bpt.activity'), '1010', 'and their activities');
$reader->quit;
is($node->safe_psql('postgres', $rows), '11|11', 'nothing else went');
$holder->query_safe('COMMIT');
$holder->quit;
wait_until_is($node, 'postgres', $left, '0', 'the last one too, once it is free');

# Beside work without end it is deleted too.
for my $round (1 .. 5)
{
	work($round * 1000 + 1, $round * 1000 + 1000);
}
wait_until_is($node, 'postgres', $left, '0', 'what is done is deleted');
is($node->safe_psql('postgres', 'SELECT count(*) FROM job WHERE done'), '6000', 'all work was done');

# A crash in the middle loses nothing but time, and leaves no half instances.
$node->safe_psql('postgres', q{SELECT bpt.set_history_retention('work', NULL)});
work(10001, 15000);
$node->safe_psql('postgres', q{SELECT bpt.set_history_retention('work', '0')});
$node->stop('immediate');
$node->start;
wait_until_is($node, 'postgres', $left, '0', 'after a crash they go too');
is($node->safe_psql('postgres', $rows), '10|10', 'whole instances went');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.activity_instance a LEFT JOIN bpt.process_instance p ON p.id = a.process_id WHERE p.id IS NULL}), '0', 'and no half ones');

# By default for all, as the configuration says.
$node->append_conf('postgresql.conf', 'bpt.history_retention = 0');
$node->reload;
wait_until_is($node, 'postgres', $rows, '0|0', 'the setting holds for those that have none of their own');
is($node->safe_psql('postgres', q{SELECT string_agg(check_name, ',') FROM bpt.health() WHERE NOT ok}), '', 'all is well');

$node->stop;
done_testing();
