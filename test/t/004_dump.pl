# A dump restored elsewhere: everything is there, the work is held, people's calls work, and release() finds tables, roles
# and functions again, in another database of the server and in another server.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('first');
$node->safe_psql('postgres', 'CREATE DATABASE work');
# Transaction ids that another server is far from.
$node->safe_psql('postgres', 'DO $$ BEGIN FOR i IN 1 .. 20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$');
$node->safe_psql('work', 'CREATE EXTENSION bpt');
$node->safe_psql('work', q{
	CREATE ROLE clerk LOGIN; CREATE ROLE clerks; GRANT clerks TO clerk; CREATE ROLE owner LOGIN; GRANT bpt_publisher TO owner;
	CREATE SCHEMA shop AUTHORIZATION owner; GRANT USAGE ON SCHEMA shop TO clerks;
	SET ROLE owner;
	CREATE TABLE shop.orders (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new', paid boolean NOT NULL DEFAULT false);
	SELECT bpt.publish($$
		PROCESS shop.sale LAUNCH ON INSERT INTO shop.orders AS order_id EXPOSE ENTITY AS sales;
		START -> check_it;
		AUTOMATIC check_it DO (UPDATE shop.orders SET state = 'checked' WHERE id = order_id) -> pack;
		HUMAN pack ROLE clerks INPUT (parcels int) -> pay;
		WAIT pay CLOSE ON UPDATE OF shop.orders (paid) WHERE (id = order_id AND paid) TIMEOUT (interval '30 days') -> ship;
		AUTOMATIC ship DO (UPDATE shop.orders SET state = 'shipped ' || pack.parcels WHERE id = order_id) -> END;
	$$);
	GRANT EXECUTE ON FUNCTION shop.close_sale_pack TO clerks;
	CREATE TABLE shop.tick (what text NOT NULL);
	SELECT bpt.publish($$
		TIMER shop.stocktaking SCHEDULE '0 0 1 1 *' PRIORITY HIGH TIME LIMIT '5 minutes' DO (INSERT INTO shop.tick VALUES ('stocktaking'));
		TIMER shop.opening SCHEDULE 'When Published' DO (INSERT INTO shop.tick VALUES ('opening'));
		TIMER shop.gone SCHEDULE 'When Published' DO (INSERT INTO shop.tick VALUES ('gone'));
	$$);
	SELECT bpt.set_timer_schedule('shop.stocktaking', '0 7 24 12 * UTC');
	GRANT EXECUTE ON FUNCTION shop.wake_stocktaking TO clerks;
	INSERT INTO shop.orders VALUES (1), (2), (3);
});
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.activity WHERE name = 'pack' AND status = 'ready'}, '3', 'three tasks wait');
$node->safe_psql('work', q{SELECT bpt.activity_close(id, '{"parcels": 7}') FROM bpt.activity WHERE name = 'pack' AND process_id = (SELECT id FROM bpt.process WHERE entity_key = '2')});
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.activity WHERE name = 'pay' AND status = 'listening'}, '1', 'one order waits to be paid');
wait_until_is($node, 'work', q{SELECT count(DISTINCT timer_id) FROM bpt.timer_run WHERE ended IS NOT NULL}, '2', 'timers that run when published have run');
$node->safe_psql('work', q{SELECT bpt.drop_timer('shop.gone')});
$node->safe_psql('work', 'SELECT bpt.hold()');
$node->safe_psql('work', 'INSERT INTO shop.orders VALUES (4)');
my $timers = q{SELECT schema_name, name, definition, schedule, time_zone, priority, time_limit, owner, next_run, is_active FROM bpt.timer ORDER BY name};
my $timers_planned = $node->safe_psql('work', $timers);
# Woken twice while the work is held: once to be run.
$node->safe_psql('work', q{SELECT bpt.wake_timer('shop.stocktaking')}) for 1 .. 2;
my $timers_before = $node->safe_psql('work', $timers);
my $runs = q{SELECT * FROM bpt.timer_run ORDER BY id};
my $runs_before = $node->safe_psql('work', $runs);

