# Without preload there are no workers: CREATE EXTENSION and health() say so, and bpt.run() does the work. A standby does
# nothing and begins at its promotion.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('bare', preload => 0, conf => "max_prepared_transactions = 2\n");
my ($rc, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION bpt');
is($rc, 0, 'CREATE EXTENSION works without preload');
like($err, qr/NOTICE:  no workers will run: bpt is not in shared_preload_libraries/, 'and says what is missing');
is($node->safe_psql('postgres', q{SELECT string_agg(check_name, ',' ORDER BY check_name) FROM bpt.health() WHERE NOT ok}), 'preload,workers', 'health() too');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.worker'), '0', 'bpt.worker is empty');
$node->safe_psql('postgres', q{
	CREATE TABLE done (argument text, who name DEFAULT current_user, xid xid8 DEFAULT pg_current_xact_id());
	CREATE FUNCTION do_note(a text) RETURNS text LANGUAGE sql AS 'INSERT INTO done VALUES (a) RETURNING argument';
	CREATE FUNCTION do_fail(a text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO done VALUES ('undone'); RAISE 'no % here', a; END $$;
});
publish_steps($node, 'postgres', qw(note fail));

$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) SELECT 'note', n FROM generate_series(1, 3) n});
is($node->safe_psql('postgres', 'SELECT count(*) FROM done'), '0', 'nothing happens by itself');
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT xid) FROM done'), '3|3', 'bpt.run() does it, item by item');
$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) SELECT 'note', n FROM generate_series(4, 5) n});
$node->safe_psql('postgres', q{DO $$ BEGIN CALL bpt.run(); END $$});
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT xid) FROM done'), '5|5', 'also when called by a DO block');
$node->safe_psql('postgres', q{BEGIN; INSERT INTO job(kind, argument) VALUES ('note', '6'); CALL bpt.run(); ROLLBACK});
is($node->safe_psql('postgres', 'SELECT count(*) FROM done'), '5', 'in a transaction block nothing is committed');

$node->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('fail', 'entry'), ('note', '7')});
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE argument = 'undone'), count(*) FROM done}), '0|6', 'a failing item undoes itself alone');
is($node->safe_psql('postgres', 'SELECT phase, attempt, message FROM bpt.error_log'), 'statement|1|no entry here', 'and is an incident');
is($node->safe_psql('postgres', q{SELECT next_run - instant FROM bpt.error_log}), '00:00:01', 'tried again after a second');
$node->safe_psql('postgres', q{BEGIN; SET LOCAL bpt.clock = 'tomorrow'; CALL bpt.run(); COMMIT});
is($node->safe_psql('postgres', 'SELECT max(attempt) FROM bpt.error_log'), '2', 'by the virtual clock');
is($node->safe_psql('postgres', q{
		BEGIN;
		SET LOCAL bpt.clock = '2040-01-01 00:00+00';
		CALL bpt.run('2040-01-01 00:30+00');
		SELECT bpt.now() = '2040-01-01 00:30+00', string_agg(attempt || ' ' || to_char(instant AT TIME ZONE 'UTC', 'HH24:MI:SS'), ', ' ORDER BY id)
			FROM bpt.error_log WHERE attempt > 2;
		ROLLBACK}),
	't|3 00:00:00, 4 00:00:16, 5 00:01:20, 6 00:05:36, 7 00:22:40', 'bpt.run(until) goes on through time');

# Rights.
$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN; GRANT bpt_publisher TO owner; CREATE ROLE stranger LOGIN; CREATE ROLE member LOGIN; GRANT owner TO member;
	CREATE SCHEMA own AUTHORIZATION owner;
	SET ROLE owner;
	CREATE TABLE own.job (id int PRIMARY KEY);
	CREATE TABLE own.log (who name, id int);
	GRANT INSERT ON own.job TO PUBLIC;
	CREATE FUNCTION own.later() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO own.log VALUES (current_user, -NEW.id); RETURN NULL; END';
	CREATE CONSTRAINT TRIGGER later AFTER INSERT ON own.log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION own.later();
	SELECT bpt.publish('PROCESS own.p LAUNCH ON INSERT INTO own.job AS job_id; START -> a; AUTOMATIC a DO (INSERT INTO own.log VALUES (current_user, job_id) RETURNING id) -> END;');
});
$node->safe_psql('postgres', 'INSERT INTO own.job VALUES (1)');
$node->safe_psql('postgres', 'SET ROLE stranger; CALL bpt.run()');
is($node->safe_psql('postgres', 'SELECT count(*) FROM own.log'), '0', 'a stranger runs nothing');
$node->safe_psql('postgres', 'SET ROLE member; CALL bpt.run()');
is($node->safe_psql('postgres', q{SELECT string_agg(who || ' ' || id, ', ' ORDER BY id DESC) FROM own.log}), 'owner 1, owner -1', 'a member of the owner does; deferred triggers run as the owner');
$node->safe_psql('postgres', 'INSERT INTO own.job VALUES (2)');
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', q{SELECT string_agg(who || ' ' || id, ', ' ORDER BY id DESC) FROM own.log WHERE abs(id) = 2}), 'owner 2, owner -2', 'so they do when an administrator runs it');
is($node->safe_psql('postgres', 'SELECT current_user; CALL bpt.run(); SELECT current_user'), "postgres\npostgres", 'and the session is who it was');
$node->stop;

# A standby.
my $primary = new_node('primary', init => { allows_streaming => 1 }, conf => "max_prepared_transactions = 2\nbpt.poll_interval = '1s'\n");
$primary->safe_psql('postgres', 'CREATE EXTENSION bpt');
$primary->safe_psql('postgres', q{CREATE TABLE done (argument text); CREATE FUNCTION do_note(a text) RETURNS text LANGUAGE sql AS 'INSERT INTO done VALUES (a) RETURNING argument'});
publish_steps($primary, 'postgres', 'note');
$primary->safe_psql('postgres', q{BEGIN; INSERT INTO job(kind, argument) VALUES ('note', 'prepared'); PREPARE TRANSACTION 'x'});
$primary->safe_psql('postgres', q{COMMIT PREPARED 'x'});
wait_until_is($primary, 'postgres', 'SELECT count(*) FROM done', '1', 'the work of a prepared transaction is found');
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
$primary->safe_psql('postgres', 'SELECT bpt.hold()');
$primary->safe_psql('postgres', q{INSERT INTO job(kind, argument) VALUES ('note', 'after promotion')});
$primary->safe_psql('postgres', 'UPDATE bpt.home SET held = false');
$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'bpt%'}), '0', 'a standby has neither launcher nor workers');
is($standby->safe_psql('postgres', q{SELECT message FROM bpt.health() WHERE check_name = 'standby'}), 'the server is a standby: work begins when it is promoted', 'health() tells');
$primary->stop;
$standby->promote;
wait_until_is($standby, 'postgres', q{SELECT count(*) FROM done WHERE argument = 'after promotion'}, '1', 'promoted, it works by itself');
wait_until_is($standby, 'postgres', q{SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle'}, '2', 'with two workers');
$standby->stop;

done_testing();
