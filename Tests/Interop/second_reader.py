"""A second reader of audit logs, written from docs/audit-log-format.md alone.

    python3 second_reader.py LOG_FOLDER [ROOT_VKEY]

Reads everything, computes every root, checks every signature, compares every file. Prints findings and
a last line; exit code 0 when there are none, 2 otherwise.
"""

import base64
import hashlib
import json
import os
import re
import sys
import zlib

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
OWN = {"log.json", "epochs", "segments", "tree", "checkpoint", "checkpoints", "reserve"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+08:00")
KEYS = ["seq", "time", "type", "actor", "outcome", "origin", "subject", "data"]
EMPTY = hashlib.sha256().digest()


class Found(Exception):
    """Something is not as it must be: place and message."""


def need(holds, place, message):
    if not holds:
        raise Found(place, message)


# Ed25519 (RFC 8032)


def add(a, b):
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (y - x) * (z - t) % P, (z + t) * (y + x) % P, (z - t) * (z + t) % P, (y - x) * (y + x) % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point, n = add(point, point), n >> 1
    return total


def recover(data):
    y, sign = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = recover((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verifies(public, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % Q
    x, y, _, t = recover(public)
    px, py, pz, _ = add(times(s, BASE), times(k, (P - x, y, 1, P - t)))
    x, y = px * pow(pz, -1, P) % P, py * pow(pz, -1, P) % P
    return s < Q and (y | (x & 1) << 255).to_bytes(32, "little") == r


# Keys and notes


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data


class Key:
    def __init__(self, text):
        self.name, keyid, data = text.split("+", 2)
        data = unbase64(data)
        self.keyid, self.public = bytes.fromhex(keyid), data[1:]
        fits = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4] == self.keyid
        if len(data) != 33 or data[0] != 1 or not fits:
            raise ValueError("not a verification key")

    def signed(self, note):
        for name, data in note.signatures:
            if name == self.name and data[:4] == self.keyid and len(data) == 68:
                if verifies(self.public, note.body, data[4:]):
                    return True
        return False


class Note:
    def __init__(self, lines, signatures, text):
        self.lines, self.text = lines, text
        self.body = "".join(line + "\n" for line in lines).encode()
        self.signatures = []
        for line in signatures:
            mark, name, data = line.split(" ")
            self.signatures.append((name, unbase64(data)))


def notes(data, count, place):
    """Notes of `count` lines each, one behind the other."""
    need(data.decode(errors="replace").encode() == data, place, "not UTF-8")
    lines, at, found = data.decode().split("\n"), 0, []
    need(lines.pop() == "", place, "does not end in a newline")
    while at < len(lines):
        body, end = lines[at : at + count], at + count + 1
        while end < len(lines) and lines[end].startswith("\u2014 "):
            end += 1
        whole = len(body) == count and end > at + count + 1 and lines[at + count] == ""
        need(whole, place, f"line {at + 1}: not a signed note")
        text = "".join(line + "\n" for line in lines[at:end])
        try:
            found.append(Note(body, lines[at + count + 1 : end], text))
        except ValueError:
            raise Found(place, f"line {at + 1}: a malformed signature line") from None
        at = end
    return found


def decimal(text):
    if not re.fullmatch(r"0|[1-9]\d*", text):
        raise ValueError("not a decimal number")
    return int(text)


# Tree


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The complete subtrees on the right edge, largest first, and the hashes of tree/L."""

    def __init__(self, size=0, edge=()):
        self.size, self.levels = size, {}
        powers = [p for p in range(63, -1, -1) if size >> p & 1]
        self.edge = list(zip(powers, edge))
        self.start = size

    def append(self, line):
        power, value = 0, leaf(line)
        while self.edge and self.edge[-1][0] == power:
            value, power = node(self.edge.pop()[1], value), power + 1
            if power % 8 == 0:
                entries = self.levels.setdefault(power // 8, {})
                entries[self.size >> power] = value
        self.edge.append((power, value))
        self.size += 1

    def root(self):
        value = None
        for _, subtree in reversed(self.edge):
            value = subtree if value is None else node(subtree, value)
        return EMPTY if value is None else value


# Events


class Number(str):
    """A number as the text it came with."""


def text_of(string):
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    out = (short.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 0x20 else c) for c in string)
    return '"' + "".join(out) + '"'


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, dict):
        members = (text_of(name) + ":" + canonical(member) for name, member in value.items())
        return "{" + ",".join(members) + "}"
    return {None: "null", True: "true", False: "false"}[value]


def unique(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def event_of(line, number, before, place):
    place = f"{place}, event {number}"
    try:
        event = json.loads(
            line, parse_int=Number, parse_float=Number, parse_constant=None, object_pairs_hook=unique)
        same = canonical(event).encode() == line and list(event) == KEYS
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    need(same and len(line) <= 65535, place, "not an event in canonical form")
    need(event["seq"] == str(number), place, f"numbered {event['seq']}")
    need(TIME.fullmatch(event["time"]) and event["time"] >= before, place, "its time goes back")
    texts = all(isinstance(event[k], str) and event[k] for k in ("type", "actor", "origin"))
    parts = isinstance(event["subject"], dict) and isinstance(event["data"], dict)
    need(texts and parts and event["outcome"] in ("success", "failure"), place, "not an event")
    return event


# Segments


def members(data, level, is_last, place):
    """(start, lines) of every member; of the last one of the open segment, what is whole."""
    at = 0
    while at < len(data):
        where, start = f"{place}, byte {at}", at
        header = b"\x1f\x8b\x08\0\0\0\0\0" + bytes([level, 3])
        if is_last and len(data) - at < 10 and header.startswith(data[at:]):
            return
        need(data[at : at + 10] == header, where, "not a member header")
        inflater = zlib.decompressobj(-15)
        try:
            content = inflater.decompress(data[at + 10 :])
        except zlib.error:
            raise Found(where, "the compressed data is damaged") from None
        rest = inflater.unused_data
        if not inflater.eof or len(rest) < 8:
            need(is_last, where, "the segment is cut")
            yield start, content.split(b"\n")[:-1], False
            return
        crc, length = int.from_bytes(rest[:4], "little"), int.from_bytes(rest[4:8], "little")
        sums = crc == zlib.crc32(content) and length == len(content) % 2**32
        need(sums, where, "a member's checksum is wrong")
        need(content.endswith(b"\n"), where, "a member without whole lines")
        yield start, content.split(b"\n")[:-1], True
        at = len(data) - len(rest) + 8


class Reader:
    def __init__(self, folder, key):
        self.folder, self.given, self.findings = folder, key, []
        self.tree, self.time, self.roots, self.last = Tree(), "", {0: EMPTY}, ""
        self.hints, self.isWhole, self.types = b"", True, {}

    def read(self, name):
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return file.read()
        except OSError:
            raise Found(name, "missing, or cannot be read") from None

    def sha(self, name):
        return hashlib.sha256(self.read(name)).hexdigest()

    def names(self, folder):
        return sorted(os.listdir(os.path.join(self.folder, folder)))

    def try_to(self, check, *arguments):
        """What a check finds is noted; what it cannot even read is found, too."""
        try:
            check(*arguments)
            return True
        except Found as found:
            self.findings.append(found.args)
        except (ValueError, KeyError, TypeError, IndexError) as problem:
            files = {"description": "log.json", "notes": "checkpoint"}
            place = arguments[0] if arguments else files.get(check.__name__, check.__name__)
            self.findings.append((place, f"malformed ({type(problem).__name__})"))
        return False

    def run(self):
        self.certificates, self.heads, self.sizes = [], [], set()
        checks = [self.epochs, self.notes, self.segments]
        if self.try_to(self.description) and all([self.try_to(check) for check in checks]):
            for check in [self.certified, self.levels, self.members, self.closed]:
                self.try_to(check)
            for place, note in self.heads:
                self.try_to(self.head, place, note)
        self.try_to(self.known)

    def description(self):
        self.log = json.loads(self.read("log.json"))
        need(self.log["format"] == "auditlog/v1", "log.json", "another format")
        self.root_key = Key(self.log["rootKey"])
        need(self.log["origin"] == self.root_key.name, "log.json", "origin and key differ")
        if self.given:
            need(self.given == self.log["rootKey"], "log.json", "not the key given")

    def epochs(self):
        signer, size = self.root_key, -1
        for number, note in enumerate(notes(self.read("epochs"), 6, "epochs")):
            place = f"epochs, certificate {number}"
            head, origin, epoch, start, root, key = note.lines
            need(signer.signed(note), place, "not signed by the key before it")
            same = head == "auditlog-epoch/v1" and origin == self.root_key.name
            need(same and decimal(epoch) == number, place, "not the next certificate")
            first = decimal(start) == 0 and unbase64(root) == EMPTY if number == 0 else True
            need(first and decimal(start) > size, place, "its size is wrong")
            signer, size = Key(key), decimal(start)
            need(signer.name == origin, place, "the key of another log")
            sha = hashlib.sha256(note.text.encode()).hexdigest()
            self.certificates.append((size, unbase64(root), signer, key, sha))
        need(self.certificates, "epochs", "no certificate")

    def notes(self):
        for note in notes(self.read("checkpoints"), 3, "checkpoints"):
            self.heads.append((f"checkpoints, size {note.lines[1]}", note))
        published = notes(self.read("checkpoint"), 3, "checkpoint")
        need(len(published) == 1, "checkpoint", "not one note")
        need(re.fullmatch(r"0|[1-9]\d*", published[0].lines[1]), "checkpoint", "its size is no number")
        self.heads.append(("checkpoint", published[0]))
        self.sizes = {decimal(note.lines[1]) for _, note in self.heads}
        self.sizes |= {size for size, *_ in self.certificates}

    def segments(self):
        names = self.names("segments")
        retired = [n[: -len(".retired")] for n in names if n.endswith(".retired")]
        starts = sorted((n[: -len(".jsonl.gz")] for n in names if n.endswith(".jsonl.gz")), key=int)
        before = None
        for name in sorted(retired, key=int):
            before = self.manifest(f"segments/{name}.retired", name)
            self.tree = Tree(before["next"], before["edge"])
            self.roots[self.tree.size] = self.tree.root()
        need(starts, "segments", "no segment")
        self.retained = self.tree.size
        for name in starts:
            place = f"segments/{name}.jsonl.gz"
            expected = f"event {self.tree.size} was expected to start here"
            need(int(name) == self.tree.size and name == f"{int(name):012}", place, expected)
            before = self.segment(name, before, is_last=name == starts[-1])

    def manifest(self, place, name):
        try:
            return self.parsed(place, name)
        except (ValueError, KeyError, TypeError) as problem:
            raise Found(place, f"malformed ({type(problem).__name__})") from None

    def parsed(self, place, name):
        """A manifest in its one form, following what is before it."""
        data = self.read(place)
        manifest = json.loads(data, object_pairs_hook=unique)
        order = ["format", "origin", "first", "next", "firstTime", "lastTime", "bytes", "sha256",
                 "indexSha256", "edge"]
        own = manifest["format"] == "auditlog-segment/v1" and list(manifest) == order
        need(own and manifest["origin"] == self.root_key.name, place, "not a manifest of this log")
        follows = manifest["first"] == int(name) == self.tree.size < manifest["next"]
        need(follows, place, "not of the next segment")
        ones = bin(manifest["next"]).count("1") == len(manifest["edge"])
        need(ones, place, "its edge does not fit its size")
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        need(data == text.encode(), place, "not in its one form")
        edge = [unbase64(text) for text in manifest["edge"]]
        return dict(manifest, edge=edge, manifestSha256=hashlib.sha256(data).hexdigest())

    def segment(self, name, before, is_last):
        place, first, first_time = f"segments/{name}.jsonl.gz", self.tree.size, None
        data, self.hints = self.read(place), b""
        # A last segment with a manifest: a sealing was cut short, before or behind the rename.
        there = os.path.exists(os.path.join(self.folder, f"segments/{name}.manifest"))
        sealed = not is_last or there and data[8:9] == b"\x02"
        manifest = self.manifest(f"segments/{name}.manifest", name) if sealed else None
        for start, lines, whole in members(data, 2 if sealed else 0, not sealed, place):
            if lines:
                self.hints += f"{start:016x} {self.tree.size:016x}\n".encode()
            for line in lines:
                event = event_of(line, self.tree.size, self.time, place)
                self.take(event, line, first, before, place)
                first_time, self.time = first_time or event["time"], event["time"]
            self.isWhole = whole
            if sealed:
                ends = self.tree.size % 1024 == 0 or self.tree.size == manifest["next"]
                need(ends, f"{place}, byte {start}", "a member ends elsewhere than it must")
        if not sealed:
            return None
        edge = [value for _, value in self.tree.edge]
        same = self.tree.size == manifest["next"] and edge == manifest["edge"]
        need(same, f"segments/{name}.manifest", "not the tree the events give")
        times_fit = (first_time, self.time) == (manifest["firstTime"], manifest["lastTime"])
        need(times_fit, f"segments/{name}.manifest", "not the times of its events")
        file = manifest["bytes"] == len(data) and manifest["sha256"] == self.sha(place)
        need(file, place, "not the file its manifest names")
        index = f"segments/{name}.index"
        need(self.sha(index) == manifest["indexSha256"], index, "not the index its manifest names")
        return manifest

    def take(self, event, line, first, before, place):
        number, place = self.tree.size, f"{place}, event {self.tree.size}"
        kind, data = event["type"], event["data"]
        if number == 0:
            bound = data.get("logSha256") == self.sha("log.json")
            need(kind == "auditlog.created" and bound, "log.json", "not what event 0 was written for")
        else:
            need(kind != "auditlog.created", place, "created twice")
        is_first = number == first and number > 0
        need((kind == "auditlog.sealed") == is_first, place, "auditlog.sealed in another place")
        if is_first:
            expected = {"first": before["first"], "next": before["next"],
                        "fileSha256": before["sha256"], "indexSha256": before["indexSha256"],
                        "manifestSha256": before["manifestSha256"]}
            said = {n: int(v) if isinstance(v, Number) else v for n, v in data.items()}
            need(said == expected, f"segments/{before['first']:012}.manifest",
                 f"not what event {number} says of the segment")
        if kind == "auditlog.epoch":
            epoch = int(data["epoch"])
            size, _, _, key, sha = self.certificates[epoch]
            said = (int(data["size"]), data["key"], data["certificateSha256"])
            need(said == (size, key, sha), f"epochs, certificate {epoch}", f"not what event {number} says")
        self.types[number], self.last = kind, kind
        self.types.pop(number - 8, None)
        self.tree.append(line)
        if self.tree.size in self.sizes:
            self.roots[self.tree.size] = self.tree.root()

    def head(self, place, note):
        size = decimal(note.lines[1])
        key = [key for start, _, key, _, _ in self.certificates if start < size][-1]
        need(note.lines[0] == key.name and key.signed(note), place, "not signed by the key for its size")
        need(size <= self.tree.size, place, f"covers more than the {self.tree.size} events there are")
        if size >= self.retained:
            need(self.roots[size] == unbase64(note.lines[2]), place, "signed over other events")

    def certified(self):
        for number, (size, root, *_) in enumerate(self.certificates):
            if size >= self.retained:
                same = self.roots.get(size) == root
                need(same, f"epochs, certificate {number}", "made over other events")

    def levels(self):
        for level, entries in self.tree.levels.items():
            place = f"tree/{level}"
            data = self.read(place) if self.last == "auditlog.closed" or str(
                level) in self.names("tree") else b""
            for index, value in entries.items():
                there = data[index * 32 : index * 32 + 32]
                lags = there == b"" and self.last != "auditlog.closed"
                need(there == value or lags, place, f"hash {index} is not what the events give")

    def members(self):
        name = [n for n in self.names("segments") if n.endswith(".members")]
        need(len(name) <= 1, "segments", "hints of more than one segment")
        for place in name:
            data = self.read(f"segments/{place}")
            size = min(len(data), len(self.hints))
            same = data[:size] == self.hints[:size]
            whole = data == self.hints or self.last != "auditlog.closed"
            need(same and whole, f"segments/{place}", "not where members start")

    def closed(self):
        if self.last == "auditlog.closed":
            need(self.isWhole, "the last segment", "a closed log has a cut end")
            same = self.heads[-1][1].text == self.heads[-2][1].text
            need(same, "checkpoint", "not the last one kept")
        published = decimal(self.heads[-1][1].lines[1])
        before = self.types.get(published - 1)
        allowed = {"auditlog.opened", "auditlog.recovered", "auditlog.sealed", "auditlog.epoch"}
        for number in range(published, self.tree.size):
            fits = before not in ("auditlog.closed", "auditlog.created") or self.types.get(
                number) in allowed
            need(fits, f"event {number}", "unsigned, after the log was closed")

    def known(self):
        ends = (".jsonl.gz", ".members", ".index", ".manifest", ".retired", ".torn")
        for folder, fits in [
            ("", lambda n: n in OWN or n.endswith(".torn")),
            ("segments", lambda n: n.endswith(ends)),
            ("tree", lambda n: n.isdigit()),
        ]:
            for name in self.names(folder):
                hidden = name.startswith(".") and name.endswith(".writing")
                if not fits(name) and not hidden:
                    self.findings.append((os.path.join(folder, name), "no file of an audit log"))


def main():
    reader = Reader(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    reader.run()
    for place, message in reader.findings:
        print(f"finding: {place}: {message}")
    verdict = "DAMAGED OR ALTERED" if reader.findings else "intact"
    print(f"{verdict}: {reader.tree.size} events, {len(reader.certificates)} epochs")
    sys.exit(2 if reader.findings else 0)


main()
