# The SQL that all other pages show: each block, run as it is written, in a database of its own for each page, raises no error
# and gives what its page shows behind it. The definitions among the examples are those of the fixtures that their tests run.
use strict;
use warnings FATAL => 'all';
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use BptNode;
use Page;

my $root = $ENV{BPT_SOURCE};

# What the pages take for granted: a shop whose printer is out of paper, and an application with users of its own.
my ($roles, $tables) = map { $_->{sql} } blocks_of(slurp_file("$root/docs/reference/README.md"));
my $shop = q{
CREATE SCHEMA shop;
CREATE FUNCTION shop.create_invoice(bigint, numeric, OUT invoice_no text) LANGUAGE plpgsql AS $$ BEGIN RAISE 'no paper'; END $$;
CREATE FUNCTION shop.ship(bigint, int, OUT tracking text) LANGUAGE sql RETURN 'SW-' || $1;
CREATE SCHEMA app;
CREATE TABLE app.member (user_id text, role text);
CREATE TABLE app.team (user_id text, name text);
};
my ($order_handling) = map { $_->{sql} } blocks_of(slurp_file("$root/README.md"));
my $orders = "$order_handling INSERT INTO orders (customer, total) SELECT 'Ada', n FROM generate_series(1, 17) n; CALL bpt.run();\n";
my %given = (
	README => $tables . $shop,
	language => $tables . $shop,
	security => $tables . $shop,
	forms => $tables . $shop . $orders,
	operations => $tables . $shop . $orders,
	install => '');

my $node = new_node('main', conf => 'bpt.workers = 0');
$node->safe_psql('postgres', "$roles CREATE ROLE web_app; CREATE ROLE app_owner;");
$node->safe_psql('postgres', 'CREATE DATABASE shop'); # whose settings pages change

# Pages with tests of their own: docs/reference and the tutorial, and the examples below.
for my $file ("$root/README.md", sort glob("$root/docs/*.md $root/docs/adr/*.md"))
{
	my ($page) = $file =~ m{([^/]+)\.md$};
	next if $page eq 'tutorial';
	my @blocks = blocks_of(slurp_file($file)) or next;
	ok(exists $given{$page}, "$page is a page whose SQL is known to run") or next;
	$node->safe_psql('postgres', qq{CREATE DATABASE "page $page"});
	my $connection = $node->connstr("page $page");
	$node->safe_psql("page $page", $given{$page}) if $given{$page} ne '';
	my @outputs = outputs_of($connection, map { $_->{sql} } @blocks);
	for my $number (0 .. $#blocks)
	{
		my ($title) = $blocks[$number]{sql} =~ /\A(.{1,60})/;
		unlike($outputs[$number] // 'ERROR: not run', qr/ERROR:|FATAL:|invalid command/, "$page, $number: $title");
		is(plain($outputs[$number]), plain($blocks[$number]{shown}), "$page, $number: what it shows")
		  if defined $blocks[$number]{shown};
	}
}

for my $example (split /^(?=## )/m, slurp_file("$root/docs/examples/README.md"))
{
	my @blocks = blocks_of($example) or next;
	my ($title) = $example =~ /\A## (.*)/;
	my ($fixture) = $example =~ m{\[fixture\]\(\.\./\.\./(test/fixtures/[^)]+)\)};
	my ($test) = $example =~ m{\[test\]\(\.\./\.\./(sql/[^)]+)\)};
	ok($fixture && $test && -e "$root/$test", "example $title has a fixture and a test") or next;
	my $text = slurp_file("$root/$fixture");
	ok(index($text, $_->{sql}) >= 0, "example $title: its definition stands in $fixture") for @blocks;
	my ($name) = $fixture =~ m{([^/]+)$};
	like(slurp_file("$root/$test"), qr/\Q$name\E/, "example $title: $test runs it");
}

$node->stop;
done_testing();
