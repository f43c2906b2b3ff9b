# What the scripts here share: installing, building, speaking. Sourced, never run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)

# Debian keeps the KDC and other servers where an ordinary user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

bold= plain=
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# packages_of GROUP...: their packages, one a line.
packages_of() {
    local group
    for group in "$@"; do
        sed -n "s/^$group  *//p" "$root/scripts/packages.txt"
    done
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "needs root or sudo for: $*"
        sudo "$@"
    fi
}

# need_packages GROUP...: installs what is missing of these groups, and nothing where nothing is.
need_packages() {
    local missing=() package
    while read -r package; do
        installed "$package" || missing+=("$package")
    done < <(packages_of "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}" "(some minutes)"
    install_packages "${missing[@]}"
}

install_packages() {
    as_root sh -s "$@" <<'INSTALL'
        set -e
        export DEBIAN_FRONTEND=noninteractive
        # Tests start servers of their own; those that the packages bring shall not start. A rule that is there already stays.
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
            trap 'rm -f $policy' EXIT
            trap 'exit 1' HUP INT TERM
            printf '#!/bin/sh\nexit 101\n' >$policy
            chmod 755 $policy
        fi
        # Package lists that are absent or too old show themselves by a failure.
        get() { apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null; }
        if ! get "$@" 2>/dev/null; then
            apt-get update -qq </dev/null
            get "$@"
        fi
INSTALL
}

# A compiler cache serves every build tree, where there is one: what differs by the tree's name only is the same.
use_compiler_cache() {
    command -v ccache >/dev/null || return 0
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
}

# configure PRESET; build PRESET [TARGET...]
configure() {
    use_compiler_cache
    (cd "$root" && cmake --preset "$1")
}

build() {
    local tree=$root/build/$1
    shift
    cmake --build "$tree" -j "$jobs" ${1:+--target "$@"}
}

# run_tests PRESET [ctest arguments]: the status is ctest's; its summary is what is printed last. What every test said goes
# to results/ctest.xml (JUnit), uncut: the conformance table is made of it.
run_tests() {
    local tree=$root/build/$1
    shift
    ctest --test-dir "$tree" --output-on-failure -j "$jobs" --output-junit "$tree/results/ctest.xml" \
        --test-output-size-passed 16777216 --test-output-size-failed 16777216 "$@"
}
