import DurableFiles
import OrderedJSON

/// What can be made from the events must be what they give: tree, hints, indexes.
struct DerivedChecks {
    let all: VerificationFindings

    func run(_ report: inout VerificationReport) {
        checkRemoved(&report)
        checkTree(&report)
        checkHints(&report)
        checkSealed(&report)
        checkReserve(&report)
    }

    /// Hashes over removed events cannot be made anew, but they must fit each other and the tree
    /// that the last removed segment left.
    private func checkRemoved(_ report: inout VerificationReport) {
        guard let edge = all.plan.retired.last?.manifest?.edge else { return }
        var rebuilt = TreeEdge()
        for index in 0..<edge.size / TreeEdge.tileLeaves {
            guard let tile = all.tiles.entry(1, index) else { break }
            let size = rebuilt.size
            rebuilt.append(tile: tile) { level, hash in
                if level > 1 {
                    all.tiles.expect(level, size >> UInt64(level * TreeEdge.tilePower), hash)
                }
            }
        }
        let whole = edge.size / TreeEdge.tileLeaves * TreeEdge.tileLeaves
        if rebuilt.size < whole {
            report.find(.derived, "tree/1", "lacks hashes of removed events")
        } else if !edge.hashes.starts(with: rebuilt.hashes) {
            report.find(.derived, "tree/1", "not the tree of the removed events")
        }
    }

    private func checkTree(_ report: inout VerificationReport) {
        guard all.isTreeKnown else { return }
        let size = all.walk.edge.size
        var levels = Set(all.tiles.present)
        var level = 1
        while TreeFiles.count(level, size) > 0 {
            levels.insert(level)
            level += 1
        }
        for level in levels.sorted() {
            let expected = TreeFiles.count(level, size) * Int64(TreeHash.byteCount)
            compare(
                "tree/\(level)", wrongAt: all.tiles.wrong[level], all.tiles.length(level), expected,
                &report)
        }
    }

    private func checkHints(_ report: inout VerificationReport) {
        guard let last = all.reads.last, !last.segment.isSealed else { return }
        let there = last.segment.hints ?? []
        let common = min(there.count, last.hints.count)
        let wrong = zip(there, last.hints).enumerated().first { $0.element.0 != $0.element.1 }
        // Behind damage nobody knows where members start.
        if !all.isComplete, wrong == nil, common == last.hints.count { return }
        compare(
            "\(last.segment.name).members", wrongAt: wrong.map { Int64($0.offset) },
            Int64(there.count), Int64(last.hints.count), &report)
    }

    /// Equal when closed; before, the common part must be equal.
    private func compare(
        _ place: String, wrongAt: Int64?, _ length: Int64, _ expected: Int64,
        _ report: inout VerificationReport
    ) {
        if let wrongAt {
            report.find(.derived, place, byte: wrongAt, "not what the events give")
        } else if length == expected {
            return
        } else if all.isClosed {
            report.find(
                .derived, place, byte: min(length, expected),
                "has \(length) bytes, the events give \(expected)")
        } else {
            report.notProved.append("the end of \(place): being written, or torn")
        }
    }

    /// Sealed files must be those that `auditlog.sealed` binds; before that event is there, those
    /// of the manifest.
    private func checkSealed(_ report: inout VerificationReport) {
        let reindexed = reindexed
        for (number, read) in all.reads.enumerated()
        where read.segment.isSealed && read.segment.isArchive {
            let sealed = all.sealing(before: number + 1)
            let manifest = read.segment.manifest
            if let bound = sealed?.data["manifestSha256"]?.stringValue,
                let there = read.segment.manifestSHA256, bound != there, manifest != nil
            {
                report.find(
                    .altered, "\(read.segment.name).manifest",
                    "not the manifest that event \(read.segment.successor ?? 0) names")
            }
            let file = sealed?.data["fileSha256"]?.stringValue ?? manifest?.sha256
            if let there = read.fileSHA256, let file, there != file, read.isWhole {
                report.find(.altered, read.segment.place, "not the file that was sealed")
            }
            let index = sealed?.data["indexSha256"]?.stringValue ?? manifest?.indexSha256
            checkIndex(read, bound: reindexed[read.segment.first] ?? index, &report)
        }
    }

    /// An index must be the one the seal (or a later signed `reindexed`) binds, and the one that the
    /// segment gives when it is made anew.
    private func checkIndex(
        _ read: Verification.SegmentSummary, bound: String?, _ report: inout VerificationReport
    ) {
        let place = "\(read.segment.name).index"
        let path = all.layout.index(read.segment.first)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try DurableFiles.read(path, limit: readLimitBytes)
        } catch {
            if report.obstruct(error) { return }
            report.find(.missing, place, "is missing; auditlog reindex makes it anew")
            return
        }
        let sha256 = sha256Text(bytes)
        if let made = read.indexSHA256, read.isWhole, made != sha256 {
            report.find(.derived, place, "not what the events give")
        } else if let bound, bound != sha256 {
            report.find(.altered, place, "not the index that was sealed")
        }
    }

    private var reindexed: [UInt64: String] {
        var hashes: [UInt64: String] = [:]
        for record in all.reads.flatMap(\.own) where record.type == OwnEvent.reindexed {
            guard let first = record.data["first"]?.unsignedValue,
                record.sequence < all.heads.newest
            else { continue }
            hashes[first] = record.data["indexSha256"]?.stringValue
        }
        return hashes
    }

    /// The reserve holds room and nothing else; it may be gone, when the disk was full.
    private func checkReserve(_ report: inout VerificationReport) {
        guard DurableFiles.exists(all.layout.reserve) else { return }
        let limit = DiskReserve.byteCount
        var bytes: [UInt8] = []
        do throws(FileError) {
            bytes = try DurableFiles.read(all.layout.reserve, limit: limit)
        } catch {
            if report.obstruct(error) { return }
        }
        if let place = bytes.firstIndex(where: { $0 != 0 }) {
            report.find(.damaged, "reserve", byte: Int64(place), "holds something but zeros")
        } else if bytes.count != limit {
            report.find(.damaged, "reserve", "has another length than \(limit) bytes")
        }
    }
}
