#!/usr/bin/env bash
# Compiled with -fexceptions, an object refers to _Unwind_Resume exactly where a destructor would run if a called
# function unwound, that is where a PostgreSQL error would jump over it; guards and atexit show dynamic initialisation,
# new and delete the C++ heap. None of them may be there.
set -u
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
use_pg_config
make -s -k -f test/tools/variants.mk -j"$jobs" unwind || exit 1
objects=$(find build/unwind -name '*.o' | sort)
[ -n "$objects" ] || die "no objects to look at"
bad=0
for object in $objects; do
	source=src/${object#build/unwind/}
	source=${source%.o}.cpp
	[ -e "$source" ] || continue
	found=$(nm -uC "$object" | grep -E '_Unwind_Resume|__cxa_guard|__cxa_atexit|operator (new|delete)|__cxa_throw|__cxa_allocate|__dynamic_cast')
	[ -z "$found" ] || { bad=1 && printf '%s:\n%s\n' "$source" "$found"; }
done
[ "$bad" -eq 0 ] && say "  $(echo "$objects" | wc -l) objects, nothing that a jump could skip"
