"""Measures one large batch, for million.sh: usage million.py WORKFOLDER ROWS REQUESTS"""

import asyncio
import base64
import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time

WORK, ROWS, SENDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
BIN = os.environ["MILLION_BIN"]
IN_FLIGHT = 64
PEER_ROWS = min(20_000, SENDS)
MEMORY_LIMIT_MIB, READY_LIMIT_SECONDS = 150, 3.0
CREDENTIALS = {"userName": "DemoApp@skypay", "authentication": "E1234567-123C-1234-123F-A12345670"}
PASSWORD_KEY = "TESTKEY000000001"


def number(index):
    return "SKY99%010d" % index


def fields(index):
    return {
        "controlNumber": number(index), "name": "Halimbawa,Uno,Test", "phone": "09171234567",
        "amount": "%d.%02d" % (100 + index % 900, index % 100),
        "accountNo": "09%09d" % index, "withdrawChannel": "6",
    }


class Sandbox:
    """A SkyPay of its own, with a synced ledger; payouts stay queued for a day."""

    def __init__(self, name):
        self.state = f"{WORK}/{name}"
        ready = f"{WORK}/{name}.port"
        self.child = subprocess.Popen(
            [f"{BIN}/skypay-sandbox", "serve", "--port", "0", "--ready-file", ready, "--state",
             self.state, "--settle-seconds", "86400", "--balance", "9999999999.00"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(ready) and open(ready).read().strip()):
            time.sleep(0.01)
        self.port = int(open(ready).read())
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def requests(self):
        self.connection.request("GET", "/sandbox/requests")
        return json.loads(self.connection.getresponse().read()).get("payoutQueue", 0)

    def stop(self):
        self.child.terminate()
        self.child.wait()


class Life:
    """One life of the runner."""

    def __init__(self, site, sandbox):
        self.sandbox = sandbox
        self.before = sandbox.requests()
        self.start = time.monotonic()
        self.child = subprocess.Popen(
            [f"{BIN}/batchrunner", "daemon", "--root", site], stdout=subprocess.DEVNULL,
            stderr=open(f"{WORK}/daemon.err", "ab"))
        self.peak = 0
        while self.look() == self.before:
            time.sleep(0.005)
        self.first = time.monotonic()

    def look(self):
        try:
            for line in open(f"/proc/{self.child.pid}/status"):
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]))
        except FileNotFoundError:
            pass
        if self.child.poll() is not None:
            sys.exit(f"the runner ended with {self.child.returncode}: see {WORK}/daemon.err")
        return self.sandbox.requests()

    def until(self, count):
        """Waits for so many requests, or until no more come."""
        last, changed = -1, time.monotonic()
        while True:
            now = self.look()
            if now != last:
                last, changed = now, time.monotonic()
            if now >= count or changed + 15 < time.monotonic():
                return now, changed
            time.sleep(0.2)

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self):
        self.child.terminate()
        return self.child.wait()


def make_site(port):
    site = f"{WORK}/site"
    os.makedirs(f"{site}/inbox")
    lines = ["mode: test", "skypay:", f"  url: http://127.0.0.1:{port}/services", "  callerName: demo"]
    lines += [f"  {name}: {text}" for name, text in CREDENTIALS.items()]
    lines += [f"  passwordKey: {PASSWORD_KEY}", "  controlNumberPrefix: SKY99", "  sender: Demo",
              f"  requestsInFlight: {IN_FLIGHT}", "  queryAfterSeconds: 86400",
              "  queryEverySeconds: 86400", "ledger:", "  checkHour: none", "intake:",
              "  settleSeconds: 1", "  scanSeconds: 1"]
    with open(f"{site}/batchrunner.yaml", "w") as file:
        file.write("\n".join(lines) + "\n")
    os.chmod(f"{site}/batchrunner.yaml", 0o600)
    total = 0
    with open(f"{WORK}/batch.csv", "w") as file:
        file.write("H,batch=BENCH-1,action=payoutQueue,mode=test\n")
        names = list(fields(0))
        file.write("C," + ",".join(names) + "\n")
        for index in range(ROWS):
            row = fields(index)
            total += int(row["amount"].replace(".", ""))
            file.write("D," + ",".join(
                f'"{row[name]}"' if name == "name" else row[name] for name in names) + "\n")
        file.write(f"T,count={ROWS},amount={total // 100}.{total % 100:02d}\n")
    os.rename(f"{WORK}/batch.csv", f"{site}/inbox/batch.csv")
    return site


