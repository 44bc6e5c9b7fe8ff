"""Checks a checkpoint, proofs, growth and a tiles export with aics-tlog.

    python3 check_aics.py EVIDENCE_FOLDER TILES_FOLDER KEPT_CHECKPOINT CONSISTENCY_PROOF
"""

import base64
import json
import sys
from pathlib import Path

import aics_tlog
from aics_tlog.verified import audit_tiles


def need(holds, what):
    if not holds:
        sys.exit(what)


def covering_key(epochs: str, size: int) -> str:
    """The key of the last epoch that starts below the size; the chain is check.go's subject."""
    bodies = [part.split("\n")[-6:] for part in epochs.split("\n\n")[:-1]]
    return [body[5] for body in bodies if int(body[3]) < size][-1]


def checkpoint(text: str, epochs: str):
    note = aics_tlog.parse_note(text)
    key = aics_tlog.parse_vkey(covering_key(epochs, int(text.split("\n")[1])))
    result = aics_tlog.verify_checkpoint(note, key, expected_origin=key.name)
    need(result.ok and result.log_ok, f"checkpoint: {result.error}")
    return result


def hashes(lines):
    return [base64.b64decode(line, validate=True) for line in lines]


def main():
    evidence, tiles = Path(sys.argv[1]), Path(sys.argv[2])
    epochs = (evidence / "epochs").read_text()
    head = checkpoint((evidence / "checkpoint").read_text(), epochs)
    events = (evidence / "events.jsonl").read_bytes().splitlines()
    for event in events:
        number = json.loads(event)["seq"]
        text = (evidence / "proofs" / f"{number:012}.tlog-proof").read_text()
        lines = text.split("\n\n")[0].split("\n")
        need(lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {number}"], "not a tlog-proof")
        held = aics_tlog.verify_leaf_inclusion(event, number, head.size, hashes(lines[2:]), head.root)
        need(held, f"event {number}: inclusion")
        altered = aics_tlog.verify_leaf_inclusion(
            event + b" ", number, head.size, hashes(lines[2:]), head.root)
        need(not altered, f"event {number}: an altered one passes")

    older = checkpoint(Path(sys.argv[3]).read_text(), epochs)
    proof, newer = Path(sys.argv[4]).read_text().split("\n\n", 1)
    newer = checkpoint(newer, epochs)
    first, *path = proof.split("\n")
    need(first == f"old {older.size}", "consistency: another size")
    held = aics_tlog.verify_consistency(
        older.size, newer.size, older.root, newer.root, hashes(path))
    need(held, "consistency")

    exported = checkpoint((tiles / "checkpoint").read_text(), epochs)
    reader = aics_tlog.FileSystemTileReader(tiles)
    audit = audit_tiles(reader, exported.size, exported.root)
    for event in events:
        number = json.loads(event)["seq"]
        need(aics_tlog.read_entry(reader, number, exported.size) == event, "an entry differs")
    print(f"{len(events)} events, {audit.tiles} tiles, {audit.bundles} bundles")


main()
