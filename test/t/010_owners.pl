# One worker serves several owners: nothing that the SQL of one leaves behind reaches another owner, or a superuser.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main', conf => "bpt.workers = 1\n");
$node->safe_psql('postgres', 'CREATE EXTENSION bpt');

# Three owners, the last a superuser. Each has a table `job` of its own with processes that answer its rows.
# `seen` is what a statement finds of what others left; it belongs to nobody's process and everybody may add to it.
$node->safe_psql('postgres', q{
	CREATE ROLE mallory IN ROLE bpt_publisher;
	CREATE ROLE victim IN ROLE bpt_publisher;
	CREATE ROLE boss SUPERUSER;
	CREATE TABLE seen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, what text, value text);
	GRANT INSERT, SELECT ON seen TO PUBLIC;
	GRANT CREATE ON DATABASE postgres TO mallory, victim;
});
for my $owner (qw(mallory victim boss))
{
	$node->safe_psql('postgres', qq{
		SET ROLE $owner;
		CREATE SCHEMA $owner;
		SET search_path = $owner, public;
		-- What a session carries from one statement to the next. Everything is named without a schema, so that what
		-- another left in its way would be found.
		CREATE FUNCTION do_look(a text) RETURNS text LANGUAGE plpgsql AS \$\$
			BEGIN
				INSERT INTO public.seen (who, what, value) VALUES
					('$owner', 'users', concat_ws(' ', session_user = current_user, current_user, current_setting('role'))),
					('$owner', 'search_path', current_setting('search_path')),
					('$owner', 'settings', concat_ws(' ', current_setting('work_mem'), current_setting('DateStyle'), NULLIF(current_setting('mine.secret', true), ''),
						current_setting('application_name'), current_setting('row_security'), current_setting('session_replication_role'),
						current_setting('check_function_bodies'))),
					('$owner', 'temporary', (SELECT count(*) FROM pg_class WHERE relpersistence = 't')::text),
					('$owner', 'locks', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')::text),
					('$owner', 'prepared', (SELECT count(*) FROM pg_prepared_statements)::text),
					('$owner', 'cursors', (SELECT count(*) FROM pg_cursors WHERE is_holdable)::text),
					('$owner', 'channels', (SELECT count(*) FROM pg_listening_channels())::text);
				RETURN 'seen';
			END \$\$;
		-- Leaves behind all that one can.
		CREATE TABLE late (id int);
		CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS \$\$
			BEGIN
				INSERT INTO public.seen (who, what, value) VALUES ('$owner', 'deferred', concat_ws(' ', current_user, current_setting('role'),
					bpt.acting_user_id(), bpt.user_id() IS NULL, (SELECT count(*) FROM bpt.process_definition)));
				RETURN NULL;
			END \$\$;
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell();
		CREATE SEQUENCE own;
		CREATE FUNCTION do_litter(a text) RETURNS text LANGUAGE plpgsql AS \$\$
			BEGIN
				CREATE TEMP TABLE seen (who text, what text, value text);
				GRANT ALL ON seen TO PUBLIC;
				CREATE TEMP TABLE job (id bigint, kind text, argument text);
				PERFORM pg_advisory_lock(42);
				PERFORM nextval('own');
				PERFORM set_config('mine.secret', 'hidden', false);
				SET work_mem = '64kB';
				SET DateStyle = 'German';
				SET search_path = mallory, pg_temp;
				SET check_function_bodies = off;
				EXECUTE 'PREPARE leftover AS SELECT 1';
				EXECUTE 'DECLARE leftover CURSOR WITH HOLD FOR SELECT 1';
				INSERT INTO $owner.late VALUES (1);
				RETURN 'left';
			END \$\$;
		CREATE FUNCTION do_pretend(a text) RETURNS text LANGUAGE plpgsql AS \$\$
			BEGIN
				EXECUTE 'SET ROLE ' || a;
				RETURN 'pretended';
			END \$\$;
	});
	# publish_steps, as this owner.
	for my $kind (qw(look litter pretend))
	{
		$node->safe_psql('postgres', qq{
			SET ROLE $owner; SET search_path = $owner, public;
			CREATE TABLE IF NOT EXISTS job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, argument text);
			SELECT bpt.publish(\$bpt\$
				PROCESS step_$kind LAUNCH ON INSERT INTO job AS job_id WHERE (kind = '$kind');
				START -> work;
				AUTOMATIC work DO (SELECT do_$kind(argument) AS result FROM job WHERE id = job_id) RETRY 1 TIMES EVERY '1 second' -> END;
			\$bpt\$)});
	}
}

# The worker does one row of an owner's.
sub do_one
{
	my ($owner, $kind, $argument) = @_;
	my $before = $node->safe_psql('postgres', q{SELECT count(*) FROM bpt.activity WHERE status IN ('closed', 'failed')});
	$node->safe_psql('postgres', "INSERT INTO $owner.job (kind, argument) VALUES ('$kind', " . (defined $argument ? "'$argument'" : 'NULL') . ')');
	return wait_until_is($node, 'postgres', q{SELECT count(*) FROM bpt.activity WHERE status IN ('closed', 'failed')}, $before + 1, "$owner does $kind");
}

# What a fresh worker shows is what each must find whatever was done before.
sub seen
{
	my ($owner) = @_;
	return $node->safe_psql('postgres',
		"SELECT what || ': ' || value FROM (SELECT DISTINCT ON (what) what, value FROM seen WHERE who = '$owner' AND what <> 'deferred' ORDER BY what, id DESC) s ORDER BY 1");
}

my %fresh;
for my $owner (qw(victim boss))
{
	do_one($owner, 'look');
	$fresh{$owner} = seen($owner);
}
note($fresh{victim});
like($fresh{victim}, qr/^users: f victim none$/m, 'statements run as their owner');
like($fresh{victim}, qr/^locks: 0$/m, 'with no lock of another');

do_one('mallory', 'litter');
is($node->safe_psql('postgres', q{SELECT status || COALESCE(': ' || (SELECT message FROM bpt.error_log WHERE id = last_error_id), '')
	FROM bpt.activity ORDER BY id DESC LIMIT 1}), 'closed', 'one leaves behind all that one can');
is($node->safe_psql('postgres', q{SELECT string_agg(value, ',') FROM seen WHERE what = 'deferred'}), 'mallory none mallory t 3',
	'a deferred constraint trigger runs at commit as the owner, who acts and sees three processes');
for my $owner (qw(victim boss))
{
	do_one($owner, 'look');
	is(seen($owner), $fresh{$owner}, "$owner finds nothing of it");
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', 'no advisory lock stays');

# The same after a statement that failed halfway.
for my $role (qw(boss victim postgres none))
{
	do_one('mallory', 'pretend', $role);
	isnt($node->safe_psql('postgres', q{SELECT status FROM bpt.activity ORDER BY id DESC LIMIT 1}), 'closed', "SET ROLE $role is refused");
}
for my $owner (qw(victim boss))
{
	do_one($owner, 'look');
	is(seen($owner), $fresh{$owner}, "$owner finds nothing of that either");
}

done_testing();