my $state = q{SELECT p.id, p.status, p.entity_key, a.id, a.name, a.status FROM bpt.process p JOIN bpt.activity a ON a.process_id = p.id ORDER BY a.id};
my $before = $node->safe_psql('work', $state);
my $rights = q{SELECT proname, proowner::regrole, COALESCE(proacl, acldefault($$f$$, proowner)) FROM pg_proc WHERE pronamespace = 'shop'::regnamespace ORDER BY 1};
my $sales = q{SELECT * FROM shop.sales ORDER BY process_id};
my $sales_before = $node->safe_psql('work', $sales);
# The indexes by which sales are looked up, and whether a look-up uses one.
my $indexes = q{SELECT string_agg(pg_get_indexdef(oid), ' ') FROM pg_class WHERE relnamespace = 'bpt'::regnamespace AND relname ~ '^exposed_\d'};
my $indexes_before = $node->safe_psql('work', $indexes);
like($indexes_before, qr/stored_value/, 'there is an index');
my $view = q{SELECT oid, relowner::regrole, reloptions, relacl FROM pg_class WHERE oid = 'shop.sales'::regclass};
my $rights_before = $node->safe_psql('work', $rights);
my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr('work') ], 'pg_dump');
my $roles = PostgreSQL::Test::Utils::tempdir() . '/roles';
$node->command_ok([ 'pg_dumpall', '-r', '-f', $roles, '-d', $node->connstr('postgres') ], 'pg_dumpall of the roles');
# In the original, work goes on meanwhile.
$node->safe_psql('work', 'SELECT bpt.release()');
wait_until_is($node, 'work', q{SELECT count(*) FROM bpt.activity WHERE name = 'pack'}, '4', 'the original goes on');

