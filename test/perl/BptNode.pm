# A server with bpt for TAP tests: how it is set up, and waiting for what workers do.
package BptNode;
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Exporter 'import';
our @EXPORT = qw(new_node publish_steps workers wait_until_is kill_postmaster restarts);

# A started server that has preloaded bpt. %options: conf (more settings), preload (default 1).
sub new_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	# The superuser is postgres, whoever runs the tests, and texts are of any language, wherever that is.
	my %init = %{ $options{init} // {} };
	$init{extra} = [ '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', @{ $init{extra} // [] } ];
	$ENV{PGUSER} = 'postgres';
	$node->init(%init);
	$node->append_conf('postgresql.conf', "max_worker_processes = 16\nrestart_after_crash = on\nlog_min_messages = info\n");
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'bpt'\n") if $options{preload} // 1;
	$node->append_conf('postgresql.conf', $options{conf}) if $options{conf};
	$node->start unless $options{stopped};
	return $node;
}

# A process per kind of statement, each launched by a row of the table `job` (kind, argument): one AUTOMATIC that calls
# do_<kind>(argument). The functions are made by the test.
sub publish_steps
{
	my ($node, $database, @kinds) = @_;
	$node->safe_psql($database,
		'CREATE TABLE IF NOT EXISTS job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, argument text)');
	for my $kind (@kinds)
	{
		$node->safe_psql($database, qq{
			SELECT bpt.publish(\$bpt\$
				PROCESS step_$kind LAUNCH ON INSERT INTO job AS job_id WHERE (kind = '$kind');
				START -> work;
				AUTOMATIC work DO (SELECT do_$kind(argument) AS result FROM job WHERE id = job_id) -> END;
			\$bpt\$)});
	}
	return;
}

# The pids of the workers of a database.
sub workers
{
	my ($node, $database) = @_;
	return split /\n/, $node->safe_psql($database, q{SELECT pid FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL ORDER BY pid});
}

# Waits until a query gives what is expected, and says what it gave otherwise.
sub wait_until_is
{
	my ($node, $database, $query, $expected, $name) = @_;
	my $ok = $node->poll_query_until($database, $query, $expected);
	diag($node->safe_psql($database, $query)) unless $ok;
	return ok($ok, $name);
}

# Kills the postmaster, and waits until its children have ended.
sub kill_postmaster
{
	my ($node) = @_;
	my @children = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
	$node->kill9;
	# The children notice in a moment; until then they use the shared memory.
	for my $child (@children)
	{
		for (1 .. 100)
		{
			last unless kill 0, $child;
			select undef, undef, undef, 0.1;
		}
	}
	return;
}

# How often the server has restarted after a crash.
sub restarts
{
	my ($node) = @_;
	my $log = slurp_file($node->logfile);
	my $count = () = $log =~ /all server processes terminated; reinitializing/g;
	return $count;
}

1;
