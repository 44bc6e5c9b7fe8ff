#!/bin/sh
# Builds once and runs every test; arguments go to `swift test` (--filter NAME).
# The seconds of the build and of the tests are told apart: the first build compiles the
# dependencies too, later ones do not. What failed stands once more at the very end, because a
# thousand tests' lines stand between a failure and the prompt.
set -eu
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

began=$(date +%s)
$swift build --build-tests
built=$(date +%s)
echo "built in $((built - began)) s, dependencies included where they were not built yet"

# A pipe hides its first program's exit code: the code goes through a file.
tests() {
    { $swift test --skip-build --disable-xctest "$@" 2>&1 || echo $? >"$work/failed"; } |
        tee -a "$work/output"
}

# The audit log's suites compute; the others wait for answers with deadlines. Side by side, the first
# would starve the second on a small machine.
computing='^AuditLog(Crash|Tool)?Tests\.'
if [ $# -gt 0 ]; then
    tests "$@"
else
    tests --skip "$computing"
    tests --filter "$computing"
fi
echo "tested in $(($(date +%s) - built)) s, built in $((built - began)) s"
[ -e "$work/failed" ] || exit 0

echo
echo "what failed, from above:"
grep -a -A 4 -E 'recorded an issue|^error: |Fatal error|unexpected signal|Sanitizer:' "$work/output" |
    grep -a -v -E '^(✔|◇|--$)' | cut -c 1-1000 | head -n 200 || true
grep -a -E '^✘ Test run|^Test run' "$work/output" || true
exit "$(head -n 1 "$work/failed")"
