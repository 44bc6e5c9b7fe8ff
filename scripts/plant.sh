#!/bin/sh
# Does the simulator look? Plants one bug after the other in a copy of the sources, builds it, and runs seeds
# until one finds it: scripts/plant.sh [SEEDS]. Prints a table; exit code 1 when a bug stays unfound.
# The copy stays in .build/plantings, so that the next time is faster; the sources here are not touched.
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-1000}
swift=${SWIFT:-swift}
plantings=$PWD/scripts/plantings
copy=$PWD/.build/plantings
mkdir -p "$copy/.build"

files_of() { sed -n 's,^+++ b/,,p' "$1"; }

# Whatever an interrupted run left planted comes out first; what is unchanged keeps its age.
for patch in "$plantings"/*.patch; do
    for file in $(files_of "$patch"); do rm -f "$copy/$file"; done
done
refresh() { mkdir -p "$copy/$1" && cp -Rpu "$1/." "$copy/$1"; }
for folder in Sources Tests; do refresh "$folder"; done
cp -pu Package.swift Package.resolved "$copy"
for known in checkouts repositories workspace-state.json; do
    if [ -e ".build/$known" ] && [ ! -e "$copy/.build/$known" ]; then
        cp -Rp ".build/$known" "$copy/.build/$known"
    fi
done

missed=0
echo "| planted | first seed that finds it | by |"
echo "|---|---|---|"
for patch in "$plantings"/*.patch; do
    (cd "$copy" && patch --quiet --strip=1 --input="$patch")
    if ! "$swift" build --package-path "$copy" --scratch-path "$copy/.build" --configuration release \
        --product batchrunner-simulate >"$copy/build.log" 2>&1; then
        tail -n 20 "$copy/build.log" >&2
        echo "$(basename "$patch") does not build" >&2
        exit 2
    fi
    tool=$("$swift" build --package-path "$copy" --scratch-path "$copy/.build" --configuration release \
        --show-bin-path)/batchrunner-simulate
    "$tool" --seeds "$seeds" --jobs "$(nproc)" >"$copy/found.txt" || true
    # Several are under way at once: the lowest counts.
    found=$(sed -n 's/^seed \([0-9]*\):.*/\1/p' "$copy/found.txt" | sort -n | head -n 1)
    by=$(sed -n 's/^  \([^:]*\): .*/\1/p' "$copy/found.txt" | sort -u | tr '\n' ' ')
    if [ -z "$found" ]; then
        missed=1
        found="none of $seeds"
    fi
    echo "| $(head -n 1 "$patch") | $found | $by |"
    for file in $(files_of "$patch"); do cp -p "$file" "$copy/$file"; done
done
exit "$missed"
