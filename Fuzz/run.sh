#!/bin/sh
# Fuzzes the readers of the audit log: Fuzz/run.sh [SUBJECT…] (all without one).
#   FUZZ_SECONDS  at most so long each (1800)
#   FUZZ_RUNS     at most so many inputs each (10000000)
# An input that breaks a rule is kept in .build-fuzz/found-SUBJECT, and the exit code is not 0. Each
# starts from Fuzz/corpus/SUBJECT and from valid inputs made by the log's own code; what it learns is
# kept in .build-fuzz/corpus-SUBJECT. `Fuzz/run.sh shrink` makes Fuzz/corpus the least that reaches the
# same code.
set -eu
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
build=$PWD/.build-fuzz
all="segment note epochs key proof manifest hints index description event draft log"
# Leaks are left out: Foundation's own are reported.
export ASAN_OPTIONS=detect_leaks=0

# A debug build made fast: release builds of several files lose what libFuzzer learns from.
$swift build --package-path Fuzz --scratch-path "$build" --sanitize fuzzer \
    -Xswiftc -O -Xswiftc -sanitize=fuzzer,address -Xcc -O2 --product auditlog-fuzz
tool=$build/debug/auditlog-fuzz

if [ "${1:-}" = shrink ]; then
    for subject in $all; do
        [ -d "$build/corpus-$subject" ] || continue
        mkdir -p "Fuzz/corpus/$subject"
        FUZZ_SUBJECT=$subject "$tool" -merge=1 -max_len=1024 "Fuzz/corpus/$subject" \
            "$build/corpus-$subject"
    done
    exit 0
fi
for subject in ${*:-$all}; do
    echo "fuzzing: $subject"
    mkdir -p "$build/seeds-$subject" "$build/corpus-$subject" "$build/found-$subject" \
        "Fuzz/corpus/$subject"
    FUZZ_SUBJECT=$subject FUZZ_SEEDS=$build/seeds-$subject "$tool" \
        -runs="${FUZZ_RUNS:-10000000}" -max_total_time="${FUZZ_SECONDS:-1800}" -max_len=4096 \
        -artifact_prefix="$build/found-$subject/" -print_final_stats=1 \
        "$build/corpus-$subject" "Fuzz/corpus/$subject" "$build/seeds-$subject"
done
