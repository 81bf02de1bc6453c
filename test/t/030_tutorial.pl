# docs/tutorial.md as it is written: each of its commands is run in order, by one psql and with workers, and gives what the
# page shows. Only its pauses are replaced: by waiting for what they are there for.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;
use Page;

my $node = new_node('main');
my @blocks = blocks_of(slurp_file("$ENV{BPT_SOURCE}/docs/tutorial.md"));
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
for my $block (@blocks)
{
	$pauses += $block->{sql} =~ s/SELECT pg_sleep\((\d)\) \\g \/dev\/null\n/sprintf($wait, $until{$1})/ge;
}
ok($pauses > 0, 'its pauses are recognized');

# The superuser may have another name.
my @given = outputs_of($node->connstr('postgres'), map { $_->{sql} } @blocks);
my $user = $node->safe_psql('postgres', 'SELECT current_user');
for my $number (0 .. $#blocks)
{
	my ($title) = $blocks[$number]{sql} =~ /\A(.{1,60})/;
	my $output = $given[$number] // '';
	$output =~ s/\b\Q$user\E\b/postgres/g;
	is(plain($output), plain($blocks[$number]{shown}), "block $number: $title");
}

$node->stop;
done_testing();
