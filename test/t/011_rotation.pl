# Tables of events and positions are filled by turns: nothing in them is ever updated or deleted, also while an old snapshot
# is held; what is done with is truncated, what is not is left.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE item (id int PRIMARY KEY, state int NOT NULL DEFAULT 0);
	CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY, item int, state int);
	SELECT bpt.publish($bpt$
		PROCESS note (item int, state int) LIGHT
			LAUNCH ON INSERT INTO item WITH (item => id, state => state)
			LAUNCH ON UPDATE OF item WITH (item => id, state => state);
		START -> do_note;
		AUTOMATIC do_note DO (INSERT INTO seen (item, state) VALUES (process.item, process.state)) -> END;
	$bpt$);
});
my $left = 'SELECT count(*) FROM bpt.queue_event';
my $events = q{SELECT string_agg((pg_relation_size(c.oid) > 0)::int::text, '' ORDER BY relname) FROM pg_class c
	WHERE relnamespace = 'bpt'::regnamespace AND relname ~ '^event_[0-9]$'};
my $stretch = 1 << 18;
my $step = 16;

# Moves the counter of events to the given place of a stretch, as if so many had been recorded.
sub move_on
{
	my ($stretches, $before_end) = @_;
	return $node->safe_psql('postgres',
		"SELECT setval('bpt.event_id', ((last_value / $stretch) + $stretches) * $stretch - $before_end * $step) FROM bpt.event_id");
}

# Held snapshots: one that writes nothing, and one that has a transaction id.
my @holders;
for my $write (0, 1)
{
	my $session = $node->background_psql('postgres');
	$session->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	$session->query_safe('SELECT pg_current_xact_id()') if $write;
	push @holders, $session;
}
$node->safe_psql('postgres', 'INSERT INTO item SELECT generate_series(1, 200)');
$node->safe_psql('postgres', join '', map { "UPDATE item SET state = $_;\n" } 1 .. 20);
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen', 200 * 21, 'while snapshots are held, all events are handled');
is($node->safe_psql('postgres', $left), '0', 'none is left');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT item, n, lag(n) OVER (PARTITION BY item ORDER BY state) AS before FROM seen) s WHERE n < before}),
	'0', 'each row\'s in their order');
$node->safe_psql('postgres', 'SELECT pg_stat_force_next_flush()');
wait_until_is($node, 'postgres', q{SELECT sum(n_tup_ins) >= 4200, sum(n_tup_upd + n_tup_del + n_dead_tup) FROM pg_stat_all_tables
	WHERE schemaname = 'bpt' AND relname ~ '^(event|position)_[0-9]$'}, 't|0', 'without an update, a delete or a dead row');

# A table that is done with is truncated, although the snapshots are held.
is($node->safe_psql('postgres', $events), '1000', 'one table is filled');
move_on(1, 3);
$node->safe_psql('postgres', 'INSERT INTO item SELECT generate_series(1001, 1010)');
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen', 4210, 'events of two tables are handled');
wait_until_is($node, 'postgres', $events, '0100', 'the next is filled, the one before truncated');
$_->quit for @holders;

# What a session has written and not committed, or is not handled yet, is left.
my $writer = $node->background_psql('postgres');
$writer->query_safe('BEGIN; INSERT INTO item VALUES (2001)');
move_on(1, 3);
$node->safe_psql('postgres', 'INSERT INTO item SELECT generate_series(2011, 2020)');
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen', 4220, 'later events do not wait for an open transaction');
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', $events), '0110', 'its table is not truncated');
$writer->query_safe('COMMIT');
$writer->quit;
wait_until_is($node, 'postgres', 'SELECT state FROM seen WHERE item = 2001', '0', 'committed, its event is handled');
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', $events), '0010', 'bpt.run() truncates the table then');

$node->safe_psql('postgres', 'SELECT bpt.hold()');
$node->safe_psql('postgres', 'INSERT INTO item VALUES (3001)');
move_on(1, 0);
$node->safe_psql('postgres', 'INSERT INTO item VALUES (3002)');
move_on(4, 0);
$node->safe_psql('postgres', 'UPDATE item SET state = 50 WHERE id = 3002');
is($node->safe_psql('postgres', 'SELECT string_agg(data_id, $$,$$ ORDER BY id) FROM bpt.event_queue'), '3001,3002,3002', 'they wait');
is($node->safe_psql('postgres', $events), '0011', 'in two tables');
$node->safe_psql('postgres', 'SELECT bpt.release()');
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen WHERE item > 3000', 3, 'and are handled');
is($node->safe_psql('postgres', 'SELECT string_agg(state::text, $$,$$ ORDER BY n) FROM seen WHERE item = 3002'), '0,50',
	'those of a row in their order, however far apart in one table');

# Positions: those of slots at rest are carried over.
$node->safe_psql('postgres', "SELECT setval('bpt.position_id', 8191)");
$node->safe_psql('postgres', 'UPDATE item SET state = 100 WHERE id = 1');
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen WHERE state = 100', 1, 'an event after the change of tables');
$node->safe_psql('postgres', 'CALL bpt.run()');
wait_until_is($node, 'postgres', q{SELECT pg_relation_size('bpt.position_0'), count(DISTINCT slot) > 30 FROM bpt.position_1}, '0|t',
	'the positions before are carried over and their table is truncated');
is($node->safe_psql('postgres', $left), '0', 'nothing counts as left for that');
is($node->safe_psql('postgres', 'SELECT count(*) FROM seen'), 4220 + 1 + 3 + 1, 'each event was handled once');

# A crash: what is done stays done.
$node->stop('immediate');
$node->start;
$node->safe_psql('postgres', 'UPDATE item SET state = 101 WHERE id < 50');
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen WHERE state = 101', 49, 'after a crash events are handled');
is($node->safe_psql('postgres', 'SELECT count(*) FROM seen'), 4225 + 49, 'and none again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log'), '0', 'nothing failed');
$node->stop;

done_testing();
