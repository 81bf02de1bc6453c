# A mail server for TAP tests (test/tools/smtp_server.py), and what it has received.
package MailServer;
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $python = '/usr/bin/python3';

# Why there can be no mail server here; undef: there can.
sub missing
{
	return "$python is missing" unless -x $python;
	return 'the Python module aiosmtpd is missing (Debian: python3-aiosmtpd)' if system("$python -c 'import aiosmtpd' 2>/dev/null") != 0;
	return;
}

# A started server; %options: port, and the words of smtp_server.py that follow it.
sub new
{
	my ($class, %options) = @_;
	my $self = bless { port => $options{port} // PostgreSQL::Test::Cluster::get_free_port(), keep => PostgreSQL::Test::Utils::tempdir(), options => $options{options} // [] }, $class;
	return $self->start;
}

sub port { return shift->{port}; }

sub start
{
	my ($self) = @_;
	$self->{in} = $self->{out} = $self->{err} = '';
	$self->{run} = IPC::Run::start(
		[ $python, "$ENV{BPT_SOURCE}/test/tools/smtp_server.py", '--port', $self->{port}, '--keep', $self->{keep}, @{ $self->{options} } ],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err});
	# Reads to the end of its input, which is not closed before stop().
	for (1 .. 300)
	{
		$self->{run}->pump_nb;
		last if $self->{out} =~ /ready/;
		die "the mail server does not start: $self->{err}" unless $self->{run}->pumpable;
		select(undef, undef, undef, 0.1);
	}
	die "the mail server does not start: $self->{err}" unless $self->{out} =~ /ready/;
	return $self;
}

sub stop
{
	my ($self) = @_;
	$self->{run}->kill_kill(grace => 1);
	return;
}

# Has messages to wait@… answered so from now on; undef: not at all.
sub answer
{
	my ($self, $answer) = @_;
	unlink "$self->{keep}/answer";
	return unless defined $answer;
	append_to_file("$self->{keep}/answer.part", $answer);
	rename "$self->{keep}/answer.part", "$self->{keep}/answer" or die "answer: $!";
	return;
}

# What it has received for that recipient, oldest first.
sub received
{
	my ($self, $recipient) = @_;
	my @found;
	for my $file (sort { ($a =~ /(\d+)\.json/)[0] <=> ($b =~ /(\d+)\.json/)[0] } glob "$self->{keep}/*.json")
	{
		# Texts stay what the file has: bytes, as everything else in the tests.
		my $message = JSON::PP->new->decode(slurp_file($file));
		push @found, $message if grep { $_ eq $recipient } @{ $message->{to} };
	}
	return @found;
}

# The value of a header, decoded; undef if there is none.
sub header
{
	my ($message, $name) = @_;
	for my $header (@{ $message->{headers} })
	{
		return $header->[1] if lc $header->[0] eq lc $name;
	}
	return;
}

1;
