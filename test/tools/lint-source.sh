#!/usr/bin/env bash
# Rules that a grep can check, one line of output each; what breaks a rule is listed below it.
# With a name: only that rule. Each rule's function prints the places that break it.
set -u
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
shopt -s nullglob globstar

# The files that make up the project, whether committed yet or not.
project_files() { git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './.git/*' -not -path './build/*' -not -path './.demo/*' | sed 's,^\./,,'; }

# core < pg < expr < queue < entity < engine < worker, api: a room includes itself and what stands before it. The mail
# module is a library of its own, on pg alone.
include_direction() {
	local file room line included allowed
	for file in src/*/*.cpp src/*/*.hpp; do
		room=${file#src/} room=${room%%/*}
		case $room in
		core) allowed=' core ' ;;
		pg) allowed=' core pg ' ;;
		expr) allowed=' core pg expr ' ;;
		queue) allowed=' core pg expr queue ' ;;
		entity) allowed=' core pg expr queue entity ' ;;
		mail) allowed=' core pg mail ' ;;
		engine) allowed=' core pg expr queue entity engine ' ;;
		worker) allowed=' core pg expr queue entity engine mail worker ' ;;
		api) allowed=' core pg expr queue entity engine worker api ' ;;
		*) echo "$file: unknown room $room" && continue ;;
		esac
		grep -n '^ *# *include *"' "$file" | while IFS= read -r line; do
			included=${line#*\"} included=${included%%\"*}
			if [ -e "src/$included" ]; then
				case $allowed in *" ${included%%/*} "*) ;; *) echo "$file:${line%%:*}: $room must not include $included" ;; esac
			elif [ "$room" = core ]; then
				echo "$file:${line%%:*}: core includes only itself and the standard library, not $included"
			fi
		done
	done
}

core_without_postgres() {
	grep -nE '\b(palloc|ereport|elog|Datum|MemoryContext)\b' src/core/*.cpp src/core/*.hpp | grep -vE ':[0-9]+:\s*//|//.*(palloc|ereport|elog|Datum|MemoryContext)'
}

version_tests_in_compat() { grep -n 'PG_VERSION_NUM\|PG_MAJORVERSION' src/**/*.cpp src/**/*.hpp | grep -v '^src/pg/compat.hpp:'; }

# A PostgreSQL error jumps over C++ frames: nothing that needs a destructor, an exception or the C++ heap.
banned_in_library() {
	grep -nE '\bstd::(string|vector|map|unordered_map|set|list|deque|function|unique_ptr|shared_ptr|thread|mutex|regex|ostringstream|stringstream|cout|cerr|lock_guard)\b|#include <(string|vector|map|unordered_map|functional|iostream|sstream|regex|thread|mutex|memory)>|\b(try|catch|throw)\b *[({;]|\bdelete\b *[\[a-z]|[=(, ]new +[A-Za-z_:]+ *[({\[]|\bdynamic_cast\b|\btypeid\b' \
		src/**/*.cpp src/**/*.hpp | grep -vE ':[0-9]+:\s*(//|\*)|//.*\b(try|catch|throw|new|delete)\b|:: *new'
}

settings_alphabetical() {
	local file names
	for file in src/**/*.cpp; do
		names=$(tr '\n' ' ' <"$file" | grep -oE 'DefineCustom[A-Za-z]+Variable\([[:space:]]*"bpt\.[a-z_]+"' | grep -oE 'bpt\.[a-z_]+')
		[ "$names" = "$(printf '%s' "$names" | LC_ALL=C sort)" ] || { echo "$file: settings are not in alphabetical order:" && diff <(echo "$names") <(echo "$names" | LC_ALL=C sort); }
	done
}

files_introduced() {
	local file
	for file in src/**/*.cpp src/**/*.hpp; do
		head -c 2 "$file" | grep -q '^//' || echo "$file: does not open with a comment that says what it is for"
	done
}

file_length() {
	local file lines
	for file in src/**/*.cpp src/**/*.hpp; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 600 ] || echo "$file: $lines lines, 600 are the limit"
	done
}

# The project speaks of itself: no path of one machine, no unfinished business, no history.
banned_words() {
	project_files | grep -v -e '^expected/' -e '^LICENSE$' -e '^test/tools/lint-source.sh$' -e '^\.gitignore$' | while IFS= read -r file; do
		[ -f "$file" ] && grep -nIHE '(^|[^a-zA-Z0-9_.])/(work|root|home/[a-z]+)/|\bFIXME\b|\bXXX\b|(//|#|--).*\bTODO\b|\bissue #?[0-9]+\b|https?://[a-z.]*(debian|npmjs|pypi)\.' "$file"
	done
}

white_space() {
	project_files | grep -vE '^(expected|test/isolation/expected|test/fuzz/corpus)/|\.(png|svg)$' | while IFS= read -r file; do
		[ -f "$file" ] || continue
		grep -nIHE '[ 	]+$' "$file" | cut -c1-120
		[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file" | tr -d '\n')" ] || echo "$file: no newline at the end"
	done
}

