# What a batch must not change, and COMMIT EACH: each such activity commits alone; failures in a batch and at its commit,
# lock waits, serialization failures and a crash undo only what is theirs, and everything is done exactly once.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 2\n");
my $flag = $node->basedir . '/crashed';
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
$node->safe_psql('postgres', qq{
	CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, n int NOT NULL);
	CREATE TABLE effect (job bigint, kind text, step text, n int, xid xid8 DEFAULT pg_current_xact_id(), at bigint GENERATED ALWAYS AS IDENTITY);
	CREATE TABLE account (id int PRIMARY KEY, touched int NOT NULL DEFAULT 0);
	INSERT INTO account (id) SELECT generate_series(1, 10);
	-- What goes wrong with a job: at a step, or at the commit of it.
	CREATE TABLE trouble (kind text, step text, n int, what text);
	CREATE SEQUENCE tries;
	CREATE FUNCTION do_step(a_job bigint, a_step text) RETURNS text LANGUAGE plpgsql AS \$\$
	DECLARE
		j job := (SELECT job FROM job WHERE id = a_job);
		what text;
	BEGIN
		INSERT INTO effect (job, kind, step, n) VALUES (a_job, j.kind, a_step, j.n);
		SELECT t.what INTO what FROM trouble t WHERE t.kind = j.kind AND t.step = a_step AND COALESCE(t.n, j.n) = j.n;
		IF what = 'fail' THEN
			RAISE 'job % fails at %', j.n, a_step;
		ELSIF what = 'conflict' AND nextval('tries') % 4 <> 0 THEN
			RAISE 'could not serialize' USING ERRCODE = '40001';
		ELSIF what = 'crash always' OR what = 'crash' AND pg_stat_file('$flag', true) IS NULL THEN
			EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'touch $flag; kill -9 ' || pg_backend_pid());
			PERFORM pg_sleep(10);
		ELSIF j.kind LIKE 'account%' THEN
			UPDATE account SET touched = touched + 1 WHERE id = j.n;
		END IF;
		RETURN a_step;
	END \$\$;
	CREATE FUNCTION check_late() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		IF EXISTS (SELECT FROM trouble t WHERE t.kind = NEW.kind AND t.step = NEW.step AND COALESCE(t.n, NEW.n) = NEW.n AND t.what = 'late') THEN
			RAISE 'job % fails at its commit', NEW.n;
		END IF;
		RETURN NULL;
	END \$\$;
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON effect DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_late();
});
# A process for each kind: three steps, with COMMIT EACH on some of them; and light ones.
sub publish
{
	my ($kind, @each) = @_;
	my %each = map { $_ => 'COMMIT EACH' } @each;
	$_ //= '' for @each{qw(one two three)};
	return $node->safe_psql('postgres', qq{
		SELECT bpt.publish(\$bpt\$
			PROCESS $kind LAUNCH ON INSERT INTO job AS job_id WHERE (kind = '$kind');
			START -> one;
			AUTOMATIC one DO (SELECT do_step(job_id, 'one') AS x) RETRY EVERY '1 hour' $each{one} -> two;
			AUTOMATIC two DO (SELECT do_step(job_id, 'two') AS x) RETRY EVERY '1 hour' $each{two} -> three;
			AUTOMATIC three DO (SELECT do_step(job_id, 'three') AS x) RETRY EVERY '1 hour' $each{three} -> END;
		\$bpt\$)});
}
sub publish_light
{
	my ($kind, $each, $every) = @_;
	$every //= '1 hour';
	return $node->safe_psql('postgres', qq{
		SELECT bpt.publish(\$bpt\$
			PROCESS $kind LIGHT LAUNCH ON INSERT INTO job AS job_id WHERE (kind = '$kind');
			START -> one;
			AUTOMATIC one DO (SELECT do_step(job_id, 'one')) RETRY EVERY '$every' $each -> END;
		\$bpt\$)});
}
publish($_) for qw(plain fresh failing late conflict crash account);
publish($_, qw(one two three)) for qw(each each_failing each_late each_crash);
publish('mixed', 'two');
publish_light($_, '') for qw(light light_failing light_conflict account_light);
publish_light('light_crash', '', '1 second');
publish_light('light_each', 'COMMIT EACH');

