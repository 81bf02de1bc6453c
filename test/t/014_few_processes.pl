# Fewer processes than databases would like: each database that comes has a worker, at the cost of those that have several.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

# Room for five: the launcher of bpt, that of logical replication, and three workers.
my $node = new_node('main', conf => "max_worker_processes = 5\nbpt.workers = 3\n");
my $count = q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL};
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
wait_until_is($node, 'postgres', $count, '3', 'the first database has all of them');
for my $database (qw(second third))
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, q{
		CREATE EXTENSION bpt;
		CREATE TABLE done (argument text);
		CREATE FUNCTION do_note(a text) RETURNS text LANGUAGE sql AS 'INSERT INTO done VALUES (a) RETURNING argument'});
	publish_steps($node, $database, 'note');
	$node->safe_psql($database, q{INSERT INTO job (kind, argument) VALUES ('note', 'here')});
	wait_until_is($node, $database, 'SELECT argument FROM done', 'here', "the work of the $database is done");
}
is($node->safe_psql('postgres', q{SELECT count(DISTINCT datname), count(*) FROM pg_stat_activity WHERE backend_type = 'bpt worker'}), '3|3', 'one each');
like(slurp_file($node->logfile), qr/could not start a bpt worker .*\n.*max_worker_processes/, 'the log says what is short');
$node->safe_psql('postgres', 'DROP DATABASE second WITH (FORCE)');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'bpt worker'}, '3', 'a place that is free again is used');
$node->stop;
done_testing();
