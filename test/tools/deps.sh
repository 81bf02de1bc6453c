#!/usr/bin/env bash
# Installs from Debian's packages what is missing for the purposes named: build, server, check, bench, pgq.
# Says what it installs; does nothing, and asks nobody, when everything is there. A PostgreSQL that is running goes on
# running, and no database cluster is made.
set -eu
. "$(dirname "$0")/lib.sh"

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	say "Not a Debian system: expecting g++, PostgreSQL with its server headers, libcurl with its headers, and for checks clang, cmake, GoogleTest, libpqxx and pgTAP."
	exit 0
fi

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The PostgreSQL that PG_CONFIG names, else the one that is there, else the first version that the system offers.
major() {
	local config version
	if config=$(find_pg_config); then
		"$config" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'
		return
	fi
	for version in 15 18 17 16; do
		if installed "postgresql-$version"; then echo "$version" && return; fi
	done
	for version in 15 18 17 16; do
		if apt-cache show "postgresql-server-dev-$version" >/dev/null 2>&1; then echo "$version" && return; fi
	done
	echo 15
}

missing_for() {
	local version wanted=() package purpose
	version=$(major)
	for purpose in "$@"; do
		case $purpose in
		build)
			wanted+=(g++ make "postgresql-server-dev-$version")
			# Either flavour will do.
			installed libcurl4-gnutls-dev || wanted+=(libcurl4-openssl-dev)
			;;
		server) wanted+=("postgresql-$version" "postgresql-client-$version") ;;
		check)
			wanted+=(clang clang-format clang-tidy libclang-rt-dev cppcheck cmake libgtest-dev libpqxx-dev perl
				libipc-run-perl "postgresql-$version-pgtap" python3-aiosmtpd openssl)
			;;
		bench) wanted+=(cmake libpqxx-dev) ;;
		pgq) wanted+=("postgresql-$version-pgq3") ;;
		*) die "unknown purpose $purpose" ;;
		esac
	done
	for package in "${wanted[@]}"; do
		case $package in
		# A PostgreSQL built by hand needs no package.
		postgresql-*) if [ -n "${PG_CONFIG:-}" ] && [ "$PG_CONFIG" != pg_config ]; then
			case $("$PG_CONFIG" --bindir 2>/dev/null) in /usr/lib/postgresql/*) ;; *) continue ;; esac
		fi ;;
		esac
		installed "$package" || printf '%s\n' "$package"
	done
}

missing=$(missing_for "$@" | sort -u)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	privileged() { "$@"; }
elif command -v sudo >/dev/null; then
	privileged() { sudo "$@"; }
	say "Some packages are missing; sudo may ask for your password."
else
	die "missing packages, and neither root nor sudo to install them: $(echo $missing)"
fi

quietly() {
	# One line for each package keeps a long installation visible without flooding the screen.
	privileged env DEBIAN_FRONTEND=noninteractive "$@" 2>&1 | sed -n \
		-e 's/^Setting up \([^ ]*\) .*/  \1/p' -e '/^[EW]: /p' -e 's/^Need to get .*/  &/p' -e 's/^Reading package/  &/p' \
		-e '/^Err:/p' -e '/^dpkg: error/p' | grep -v '/dev/pts mounted'
	return "${PIPESTATUS[0]}"
}

say "Asking apt for the present package lists."
quietly apt-get update || say "apt-get update failed; going on with the lists that are there."
missing=$(missing_for "$@" | sort -u)
say "Installing: $(echo $missing)"

# Debian's server package makes a cluster and starts it, and its upgrade restarts those that run. While packages are
# being installed here, a file of our own beside apt's and PostgreSQL's settings says no to both; it goes afterwards.
no_cluster=/etc/postgresql-common/createcluster.d/bpt-no-main-cluster.conf
no_start=/usr/sbin/policy-rc.d
ours=()
clean_up() {
	[ ${#ours[@]} -eq 0 ] || privileged rm -f "${ours[@]}"
	privileged rmdir --ignore-fail-on-non-empty /etc/postgresql-common/createcluster.d 2>/dev/null || true
}
case $missing in *postgresql*)
	trap clean_up EXIT
	trap 'exit 1' INT TERM HUP
	say "No database cluster is made or started, and no running server is restarted, by this installation."
	if [ ! -e "$no_start" ]; then
		ours+=("$no_start")
		printf '#!/bin/sh\nexit 101\n' | privileged tee "$no_start" >/dev/null
		privileged chmod 755 "$no_start"
	fi
	if [ ! -e "$no_cluster" ]; then
		ours+=("$no_cluster")
		privileged mkdir -p "${no_cluster%/*}"
		echo 'create_main_cluster = false' | privileged tee "$no_cluster" >/dev/null
	fi
	;;
esac

started=$SECONDS
quietly apt-get install -y -q --no-install-recommends $missing ||
	die "apt could not install them; 'apt-get install $(echo $missing)' shows why"
say "Installed in $((SECONDS - started)) s."
