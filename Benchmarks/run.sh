#!/bin/sh
# Measures the bars of the audit log and prints one table; a copy goes to Benchmarks/results.
#
#   Benchmarks/run.sh               200,000 events
#   Benchmarks/run.sh all           200,000, 2 million and 10 million (an hour, 6 GB)
#   Benchmarks/run.sh 2000          smoke: everything runs, nothing is judged, nothing is kept
#
# Everything is durable (fdatasync on) on the file system of AUDIT_BENCH_DIR, by default this one.
# Wants a quiet machine, and no `nice`: the threads of Swift's dispatch library do not take it over,
# the peers do.
# AUDIT_BENCH_BUILD: where to build, by default Benchmarks/.build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- 200000
[ "$1" != all ] || set -- 200000 2000000 10000000
build=${AUDIT_BENCH_BUILD:-$here/.build}
swift=${SWIFT:-swift}

$swift build --configuration release --static-swift-stdlib --package-path "$here" --scratch-path "$build" >&2
bin=$build/release
work=$(mktemp -d "${AUDIT_BENCH_DIR:-$here}/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

"$bin/AuditBench" run "$work" "$bin/limits" "$bin/auditlog" "$@" > "$work/table.md"
cat "$work/table.md"
[ "$1" -lt 200000 ] || cp "$work/table.md" "$here/results/$(date -u +%Y-%m-%d).md"
