#!/usr/bin/env bash
# make bench: builds test/bench and runs the cases that BENCH names (all without it) on a private server with durable
# settings. What the program prints is the result. make bench-peers (bench.sh peers) installs the peers and runs the cases
# that compare with them.
set -eu
. "$(dirname "$0")/lib.sh"
cd "$root"
shopt -s nullglob
sources=(test/bench/*.cpp)
[ ${#sources[@]} -gt 0 ] || die "there are no benchmark cases: test/bench has no *.cpp"

"$tools/deps.sh" build server bench
use_pg_config
mkdir -p build
if [ "${1:-}" = peers ]; then
	export BPT_PEERS=$root/build/peers
	BENCH=${BENCH:-peer}
	"$tools/peers.sh" "$BPT_PEERS"
fi
if ! { cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=None && cmake --build build/bench -j "$jobs" --target bench bench_floors; } >build/bench.log 2>&1; then
	tail -n 60 build/bench.log >&2
	die "building the benchmarks failed"
fi

work=$(server_directory "${BPT_CHECK_DIR:-/var/tmp}/bpt-bench")
trap '"$tools/server.sh" stop "$work/server" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
"$tools/server.sh" start "$work/server" test/bench/postgresql.conf
cp build/bench/bench_floors.so "$work/server/postgresql$pg_libdir/"
export BPT_CONNINFO="host=$work/server/socket port=5432 user=postgres dbname=postgres" BPT_PSQL=$work/server/psql
build/bench/bench ${BENCH:+$(tr ',' ' ' <<<"$BENCH")}
