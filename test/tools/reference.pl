#!/usr/bin/env perl
# docs/reference and the catalog, kept in step. A page has regions of the form
#
#   <!-- function bpt.launch(text,jsonb) -->
#   …
#   <!-- end -->
#
# for a function, view, table or setting, or for the index of one of these kinds; what stands in them is made here from the catalog (signature, columns, comments,
# units, defaults), the text around them is written by hand.
#
#   reference.pl check    says which region is out of step, or missing, or of something that does not exist
#   reference.pl write    writes what is out of step
#
# The database is that of the environment (PGHOST …); bpt is installed in it. It is only read.
use strict;
use utf8;
use warnings FATAL => 'all';
use File::Basename;
use JSON::PP;
use Text::Wrap;

my $action = $ARGV[0] // '';
die "usage: reference.pl check|write\n" unless $action =~ /^(check|write)$/;
my $folder = dirname(__FILE__) . '/../../docs/reference';
my $width = 120;
$Text::Wrap::huge = 'overflow';

my $query = <<'SQL';
SET search_path = pg_catalog;
SELECT json_agg(json_build_object('key', key, 'text', text, 'parts', parts))
FROM (
	SELECT format('function %s', p.oid::regprocedure) AS key, obj_description(p.oid, 'pg_proc') AS text,
		json_build_object(
			'call', format('%sbpt.%I(%s)', CASE prokind WHEN 'p' THEN 'CALL ' ELSE '' END, proname, pg_get_function_arguments(p.oid)),
			'result', CASE prokind WHEN 'p' THEN NULL ELSE pg_get_function_result(p.oid) END) AS parts
	FROM pg_proc p
	WHERE pronamespace = 'bpt'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
		AND obj_description(p.oid, 'pg_proc') NOT LIKE 'Internal:%'
	UNION ALL
	SELECT format('%s bpt.%I', CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, relname), obj_description(c.oid, 'pg_class'),
		(SELECT json_agg(json_build_array(attname, format_type(atttypid, atttypmod), col_description(c.oid, attnum)) ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND col_description(c.oid, attnum) IS NOT NULL)
	FROM pg_class c
	WHERE relnamespace = 'bpt'::regnamespace AND obj_description(c.oid, 'pg_class') NOT LIKE 'Internal:%'
		AND (relkind = 'v' OR relname = 'email_server')
	UNION ALL
	SELECT format('setting %s', name), concat_ws(' ', short_desc, extra_desc),
		json_build_object('type', vartype, 'unit', unit, 'default', boot_val, 'least', min_val, 'most', max_val, 'context', context)
	FROM pg_settings WHERE name LIKE 'bpt.%'
) AS entry
SQL
open(my $psql, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', 'LOAD \'bpt\'', '-c', $query) or die "psql: $!\n";
my $json = do { local $/; <$psql> };
close($psql) or die "the catalog could not be read\n";
my %entry = map { $_->{key} => $_ } @{ JSON::PP->new->utf8->decode($json) };

sub slurp { my $file = shift; open(my $in, '<:encoding(UTF-8)', $file) or die "$file: $!\n"; local $/; return <$in>; }
my %page = map { basename($_) => slurp($_) } glob("$folder/*.md");

# Where each name is described: the page and the heading above the region.
my (%place, @broken);
for my $name (sort keys %page)
{
	my $anchor = '';
	for my $line (split /\n/, $page{$name})
	{
		if ($line =~ /^#+ (.*)/)
		{
			$anchor = lc $1;
			$anchor =~ s/[^\w -]//g;
			$anchor =~ s/ /-/g;
		}
		elsif ($line =~ /^<!-- ((function|view|table|setting) (bpt\.[a-z_]+).*) -->$/)
		{
			my ($key, $kind, $object) = ($1, $2, $3);
			push @broken, "$name: $key does not exist, or is not for users" unless $entry{$key};
			push @broken, "$name: $key is described twice" if $entry{$key} && $entry{$key}{page}++;
			$place{$kind}{$object} //= "$name#$anchor";
		}
	}
}
push @broken, map { "docs/reference: $_ is not described" } grep { !$entry{$_}{page} } sort keys %entry;

# Names as links to where they are described, forms of names as code; on the page itself without its name, in the entry itself
# without a link.
sub marked
{
	my ($text, $name, $own) = @_;
	my $mark = sub {
		my ($whole, $object) = @_;
		my @kinds = $whole =~ /\(/ ? ('function') : ('view', 'table', 'setting', 'function');
		my ($place) = grep { defined } map { $place{$_}{$object} } @kinds;
		return "`$whole`" if !defined $place || $object eq $own;
		$place =~ s/^\Q$name\E//;
		return "[`$whole`]($place)";
	};
	$text =~ s/\b((bpt\.[a-z_]+)(?:\.[a-z_]+)?(?:\([a-z, ]*\))?)/$mark->($1, $2)/ge;
	$text =~ s/((?:[a-z_]*_)?<[a-z]+>(?:\(\))?)/`$1`/g;
	return $text;
}

# Lines of that width; code stays whole.
sub wrapped
{
	my $text = shift;
	local $Text::Wrap::columns = $width + 1;
	$text =~ s/(`[^`]*`)/$1 =~ tr,\x20,\x01,r/ge;
	return wrap('', '', $text) =~ tr/\x01/ /r . "\n";
}

my %unit = (ms => 'milliseconds', s => 'seconds');
my %context = (
	user => 'in any session',
	superuser => 'by superusers, in a session too',
	sighup => 'for the whole server, at a reload',
	postmaster => 'for the whole server, at its start');

sub region
{
	my ($name, $key) = @_;
	return wrapped(join(', ', map { "[`$_`]($place{$1}{$_})" } sort keys %{ $place{$1} })) if $key =~ /^index (\w+)/;
	my $entry = $entry{$key} or return '';
	my ($kind, $own) = $key =~ /^(\w+) (bpt\.[a-z_]+)/;
	my ($text, $errors) = split / Errors: /, $entry->{text}, 2;
	$text = wrapped(marked($text, $name, $own));
	my $parts = $entry->{parts};
	if ($kind eq 'function')
	{
		my $call = $parts->{call};
		if (defined $parts->{result})
		{
			my $result = $parts->{result} eq 'void' ? '' : " → $parts->{result}";
			$result =~ s/^ → TABLE/ → TABLE /;
			$call .= $result ne "" && length("$call$result") > $width ? "\n $result" : $result;
		}
		$call =~ s/timestamp with time zone/timestamptz/g;
		$call =~ s/DEFAULT '\{\}'::jsonb/DEFAULT '{}'/g;
		$call =~ s/('[^']*'|NULL)::[a-z ]+/$1/g;
		$text = "```\n$call\n```\n\n$text";
		$text .= "\n" . wrapped("[Errors](errors.md): " . marked($errors, $name, $own)) if defined $errors;
	}
	elsif ($kind eq 'setting')
	{
		my $default = $parts->{default};
		if (defined $parts->{unit} && $default > 0)
		{
			my $seconds = $parts->{unit} eq 'ms' ? $default / 1000 : $default;
			$default = $seconds % 60 ? "${seconds}s" : $seconds / 60 . 'min';
		}
		my @facts = ($parts->{type} . (defined $parts->{unit} ? ", without a unit: $unit{$parts->{unit}}" : ''),
			"default: " . (($default // '') eq '' ? 'empty' : "`$default`"));
		push @facts, "from $parts->{least} to $parts->{most}" if defined $parts->{least};
		push @facts, "set $context{$parts->{context}}";
		$text = wrapped(join('; ', @facts) . '.') . "\n$text";
	}
	else
	{
		$text .= "\n| column | type | meaning |\n|---|---|---|\n";
		for (@$parts)
		{
			my ($column, $type, $meaning) = @$_;
			$type =~ s/timestamp with time zone/timestamptz/;
			$text .= "| `$column` | $type | " . marked($meaning, $name, $own) . " |\n";
		}
	}
	return "$text";
}

for my $name (sort keys %page)
{
	my $text = $page{$name};
	$text =~ s{(<!-- ((?:function|view|table|setting|index) .*?) -->\n)(.*?)(<!-- end -->)}{
		my ($begin, $key, $old, $end) = ($1, $2, $3, $4);
		my $new = region($name, $key);
		push @broken, "$name: $key is out of step; make reference writes it anew" if $new ne $old && $action eq 'check';
		"$begin$new$end" }gse;
	next if $action eq 'check' || $text eq $page{$name};
	open(my $out, '>:encoding(UTF-8)', "$folder/$name") or die "$name: $!\n";
	print $out $text;
	close $out;
	print "written: docs/reference/$name\n";
}
binmode(STDOUT, ':encoding(UTF-8)');
print "$_\n" for @broken;
exit(@broken ? 1 : 0);
