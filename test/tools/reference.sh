#!/usr/bin/env bash
# make reference: writes what docs/reference says of functions, views and settings anew, from the catalog of a private server
# that lives only for it.
set -eu
. "$(dirname "$0")/lib.sh"
home=$(mktemp -d "${TMPDIR:-/tmp}/bpt.XXXXXX")
trap '"$tools/server.sh" stop "$home"; rm -rf "$home"' EXIT
chmod 755 "$home"
[ "$(id -u)" != 0 ] || chown "$(server_user)" "$home"
"$tools/server.sh" start "$home"
"$home/psql" -Xqc 'CREATE EXTENSION bpt'
PGHOST=$home/socket PGUSER=postgres PGDATABASE=postgres "$tools/reference.pl" write
