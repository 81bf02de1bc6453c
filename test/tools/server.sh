#!/usr/bin/env bash
# A private PostgreSQL with bpt in it, whole in one directory: a copy of the installation, the data, the socket and a
# psql that connects to it. Nothing outside the directory is touched, so it disturbs no other PostgreSQL.
#
#   server.sh start DIR [FILE]   makes what is missing in DIR, starts the server with the settings of FILE appended
#   server.sh install DIR        builds bpt and installs it into DIR's copy (start does it too)
#   server.sh stop DIR           stops it; the data stay
#
# DIR must be reachable by an ordinary user, and its path short (a socket lies in it). As root the server runs as the
# user postgres, to whom DIR is given.
set -eu
. "$(dirname "$0")/lib.sh"

action=${1:-} home=${2:-}
[ -n "$home" ] || die "usage: server.sh start|install|stop DIR [FILE]"
case $home in /*) ;; *) home=$PWD/$home ;; esac
tree=$home/postgresql

as_server() { as_server_in "$home" "$@"; }

# The server finds its files relative to its own program, so that a copy of the installation with the same layout is an
# installation of its own, into which `make install DESTDIR=` puts the extension.
make_tree() {
	local directory
	use_pg_config
	bin=$tree$pg_bindir
	if [ "$(cat "$tree/version" 2>/dev/null)" != "$("$PG_CONFIG" --version) $pg_bindir" ]; then
		rm -rf "$tree"
		mkdir -p "$tree"
		for directory in "$pg_bindir" "$pg_libdir" "$pg_sharedir"; do
			[ -d "$tree$directory" ] || tar -C / --exclude=bitcode --exclude=pgxs --exclude='bpt*' --exclude=man \
				-cf - "${directory#/}" | tar -C "$tree" -xf -
		done
		echo "$("$PG_CONFIG" --version) $pg_bindir" >"$tree/version"
	fi
	make -s -C "$root" -j"$jobs" PG_CONFIG="$PG_CONFIG" all
	make -s -C "$root" PG_CONFIG="$PG_CONFIG" DESTDIR="$tree" install >/dev/null
}

case $action in
start)
	[ ${#home} -le 80 ] || die "the path $home is too long for a socket"
	if [ ! -d "$home" ]; then
		mkdir -p "$home"
		[ "$(id -u)" != 0 ] || chown "$(server_user)" "$home"
	fi
	make_tree
	as_server test -w "$home" || die "user $(server_user) cannot write in $home"
	if [ -e "$home/data/postmaster.pid" ]; then as_server "$bin/pg_ctl" -D "$home/data" -m fast -s stop || true; fi
	if [ ! -e "$home/data/PG_VERSION" ]; then
		as_server mkdir -p -m 700 "$home/socket"
		as_server "$bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$home/initdb.log" 2>&1 ||
			{ cat "$home/initdb.log" >&2 && die "initdb failed"; }
		# Only who can enter the socket's directory can connect, hence trust.
		as_server tee -a "$home/data/postgresql.conf" >/dev/null <<-CONF
			listen_addresses = ''
			unix_socket_directories = '$home/socket'
			port = 5432
			shared_preload_libraries = 'bpt'
			log_line_prefix = '%m [%p] %q%u@%d '
			timezone = 'UTC'
			include_if_exists = '$home/data/extra.conf'
		CONF
	fi
	cat "${3:-/dev/null}" | as_server tee "$home/data/extra.conf" >/dev/null
	cat >"$home/psql" <<-SCRIPT
		#!/bin/sh
		# Connects to the server of this directory as its superuser; takes psql's arguments.
		unset PGHOSTADDR PGSERVICE PGSERVICEFILE PGOPTIONS PGPASSWORD
		PGHOST='$home/socket' PGPORT=5432 PGUSER="\${PGUSER:-postgres}" PGDATABASE="\${PGDATABASE:-postgres}"
		export PGHOST PGPORT PGUSER PGDATABASE
		exec '$bin/psql' "\$@"
	SCRIPT
	chmod 755 "$home/psql"
	if ! as_server "$bin/pg_ctl" -D "$home/data" -l "$home/server.log" -w -t 60 -s start >"$home/start.log" 2>&1; then
		cat "$home/start.log" >&2
		tail -n 20 "$home/server.log" >&2
		die "the server in $home did not start"
	fi
	;;
install)
	make_tree
	;;
stop)
	[ -d "$home/data" ] || exit 0
	[ -e "$home/data/postmaster.pid" ] || exit 0
	use_pg_config
	as_server "$tree$pg_bindir/pg_ctl" -D "$home/data" -m fast -s stop
	;;
*)
	die "usage: server.sh start|install|stop DIR [FILE]"
	;;
esac