sub try_copy
{
	my ($server, $database, $where) = @_;
	is($server->safe_psql($database, $state), $before, "$where: processes and activities are the same");
	is($server->safe_psql($database, 'SELECT string_agg(key, $$,$$) FROM (SELECT * FROM bpt.event_0 UNION ALL SELECT * FROM bpt.event_1 UNION ALL SELECT * FROM bpt.event_2 UNION ALL SELECT * FROM bpt.event_3) e'), '4', "$where: of events it has those that were not handled");
	is($server->safe_psql($database, $timers), $timers_before, "$where: timers are the same, with their schedules");
	is($server->safe_psql($database, $runs), $runs_before, "$where: so is what they have done");
	is($server->safe_psql($database, $rights), $rights_before, "$where: so are typed functions and their rights");
	is($server->safe_psql($database, $sales), $sales_before, "$where: the exposed view shows the same");
	is($server->safe_psql($database, $indexes), '', "$where: a dump does not carry its indexes");
	my $view_before = $server->safe_psql($database, $view);
	wait_until_is($server, $database, q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'held'}, '2', "$where: its workers do nothing");
	is($server->safe_psql($database, q{SELECT string_agg(check_name, ',') FROM bpt.health() WHERE NOT ok AND check_name <> 'ready_work'}), 'held', "$where: health() says that it is held");
	$server->safe_psql($database, 'UPDATE shop.orders SET paid = true WHERE id = 2');
	my ($rc, $out, $err) = (0, '', '');
	if ($where eq 'another server')
	{
		($rc, $out, $err) = $server->psql($database, 'CALL bpt.run()');
		like($err, qr/the work of this database is held/, "$where: nor does bpt.run()");
	}
	($rc, $out, $err) = $server->psql($database, 'SET ROLE owner; SELECT bpt.release()');
	like($err, qr/permission denied to release/, "$where: release() is for administrators");
	$server->safe_psql($database, 'SELECT bpt.release()');
	is($server->safe_psql($database, $indexes), $indexes_before, "$where: release() makes them");
	is($server->safe_psql($database, $view), $view_before, "$where: the view stays as it is");
	is($server->safe_psql($database, q{SET enable_seqscan = off; SELECT entity_key FROM shop.sales s JOIN bpt.process p ON p.id = s.process_id WHERE s.order_id = 3}), '3', "$where: look-ups find");
	is($server->safe_psql($database, q{SELECT DISTINCT entity FROM bpt.process}), 'shop.orders', "$where: tables are found again by their names");
	wait_until_is($server, $database, q{SELECT state FROM shop.orders WHERE id = 2}, 'shipped 7', "$where: released, an event reaches its wait");
	wait_until_is($server, $database, q{SELECT state FROM shop.orders WHERE id = 4}, 'checked', "$where: what was queued is done");
	wait_until_is($server, $database, q{SELECT string_agg(what, ',' ORDER BY what) FROM shop.tick}, 'gone,opening,stocktaking', "$where: a timer that was woken before the dump runs once");
	$server->safe_psql($database, q{SET SESSION AUTHORIZATION clerk; SELECT shop.wake_stocktaking()});
	wait_until_is($server, $database, q{SELECT count(*) FROM shop.tick WHERE what = 'stocktaking'}, '2', "$where: who may wake it still may");
	is($server->safe_psql($database, $timers), $timers_planned, "$where: schedules go on as they were");
	$server->safe_psql($database, q{SET ROLE owner; SELECT bpt.set_timer_schedule('shop.stocktaking', 'When Published')});
	is($server->safe_psql($database, q{SET SESSION AUTHORIZATION clerk; SELECT count(*) FROM bpt.taskbox}), '3', "$where: the clerk sees the tasks");
	$server->safe_psql($database, q{SET SESSION AUTHORIZATION clerk; SELECT shop.close_sale_pack((SELECT min(activity_id) FROM bpt.taskbox), 1)});
	$server->safe_psql($database, 'INSERT INTO shop.orders VALUES (5)');
	wait_until_is($server, $database, q{SELECT state FROM shop.orders WHERE id = 5}, 'checked', "$where: a new row launches");
	is($server->safe_psql($database, 'SELECT count(*) FROM bpt.queue_event'), '0', "$where: no event is left");
	is($server->safe_psql($database, q{SELECT count(*), count(DISTINCT entity_key) FROM bpt.process}), '5|5', "$where: each was handled once");
	is($server->safe_psql($database, q{SELECT count(*) FROM bpt.error_log}), '0', "$where: nothing failed");
	is($server->safe_psql($database, q{SELECT string_agg(check_name, ',') FROM bpt.health() WHERE NOT ok}), '', "$where: all is well");
	$server->safe_psql($database, 'SET ROLE owner; SELECT bpt.publish(replace(bpt.definition($$shop.sale$$), $$30 days$$, $$40 days$$))');
	is($server->safe_psql($database, q{SELECT version FROM bpt.process_definition}), '2', "$where: it can be published anew");
	$server->safe_psql($database, 'DROP EXTENSION bpt');
	is($server->safe_psql($database, q{SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'bpt%'}), '0', "$where: DROP EXTENSION takes the triggers along");
	is($server->safe_psql($database, q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'shop'::regnamespace}), '0', "$where: and the functions");
	is($server->safe_psql($database, q{SELECT to_regclass('shop.sales') IS NULL}), 't', "$where: and the view");
	return;
}

$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('copy'), $file ], 'pg_restore in the same server');
try_copy($node, 'copy', 'same server');

my $other = new_node('second', conf => "bpt.poll_interval = '1s'\n");
# Other oids than in the first.
$other->safe_psql('postgres', "CREATE ROLE other$_; CREATE TABLE t$_ ()") for 1 .. 5;
my $script = slurp_file($roles);
$script =~ s/^(CREATE|ALTER) ROLE (?!clerk|clerks|owner|bpt_).*$//mg;
$other->safe_psql('postgres', $script);
$other->safe_psql('postgres', 'CREATE DATABASE copy');
$other->command_ok([ 'pg_restore', '-e', '-d', $other->connstr('copy'), $file ], 'pg_restore in another server');
try_copy($other, 'copy', 'another server');
$other->stop;
$node->stop;

done_testing();
