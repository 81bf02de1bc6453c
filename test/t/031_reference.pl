# docs/reference: it is in step with the catalog, and each of its examples, run as it is written in a database of its own, gives
# what its page shows.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;
use Page;

my $node = new_node('main', conf => 'bpt.workers = 0'); # the examples do the work themselves
my $folder = "$ENV{BPT_SOURCE}/docs/reference";
my ($roles, $tables) = map { $_->{sql} } blocks_of(slurp_file("$folder/README.md"));
$node->safe_psql('postgres', $roles);

$node->safe_psql('postgres', 'CREATE EXTENSION bpt');
{
	local %ENV = $node->_get_env;
	local $ENV{PGDATABASE} = 'postgres';
	is(`$ENV{BPT_SOURCE}/test/tools/reference.pl check`, '', 'the pages say of each function, view and setting what the catalog says');
}

for my $file (sort glob("$folder/*.md"))
{
	my ($page) = $file =~ m{([^/]+)\.md$};
	my @blocks = $page eq 'README' ? () : blocks_of(slurp_file($file)) or next;
	$node->safe_psql('postgres', qq{CREATE DATABASE "$page"});
	$node->safe_psql($page, $tables);
	my @given = outputs_of($node->connstr($page), map { $_->{sql} } @blocks);
	for my $number (0 .. $#blocks)
	{
		my ($title) = $blocks[$number]{sql} =~ /\A(.{1,60})/;
		is(plain($given[$number]), plain($blocks[$number]{shown}), "$page, $number: $title");
	}
}

$node->stop;
done_testing();
