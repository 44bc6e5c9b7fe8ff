"""Measures taking files in, for intake.sh: usage intake.py WORKFOLDER burst|pickup FILES"""

import collections
import concurrent.futures
import gzip
import http.client
import json
import os
import subprocess
import sys
import time

WORK, KIND, FILES = sys.argv[1], sys.argv[2], int(sys.argv[3])
BIN = os.environ["INTAKE_BIN"]
SENDERS = ["acme", "bravo", "cargo", "delta"]
SETTLE_SECONDS, PICKUP_LIMIT_SECONDS = 2, 0.2
PAYEE = '"Halimbawa,Uno,Test",09171234567,100.00,09171234567,6'


class Sandbox:
    """A SkyPay of its own with a synced ledger; payouts are final at once."""

    def __init__(self):
        self.state = f"{WORK}/provider"
        ready = f"{WORK}/provider.port"
        self.child = subprocess.Popen(
            [f"{BIN}/skypay-sandbox", "serve", "--port", "0", "--ready-file", ready, "--state",
             self.state, "--balance", "9999999999.00"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(ready) and open(ready).read().strip()):
            time.sleep(0.01)
        self.port = int(open(ready).read())

    def requests(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/sandbox/requests")
        return json.loads(connection.getresponse().read()).get("payoutQueue", 0)

    def applied(self):
        """Money moved: how often for each control number."""
        times = collections.Counter()
        with open(f"{self.state}/ledger.jsonl") as file:
            for line in file:
                if '"event":"applied"' in line:
                    times[json.loads(line)["controlNumber"]] += 1
        return times

    def stop(self):
        self.child.terminate()
        self.child.wait()


class Daemon:
    def __init__(self, port):
        self.site = f"{WORK}/site"
        for sender in SENDERS:
            os.makedirs(f"{self.site}/inbox/{sender}")
        self.configure(port)
        self.child = subprocess.Popen(
            [f"{BIN}/batchrunner", "daemon", "--root", self.site],
            stdout=open(f"{WORK}/daemon.out", "wb"), stderr=open(f"{WORK}/daemon.err", "wb"))
        while not os.path.exists(f"{self.site}/state/daemon.lock"):
            self.check()
            time.sleep(0.05)
        time.sleep(1)

    def configure(self, port):
        path = f"{self.site}/batchrunner.yaml"
        with open(path, "w") as file:
            file.write(f"""mode: test
skypay:
  url: http://127.0.0.1:{port}/services
  callerName: demo
  userName: DemoApp@skypay
  authentication: E1234567-123C-1234-123F-A12345670
  passwordKey: TESTKEY000000001
  controlNumberPrefix: SKY99
  sender: Demo
  queryAfterSeconds: 1
  queryEverySeconds: 1
ledger: {{checkHour: none}}
intake: {{settleSeconds: {SETTLE_SECONDS}, scanSeconds: 5}}
""")
        os.chmod(path, 0o600)

    def check(self):
        if self.child.poll() is not None:
            sys.exit(f"the runner ended with {self.child.returncode}: see {WORK}/daemon.err")

    def peak_mebibytes(self):
        for line in open(f"/proc/{self.child.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0

    def answers(self, ending):
        return sum(
            entry.name.endswith(ending)
            for sender in SENDERS if os.path.isdir(f"{self.site}/outbox/{sender}")
            for entry in os.scandir(f"{self.site}/outbox/{sender}"))

    def wait(self, ending, count):
        while self.answers(ending) < count:
            self.check()
            time.sleep(0.5)

    def stop(self):
        self.child.terminate()
        return self.child.wait()

    def events(self):
        folder = f"{self.site}/audit/segments"
        for name in sorted(os.listdir(folder)):
            if name.endswith(".jsonl.gz"):
                with gzip.open(f"{folder}/{name}", "rt") as file:
                    for line in file:
                        yield json.loads(line)


def drop(site, sender, index):
    """Written under another name, then renamed; gives the time of the last close."""
    path = f"{site}/inbox/{sender}/f{index:06d}.csv"
    with open(path + ".part", "w") as file:
        file.write(f"H,batch=B-{index},action=payoutQueue,mode=test\n"
                   "C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n"
                   f"D,SKY99{index:010d},{PAYEE}\nT,count=1,amount=100.00\n")
    os.rename(path + ".part", path)


def put(site, sender, index):
    """Under its final name, as most clients do; gives the time of the close."""
    path = f"{site}/inbox/{sender}/f{index:06d}.csv"
    with open(path, "w") as file:
        file.write(f"H,batch=B-{index},action=payoutQueue,mode=test\n"
                   "C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n"
                   "T,count=0,amount=0.00\n")
    return time.time()


def burst():
    sandbox = Sandbox()
    daemon = Daemon(sandbox.port)
    start = time.monotonic()
    parts = [range(FILES)[number::len(SENDERS)] for number in range(len(SENDERS))]
    with concurrent.futures.ProcessPoolExecutor(len(SENDERS)) as pool:
        list(pool.map(drop_all, [daemon.site] * len(SENDERS), SENDERS, parts))
    dropped = time.monotonic() - start
    daemon.wait(".ack.json", FILES)
    acknowledged = time.monotonic() - start
    daemon.wait(".final.json", FILES)
    final = time.monotonic() - start
    peak, sent = daemon.peak_mebibytes(), sandbox.requests()
    code = daemon.stop()
    sandbox.stop()
    claimed, verdicts = collections.Counter(), collections.Counter()
    for event in daemon.events():
        file = event.get("subject", {}).get("file")
        if event["type"] == "file.claimed":
            claimed[file] += 1
        verdict = event.get("data", {}).get("verdict")
        if verdict or event["type"] == "batch.accepted":
            verdicts[file, verdict or "accepted"] += 1
    applied = sandbox.applied()
    once = (len(verdicts) == FILES and set(verdicts.values()) == {1}
            and {kind for _, kind in verdicts} == {"accepted"} and len(claimed) == FILES)
    money = len(applied) == FILES and set(applied.values()) == {1}
    left = sum(not name.startswith(".") for sender in SENDERS
               for name in os.listdir(f"{daemon.site}/inbox/{sender}"))
    print(f"{FILES:,} files of one payout each from {len(SENDERS)} senders, renamed in under a running "
          "daemon; everything synced\n")
    print("| what | measured | |\n|---|---|---|")
    print(f"| dropped in | {dropped:.1f} s | {FILES / dropped:.0f} a second |")
    print(f"| all acknowledged, from the first drop | {acknowledged:.0f} s | {FILES / acknowledged:.0f} a second |")
    print(f"| all paid and final | {final:.0f} s | {FILES / final:.0f} a second |")
    print(f"| most memory of the runner (VmHWM) | {peak:.0f} MiB | |")
    print(f"| files with exactly one verdict, accepted | {len(verdicts):,} | {'met' if once else 'MISSED'} |")
    print(f"| payouts made exactly once | {len(applied):,}, {sent:,} requests | {'met' if money else 'MISSED'} |")
    print(f"| left in the inbox | {left} | {'met' if left == 0 else 'MISSED'} |")
    print(f"\nThe runner ended with {code}.")
    return once and money and left == 0 and code == 0


def drop_all(site, sender, indices):
    for index in indices:
        drop(site, sender, index)


def pickup():
    sandbox = Sandbox()
    daemon = Daemon(sandbox.port)
    closed = {}
    for index in range(FILES):
        sender = SENDERS[index % len(SENDERS)]
        name = f"f{index:06d}.csv"
        closed[name] = put(daemon.site, sender, index)
        while not os.path.exists(f"{daemon.site}/outbox/{sender}/{name}.ack.json"):
            daemon.check()
            time.sleep(0.02)
    daemon.stop()
    sandbox.stop()
    waits = sorted(
        seconds(event["time"]) - closed[event["data"]["name"]] - SETTLE_SECONDS
        for event in daemon.events() if event["type"] == "file.claimed")
    figures = [("half of them", waits[len(waits) // 2]),
               ("99 of 100", waits[min(len(waits) - 1, len(waits) * 99 // 100)]),
               ("all", waits[-1])]
    print(f"{len(waits)} files, one after the other in an idle inbox: from the last close to the durable "
          f"claim, beyond the settle time of {SETTLE_SECONDS} s\n")
    print("| of the files | within | limit | |\n|---|---|---|---|")
    for name, value in figures:
        verdict = "met" if value <= PICKUP_LIMIT_SECONDS else "MISSED"
        print(f"| {name} | {value * 1000:.0f} ms | {PICKUP_LIMIT_SECONDS * 1000:.0f} ms | {verdict} |")
    return len(waits) == FILES and waits[-1] <= PICKUP_LIMIT_SECONDS


def seconds(text):
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    sys.exit(0 if (burst if KIND == "burst" else pickup)() else 1)
