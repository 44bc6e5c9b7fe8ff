#!/bin/sh
# One batch of many payouts through the runner and the sandbox, both on this machine, everything synced:
# rows a second, the most memory the runner had, and how soon it sends again after a kill in the middle.
#
#   Benchmarks/million.sh                1,000,000 rows
#   Benchmarks/million.sh 100000         fewer
#   Benchmarks/million.sh 1000000 20000  ends after 20,000 requests: memory and restart, not the hours
#
# MILLION_BIN: folder of batchrunner and skypay-sandbox, optimised; by default they are built here
#   (swift build -c release).
# MILLION_DIR: where the work lies (about 3 GB for a million rows), by default beside this script.
# MILLION_KEEP=1: leaves it there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rows=${1:-1000000}
sends=${2:-$rows}
if [ -z "${MILLION_BIN:-}" ]; then
    for product in batchrunner skypay-sandbox; do
        swift build -c release --product "$product" --package-path "$here/.." >&2
    done
    MILLION_BIN=$here/../.build/release
fi
work=$(mktemp -d "${MILLION_DIR:-$here}/.work-XXXXXX")
export MILLION_BIN
if [ -n "${MILLION_KEEP:-}" ]; then
    echo "$work" >&2
else
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
fi
python3 "$here/million.py" "$work" "$rows" "$sends"