def books(sandbox):
    """Money moved, by the provider's own ledger: numbers, and the most for any one of them."""
    applied = {}
    with open(f"{sandbox.state}/ledger.jsonl") as file:
        for line in file:
            if '"event":"applied"' in line:
                key = json.loads(line)["controlNumber"]
                applied[key] = applied.get(key, 0) + 1
    return len(applied), max(applied.values(), default=0)


def sealed(text):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.sha1(hashlib.sha1(PASSWORD_KEY.encode()).digest()).digest()[:16]
    data = text.encode()
    data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    box = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return base64.b64encode(box.update(data) + box.finalize())


def peer():
    """A plain loop of POSTs on as many connections: no log, no ledger, nothing kept."""
    try:
        posts = []
        for index in range(PEER_ROWS):
            body = sealed(json.dumps(
                {**CREDENTIALS, "action": "payoutQueue", "sender": "Demo", **fields(index)}))
            head = f"POST /services/demo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            posts.append(head.encode() + body)
    except ImportError:
        return None
    sandbox = Sandbox("peer")

    async def work():
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
        while posts:
            writer.write(posts.pop())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(line for line in head.split("\r\n") if line.startswith("content-length"))
            await reader.readexactly(int(length.split(":")[1]))
        writer.close()

    async def everybody():
        await asyncio.gather(*[work() for _ in range(IN_FLIGHT)])

    start = time.monotonic()
    asyncio.run(everybody())
    rate = PEER_ROWS / (time.monotonic() - start)
    sandbox.stop()
    return rate


def main():
    peer_rate = peer()
    sandbox = Sandbox("provider")
    site = make_site(sandbox.port)
    lives = [Life(site, sandbox)]
    judged = lives[0].first - lives[0].start
    lives[0].until(min(2_000, SENDS // 10))
    lives[0].kill()
    lives.append(Life(site, sandbox))
    sent, _ = lives[1].until(SENDS // 2)
    rates = [(sent - lives[1].before) / (time.monotonic() - lives[1].first)]
    lives[1].kill()
    lives.append(Life(site, sandbox))
    sent, ended = lives[2].until(SENDS)
    rates.append((sent - lives[2].before) / (ended - lives[2].first))
    code = lives[2].stop()
    sent = sandbox.requests()
    numbers, most = books(sandbox)
    sandbox.stop()
    ready = [life.first - life.start for life in lives[1:]]
    peak = max(life.peak for life in lives) / 1024
    lost = 2 * IN_FLIGHT

    def verdict(good):
        return "met" if good else "MISSED"

    rate = min(rates)
    print(f"One batch of {ROWS:,} payouts, {sent:,} requests, {IN_FLIGHT} in flight, everything "
          f"synced; killed after {lives[1].before:,} and {lives[2].before:,}\n")
    print("| what | measured | limit | |\n|---|---|---|---|")
    print(f"| drop to first request (judging) | {judged:.1f} s | | |")
    print(f"| payouts a second, first and second half | {rates[0]:.0f}, {rates[1]:.0f} | | |")
    if peer_rate:
        print(f"| a plain loop of POSTs to the same sandbox | {peer_rate:.0f} a second | | runner {rate / peer_rate:.2f} of it |")
    print(f"| most memory of the runner (VmHWM) | {peak:.0f} MiB | {MEMORY_LIMIT_MIB} MiB | {verdict(peak < MEMORY_LIMIT_MIB)} |")
    print(f"| kill to first request again, {ROWS - lives[1].before:,} pending | {ready[0]:.2f} s | {READY_LIMIT_SECONDS} s | {verdict(ready[0] < READY_LIMIT_SECONDS)} |")
    print(f"| the same, {ROWS - lives[2].before:,} pending | {ready[1]:.2f} s | {READY_LIMIT_SECONDS} s | {verdict(ready[1] < READY_LIMIT_SECONDS)} |")
    print(f"| payouts taken more than once | {0 if most <= 1 else most} | 0 | {verdict(most <= 1)} |")
    if SENDS == ROWS:
        print(f"| in doubt after the kills, asked about later | {ROWS - numbers} not taken | {lost} in flight | {verdict(ROWS - numbers <= lost)} |")
    print(f"\nThe last runner ended with {code} (20: what was in flight at the kills is asked about).")


main()
