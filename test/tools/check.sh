#!/usr/bin/env bash
# make check: everything this machine can verify, in stages; each stage also runs alone (make check-STAGE).
# Installs what is missing, prints how many tests of each kind ran, and ends with `N passed, N failed`.
# What a stage printed and produced stays in build/check/STAGE*.
set -u
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
shopt -s nullglob

# name | what it does, in the order of a full run
stages='
format    | clang-format over src and test
lint      | rules of the source that a grep can check
build     | the extension, by g++ with warnings as errors
export    | what the library exports and needs
unwind    | nothing that a PostgreSQL error could jump over
clang     | the extension, by clang with warnings as errors
tidy      | clang-tidy
cppcheck  | cppcheck
unit      | GoogleTest of the core, under ASan and UBSan
fuzz      | each fuzzer for a short while, under ASan and UBSan
regress   | pg_regress: sql/ against expected/
isolation | sessions that meet: test/isolation
pgtap     | pgTAP: test/pgtap
tap       | TAP with servers of their own (crash, dump): test/t
client    | the libpqxx suite: test/client
demo      | make demo, from nothing to its last line, and its second database
'

out=$root/build/check
work=
counts=
build_failed=

# A stage reports what it counted; several calls add up.
count() { echo "$1 $2" >>"$counts"; }

no_tests() {
	say "!! NO TESTS: $1"
	echo none >>"$counts"
}

# ---------------------------------------------------------------------------------------------------------------------
# Stages without a server

