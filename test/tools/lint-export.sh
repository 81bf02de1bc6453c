#!/usr/bin/env bash
# What the built libraries show and need: they export only what PostgreSQL calls, and need no C++ run time.
set -u
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
bad=0
for library in bpt.so bpt_mail.so; do
	[ -e $library ] || die "no $library: run make first"
	extra=$(nm -D --defined-only $library | awk '{print $NF}' | grep -vE '^(Pg_magic_func|_PG_init|bpt_[a-z0-9_]+|pg_finfo_bpt_[a-z0-9_]+)$')
	[ -z "$extra" ] || { bad=1 && say "$library exports what is neither PostgreSQL's nor bpt_*:" && say "$extra"; }
	nm -D --defined-only $library | grep -q ' Pg_magic_func$' || { bad=1 && say "$library does not export Pg_magic_func"; }
	if readelf -d $library | grep -E 'NEEDED.*(libstdc\+\+|libc\+\+|libgcc_s)'; then bad=1 && say "$library needs a C++ run time"; fi
	cxx=$(nm -DC --undefined-only $library | grep -E ' std::|operator (new|delete)|__cxa_|__gxx_' | grep -v ' __cxa_finalize')
	unknown=$(nm -D --undefined-only $library | awk '{print $NF}' | grep '^_Z' | c++filt)
	[ -z "$unknown" ] || { bad=1 && say "$library uses what is defined nowhere:" && say "$unknown"; }
	[ -z "$cxx" ] || { bad=1 && say "$library needs from a C++ run time:" && say "$cxx"; }
done
# libcurl comes with the mail module alone.
if readelf -d bpt.so | grep 'NEEDED.*curl'; then bad=1 && say "bpt.so needs libcurl"; fi
# Every C function that the install script declares must be there, or CREATE EXTENSION fails.
for name in $(cat sql/ext/*.sql | grep -oE "'MODULE_PATHNAME', *'[a-z0-9_]+'" | sed "s/.*, *'\(.*\)'/\1/" | sort -u); do
	nm -D --defined-only bpt.so | grep -q " $name\$" || { bad=1 && say "declared in sql/ext but not in the library: $name"; }
done
[ "$bad" -eq 0 ] && say "  exports and needs as they should be"
