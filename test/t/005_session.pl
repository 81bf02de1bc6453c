# What one item may leave to the next: nothing. Owners, settings, locks, temporary tables, time limits, conflicts.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 1\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', q{
	CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, code text NOT NULL);
	CREATE TABLE seen (at bigint GENERATED ALWAYS AS IDENTITY, who name DEFAULT current_user, what text);
	GRANT SELECT ON job TO PUBLIC; GRANT INSERT ON seen TO PUBLIC;
	CREATE TABLE account (id int PRIMARY KEY, amount int); INSERT INTO account VALUES (1, 0), (2, 0); GRANT ALL ON account TO PUBLIC;
});
for my $owner (qw(anna bert))
{
	$node->safe_psql('postgres', qq{
		CREATE ROLE $owner LOGIN; GRANT bpt_publisher TO $owner; CREATE SCHEMA $owner AUTHORIZATION $owner; GRANT TRIGGER ON job TO $owner; GRANT TEMP ON DATABASE postgres TO $owner;
		SET ROLE $owner;
		CREATE FUNCTION $owner.work(c text) RETURNS text LANGUAGE plpgsql AS 'DECLARE r text; BEGIN EXECUTE c INTO r; INSERT INTO public.seen(what) VALUES (r); RETURN r; END';
		SELECT bpt.publish(\$bpt\$
			PROCESS $owner.p LAUNCH ON INSERT INTO public.job AS job_id WHERE (kind = '$owner');
			START -> work;
			AUTOMATIC work TIME LIMIT '2 seconds' RETRY 1 TIMES EVERY '1 second' DO (SELECT $owner.work(code) AS result FROM public.job WHERE id = job_id) -> END;
		\$bpt\$)});
}

# Runs code as an item of an owner; returns what it saw.
sub run_as
{
	my ($owner, $code) = @_;
	my $last = $node->safe_psql('postgres', "INSERT INTO job(kind, code) VALUES ('$owner', \$code\$$code\$code\$) RETURNING (SELECT COALESCE(max(at), 0) FROM seen)");
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM seen WHERE at > $last") or diag($node->safe_psql('postgres', 'SELECT message FROM bpt.error_log'));
	return $node->safe_psql('postgres', "SELECT string_agg(what, ',') FROM seen WHERE at > $last");
}

is(run_as('anna', 'SELECT current_user'), 'anna', 'code runs as the owner');
is(run_as('anna', 'SELECT session_user'), 'postgres', 'in the session of the superuser');
is(run_as('anna', q{SELECT set_config('work_mem', '77MB', false)}), '77MB', 'a setting is made');
isnt(run_as('anna', q{SELECT current_setting('work_mem')}), '77MB', 'and gone with the item');
is(run_as('anna', q{SELECT (pg_advisory_lock(4711) IS NOT NULL)::text}), 'true', 'a session lock is taken');
is(run_as('bert', q{SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()}), '0', 'and gone when another owner is served');
$node->safe_psql('postgres', q{CREATE FUNCTION anna.temp() RETURNS text LANGUAGE plpgsql AS 'BEGIN CREATE TEMP TABLE secret AS SELECT 1 AS a; PREPARE spy AS SELECT 1; RETURN ''made''; END'});
is(run_as('anna', 'SELECT anna.temp()'), 'made', 'a temporary table and a prepared statement are made');
is(run_as('anna', q{SELECT count(*)::text FROM pg_prepared_statements}), '1', 'their owner finds them again');
is(run_as('bert', q{SELECT COALESCE(to_regclass('pg_temp.secret')::text, 'none') || (SELECT count(*)::text FROM pg_prepared_statements)}), 'none0', 'another does not');
is(run_as('anna', q{SELECT current_setting('transaction_isolation') || ' ' || current_setting('deadlock_timeout') || ' ' || current_setting('synchronous_commit')}), 'read committed 50ms on', 'what the worker rests on');
is(run_as('anna', q{SELECT (now() >= statement_timestamp() - interval '1 s' AND clock_timestamp() - now() < interval '1 s')::text}), 'true', 'now() is the time of the item');

