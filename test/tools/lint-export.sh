#!/usr/bin/env bash
# What the built library shows and needs: it exports only what PostgreSQL calls, and needs no C++ run time.
set -u
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
[ -e bpt.so ] || die "no bpt.so: run make first"
bad=0
extra=$(nm -D --defined-only bpt.so | awk '{print $NF}' | grep -vE '^(Pg_magic_func|_PG_init|bpt_[a-z0-9_]+|pg_finfo_bpt_[a-z0-9_]+)$')
[ -z "$extra" ] || { bad=1 && say "exported, but neither PostgreSQL's nor bpt_*:" && say "$extra"; }
nm -D --defined-only bpt.so | grep -q ' Pg_magic_func$' || { bad=1 && say "Pg_magic_func is not exported"; }
if ldd bpt.so | grep -E 'libstdc\+\+|libc\+\+|libgcc_s'; then bad=1 && say "the library needs a C++ run time"; fi
cxx=$(nm -DC --undefined-only bpt.so | grep -E ' std::|operator (new|delete)|__cxa_|__gxx_' | grep -v ' __cxa_finalize')
unknown=$(nm -D --undefined-only bpt.so | awk '{print $NF}' | grep '^_Z' | c++filt)
[ -z "$unknown" ] || { bad=1 && say "used but defined nowhere:" && say "$unknown"; }
[ -z "$cxx" ] || { bad=1 && say "needed from a C++ run time:" && say "$cxx"; }
# Every C function that the install script declares must be there, or CREATE EXTENSION fails.
for name in $(cat sql/ext/*.sql | grep -oE "'MODULE_PATHNAME', *'[a-z0-9_]+'" | sed "s/.*, *'\(.*\)'/\1/" | sort -u); do
	nm -D --defined-only bpt.so | grep -q " $name\$" || { bad=1 && say "declared in sql/ext but not in the library: $name"; }
done
[ "$bad" -eq 0 ] && say "  exports and needs as they should be"
