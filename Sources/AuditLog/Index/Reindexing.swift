import DurableFiles
import OrderedJSON

/// A segment whose index was made anew.
public struct ReindexedSegment: Sendable, Equatable {
    /// Its first event, and the one behind its last.
    public let first: UInt64
    /// The event behind its last.
    public let next: UInt64
    /// SHA-256 of the new index, lower-case hexadecimal.
    public let indexSha256: String
}

extension AuditLog {
    /// Makes every missing or different `.index` anew from its archive, which must hold the very
    /// events that were sealed, and records each as `auditlog.reindexed`.
    ///
    /// The event is durable before the file is replaced: a crash in between leaves the old file, and
    /// calling this again goes on.
    /// - Throws: `damaged` for an archive that is not the sealed one; nothing is recorded for it.
    public func reindex() async throws(AuditLogError) -> [ReindexedSegment] {
        var done: [ReindexedSegment] = []
        for (first, next) in try await writer.sealedSegments() {
            guard let index = try await writer.rebuiltIndex(first, next) else { continue }
            let segment = ReindexedSegment(
                first: first, next: next, indexSha256: sha256Text(index))
            _ = try await record(own: [try await writer.event(of: segment)])
            try await writer.replaceIndex(first, index)
            done.append(segment)
        }
        return done
    }
}

extension AuditLog {
    /// Makes the hashes in `tree/` anew when they are not what the events give; opening completes
    /// only what lies behind the newest checkpoint by itself.
    ///
    /// Nothing is recorded: the signed roots tell what is right. A crash half-way leaves too few
    /// hashes, which the next opening completes.
    /// - Returns: true when they were made anew, false when they were right; nil when segments were
    ///   removed after their retention time, whose hashes nothing can make anew.
    /// - Throws: `damaged` when the events cannot be read.
    public func rebuildTree() async throws(AuditLogError) -> Bool? {
        try await writer.rebuildTree()
    }
}

extension LogWriter {
    /// Between two commits: the files hold every event of the tree.
    func rebuildTree() throws(AuditLogError) -> Bool? {
        let core = try opened()
        guard try core.layout.retiredStarts().isEmpty else { return nil }
        let rebuild = TreeRebuild(layout: core.layout)
        let hashes = try rebuild.made(upTo: core.edge.size)
        if try rebuild.holds(hashes) { return false }
        try core.replaceTree(hashes)
        return true
    }

    /// First event of each sealed segment, and the one behind its last.
    func sealedSegments() throws(AuditLogError) -> [(first: UInt64, next: UInt64)] {
        let starts = try opened().layout.segmentStarts()
        return zip(starts, starts.dropFirst()).map { ($0, $1) }
    }

    /// The index as the archive gives it; nil when that is the one on disk.
    func rebuiltIndex(_ first: UInt64, _ next: UInt64) throws(AuditLogError) -> [UInt8]? {
        let core = try opened()
        let index = try IndexRebuild(
            layout: core.layout, description: core.description, chain: core.epochs.chain,
            first: first, next: next
        ).run()
        let there = try? DurableFiles.read(core.layout.index(first), limit: readLimitBytes)
        return there == index ? nil : index
    }

    func event(of segment: ReindexedSegment) throws(AuditLogError) -> EventDraft {
        try opened().own(
            OwnEvent.reindexed,
            [
                "first": .number(String(segment.first)), "next": .number(String(segment.next)),
                "indexSha256": .string(segment.indexSha256),
            ]
        ).draft
    }

    /// A failure leaves the old file, or none: the log itself is untouched.
    func replaceIndex(_ first: UInt64, _ index: [UInt8]) throws(AuditLogError) {
        let path = try opened().layout.index(first)
        do throws(FileError) {
            try DurableFiles.replace(path, index, mode: SegmentSealing.mode)
        } catch {
            throw AuditLogError(.file, "an index cannot be replaced", cause: error)
        }
    }
}

/// Makes the index of a sealed segment from its archive, once that is found to hold the events whose
/// root the next epoch's certificate signed.
struct IndexRebuild {
    let layout: LogLayout
    let description: LogDescription
    let chain: EpochChain
    let first: UInt64
    let next: UInt64

    func run() throws(AuditLogError) -> [UInt8] {
        let path = layout.segment(first)
        let check = ArchiveCheck(
            start: try edgeBefore(),
            index: SegmentIndexBuilder(first: first, fields: description.indexedFields))
        let file = try RangeFile(path)
        let end = try SegmentScanner(
            file, from: 0, form: .sealed, visitor: check, keepsTail: false
        ).scan()
        guard case .whole = end, check.edge.size == next,
            let certificate = chain.certificates.first(where: { $0.size == next }),
            certificate.root == check.edge.root.bytes
        else {
            throw AuditLogError(
                .damaged, "\(path) does not hold the events that were sealed: run verify")
        }
        return check.index.finish(fileLength: file.length)
    }

    private func edgeBefore() throws(AuditLogError) -> TreeEdge {
        if first == 0 { return TreeEdge() }
        guard let manifest = try layout.manifest(before: first), manifest.next == first else {
            throw AuditLogError(.damaged, "the manifest of the segment before \(first) is missing")
        }
        return manifest.edge
    }
}
