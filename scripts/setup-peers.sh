#!/bin/sh
# Installs the programs of others that tests use when they are there: Go with golang.org/x/mod and
# PyPI's aics-tlog check proofs, checkpoints and tiles, Chromium opens reports, zbarimg reads bar codes,
# strace makes system calls fail. Tests name what they skip, so nothing here is needed to build or to pass.
set -u
cd "$(dirname "$0")/.."

missing=
has() { command -v "$1" >/dev/null 2>&1; }
has go && [ -d /usr/share/gocode/src/golang.org/x/mod ] ||
    missing="$missing golang-go golang-golang-x-mod-dev"
has strace || missing="$missing strace"
has zbarimg || missing="$missing zbar-tools"
has chromium || has google-chrome || missing="$missing chromium"
has python3 || missing="$missing python3"
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ] && has apt-get; then
        echo "setup: installing for tests:$missing"
        apt-get update -qq
        # One word per package.
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null ||
            echo "setup: some could not be installed; the tests that need them are skipped" >&2
    else
        echo "setup: for every test install:$missing" >&2
    fi
fi

# aics-tlog needs Python 3.12 or newer, in an environment of its own.
peers=.build/interop
[ -x "$peers/bin/python" ] && "$peers/bin/python" -c 'import aics_tlog' 2>/dev/null && exit 0
for python in python3.14 python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3; do
    "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue
    "$python" -m venv "$peers" && "$peers/bin/python" -m pip install --quiet aics-tlog==0.2.1 &&
        exit 0
done
echo "setup: no Python 3.12 with aics-tlog; the tests that need it are skipped" >&2
exit 0
