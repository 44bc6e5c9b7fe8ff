#!/bin/sh
# `make install` into a temporary folder, and the installed tools at work from there: nothing of this
# repository and no Swift toolchain beside them. KILLS (5): how often the self-test kills the runner.
set -eu
cd "$(dirname "$0")/.."
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
make --no-print-directory install PREFIX="$prefix"

cd "$prefix"
for tool in batchrunner auditlog skypay-sandbox; do
    "bin/$tool" --help >/dev/null
    if ldd "bin/$tool" | grep -i swift; then
        echo "$tool needs a Swift runtime that customers do not have" >&2
        exit 1
    fi
done
env -i PATH=/usr/bin:/bin HOME="$prefix" bin/batchrunner selftest --kills "${KILLS:-5}" --folder trial
ls -l bin
echo "installed and tried"
