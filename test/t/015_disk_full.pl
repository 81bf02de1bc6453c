# No space is left for events: the user's statement fails and leaves nothing, no event is lost, and work goes on, at once where
# workers make room, later where somebody else does. Files that may not grow beyond a limit stand for the full disk: it needs no
# rights, and the server meets it at the same place.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

plan skip_all => 'there is no prlimit here: it is in util-linux' if system('prlimit --version >/dev/null 2>&1') != 0;

use constant LIMIT => 4 * 1024 * 1024;
my $node = new_node('main', conf => "bpt.workers = 0\n", init => { extra => ['--wal-segsize=1'] });
my ($postmaster) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');

# For sessions that begin from now on; undef: without a limit.
sub limit_files
{
	my ($bytes) = @_;
	my $limit = $bytes // 'unlimited';
	return system("prlimit --pid $postmaster --fsize=$limit:") == 0;
}

$node->safe_psql('postgres', q{
	CREATE EXTENSION bpt;
	CREATE TABLE thing (id int PRIMARY KEY, n int NOT NULL, note text);
	CREATE TABLE plain (n int);
	CREATE TABLE seen (n int);
	INSERT INTO thing SELECT 1, 0, string_agg(md5(i::text), '') FROM generate_series(1, 45) i;
	SELECT bpt.publish($$PROCESS watch (change int, remark text) LIGHT LAUNCH ON UPDATE OF thing WITH (change => new.n, remark => new.note);
		START -> see; AUTOMATIC see DO (INSERT INTO seen SELECT change WHERE length(remark) > 1000) -> END;$$);
	CREATE PROCEDURE change(times int) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. times LOOP
			UPDATE thing SET n = n + 1;
			COMMIT;
		END LOOP;
	END $$;
});
plan skip_all => 'the limit on the size of files cannot be set here' unless limit_files(LIMIT);

my ($code, $out, $err) = $node->psql('postgres', 'CALL change(100000)');
like($err, qr/could not (extend|write).*(File too large|No space left)/, 'the statement that finds no room fails');
my $changes = $node->safe_psql('postgres', 'SELECT n FROM thing');
cmp_ok($changes, '>', 100, "after $changes that found some");
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.event_queue'), $changes, 'each committed change has its event, the failed one has none');
($code, $out, $err) = $node->psql('postgres', "BEGIN; INSERT INTO plain VALUES (1); UPDATE thing SET n = -1; COMMIT");
like($err, qr/File too large|No space left/, 'so does the next one');
is($node->safe_psql('postgres', 'SELECT n, (SELECT count(*) FROM plain) FROM thing'), "$changes|0", 'and its transaction leaves nothing');
$node->safe_psql('postgres', 'INSERT INTO plain VALUES (2)');
is($node->safe_psql('postgres', 'SELECT n FROM plain'), '2', 'a table that nothing listens to is not concerned');

# Work needs no room in the tables of events, and gives back what they have.
$node->safe_psql('postgres', 'CALL bpt.run()');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), min(n), max(n) FROM seen'), "$changes|$changes|1|$changes",
	'every event is handled, once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bpt.event_queue'), '0', 'none is left');

# Somebody makes room: all goes on, in sessions and in workers.
ok(limit_files(undef), 'there is room again');
$node->safe_psql('postgres', 'CALL change(50)');
$node->append_conf('postgresql.conf', 'bpt.workers = 2');
$node->reload;
my $all = $changes + 50;
wait_until_is($node, 'postgres', 'SELECT count(*) FROM seen', $all, 'later events are handled');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n) FROM seen'), "$all|$all|$all", 'once each');
is(restarts($node), 0, 'nothing crashed');
$node->stop;
done_testing();
