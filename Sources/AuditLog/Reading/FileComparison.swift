import DurableFiles

/// Compares every other file with what the events say it must hold.
struct FileComparison {
    let layout: LogLayout
    let scan: VerifyingScan
    let end: ScanEnd
    let heads: SignedHeads

    /// After a clean close every file is complete to the byte; before, derived ones may lag.
    private var isClosed: Bool {
        guard case .whole = end else { return false }
        return heads.newest == scan.edge.size && OwnEvent.endsCleanly(scan.lastSignedType)
    }

    func run(_ report: inout VerificationReport) {
        checkHeads(&report)
        checkTail(&report)
        checkTree(&report)
        checkHints(&report)
        checkReserve(&report)
        checkNames(&report)
    }

    /// Nothing may hide in the room kept for last words.
    private func checkReserve(_ report: inout VerificationReport) {
        guard DurableFiles.exists(layout.reserve) else {
            report.notProved.append("reserve: released, or not yet taken again")
            return
        }
        if !DiskReserve(path: layout.reserve).isWhole {
            report.find("reserve", "not \(DiskReserve.byteCount) zero bytes")
        }
    }

    private func checkHeads(_ report: inout VerificationReport) {
        for (place, head) in heads.placed {
            if head.size > scan.edge.size {
                report.find(
                    place, "covers \(head.size) events, only \(scan.edge.size) are readable")
            } else if scan.roots[head.size] != head.root {
                report.find(place, "the events are not those it was signed over")
            }
        }
        if isClosed {
            if !heads.keptIsWhole || heads.kept.last != heads.published {
                report.find("checkpoints", "the last one kept is not the one published")
            }
        } else if !heads.keptIsWhole {
            report.notProved.append("the end of checkpoints: a note is not whole")
        }
    }

    private func checkTail(_ report: inout VerificationReport) {
        if OwnEvent.endsCleanly(scan.lastSignedType) {
            let allowed = [OwnEvent.opened, OwnEvent.recovered]
            if let type = scan.unsignedTypes.first(where: { !allowed.contains($0) }) {
                report.find("event \(heads.newest)", "unsigned \(type) after the log was closed")
            }
            if case .open(let tail) = end, scan.edge.size == heads.newest {
                report.find(
                    "the last segment, byte \(tail.stoppedAt)", "a closed log has a cut end")
            }
            return
        }
        if case .open = end {
            report.notProved.append(
                "the end of the last member: the log is open, or was not closed (opening mends it)")
        }
    }

    private func checkTree(_ report: inout VerificationReport) {
        var levels = Set(scan.tiles.keys)
        levels.formUnion(LogLayout.names(in: layout.tree).compactMap { Int($0) })
        for level in levels.sorted() {
            let there = (try? DurableFiles.read(layout.tiles(level), limit: readLimitBytes)) ?? []
            compare("tree/\(level)", there, scan.tiles[level] ?? [], &report)
        }
    }

    private func checkHints(_ report: inout VerificationReport) {
        for (start, expected) in scan.hints where start == scan.hints.keys.max() {
            // Sealed, and the rotation was cut short: these are of the file the archive replaced.
            if DurableFiles.exists(layout.manifest(start)) { continue }
            let there = (try? DurableFiles.read(layout.members(start), limit: readLimitBytes)) ?? []
            compare("segments/\(LogLayout.name(start)).members", there, expected, &report)
        }
    }

    /// Equal when closed; before, the common part must be equal.
    private func compare(
        _ place: String, _ there: [UInt8], _ expected: [UInt8],
        _ report: inout VerificationReport
    ) {
        let common = min(there.count, expected.count)
        if there[..<common] != expected[..<common] {
            report.find(place, "not what the events give")
        } else if isClosed, there.count != expected.count {
            report.find(place, "has \(there.count) bytes, the events give \(expected.count)")
        } else if !isClosed, there.count != expected.count {
            report.notProved.append("the end of \(place): being written, or torn")
        }
    }

    /// Nothing else may lie in the log's folders.
    private func checkNames(_ report: inout VerificationReport) {
        let folders: [(String, (String) -> Bool)] = [
            ("", { Self.topNames.contains($0) }),
            (
                "segments/",
                { name in
                    [".jsonl.gz", ".members", ".index", ".manifest", ".retired"]
                        .contains { name.hasSuffix($0) }
                }
            ),
            ("tree/", { Int($0) != nil }),
        ]
        for (folder, isKnown) in folders {
            for name in LogLayout.names(in: "\(layout.directory)/\(folder)") where !isKnown(name) {
                if name.hasSuffix(".torn") {
                    report.notProved.append("\(folder)\(name): bytes set aside by a recovery")
                } else if !(name.hasPrefix(".") && name.hasSuffix(DurableFiles.temporarySuffix)) {
                    report.find("\(folder)\(name)", "no file of an audit log")
                }
            }
        }
    }

    private static let topNames: Set<String> = [
        "log.json", "checkpoint", "checkpoints", "segments", "tree", "epochs", "reserve",
    ]
}
