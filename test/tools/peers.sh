#!/usr/bin/env bash
# Installs what make bench-peers compares bpt with, each by its own package manager, below the directory given. What cannot
# be had leaves a file `absent` that says why.
set -eu
. "$(dirname "$0")/lib.sh"
place=$1

absent() {
	say "$1: skipped, $2"
	mkdir -p "$place/$1"
	printf '%s\n' "$2" >"$place/$1/absent"
}

# Node packages of one peer, beside its driver. Versions are named, so that figures can be compared.
node_peer() {
	local name=$1
	shift
	rm -f "$place/$name/absent"
	command -v npm >/dev/null && command -v node >/dev/null || { absent "$name" "it needs Node.js and npm"; return; }
	mkdir -p "$place/$name"
	cp "$root/test/bench/peers/peer.mjs" "$root/test/bench/peers/$name.mjs" "$place/$name/"
	if [ "$(cat "$place/$name/installed" 2>/dev/null)" = "$*" ]; then return; fi
	say "$name: npm installs $*"
	printf '{"private": true, "type": "module"}\n' >"$place/$name/package.json"
	if (cd "$place/$name" && npm install --no-audit --no-fund --no-package-lock --loglevel=error "$@") >"$place/$name/npm.log" 2>&1; then
		printf '%s\n' "$*" >"$place/$name/installed"
	else
		absent "$name" "npm could not install it: $(tail -n 1 "$place/$name/npm.log")"
	fi
}

mkdir -p "$place"
node_peer graphile-worker graphile-worker@0.18.0 pg@8.23.1
node_peer pg-boss pg-boss@12.38.0 pg@8.23.1
node_peer dbos @dbos-inc/dbos-sdk@5.3.0 pg@8.23.1
if [ -r "${ABSURD_SQL:-}" ]; then
	node_peer absurd absurd-sdk@0.4.0 pg@8.23.1
else
	absent absurd "its npm package lacks its schema; ABSURD_SQL must name sql/absurd.sql of version 0.4.0 of its source"
fi

use_pg_config
rm -f "$place/pgq/absent"
if [ ! -e "$pg_sharedir/extension/pgq.control" ]; then
	"$tools/deps.sh" pgq || true
	[ -e "$pg_sharedir/extension/pgq.control" ] || absent pgq "no package of it for PostgreSQL $pg_major"
fi
