#!/bin/sh
# Fuzzes the readers of SkyPay's messages, and what the runner makes of them: Fuzz/SkyPay/run.sh [SUBJECT…] (all without one).
#   FUZZ_SECONDS  at most so long each (1800)
#   FUZZ_RUNS     at most so many inputs each (10000000)
# An input that breaks a rule is kept in .build-fuzz-skypay/found-SUBJECT, and the exit code is not 0.
# `Fuzz/SkyPay/run.sh shrink` makes Fuzz/SkyPay/corpus the least that reaches the same code.
set -eu
cd "$(dirname "$0")/../.."
swift=${SWIFT:-swift}
build=$PWD/.build-fuzz-skypay
all="envelope message callback answer desk"
# Leaks are left out: Foundation's own are reported.
export ASAN_OPTIONS=detect_leaks=0

# A debug build made fast: release builds of several files lose what libFuzzer learns from.
$swift build --package-path Fuzz/SkyPay --scratch-path "$build" --sanitize fuzzer \
    -Xswiftc -O -Xswiftc -sanitize=fuzzer,address -Xcc -O2 --product skypay-fuzz
tool=$build/debug/skypay-fuzz

if [ "${1:-}" = shrink ]; then
    for subject in $all; do
        [ -d "$build/corpus-$subject" ] || continue
        mkdir -p "Fuzz/SkyPay/corpus/$subject"
        FUZZ_SUBJECT=$subject "$tool" -merge=1 -max_len=1024 "Fuzz/SkyPay/corpus/$subject" \
            "$build/corpus-$subject"
    done
    exit 0
fi
for subject in ${*:-$all}; do
    echo "fuzzing: $subject"
    mkdir -p "$build/seeds-$subject" "$build/corpus-$subject" "$build/found-$subject" \
        "Fuzz/SkyPay/corpus/$subject"
    FUZZ_SUBJECT=$subject FUZZ_SEEDS=$build/seeds-$subject "$tool" \
        -runs="${FUZZ_RUNS:-10000000}" -max_total_time="${FUZZ_SECONDS:-1800}" -max_len=4096 \
        -artifact_prefix="$build/found-$subject/" -print_final_stats=1 \
        "$build/corpus-$subject" "Fuzz/SkyPay/corpus/$subject" "$build/seeds-$subject"
done
