#!/bin/sh
# Runs histories of the simulator on every core: scripts/simulate.sh SEEDS [FIRST]. Exit code 1 when one of
# them violates an invariant; its seed replays it (batchrunner-simulate --seed N --trace).
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-20000}
first=${2:-1}
tool=$(${SWIFT:-swift} build --configuration release --show-bin-path)/batchrunner-simulate
cores=$(nproc)
share=$(((seeds + cores - 1) / cores))
started=$(date +%s)
children=
core=0
while [ "$core" -lt "$cores" ]; do
    "$tool" --seed $((first + core * share)) --seeds "$share" --all &
    children="$children $!"
    core=$((core + 1))
done
failed=0
for child in $children; do wait "$child" || failed=1; done
echo "$seeds histories on $cores cores in $(($(date +%s) - started)) s"
exit $failed
