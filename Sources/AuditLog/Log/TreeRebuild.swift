import DurableFiles

/// Makes the hashes in `tree/` anew from the events when files of it were lost: opening completes
/// only what lies behind the newest checkpoint by itself.
struct TreeRebuild {
    let layout: LogLayout

    /// Nil when the files reach a tree of `size` leaves; else every hash such a tree has.
    /// - Throws: `damaged` when the events before were removed after their retention time.
    func hashes(
        upTo size: UInt64
    ) throws(AuditLogError) -> [(level: Int, hash: TreeHash)]? {
        isComplete(size) ? nil : try made(upTo: size)
    }

    /// Every hash a tree of `size` leaves has, from the events.
    func made(upTo size: UInt64) throws(AuditLogError) -> [(level: Int, hash: TreeHash)] {
        guard try layout.retiredStarts().isEmpty else {
            throw AuditLogError(
                .damaged, "\(layout.tree) lacks hashes of removed segments: restore it")
        }
        let leaves = LeafVisitor(limit: size)
        for start in try layout.segmentStarts() where start < size {
            let file = try RangeFile(layout.segment(start))
            _ = try SegmentScanner(file, from: 0, visitor: leaves, keepsTail: false).scan()
        }
        guard leaves.edge.size == size else {
            throw AuditLogError(
                .damaged, "\(layout.segments): event \(leaves.edge.size) cannot be read")
        }
        return leaves.hashes
    }

    /// True when the files hold exactly these hashes, and no others.
    func holds(_ hashes: [(level: Int, hash: TreeHash)]) throws(AuditLogError) -> Bool {
        var expected: [String: [UInt8]] = [:]
        for (level, hash) in hashes { expected[String(level), default: []] += hash.bytes }
        let names: [String]
        do throws(FileError) {
            names = try LogLayout.list(layout.tree)
        } catch {
            throw AuditLogError(.file, "\(layout.tree) cannot be listed", cause: error)
        }
        for name in names where Int(name) != nil && expected[name] == nil { expected[name] = [] }
        return expected.allSatisfy { name, bytes in
            (try? DurableFiles.read("\(layout.tree)/\(name)", limit: readLimitBytes)) == bytes
        }
    }

    private func isComplete(_ size: UInt64) -> Bool {
        var level = 1
        while TreeFiles.count(level, size) > 0 {
            let needed = TreeFiles.count(level, size) * Int64(TreeHash.byteCount)
            guard let file = try? RangeFile(layout.tiles(level)), file.length >= needed else {
                return false
            }
            level += 1
        }
        return true
    }
}

/// Complete 256-subtrees of the first leaves of a log.
private final class LeafVisitor: SegmentVisitor {
    private let limit: UInt64
    private(set) var edge = TreeEdge()
    private(set) var hashes: [(level: Int, hash: TreeHash)] = []

    init(limit: UInt64) { self.limit = limit }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        if edge.size == limit { return "enough" }
        guard LineHead.time(line, sequence: edge.size) != nil else {
            return "event \(edge.size) was expected"
        }
        edge.append(TreeHash(leaf: line)) { hashes.append(($0, $1)) }
        return nil
    }
}
