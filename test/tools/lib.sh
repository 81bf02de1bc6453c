# What the tools share: where things are, how to speak, and as whom a server runs. Sourced by bash, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
tools=$root/test/tools
jobs=$(nproc 2>/dev/null || echo 2)

# The make that called us has its own job server and flags; the ones started here must not look for them.
unset MAKEFLAGS MFLAGS MAKELEVEL
# No connection setting of the caller may lead a tool to a server that is not ours.
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE PGAPPNAME PGDATA
export LC_ALL=C.UTF-8 PGTZ=UTC
# What is made here must be readable by the user that runs the server.
umask 022

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The pg_config to build with: the caller's, else the newest supported one that has server headers beside it.
find_pg_config() {
	local candidate version
	if [ -n "${PG_CONFIG:-}" ] && [ "$PG_CONFIG" != pg_config ]; then
		command -v "$PG_CONFIG" >/dev/null || return 1
		candidate=$(command -v "$PG_CONFIG")
		[ -e "$("$candidate" --pgxs 2>/dev/null)" ] && printf '%s\n' "$candidate"
		return
	fi
	for candidate in pg_config $(for version in 15 18 17 16; do echo "/usr/lib/postgresql/$version/bin/pg_config"; done); do
		candidate=$(command -v "$candidate") || continue
		[ -e "$("$candidate" --pgxs 2>/dev/null)" ] || continue
		[ -e "$("$candidate" --includedir-server)/postgres.h" ] || continue
		printf '%s\n' "$candidate"
		return
	done
	return 1
}

# Call once the dependencies are there: sets PG_CONFIG, pg_major and the directories of the installation.
use_pg_config() {
	PG_CONFIG=$(find_pg_config) || die "no PostgreSQL with server headers found; set PG_CONFIG or run 'make deps'"
	export PG_CONFIG
	pg_major=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
	pg_bindir=$("$PG_CONFIG" --bindir)
	pg_libdir=$("$PG_CONFIG" --pkglibdir)
	pg_sharedir=$("$PG_CONFIG" --sharedir)
	pg_testdir=$(dirname "$("$PG_CONFIG" --pgxs)")/../../src/test
	[ -x "$pg_bindir/postgres" ] || die "no server in $pg_bindir; set PG_CONFIG or run 'make deps'"
}

# PostgreSQL refuses to run as root, so root hands servers, and what talks to them, to an ordinary user. Asked each time:
# the packages that a new machine still lacks make theirs.
server_user() {
	local user=${BPT_SERVER_USER:-postgres}
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id "$user" >/dev/null 2>&1; then
		printf '%s\n' "$user"
	else
		echo nobody
	fi
}

# Runs a command as that user, in the directory given first, which that user can enter.
as_server_in() {
	local directory=$1
	shift
	if [ "$(id -u)" = 0 ]; then
		(cd "$directory" && HOME=$directory TMPDIR=/tmp exec runuser -u "$(server_user)" -- "$@")
	else
		(cd "$directory" && HOME=$directory exec "$@")
	fi
}

# Makes a directory that belongs to that user; its name is printed.
server_directory() {
	local directory
	directory=$(mktemp -d "$1.XXXXXX") || return 1
	[ "$(id -u)" != 0 ] || chown "$(server_user)" "$directory"
	chmod 755 "$directory"
	printf '%s\n' "$directory"
}