# So many jobs of a kind, all there before a worker looks at the first: they come in batches.
sub begin_jobs
{
	my ($kind, $count) = @_;
	$node->safe_psql('postgres', 'SELECT bpt.hold()');
	$node->safe_psql('postgres', "INSERT INTO job (kind, n) SELECT '$kind', generate_series(1, $count)");
	$node->safe_psql('postgres', 'SELECT bpt.release()');
	return;
}

# Waits until nothing of a kind is left to do but what is in error.
sub wait_until_done
{
	my ($kind, $closed, $in_error) = @_;
	return wait_until_is($node, 'postgres',
		qq{SELECT count(*) FILTER (WHERE p.status = 'closed'), (SELECT count(*) FROM bpt.activity a JOIN bpt.process e ON e.id = a.process_id WHERE e.name = '$kind' AND a.status = 'error')
			FROM bpt.process p WHERE p.name = '$kind'}, "$closed|$in_error", "$kind: $closed closed, $in_error in error");
}

sub wait_until_handled
{
	my ($kind, $left) = @_;
	return wait_until_is($node, 'postgres',
		qq{SELECT count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE status <> 'waiting') FROM bpt.event_queue}, "0|$left", "$kind: $left left");
}

# How many effects each step of a kind has had, and in how many transactions: step|effects|jobs|transactions.
sub effects
{
	my ($kind) = @_;
	return $node->safe_psql('postgres', qq{SELECT step || ' ' || count(*) || ' ' || count(DISTINCT job) FROM effect WHERE kind = '$kind' GROUP BY step ORDER BY min(at)});
}
sub transactions
{
	my ($where) = @_;
	return $node->safe_psql('postgres', "SELECT count(DISTINCT xid) FROM effect WHERE $where");
}
sub trouble
{
	my ($kind, $step, $n, $what) = @_;
	return $node->safe_psql('postgres', "INSERT INTO trouble VALUES ('$kind', '$step', $n, '$what')");
}

# Puts everything right: what is in error is tried again.
sub cure
{
	my ($kind, $count) = @_;
	$node->safe_psql('postgres', 'DELETE FROM trouble');
	$node->safe_psql('postgres', qq{SELECT bpt.activity_retry(a.id) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.name = '$kind' AND a.status = 'error'});
	return wait_until_done($kind, $count, 0);
}
sub errors { return $node->safe_psql('postgres', 'SELECT count(*) FROM bpt.error_log'); }

# Where nothing goes wrong: steps and jobs share transactions, but not with COMMIT EACH.
for my $round (1 .. 2)
{
	begin_jobs('plain', 20);
	wait_until_done('plain', 20 * $round, 0);
}
is(effects('plain'), "one 40 40\ntwo 40 40\nthree 40 40", 'each step is done once');
cmp_ok(transactions(q{kind = 'plain'}), '<', 120, 'many in one transaction');
for my $round (1 .. 2)
{
	begin_jobs('each', 10);
	wait_until_done('each', 10 * $round, 0);
}
is(effects('each'), "one 20 20\ntwo 20 20\nthree 20 20", 'with COMMIT EACH too');
is(transactions(q{kind = 'each'}), '60', 'every activity in a transaction of its own');
is($node->safe_psql('postgres', q{SELECT count(*) FROM effect a JOIN effect b USING (job) WHERE a.kind = 'each' AND (a.step, b.step) IN (('one', 'two'), ('two', 'three')) AND a.xid >= b.xid}),
	'0', 'one after the other');
for my $round (1 .. 2)
{
	begin_jobs('mixed', 20);
	wait_until_done('mixed', 20 * $round, 0);
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM effect a WHERE kind = 'mixed' AND step = 'two' AND EXISTS (SELECT FROM effect b WHERE b.xid = a.xid AND b.at <> a.at)}),
	'0', 'among others, the one with COMMIT EACH shares its transaction with none');
