#!/bin/sh
# Makes sure that what the build needs is here. As root on Debian or Ubuntu it installs what is
# missing; elsewhere it names it. Says nothing and changes nothing when all is there.
set -eu

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

if ! command -v swift >/dev/null 2>&1; then
    fail "setup: no Swift toolchain found." \
        "       Install Swift 6.2 or newer from https://www.swift.org/install/linux/" \
        "       and put its usr/bin in PATH."
fi

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ -n "$version" ] && { [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; }; then
    fail "setup: Swift $version is too old; install 6.2 or newer from https://www.swift.org/install/linux/"
fi

missing=
command -v pkg-config >/dev/null 2>&1 || missing="pkg-config"
has() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1"; }
has zlib || missing="$missing zlib1g-dev"
has sqlite3 || missing="$missing libsqlite3-dev"
if [ -z "$missing" ]; then
    if [ "${CI:-}" = true ]; then exec sh "$(dirname "$0")/setup-peers.sh"; fi
    exit 0
fi

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing$(printf ' %s' $missing)"
    apt-get update -qq
    # One word per package.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
    if [ "${CI:-}" = true ]; then exec sh "$(dirname "$0")/setup-peers.sh"; fi
    exit 0
fi

fail "setup: missing:$(printf ' %s' $missing)" \
    "       Debian, Ubuntu:  sudo apt-get install$(printf ' %s' $missing)" \
    "       Fedora, RHEL:    sudo dnf install pkgconf zlib-devel sqlite-devel" \
    "       Alpine:          sudo apk add pkgconf zlib-dev sqlite-dev"
