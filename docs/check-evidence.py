#!/usr/bin/env python3
"""Checks an evidence bundle of an audit log: offline, with Python's standard library alone.
    python3 check-evidence.py FOLDER --key ROOT_KEY
ROOT_KEY: the log's root verification key, from a source you trust (not from the bundle).
Exit code: 0 everything is proved, 1 could not run, 2 something was altered or does not fit."""
import argparse, base64, hashlib, json, os, sys
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032 §5.1
D = -121665 * pow(121666, -1, P) % P
def need(holds, otherwise):
    if not holds: raise ValueError(otherwise)
def add(a, b):  # points in extended coordinates
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (y - x) * (z - t) % P, (z + t) * (y + x) % P, (z - t) * (z + t) % P, (y - x) * (y + x) % P
def times(n, point, total=(0, 1, 1, 0)):
    while n:
        total, point, n = add(total, point) if n & 1 else total, add(point, point), n >> 1
    return total
def encoded(point):
    x, y = (value * pow(point[2], -1, P) % P for value in point[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little")
def decoded(data):
    sign, y = data[31] >> 7, int.from_bytes(data, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and x * x % P == square and (x or not sign), "not a public key")
    return (x := x if x & 1 == sign else P - x), y, 1, x * y % P
BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def b64(text):
    need(base64.b64encode(base64.b64decode(text)).decode() == text, "base64 of another form")
    return base64.b64decode(text)
def key_of(text):  # NAME+hash+base64(01 ‖ key)
    name, identifier, *data = text.strip().split("+", 2)
    data = b64(data[0])
    need(len(data) == 33 and data[0] == 1, "not a verification key")
    need(sha(name.encode(), b"\n", data)[:4].hex() == identifier, "the hash in a key does not fit")
    return name, data[1:], bytes.fromhex(identifier)
def is_signed(lines, signatures, key):  # by this key, in one of the signature lines
    (name, public, identifier), (x, y, _, t) = key, decoded(key[1])
    for mark, who, data in (line.split(" ") for line in signatures):
        data, body = b64(data), ("\n".join(lines) + "\n").encode()
        if (mark, who, data[:4], len(data)) == ("\u2014", name, identifier, 68):
            r, s = data[4:36], int.from_bytes(data[36:], "little")
            k = int.from_bytes(hashlib.sha512(r + public + body).digest(), "little") % Q
            if s < Q and encoded(add(times(s, BASE), times(k, (P - x, y, 1, P - t)))) == r: return True
    return False
def notes(text, count):  # signed notes of `count` lines each, one behind the other
    while text:
        (body, text), signatures = text.split("\n\n", 1), []
        lines = body.split("\n")
        while text.startswith("\u2014 "): line, text = text.split("\n", 1); signatures.append(line)
        need(len(lines) == count and signatures, "not a signed note")
        yield lines, signatures
def root_of(leaf, index, size, path):  # RFC 9162 §2.1.3.2
    last = size - 1
    for other in path:
        need(last, "a proof is too long")
        if index & 1 or index == last:
            leaf = sha(b"\1", other, leaf)
            while not index & 1 and index: index, last = index >> 1, last >> 1
        else: leaf = sha(b"\1", leaf, other)
        index, last = index >> 1, last >> 1
    return leaf if last == 0 else None
def check(read, key):
    name, signer, epochs = key[0], key, []
    for lines, signatures in notes(read("epochs"), 6):
        need(is_signed(lines, signatures, signer), f"epoch {len(epochs)}: not signed by the key before it")
        need(lines[:3] == ["auditlog-epoch/v1", name, str(len(epochs))], "an epoch of another log")
        signer, size = key_of(lines[5]), int(lines[3])
        need(signer[0] == name and (size > epochs[-1][0] if epochs else size == 0), "epochs out of order")
        epochs.append((size, signer))
    (lines, signatures), = notes(read("checkpoint"), 3)
    size, root, signers = int(lines[1]), b64(lines[2]), [k for n, k in epochs if n < int(lines[1])]
    need(lines[0] == name and signers and is_signed(lines, signatures, signers[-1]),
         "the checkpoint is not signed by the key of its epoch")
    *events, rest = read("events.jsonl").encode().split(b"\n")
    numbers = [json.loads(event)["seq"] for event in events]
    need(rest == b"" and numbers and numbers == sorted(set(numbers)), "events.jsonl: not whole, in order")
    for number, event in zip(numbers, events):
        proof, checkpoint = read(f"proofs/{number:012}.tlog-proof").split("\n\n", 1)
        first, index, *path = proof.split("\n")
        need(first == "c2sp.org/tlog-proof@v1" and index == f"index {number}" and number < size
             and checkpoint == read("checkpoint"), f"event {number}: its proof is another one")
        need(root_of(sha(b"\0", event), number, size, [b64(line) for line in path]) == root,
             f"event {number}: altered, or not of this log")
    return f"{len(events)} events ({numbers[0]} to {numbers[-1]}) are in the log {name}, exactly these " \
        f"bytes, among {size} events signed by the key of epoch {len(signers) - 1}"
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
given = (parser.add_argument("folder"), parser.add_argument("--key"), parser.parse_args())[2]
def read(name): return open(os.path.join(given.folder, name), encoding="utf-8", newline="").read()
try: print("proved:", check(read, key_of(given.key or read("root.vkey"))))
except Exception as problem:
    could_not = isinstance(problem, OSError) and not (
        isinstance(problem, FileNotFoundError) and os.path.isdir(given.folder))
    print("could not run:" if could_not else "ALTERED, OR NOT WHAT IT SHOULD BE:", problem)
    sys.exit(1 if could_not else 2)
print("not proved: that no event is left out here, and that what the events say is true" +
      ("" if given.key else "; who signed: no --key was given, the bundle's own key was used"))