cmp_ok(transactions(q{kind = 'mixed' AND step = 'one'}), '<', 40, 'the others do');
begin_jobs('light', 40);
wait_until_handled('light', 0);
is(effects('light'), 'one 40 40', 'light events are handled once each');
cmp_ok(transactions(q{kind = 'light'}), '<', 40, 'many in one transaction');
begin_jobs('light_each', 20);
wait_until_handled('light_each', 0);
is(transactions(q{kind = 'light_each'}), '20', 'with COMMIT EACH each in its own');
is(errors(), '0', 'no error so far');

# A later activity that fails undoes none before it.
trouble('each_failing', 'two', 'NULL', 'fail');
begin_jobs('each_failing', 5);
wait_until_done('each_failing', 0, 5);
is(effects('each_failing'), 'one 5 5', 'what was committed before a failure stays');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT a.name || ' ' || a.status, ', ') FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.name = 'each_failing'}),
	'one closed, two error', 'and is closed');
cure('each_failing', 5);
is(effects('each_failing'), "one 5 5\ntwo 5 5\nthree 5 5", 'then each is done once');
trouble('each_late', 'three', 'NULL', 'late');
begin_jobs('each_late', 5);
wait_until_done('each_late', 0, 5);
is(effects('each_late'), "one 5 5\ntwo 5 5", 'the same at a commit');
cure('each_late', 5);
is(effects('each_late'), "one 5 5\ntwo 5 5\nthree 5 5", 'then each is done once');

# An activity that no worker has run before is an item of the batch that made it.
trouble('fresh', 'one', 'NULL', 'fail');
begin_jobs('fresh', 3);
wait_until_done('fresh', 0, 3);
cure('fresh', 3);
is(effects('fresh'), "one 3 3\ntwo 3 3\nthree 3 3", 'then each is done once');

# One of a batch fails: at its statement, at the commit.
my $before = errors();
trouble('failing', 'two', 7, 'fail');
begin_jobs('failing', 30);
wait_until_done('failing', 29, 1);
is(effects('failing'), "one 30 30\ntwo 29 29\nthree 29 29", 'only the failing one is undone');
is(errors() - $before, 1, 'and only it is charged, once');
cure('failing', 30);
trouble('failing', 'one', 57, 'fail');
begin_jobs('failing', 60);
wait_until_done('failing', 89, 1);
is(errors() - $before, 2, 'late in a batch too');
cure('failing', 90);
is(effects('failing'), "one 90 90\ntwo 90 90\nthree 90 90", 'then each is done once');
$before = errors();
trouble('late', 'three', 7, 'late');
begin_jobs('late', 30);
wait_until_done('late', 29, 1);
is(errors() - $before, 1, 'at the commit of a batch only the failing one is charged');
is($node->safe_psql('postgres', q{SELECT message FROM bpt.error_log ORDER BY id DESC LIMIT 1}), 'job 7 fails at its commit', 'with its error');
cure('late', 30);
is(effects('late'), "one 30 30\ntwo 30 30\nthree 30 30", 'then each is done once');
$before = errors();
trouble('light_failing', 'one', 7, 'fail');
trouble('light_failing', 'one', 21, 'late');
begin_jobs('light_failing', 60);
wait_until_handled('light_failing', 2);
is(effects('light_failing'), 'one 58 58', 'only the failing light events are undone');
is(errors() - $before, 2, 'and charged');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT phase, ',') FROM (SELECT phase FROM bpt.error_log ORDER BY id DESC LIMIT 2) e}), 'statement', 'as failures of their statement');
$node->safe_psql('postgres', 'DELETE FROM trouble');
$node->safe_psql('postgres', 'SELECT bpt.event_retry(id) FROM bpt.event_queue');
wait_until_handled('light_failing', 0);
is(effects('light_failing'), 'one 60 60', 'then each is done once');

# Serialization failures: run again, and nobody is charged.
$before = errors();
trouble($_, 'one', 'NULL', 'conflict') for qw(conflict light_conflict);
begin_jobs('conflict', 6);
wait_until_done('conflict', 6, 0);
begin_jobs('light_conflict', 6);
wait_until_handled('light_conflict', 0);
is(effects('conflict') . ' ' . effects('light_conflict'), "one 6 6\ntwo 6 6\nthree 6 6 one 6 6", 'what could not be serialized is done once');
is($node->safe_psql('postgres', q{SELECT sum(error_count) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id WHERE p.name = 'conflict'}), '0', 'without an attempt');
is(errors() - $before, 0, 'and without an error');
$node->safe_psql('postgres', 'DELETE FROM trouble');