tests_have_outputs() {
	local file name
	for file in sql/*.sql; do
		name=$(basename "$file" .sql)
		case $name in bpt--*) continue ;; esac
		[ -e "expected/$name.out" ] || echo "$file: no expected/$name.out"
	done
	for file in expected/*.out; do
		name=$(basename "$file" .out)
		[ -e "sql/$name.sql" ] || [ -e "sql/${name%_[0-9]}.sql" ] || echo "$file: no sql/$name.sql"
	done
	for file in test/isolation/specs/*.spec; do
		name=$(basename "$file" .spec)
		[ -e "test/isolation/expected/$name.out" ] || echo "$file: no test/isolation/expected/$name.out"
	done
}

# What docs/examples shows is what its fixture publishes, and its test runs it.
examples_shown() {
	local line name='' text='' inside=0
	while IFS= read -r line; do
		case $line in
		'[fixture]('*) name=${line#*fixtures/} name=${name%%.sql*} ;;
		'```sql') inside=1 text='' ;;
		'```')
			[ "$inside" = 1 ] && [[ $(<"test/fixtures/$name.sql") != *"$text"* ]] && echo "docs/examples/README.md: $name is shown otherwise than in test/fixtures/$name.sql"
			[ -e "sql/example_$name.sql" ] || echo "docs/examples/README.md: no sql/example_$name.sql"
			inside=0
			;;
		*) [ "$inside" = 0 ] || text+=$line$'\n' ;;
		esac
	done <docs/examples/README.md
}

# Every test that docs/bpt-coverage.md names exists and contains the words of its row; what it calls missing is
# not in the sources.
coverage_shown() {
	local line what tests test
	grep -E '^\| .*`' docs/bpt-coverage.md | while IFS= read -r line; do
		what=${line#*\`} what=${what%%\`*} tests=${line%|} tests=${tests##*|}
		if [ "${tests// /}" = '**missing**' ]; then
			grep -rqF -- "$what" src sql/ext && echo "docs/bpt-coverage.md: $what is said to be missing, and is in the sources"
			continue
		fi
		for test in ${tests//,/ }; do
			if [ ! -f "$test" ]; then
				echo "docs/bpt-coverage.md: no $test"
			elif ! grep -qF -- "$what" "$test"; then
				echo "docs/bpt-coverage.md: $test does not contain $what"
			fi
		done
	done
}

# Links from page to page lead to a file, and to a heading in it, that is there.
links_lead_somewhere() {
	project_files | grep '\.md$' | xargs perl -CSD -e '
		use strict; use warnings; use utf8; use File::Basename; use File::Spec;
		my %anchors;
		sub anchors_of {
			my $file = shift;
			return $anchors{$file} if $anchors{$file};
			my ($fenced, %found) = (0);
			local $_;
			open(my $in, "<", $file) or return {};
			while (<$in>) {
				$fenced = !$fenced if /^```/;
				next if $fenced || !/^#+ (.*)$/;
				my $anchor = lc $1;
				$anchor =~ s/[^\w -]//g;
				$anchor =~ s/ /-/g;
				$found{$anchor} = 1;
			}
			return $anchors{$file} = \%found;
		}
		for my $page (grep { -f } @ARGV) {
			open(my $in, "<", $page) or next;
			while (<$in>) {
				while (/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g) {
					my ($path, $anchor) = ($1, $2);
					my $file = $path eq "" ? $page : dirname($page) . "/$path";
					print("$page:$.: no $path\n"), next unless -e $file;
					print "$page:$.: no heading #$anchor in $file\n" if defined $anchor && !anchors_of($file)->{$anchor};
				}
			}
		}'
}

# The codes of problems that publish reports are those of docs/reference/problems.md.
problems_documented() {
	local documented reported code
	documented=$(grep -oE '^\| [a-z_, ]+ \|' docs/reference/problems.md | tr -d '| ' | tr ',' '\n' | grep -vx code | sort -u)
	reported=$(cat src/{core,expr,entity,engine}/*.cpp | tr '\n\t' '  ' | grep -oE '\b(problem|refuse|add|add_problem)\([^;"]*"[a-z_]+",' |
		grep -oE '"[a-z_]+",$' | tr -d '",' | grep -vx process_id | sort -u)
	comm -23 <(echo "$reported") <(echo "$documented") | sed 's/^/docs\/reference\/problems.md: missing is /'
	for code in $documented; do
		grep -rqF "\"$code\"" src || echo "docs/reference/problems.md: $code is not in the sources"
	done
}

# Every word that the parser knows stands in docs/reference.
keywords_documented() {
	local word
	for word in $(grep -hoE '(take_word|at_word|expect_word|is_word)\([^"()]*"[A-Z]+"' src/core/*.cpp | grep -oE '"[A-Z]+"' | tr -d '"' | sort -u); do
		grep -rqwF "$word" docs/reference || echo "docs/reference: nothing says what $word is"
	done
}

# The SQLSTATEs of class WF in the sources are those of docs/reference/errors.md.
sqlstates_documented() {
	diff <(grep -rhoE "MAKE_SQLSTATE\('W', 'F', '0', '0', '.'\)" src | grep -oE "'.'\)" | tr -dc '0-9\n' | sed 's/^/WF00/' | sort -u) \
		<(grep -oE '^\| WF[0-9]+' docs/reference/errors.md | tr -d '| ' | sort -u) | grep '^[<>]'
}

# A fresh install creates; replacing would hide a name that someone else made first.
install_script_creates() { grep -niE '^\s*create or replace' sql/ext/*.sql; }

shell_syntax() {
	local file
	for file in $(project_files | grep -E '\.sh$|^\.ci/run$'); do
		[ ! -f "$file" ] || bash -n "$file" 2>&1
	done
}

rules='include_direction core_without_postgres version_tests_in_compat banned_in_library settings_alphabetical
	files_introduced file_length banned_words white_space tests_have_outputs examples_shown coverage_shown links_lead_somewhere
	keywords_documented problems_documented sqlstates_documented install_script_creates
	shell_syntax'
failed=0 passed=0
for rule in ${1:-$rules}; do
	broken=$("$rule")
	if [ -z "$broken" ]; then
		passed=$((passed + 1))
		say "  ok      $rule"
	else
		failed=$((failed + 1))
		say "  FAILED  $rule"
		printf '%s\n' "$broken" | head -n 40 | sed 's/^/            /'
	fi
done
say "$passed rules kept, $failed broken"
[ "$failed" -eq 0 ]