# Who commits.
$node->safe_psql('postgres', q{
	CREATE TABLE deferred (a int); GRANT ALL ON deferred TO PUBLIC;
	CREATE FUNCTION deferred() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.a < 0 THEN RAISE ''no commit''; END IF; INSERT INTO seen(what) VALUES (''deferred''); RETURN NULL; END';
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deferred();
	CREATE FUNCTION public.defer(a int) RETURNS text LANGUAGE sql AS 'INSERT INTO public.deferred VALUES (a) RETURNING ''put''';
});
is(run_as('bert', 'SELECT public.defer(1)'), 'put,deferred', 'a deferred trigger fires at the commit');
is($node->safe_psql('postgres', q{SELECT DISTINCT who FROM seen WHERE what = 'deferred'}), 'bert', 'as the owner');
$node->safe_psql('postgres', q{INSERT INTO job(kind, code) VALUES ('bert', 'SELECT public.defer(-1)')});
wait_until_is($node, 'postgres', q{SELECT string_agg(attempt || ' ' || message || ' ' || COALESCE((next_run - instant)::text, 'last'), ', ' ORDER BY id) FROM bpt.error_log}, '1 no commit 00:00:01, 2 no commit last', 'an error at the commit is the item\'s, and its RETRY holds');
is($node->safe_psql('postgres', q{SELECT count(*) FROM bpt.activity WHERE status = 'failed'}), '1', 'then it has failed');

# Time limits.
$node->safe_psql('postgres', q{INSERT INTO job(kind, code) VALUES ('anna', 'SELECT pg_sleep(30)::text')});
wait_until_is($node, 'postgres', q{SELECT string_agg(sqlstate || ' ' || message, ', ' ORDER BY id) FROM bpt.error_log WHERE sqlstate = '57014' AND next_run IS NULL}, '57014 canceling statement due to time limit', 'TIME LIMIT ends a statement');
is(run_as('anna', q{SELECT 'on'}), 'on', 'and nothing after it');

# Conflicts: the worker gives way and tries again without being charged.
my $errors = $node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log');
$node->safe_psql('postgres', q{CREATE FUNCTION anna.cross() RETURNS text LANGUAGE plpgsql AS 'BEGIN UPDATE public.account SET amount = amount + 1 WHERE id = 1; PERFORM pg_sleep(0.3); UPDATE public.account SET amount = amount + 1 WHERE id = 2; RETURN ''crossed''; END'});
my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN; UPDATE account SET amount = amount + 10 WHERE id = 2');
$node->safe_psql('postgres', q{INSERT INTO job(kind, code) VALUES ('anna', 'SELECT anna.cross()')});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE state = 'running'  AND kind = 'worker'}, '1', 'an item runs');
select undef, undef, undef, 0.1;
is($session->query('UPDATE account SET amount = amount + 10 WHERE id = 1 RETURNING 1'), '1', 'in a deadlock the user goes on');
$session->query_safe('COMMIT');
wait_until_is($node, 'postgres', q{SELECT string_agg(amount::text, ',' ORDER BY id) FROM account}, '11,11', 'the item is run again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log'), $errors, 'and nobody is charged');

# An instance that a user holds locked is left alone, and found again at once.
$node->safe_psql('postgres', q{
	SELECT bpt.publish($$
		PROCESS both LAUNCH ON INSERT INTO public.job AS job_id WHERE (kind = 'both');
		START -> ask;
		HUMAN ask -> hear;
		WAIT hear CLOSE ON UPDATE OF job (code) WHERE (id = job_id AND code = 'go') -> note;
		AUTOMATIC note DO (INSERT INTO seen(what) VALUES ('heard') RETURNING what) -> END;
	$$);
	INSERT INTO job(kind, code) VALUES ('both', 'wait');
});
wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.activity WHERE name = 'ask'}, '1', 'a task waits');
$node->safe_psql('postgres', q{SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'ask'});
my $process = $node->safe_psql('postgres', q{SELECT process_id FROM bpt.activity WHERE name = 'hear'});
$session->query_safe("BEGIN; SELECT id FROM bpt.process_instance WHERE id = $process FOR NO KEY UPDATE");
$node->safe_psql('postgres', q{UPDATE job SET code = 'go' WHERE kind = 'both'});
select undef, undef, undef, 0.5;
is($node->safe_psql('postgres', q{SELECT count(*) FROM seen WHERE what = 'heard'}), '0', 'an event for a locked instance waits');
is(run_as('anna', q{SELECT 'free'}), 'free', 'others do not');
$session->query_safe('COMMIT');
$session->quit;
wait_until_is($node, 'postgres', q{SELECT count(*) FROM seen WHERE what = 'heard'}, '1', 'then it is delivered');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log'), $errors, 'without an error');
is(restarts($node), 0, 'no crash');
$node->stop;

done_testing();