stage_format() {
	local clang_format=clang-format-14 files bad=0 file
	command -v "$clang_format" >/dev/null || clang_format=clang-format
	case $("$clang_format" --version) in
	*' 14.'*) ;;
	*) no_tests "the format is that of clang-format 14, here is: $("$clang_format" --version)" && return ;;
	esac
	mapfile -t files < <(find src test -name '*.cpp' -o -name '*.hpp' | sort)
	[ ${#files[@]} -gt 0 ] || { no_tests "no sources" && return; }
	for file in "${files[@]}"; do
		"$clang_format" "$file" | cmp -s - "$file" && continue
		bad=$((bad + 1))
		say "not formatted: $file"
		"$clang_format" "$file" | diff "$file" - | head -n 6
	done
	count $((${#files[@]} - bad)) "$bad"
	[ "$bad" -eq 0 ] || say "make format puts them right"
	say "${#files[@]} files, $bad to format"
}

stage_lint() {
	local printed
	printed=$("$tools/lint-source.sh")
	say "$printed"
	count "$(grep -c '^  ok ' <<<"$printed")" "$(grep -c '^  FAILED ' <<<"$printed")"
}

one_check() { if "$@"; then count 1 0; else count 0 1 && return 1; fi; }

build_extension() { make -s -j"$jobs" PG_CONFIG="$PG_CONFIG" all; }
build_by_clang() { make -s -k -f test/tools/variants.mk -j"$jobs" clang; }

stage_build() { one_check build_extension || build_failed=yes; }
stage_export() {
	[ -z "$build_failed" ] || { say "not run: the extension does not build" && return 1; }
	make -s -j"$jobs" PG_CONFIG="$PG_CONFIG" all && one_check "$tools/lint-export.sh"
}
stage_unwind() { one_check "$tools/lint-unwind.sh"; }
stage_clang() { one_check build_by_clang; }

stage_tidy() {
	local files done_files
	build_by_clang >/dev/null 2>&1 # for its dependencies
	files=$(find src -name '*.cpp' | wc -l)
	make -s -k -f test/tools/variants.mk -j"$jobs" tidy 2>&1 | grep -v '^make:'
	done_files=$(find src -name '*.cpp' | sed 's,^src/\(.*\)\.cpp$,build/tidy/\1.tidy,' | while read -r stamp; do [ -e "$stamp" ] && make -s -q -f test/tools/variants.mk "$stamp" && echo x; done | wc -l)
	count "$done_files" $((files - done_files))
}

stage_cppcheck() {
	local files
	mkdir -p build/cppcheck
	files=$(find src -name '*.cpp' | wc -l)
	if cppcheck --quiet --enable=warning,performance,portability --std=c++20 --language=c++ --inline-suppr -j "$jobs" \
		--cppcheck-build-dir=build/cppcheck --error-exitcode=1 --suppress=unknownMacro --suppress=missingInclude \
		--suppress=internalAstError -Isrc src; then
		count "$files" 0
		say "$files files"
	else
		count 0 1
	fi
}

# Configures and builds a CMake target; the compiler's lines only when something fails.
cmake_build() {
	local directory=$1 target=$2
	shift 2
	if ! { cmake -S . -B "$directory" -DCMAKE_BUILD_TYPE=None "$@" && cmake --build "$directory" -j "$jobs" --target "$target"; } \
		>"$out/cmake.log" 2>&1; then
		grep -vE '^\[ *[0-9]+%\]|^-- ' "$out/cmake.log" | tail -n 60
		say "building $target failed"
		return 1
	fi
}

sanitized_build() { cmake_build build/asan "$1" -DBPT_SANITIZE=ON -DCMAKE_CXX_COMPILER=clang++; }

# Adds up what a GoogleTest program wrote as XML.
count_googletest() {
	local tests failures
	tests=$(sed -n 's/^<testsuites tests="\([0-9]*\)".*/\1/p' "$1" 2>/dev/null)
	failures=$(sed -n 's/^<testsuites .*failures="\([0-9]*\)".*/\1/p' "$1" 2>/dev/null)
	if [ -n "$tests" ]; then count $((tests - failures)) "$failures"; else count 0 1; fi
}

stage_unit() {
	local rc
	[ -n "$(echo test/unit/*.cpp)" ] || { no_tests "test/unit has no *.cpp" && return; }
	sanitized_build unit_tests || return 1
	rm -f "$out/unit.xml"
	build/asan/unit_tests --gtest_brief=1 --gtest_output="xml:$out/unit.xml"
	rc=$?
	count_googletest "$out/unit.xml"
	return $rc
}

stage_fuzz() {
	local source name seconds sources=(test/fuzz/*_fuzz.cpp)
	[ ${#sources[@]} -gt 0 ] || { no_tests "test/fuzz has no *_fuzz.cpp" && return; }
	seconds=$(((${BPT_FUZZ_SECONDS:-20} + ${#sources[@]} - 1) / ${#sources[@]}))
	for source in "${sources[@]}"; do
		name=$(basename "$source" .cpp)
		sanitized_build "$name" || { count 0 1 && continue; }
		mkdir -p "build/fuzz/$name"
		say "  $name for $seconds s"
		if build/asan/"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix="build/fuzz/$name-" "build/fuzz/$name" \
			$(for directory in test/fuzz/corpus/"${name%_fuzz}" test/fuzz/corpus/"$name"; do [ -d "$directory" ] && echo "$directory"; done) \
			>"$out/$name.log" 2>&1; then
			count 1 0
			sed -n 's/^stat::number_of_executed_units: */  runs: /p' "$out/$name.log"
		else
			count 0 1
			tail -n 40 "$out/$name.log"
			say "the input that failed lies in build/fuzz/$name-*"
		fi
	done
}

# ---------------------------------------------------------------------------------------------------------------------
# Stages with a server. All run in a directory below /tmp that the server's user owns, on copies of the tests, so that
# it does not matter whether that user can enter this one.

as_server() { as_server_in "$work" "$@"; }

prepare_work() {
	[ -z "$work" ] || return 0
	use_pg_config
	[ -z "$build_failed" ] || { say "not run: the extension does not build" && return 1; }
	build_extension || { build_failed=yes && return 1; }
	work=$(server_directory "${BPT_CHECK_DIR:-/tmp}/bpt-check") || return 1
	"$tools/server.sh" install "$work" || return 1
	bin=$work/postgresql$pg_bindir
	mkdir "$work/source"
	tar -cf - --exclude='bpt--*.sql' --exclude=test/demo sql expected test README.md docs 2>/dev/null | tar -C "$work/source" -xf -
	mkdir "$work/out"
	[ "$(id -u)" != 0 ] || chown -R "$(server_user)" "$work/source" "$work/out"
}

# A server of the stage's own: sets `server` and the environment by which clients find it.
start_server() {
	prepare_work || return 1
	server=$work/$1
	# One initdb serves all stages.
	if [ ! -d "$server" ]; then
		as_server mkdir "$server"
		ln -s "$work/postgresql" "$server/postgresql"
	fi
	{ cat test/regress.conf && printf '%s\n' "${2:-}"; } >"$work/extra.conf"
	"$tools/server.sh" start "$server" "$work/extra.conf" || return 1
	export PGHOST=$server/socket PGPORT=5432 PGUSER=postgres
}

stop_server() {
	"$tools/server.sh" stop "$server"
	unset PGHOST PGPORT PGUSER
	# A crash is a failure even if every test got its answer.
	if grep -E 'PANIC:|was terminated by signal (6|11)|TRAP:' "$server/server.log"; then
		say "the server crashed; its log: $out/$(basename "$server").server.log"
		count 0 1
	fi
	cp "$server/server.log" "$out/$(basename "$server").server.log"
}

# Prints what a pg_regress program says, counts it, and shows the differences.
pg_regress_run() {
	local name=$1
	shift
	as_server mkdir -p "$work/out/$name"
	as_server "$@" --bindir="$bin" --outputdir="$work/out/$name" --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" \
		--load-extension=bpt | tee "$out/$name.run" | grep -v -E '^(\(using|==|SET$|(CREATE|DROP|ALTER) (DATABASE|EXTENSION)$|$)'
	count "$(grep -cE '^(test|  *|     ) .* ok +[0-9]+ ms|^ok ' "$out/$name.run")" "$(grep -cE '\.\.\. FAILED|^not ok ' "$out/$name.run")"
	rm -rf "$out/$name"
	cp -r "$work/out/$name" "$out/$name"
	if [ -s "$out/$name/regression.diffs" ]; then
		head -n "${BPT_DIFF_LINES:-150}" "$out/$name/regression.diffs"
		say "what came out: build/check/$name/results, the differences: build/check/$name/regression.diffs"
	fi
	grep -qE 'All [0-9]+ tests passed|^# All' "$out/$name.run"
}

stage_regress() {
	local rc tests
	tests=$(for test in sql/*.sql; do case $test in sql/bpt--*) ;; *) basename "$test" .sql ;; esac done)
	[ -n "$tests" ] || { no_tests "sql has no *.sql beside the install script" && return; }
	start_server regress || return 1
	pg_regress_run regress-out "$pg_testdir/regress/pg_regress" --inputdir="$work/source" --dbname=contrib_regression ${TESTS:-$tests}
	rc=$?
	stop_server
	return $rc
}

stage_isolation() {
	local rc tests
	tests=$(for test in test/isolation/specs/*.spec; do basename "$test" .spec; done)
	[ -n "$tests" ] || { no_tests "test/isolation/specs has no *.spec" && return; }
	start_server isolation || return 1
	pg_regress_run isolation-out "$pg_testdir/isolation/pg_isolation_regress" --inputdir="$work/source/test/isolation" \
		--dbname=isolation_regression ${TESTS:-$tests}
	rc=$?
	stop_server
	return $rc
}

# Runs prove, shows and counts what it ran.
prove_run() {
	local name=$1 rc files tests bad
	shift
	"$@" 2>&1 | tee "$out/$name.run"
	rc=${PIPESTATUS[0]}
	tests=$(sed -n 's/^Files=[0-9]*, Tests=\([0-9]*\),.*/\1/p' "$out/$name.run" | tail -n 1)
	bad=$(sed -n 's/^.*Failed \([0-9]*\)\/[0-9]* subtests.*/\1/p' "$out/$name.run" | awk '{n += $1} END {print n + 0}')
	[ "$rc" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	count $((${tests:-0} > bad ? ${tests:-0} - bad : 0)) "$bad"
	return "$rc"
}

stage_pgtap() {
	local rc files=(test/pgtap/*.sql)
	[ ${#files[@]} -gt 0 ] || { no_tests "test/pgtap has no *.sql" && return; }
	start_server pgtap || return 1
	prove_run pgtap as_server_in "$work/source" env PATH="$bin:$PATH" prove --failures --comments --exec test/tools/pgtap-run.sh \
		${PROVE_FLAGS:-} $(for file in ${TESTS:-"${files[@]}"}; do echo "test/pgtap/$(basename "$file" .sql).sql"; done)
	rc=$?
	stop_server
	return $rc
}

stage_tap() {
	local rc files=(test/t/*.pl)
	[ ${#files[@]} -gt 0 ] || { no_tests "test/t has no *.pl" && return; }
	prepare_work || return 1
	as_server mkdir -p "$work/out/tap/log" "$work/out/tap/tmp_check"
	prove_run tap as_server_in "$work/source" env PATH="$bin:$PATH" PG_REGRESS="$pg_testdir/regress/pg_regress" TESTDIR="$work/out/tap" \
		TESTDATADIR="$work/out/tap/tmp_check" TESTLOGDIR="$work/out/tap/log" TMPDIR="$work/out/tap" \
		BPT_SOURCE="$work/source" \
		prove --timer -I "$pg_testdir/perl" -I "$work/source/test/perl" -I "$work/source/test/t" ${PROVE_FLAGS:-} \
		$(for file in ${TESTS:-"${files[@]}"}; do echo "test/t/$(basename "$file" .pl).pl"; done)
	rc=$?
	rm -rf "$out/tap-out"
	cp -r "$work/out/tap/tmp_check/log" "$out/tap-out" 2>/dev/null || cp -r "$work/out/tap/log" "$out/tap-out"
	[ $rc -eq 0 ] || say "the logs of the servers and tests: build/check/tap-out"
	return $rc
}

stage_client() {
	local rc
	[ -n "$(echo test/client/*.cpp)" ] || { no_tests "test/client has no *.cpp" && return; }
	cmake_build build/cmake client_tests || return 1
	start_server client "bpt.enabled = on" || return 1
	cp build/cmake/client_tests "$work/client_tests"
	as_server env BPT_CONNINFO="host=$PGHOST port=$PGPORT user=postgres dbname=postgres" BPT_SERVER_IS_PRIVATE=1 \
		BPT_SOURCE="$work/source" "$work/client_tests" --gtest_brief=0 --gtest_output="xml:$work/out/client.xml" ${TESTS:+--gtest_filter="$TESTS"}
	rc=$?
	count_googletest "$work/out/client.xml"
	stop_server
	return $rc
}

stage_demo() {
	local problems=0 home
	home=$(mktemp -d /tmp/bpt-demo-check.XXXXXX) || return 1
	export BPT_DEMO_DIR=$home/.demo
	"$tools/demo.sh" start >"$out/demo.txt" 2>&1 || { tail -n 40 "$out/demo.txt" && problems=1; }
	if [ $problems -eq 0 ]; then
		tail -n 12 "$out/demo.txt"
		[ "$("$BPT_DEMO_DIR/psql" -XAtc 'SELECT current_database()')" = demo ] || { say "psql does not lead to demo" && problems=1; }
		"$BPT_DEMO_DIR/psql" -Xqc 'CREATE DATABASE x' && "$BPT_DEMO_DIR/psql" -Xq -d x -c 'CREATE EXTENSION bpt' || { say "no second database" && problems=1; }
	fi
	"$tools/demo.sh" stop >/dev/null || { say "the demo does not stop" && problems=1; }
	unset BPT_DEMO_DIR
	rm -rf "$home"
	count $((1 - problems)) $problems
}

# ---------------------------------------------------------------------------------------------------------------------

names() { sed -n 's/^\([a-z]*\) *|.*/\1/p' <<<"$stages"; }
what() { sed -n "s/^$1 *| //p" <<<"$stages"; }

clean_up() {
	[ -n "$work" ] || return 0
	local pid_file
	for pid_file in "$work"/*/data/postmaster.pid; do
		"$tools/server.sh" stop "$(dirname "$(dirname "$pid_file")")" 2>/dev/null
	done
	rm -rf "$work"
}

if [ "${1:-}" = list ]; then
	sed -n 's/^\([a-z]*\) *| \(.*\)/make check-\1\t\2/p' <<<"$stages" | expand -t 24
	exit
fi
chosen=${*:-$(names)}
for stage in $chosen; do [ -n "$(what "$stage")" ] || die "no stage '$stage'; make check-list names them"; done

"$tools/deps.sh" build server check || exit 1
use_pg_config
mkdir -p "$out"
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

summary= passed=0 failed=0 started=$SECONDS failed_stages=
for stage in $chosen; do
	printf '\n=== %s: %s\n' "$stage" "$(what "$stage")"
	counts=$out/$stage.counts
	: >"$counts"
	stage_started=$SECONDS
	# Output goes through a pipe, the stage itself runs in this shell: what it prepares serves those that follow.
	exec 3>&1
	exec > >(tee "$out/$stage.log" >&3) 2>&1
	writer=$!
	rc=0
	"stage_$stage" || rc=$?
	exec 1>&3 2>&1 3>&-
	wait "$writer" 2>/dev/null
	read -r good bad < <(awk '$1 != "none" {g += $1; b += $2} END {print g + 0, b + 0}' "$counts")
	[ "$rc" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	if [ "$good" -eq 0 ] && [ "$bad" -eq 0 ] && ! grep -q none "$counts"; then bad=1; fi
	verdict=ok
	if [ "$bad" -gt 0 ]; then
		verdict=FAILED
		failed_stages="$failed_stages $stage"
		say "--- $stage failed; alone: make check-$stage"
	elif [ "$good" -eq 0 ]; then
		verdict='no tests'
	fi
	passed=$((passed + good)) failed=$((failed + bad))
	summary+=$(printf '%-10s %8d %8d %6d s  %s' "$stage" "$good" "$bad" $((SECONDS - stage_started)) "$verdict")$'\n'
done

printf '\n%-10s %8s %8s %8s\n%s%-10s %8d %8d %6d s\n' stage passed failed time "$summary" all "$passed" "$failed" $((SECONDS - started))
# Who sees only the end of a long run still learns what failed.
for stage in $failed_stages; do
	say "failed: $stage, alone: make check-$stage, what it printed: build/check/$stage.log"
	grep -nE '^not ok|^ *not ok|Failed test|Dubious|Parse errors|\[  FAILED|Failure$|FAILED$|^ *FAILED|error:|ERROR:|PANIC:|SUMMARY:|^# +(at|got|expected|died)|^!!' "$out/$stage.log" | tail -n 14 | cut -c -200 | sed 's/^/  /'
done
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
