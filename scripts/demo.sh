#!/usr/bin/env bash
# The main job on this machine: a SkyPay sandbox, the samples, one run, the proof.
#   scripts/demo.sh         do it once, show it, stop everything, exit 0
#   scripts/demo.sh daemon  the same, then watch the inbox until Ctrl-C
# The repository root is the site. What runs leave (outbox/, audit/, state/, demo/) stays for the
# next time, so a second demo shows that nothing is sent twice; `make clean-site` forgets it.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-once}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }

scripts/setup.sh
say "Building (the first time compiles the dependencies: some minutes)"
swift build
bin=$(swift build --show-bin-path)

sandbox=
stop() {
    if [ -n "$sandbox" ]; then
        kill "$sandbox" 2>/dev/null || true
        wait "$sandbox" 2>/dev/null || true
        sandbox=
    fi
}
trap stop EXIT
trap 'exit 130' INT TERM

say "Starting SkyPay's sandbox on a free loopback port"
mkdir -p demo
rm -f demo/port
"$bin/skypay-sandbox" serve --port 0 --state demo/sandbox --ready-file demo/port >demo/sandbox.log 2>&1 &
sandbox=$!
for _ in $(seq 100); do
    [ -s demo/port ] && break
    kill -0 "$sandbox" 2>/dev/null || { cat demo/sandbox.log >&2; exit 1; }
    sleep 0.1
done
port=$(cat demo/port)
# Every key can come from the environment; the port is new each time.
export SKYPAY_URL="http://127.0.0.1:$port/services"
echo "$SKYPAY_URL"

if [ ! -e batchrunner.yaml ]; then
    (umask 077 && cp samples/site/batchrunner.yaml batchrunner.yaml)
fi

# Dropped as an SFTP client does: written under a temporary name, then renamed.
drop() {
    for file in "$@"; do
        cp "$file" "inbox/$(basename "$file").part"
        mv "inbox/$(basename "$file").part" "inbox/$(basename "$file")"
    done
}

# Runs the runner and insists on the exit code that the samples call for.
expect() {
    local wanted=$1 code=0
    shift
    "$@" || code=$?
    if [ "$code" != "$wanted" ]; then
        echo "demo: exit code $code where $wanted was expected" >&2
        exit 1
    fi
}

say "Dropping four batches and a notification into inbox/"
drop samples/payouts-plain.csv.ctl samples/*.csv samples/payouts.json samples/finance-notification.json
ls inbox

if [ "$mode" = daemon ]; then
    say "Watching inbox/ (Ctrl-C stops; drop samples/payout-callback.json to see an answer)"
    code=0
    "$bin/batchrunner" daemon &
    daemon=$!
    trap 'kill -TERM $daemon 2>/dev/null || true' INT TERM
    while kill -0 "$daemon" 2>/dev/null; do wait "$daemon" && code=0 || code=$?; done
    say "Stopped; the daemon's exit code was $code"
    exit 0
fi

say "batchrunner run (30: one of the samples is wrong as a whole, and is refused)"
expect 30 "$bin/batchrunner" run

say "SkyPay reports two of the payouts as paid: a plain and an encrypted callback"
drop samples/payout-callback.json samples/payout-callback.txt
sleep 1
say "batchrunner run (a callback is answered at once, and proven by asking SkyPay)"
expect 0 "$bin/batchrunner" run

say "outbox/"
ls outbox
say "What the sender is told about its wrong rows: outbox/payouts-mixed.csv.rejected.csv"
cut -c1-150 outbox/payouts-mixed.csv.rejected.csv

say "SkyPay's own ledger: no payout was applied twice"
"$bin/skypay-sandbox" ledger --port "$port" >demo/ledger.json
echo "$(grep -c '"controlNumber"' demo/ledger.json) payouts," \
    "$(grep -c '"applied": 1,' demo/ledger.json) applied once," \
    "$(grep -cE '"applied": ([2-9]|[0-9]{2,})' demo/ledger.json || true) more than once"

say "auditlog verify"
"$bin/auditlog" verify
say "The last three events, with nothing but zcat"
zcat audit/segments/*.gz | tail -n 3 | cut -c1-300

say "Done. Look around: outbox/, batchrunner status SKY9926112101, auditlog search --type batch.accepted"
