#!/bin/sh
# Taking files in, with the runner and the sandbox on this machine and everything synced.
#
#   Benchmarks/intake.sh burst [20000]  so many files from four senders, renamed in under a running
#                                       daemon: each has one verdict; how long that took, and memory
#   Benchmarks/intake.sh pickup [200]   files one after the other in an idle inbox: how long after the
#                                       settle time each is claimed
#
# INTAKE_BIN: folder of batchrunner and skypay-sandbox, optimised; by default they are built here
#   (swift build -c release).
# INTAKE_DIR: where the work lies, by default beside this script.
# INTAKE_KEEP=1: leaves it there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kind=${1:?burst or pickup}
case $kind in
burst) files=${2:-20000} ;;
pickup) files=${2:-200} ;;
*)
    echo "burst or pickup, not $kind" >&2
    exit 64
    ;;
esac
if [ -z "${INTAKE_BIN:-}" ]; then
    for product in batchrunner skypay-sandbox; do
        swift build -c release --product "$product" --package-path "$here/.." >&2
    done
    INTAKE_BIN=$here/../.build/release
fi
work=$(mktemp -d "${INTAKE_DIR:-$here}/.work-XXXXXX")
export INTAKE_BIN
if [ -n "${INTAKE_KEEP:-}" ]; then
    echo "$work" >&2
else
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
fi
python3 "$here/intake.py" "$work" "$kind" "$files"
