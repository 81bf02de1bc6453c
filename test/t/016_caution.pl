# A backlog after an unclean start: at any time one item alone is the suspect, whatever the items before it came to, and one
# commit does both for an item and for the line of the next.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE seen (kind text, argument text, lines text, line_writer text, writer text);
	CREATE TABLE lone (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
	CREATE SEQUENCE tries;
	CREATE TABLE switch (is_bad boolean);
	INSERT INTO switch VALUES (true);
	-- Notes whose lines there are while it runs, and who wrote them: each argument is an instance's key.
	CREATE FUNCTION note(k text, a text) RETURNS text LANGUAGE sql AS $$
		INSERT INTO seen SELECT k, a, string_agg(p.entity_key, ','), string_agg(l.xmin::text, ','), pg_current_xact_id()::text
		FROM bpt.attempt l LEFT JOIN bpt.process p ON p.id = l.process_id WHERE l.started > '-infinity'
		RETURNING argument $$;
	CREATE FUNCTION do_look(a text) RETURNS text LANGUAGE sql AS $$ SELECT note('look', a) $$;
	-- Loses to a lock at first.
	CREATE FUNCTION do_lose(a text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('tries') = 1 THEN RAISE 'lost' USING ERRCODE = 'lock_not_available'; END IF;
			RETURN note('lose', a);
		END $$;
	-- Fails at the commit.
	CREATE FUNCTION do_defer(a text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT is_bad FROM switch) THEN INSERT INTO lone VALUES (1), (1); END IF;
			RETURN note('defer', a);
		END $$;
	-- Ends its own worker.
	CREATE FUNCTION do_end(a text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT is_bad FROM switch) THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); END IF;
			RETURN note('end', a);
		END $$;
});
publish_steps($node, 'postgres', qw(look lose defer end));

$node->safe_psql('postgres', 'SELECT bpt.hold()');
$node->safe_psql('postgres', q{
	INSERT INTO job(kind, argument)
	SELECT CASE n WHEN 3 THEN 'lose' WHEN 10 THEN 'defer' WHEN 20 THEN 'end' ELSE 'look' END, n FROM generate_series(1, 40) n});
my ($pid) = workers($node, 'postgres');
kill 'KILL', $pid;
$node->poll_query_until('postgres', 'SELECT pg_postmaster_start_time() IS NOT NULL') or die 'the server does not come back';
is(restarts($node), 1, 'an unclean start, with a backlog in place');
$node->safe_psql('postgres', 'SELECT bpt.release()');

wait_until_is($node, 'postgres', q{SELECT count(*), count(DISTINCT argument) FROM seen WHERE kind IN ('look', 'lose')}, '38|38', 'each is done once');
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'caution is over: both workers are there');
is($node->safe_psql('postgres', q{SELECT count(*) FROM seen WHERE lines IS DISTINCT FROM argument}), '0', 'each as the only suspect');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM seen WHERE line_writer IN (SELECT writer FROM seen)}), '>', 0,
	'with a line that went with the commit of the one before');
is($node->safe_psql('postgres', q{
	SELECT j.kind || ' ' || e.phase || ' ' || e.sqlstate || ' ' || e.attempt FROM bpt.error_log e JOIN bpt.process p ON p.id = e.process_id
	JOIN job j ON j.id::text = p.entity_key ORDER BY 1}),
	"defer statement 23505 1\nend crash 57P02 1", 'who failed is charged, once, and nobody else');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.attempt'), '0', 'no line is left');
is(restarts($node), 1, 'and no other restart');

$node->safe_psql('postgres', 'UPDATE switch SET is_bad = false');
$node->safe_psql('postgres', q{SELECT bpt.activity_retry(id) FROM bpt.activity WHERE status = 'error'});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.process WHERE status = 'closed'}, '40', 'all come to their end');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT argument) FROM seen}), '40|40', 'each done exactly once');
$node->stop;

done_testing();
