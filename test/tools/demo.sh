#!/usr/bin/env bash
# make demo, make demo-stop: a private server in .demo/ in which an order is handled from insert to end.
# The server stays until demo-stop; .demo/psql connects to it. Run again, it starts afresh.
set -eu
. "$(dirname "$0")/lib.sh"
demo=${BPT_DEMO_DIR:-$root/.demo}

# Where the server lies: in .demo itself, or where its user can go and a socket's path fits.
server_home() {
	local probe=$demo/server
	mkdir -p "$probe"
	[ "$(id -u)" != 0 ] || chown "$(server_user)" "$probe"
	chmod 755 "$demo" "$probe"
	if [ ${#probe} -le 80 ] && as_server_in / test -w "$probe" -a -x "$probe"; then
		printf '%s\n' "$probe"
		return
	fi
	rmdir "$probe"
	probe=$(server_directory /var/tmp/bpt-demo)
	ln -s "$probe" "$demo/server"
	printf '%s\n' "$probe"
}

remove() {
	local home
	[ -e "$demo/server" ] || [ -L "$demo/server" ] || return 0
	home=$(readlink -f "$demo/server")
	[ ! -d "$home/data" ] || "$tools/server.sh" stop "$home"
	case $home in
	"$demo/server" | /var/tmp/bpt-demo.??????) rm -rf "$home" ;;
	*) [ "$home" = "$(readlink -f "$demo")/server" ] && rm -rf "$home" ;;
	esac
	rm -rf "$demo"
}

case ${1:-} in
start)
	"$tools/deps.sh" build server
	use_pg_config
	[ ! -e "$demo/server" ] || say "A demo was here before; this one takes its place."
	remove
	mkdir -p "$demo"
	home=$(server_home)
	say "Building bpt for PostgreSQL $pg_major and starting a private server."
	"$tools/server.sh" start "$home" "$root/test/demo/postgresql.conf"
	cat >"$demo/psql" <<-SCRIPT
		#!/bin/sh
		# Connects to the demo's server as its superuser, to database demo unless -d says otherwise; takes psql's arguments.
		PGDATABASE=demo exec '$home/psql' "\$@"
	SCRIPT
	chmod 755 "$demo/psql"
	"$demo/psql" -Xq -d postgres -v ON_ERROR_STOP=1 -c 'CREATE DATABASE demo'
	cd "$root/test/demo"
	for script in *.sql; do
		"$demo/psql" -Xq -v ON_ERROR_STOP=1 -P pager=off -f "$script" || die "test/demo/$script failed; the server still runs: ${demo/#$PWD\//}/psql"
	done
	say ""
	case $demo in "$root"/*) shown=${demo#"$root"/} ;; *) shown=$demo ;; esac
	say "The server goes on running. Look around with $shown/psql, end it with 'make demo-stop'."
	;;
stop)
	if [ -e "$demo/server" ]; then
		remove
		say "The demo's server has stopped and its data are gone."
	else
		rm -rf "$demo"
		say "No demo is running."
	fi
	;;
*)
	die "usage: demo.sh start|stop"
	;;
esac
