# Pages of the documentation as tests: the SQL that they show, and the output that they show behind it.
package Page;
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use Exporter 'import';
our @EXPORT = qw(blocks_of outputs_of plain);

# The SQL blocks of a page, each with the output that follows it, if one does.
sub blocks_of
{
	my ($text) = @_;
	my @blocks;
	push @blocks, { sql => $1, shown => $2 } while $text =~ /```sql\n(.*?)```\n(?:\n```\n(.*?)```\n)?/gs;
	return @blocks;
}

# What psql prints for each of the pieces of SQL, which one session runs in order.
sub outputs_of
{
	my ($connection, @sql) = @_;
	my $script = join('', map { "\\echo \@\@$_\@\@\n$sql[$_]" } 0 .. $#sql);
	my $output = '';
	local $ENV{PGTZ} = 'UTC';
	IPC::Run::run([ 'psql', '-Xq', '-P', 'pager=off', '-d', $connection ], '<', \$script, '>&', \$output);
	my %given = $output =~ /\@\@(\d+)\@\@\n(.*?)(?=\@\@\d+\@\@\n|\z)/gs;
	return map { $given{$_} } 0 .. $#sql;
}

# Text without what may differ, such as the width of columns, and without results of one empty value, which pages do not show.
sub plain
{
	my ($text) = @_;
	$text //= '';
	$text =~ s/^ *\w+ *\n-+\n *\n\(1 row\)\n//gm;
	$text =~ s/-{2,}/--/g;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

1;