# A user has a row and keeps it: the others go on, and a batch that runs into it keeps no row of its own for long.
for my $kind (qw(account account_light))
{
	my $user = $node->background_psql('postgres');
	$user->query_safe('BEGIN; UPDATE account SET touched = touched WHERE id = 5');
	begin_jobs($kind, 10);
	my $free = 0;
	for my $turn (1 .. 20)
	{
		$free += $node->psql('postgres', q{SET lock_timeout = '2s'; UPDATE account SET touched = touched WHERE id <> 5}) == 0;
	}
	is($free, 20, "$kind: all other rows are the user's within a bounded time");
	wait_until_is($node, 'postgres', "SELECT count(*) FROM effect WHERE kind = '$kind' AND step = 'one'", '9', 'what needs other rows is done meanwhile');
	$user->query_safe('COMMIT');
	$user->quit;
	$kind eq 'account' ? wait_until_done($kind, 10, 0) : wait_until_handled($kind, 0);
}
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT touched::text, ',') FROM account}), '4', 'each did what it had to, once');
is(errors() - $before, 0, 'nobody was charged');

# A crash in the middle of a batch, and between activities that commit each by itself.
my $crashes = 0;
for my $kind (qw(crash each_crash light_crash))
{
	unlink $flag;
	trouble($kind, $kind eq 'light_crash' ? 'one' : 'two', 7, 'crash');
	$node->psql('postgres', 'SELECT bpt.hold()');
	$node->psql('postgres', "INSERT INTO job (kind, n) SELECT '$kind', generate_series(1, 15)");
	$node->psql('postgres', 'SELECT bpt.release()');
	for (1 .. 600)
	{
		last if restarts($node) > $crashes;
		select undef, undef, undef, 0.1;
	}
	is(restarts($node), ++$crashes, "$kind: the server crashes");
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
	$kind eq 'light_crash' ? wait_until_handled($kind, 0) : wait_until_done($kind, 15, 0);
	is(effects($kind), $kind eq 'light_crash' ? 'one 15 15' : "one 15 15\ntwo 15 15\nthree 15 15", 'and everything is done once all the same');
	is(restarts($node), $crashes, 'after one crash');
}
# A light event that crashes the server each time is parked in the end.
trouble('light_crash', 'one', 3, 'crash always');
$node->psql('postgres', q{INSERT INTO job (kind, n) SELECT 'light_crash', generate_series(1, 5)});
for (1 .. 600)
{
	my ($rc, $out) = $node->psql('postgres', q{SELECT count(*) FILTER (WHERE status = 'failed') || ' of ' || count(*) FROM bpt.event_queue});
	last if $rc == 0 && $out eq '1 of 1';
	select undef, undef, undef, 0.1;
}
wait_until_handled('light_crash', 1);
is(restarts($node) - $crashes, 3, 'a light event that always crashes the server does so three times');
is($node->safe_psql('postgres', q{SELECT status || ' ' || error_count FROM bpt.event_queue}), 'failed 2', 'then it is parked');
is($node->safe_psql('postgres', q{SELECT string_agg(attempt || ' ' || phase || CASE WHEN next_run IS NULL THEN ' at last' ELSE '' END, ', ' ORDER BY id) FROM bpt.error_log WHERE phase = 'crash'}),
	'1 crash, 2 crash at last', 'with two failed attempts');
is(effects('light_crash'), 'one 19 19', 'the others are done');
$node->safe_psql('postgres', 'DELETE FROM trouble');
$node->safe_psql('postgres', 'SELECT bpt.event_retry(id) FROM bpt.event_queue');
wait_until_handled('light_crash', 0);
is(effects('light_crash'), 'one 20 20', 'cured, it is done too');
is(transactions(q{kind = 'each_crash'}), '45', 'each in a transaction of its own');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM bpt.event_queue) + (SELECT count(*) FROM bpt.queue_ready) + (SELECT count(*) FROM bpt.queue_timer) + (SELECT count(*) FROM bpt.attempt)}),
	'0', 'nothing is left');
$node->stop;

done_testing();
