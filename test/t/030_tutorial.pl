# docs/tutorial.md as it is written: each of its commands is run in order, by one psql and with workers, and gives what the
# page shows. Only its pauses are replaced: by waiting for what they are there for.
use strict;
use warnings FATAL => 'all';
use Test::More;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;

my $node = new_node('main');
my $page = slurp_file("$ENV{BPT_SOURCE}/docs/tutorial.md");

# The SQL of the page, each with the output that follows it, if one does.
my @blocks;
while ($page =~ /```sql\n(.*?)```\n(?:\n```\n(.*?)```\n)?/gs)
{
	push @blocks, { sql => $1, shown => $2 };
}
ok(@blocks > 10, 'the page has its blocks');

# A pause of the page ends when workers have nothing at hand; the long one, when nothing is in error any more either; the
# first one, when health() is content.
my %until = (
	1 => q{NOT EXISTS (SELECT FROM bpt.event_queue) AND NOT EXISTS (SELECT FROM bpt.activity WHERE kind = 'automatic' AND status = 'ready')},
	2 => q{NOT EXISTS (SELECT FROM bpt.health() WHERE NOT ok)},
	6 => q{NOT EXISTS (SELECT FROM bpt.activity WHERE status IN ('ready', 'error') AND kind = 'automatic')});
my $wait = q{DO $w$ BEGIN
	FOR i IN 1 .. 3600 LOOP
		COMMIT;
		IF %s THEN RETURN; END IF;
		PERFORM pg_sleep(0.05);
	END LOOP;
	RAISE 'waited in vain';
END $w$;
};
my $pauses = 0;
my $script = '';
for my $number (0 .. $#blocks)
{
	my $sql = $blocks[$number]{sql};
	$pauses += $sql =~ s/SELECT pg_sleep\((\d)\) \\g \/dev\/null\n/sprintf($wait, $until{$1})/ge;
	$script .= "\\echo \@\@$number\@\@\n$sql";
}
ok($pauses > 0, 'its pauses are recognized');

my $output = '';
IPC::Run::run([ 'psql', '-Xq', '-P', 'pager=off', '-d', $node->connstr('postgres') ], '<', \$script, '>&', \$output);
my %given = $output =~ /\@\@(\d+)\@\@\n(.*?)(?=\@\@\d+\@\@\n|\z)/gs;

# The superuser may have another name, and columns another width by it.
sub plain
{
	my ($text, $user) = @_;
	$text //= '';
	$text =~ s/\b\Q$user\E\b/postgres/g;
	$text =~ s/-{2,}/--/g;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}
my $user = $node->safe_psql('postgres', 'SELECT current_user');
for my $number (0 .. $#blocks)
{
	my ($title) = $blocks[$number]{sql} =~ /\A(.{1,60})/;
	is(plain($given{$number}, $user), plain($blocks[$number]{shown}, 'postgres'), "block $number: $title");
}

$node->stop;
done_testing();
