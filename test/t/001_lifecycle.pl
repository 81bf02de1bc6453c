# Launcher and workers come, go and make way: CREATE and DROP EXTENSION, databases dropped, renamed, moved and copied,
# workers and launcher ended by others, settings changed at run time.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main');
$node->safe_psql('postgres', 'CREATE DATABASE work');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'bpt launcher'}), '1', 'the launcher runs');

my $began = time;
$node->safe_psql('work', 'CREATE EXTENSION bpt');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'CREATE EXTENSION brings two workers');
cmp_ok(time - $began, '<=', 3, 'soon after its commit');
is($node->safe_psql('work', q{SELECT string_agg(check_name, ',') FROM bpt.health() WHERE NOT ok}), '', 'nothing is wrong');
is($node->safe_psql('work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'launcher' AND datname IS NULL AND pid IS NOT NULL}), '1', 'bpt.worker shows the launcher');

$node->safe_psql('work', q{CREATE FUNCTION do_sleep(a text) RETURNS text LANGUAGE sql AS 'SELECT pg_sleep(a::float8)::text'});
publish_steps($node, 'work', 'sleep');
$node->safe_psql('work', q{INSERT INTO job(kind, argument) VALUES ('sleep', '0')});
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, '1', 'an inserted row is handled');

# Settings.
$node->safe_psql('postgres', 'ALTER SYSTEM SET bpt.workers = 3');
$node->reload;
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '3', 'more workers at run time');
$node->safe_psql('postgres', 'ALTER SYSTEM SET bpt.workers = 1');
$node->reload;
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker'}, '1', 'fewer workers at run time');
$node->safe_psql('postgres', 'ALTER SYSTEM SET bpt.enabled = off');
$node->reload;
wait_until_is($node, 'work', q{SELECT string_agg(state, ',') FROM bpt.worker WHERE kind = 'worker'}, 'disabled', 'bpt.enabled = off shows');
$node->safe_psql('work', q{INSERT INTO job(kind, argument) VALUES ('sleep', '0')});
sleep 1;
is($node->safe_psql('work', q{SELECT count(*) FROM bpt.process}), '1', 'disabled workers do nothing');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET ALL');
$node->reload;
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, '2', 'enabled again they do what was left');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'and are two again');

# Ended by others.
my @before = workers($node, 'work');
$node->safe_psql('work', q{SELECT pg_terminate_backend(pid) FROM bpt.worker WHERE kind = 'worker'});
wait_until_is($node, 'work',
	"SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle' AND pid <> ALL ('{" . join(',', @before) . "}')",
	'2', 'terminated workers come back');
my $launcher = $node->safe_psql('work', q{SELECT pid FROM bpt.worker WHERE kind = 'launcher'});
@before = workers($node, 'work');
$node->safe_psql('work', "SELECT pg_terminate_backend($launcher)");
wait_until_is($node, 'work', "SELECT count(*) FROM bpt.worker WHERE kind = 'launcher' AND pid <> $launcher", '1', 'the terminated launcher comes back');
sleep 1;
is_deeply([ workers($node, 'work') ], \@before, 'and adopts the living workers');
$node->safe_psql('work', "SELECT pg_terminate_backend($before[0])");
wait_until_is($node, 'work',
	"SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle' AND pid <> $before[0]", '2', 'an adopted worker is replaced when it ends');

# Databases.
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE work');
wait_until_is($node, 'copy', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'held'}, '2', 'a copied database is found and held');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'the template has its workers back');
$node->safe_psql('copy', q{INSERT INTO job(kind, argument) VALUES ('sleep', '0')});
is($node->safe_psql('copy', q{SELECT ok FROM bpt.health() WHERE check_name = 'held'}), 'f', 'health() tells');
like(slurp_file($node->logfile), qr/WARNING:  bpt does no work: it is held.*\n.*DETAIL:  The database is "copy"/, 'so does the log');
$node->safe_psql('copy', 'SELECT bpt.release()');
wait_until_is($node, 'copy', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, '3', 'released, it works');
$node->safe_psql('postgres', 'ALTER DATABASE copy RENAME TO renamed');
wait_until_is($node, 'renamed', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle' AND datname = 'renamed'}, '2', 'a renamed database is served on');
my $space = PostgreSQL::Test::Utils::tempdir_short();
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '$space'");
$node->safe_psql('postgres', 'ALTER DATABASE renamed SET TABLESPACE elsewhere');
wait_until_is($node, 'renamed', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'so is a moved one');
$node->safe_psql('renamed', q{INSERT INTO job(kind, argument) VALUES ('sleep', '60')});
wait_until_is($node, 'renamed', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep % work'}, '1', 'a long item shows in bpt.worker');
$node->safe_psql('postgres', 'DROP DATABASE renamed');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_database WHERE datname = 'renamed'}), '0', 'a database is dropped while an item runs');
my ($rc, $out, $err) = $node->psql('postgres', 'ALTER DATABASE work RENAME TO postgres');
isnt($rc, 0, 'a failing rename');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'brings the workers back');

# Holding.
$node->safe_psql('work', 'SELECT bpt.hold()');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'held'}, '2', 'bpt.hold() shows at once');
$node->safe_psql('work', q{INSERT INTO job(kind, argument) VALUES ('sleep', '0')});
$began = time;
$node->safe_psql('work', 'SELECT bpt.release()');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.process WHERE status = 'active'}, '0', 'bpt.release() lets them work');
cmp_ok(time - $began, '<=', 2, 'at once too');

# The extension.
$node->safe_psql('work', q{INSERT INTO job(kind, argument) VALUES ('sleep', '60')});
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'an item runs');
$node->safe_psql('work', 'BEGIN; DROP EXTENSION bpt; ROLLBACK');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'after a DROP EXTENSION rolled back it runs again');
is($node->safe_psql('work', q{SELECT count(*) FROM bpt.error_log}), '0', 'without being charged');
$node->safe_psql('work', 'BEGIN; DROP SCHEMA bpt CASCADE; ROLLBACK');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE state = 'running' AND what LIKE 'step_sleep%'}, '1', 'the same with DROP SCHEMA');
is($node->safe_psql('work', q{SELECT count(*) FROM bpt.error_log}), '0', 'which charges nobody either');
$began = time;
$node->safe_psql('work', 'DROP EXTENSION bpt');
cmp_ok(time - $began, '<=', 10, 'DROP EXTENSION does not wait for a running item');
is($node->safe_psql('work', q{SELECT count(*) FROM pg_proc WHERE proname = 'launch_step_sleep' OR probin LIKE '%/bpt'}), '0', 'its functions and those made by publish are gone');
is($node->safe_psql('work', q{SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'bpt%'}), '0', 'with its triggers');
$node->safe_psql('work', q{INSERT INTO job(kind, argument) VALUES ('sleep', '0')});
sleep 1;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'bpt worker'}), '0', 'no worker is left');
$node->safe_psql('work', 'CREATE EXTENSION bpt');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'made anew it has workers again');
is(restarts($node), 0, 'no crash in all of this');
$node->stop;

done_testing();
