import DurableFiles

/// Makes the archive of a finished segment: compressed anew at level 9 without the commits' flushes,
/// read back, indexed, described. The tree is over events, so every proof stays valid.
///
/// Order: archive aside, synced → `.index` → `.manifest` → archive renamed over the segment. The
/// manifest is there before the rename, so a last segment with a manifest means: seal it again. The
/// same events give the same bytes, whichever form they are read from.
struct SegmentSealing {
    let layout: LogLayout
    let description: LogDescription
    let first: UInt64
    /// The tree at the segment's first event, and behind its last.
    let start: TreeEdge
    let end: TreeEdge

    /// Archives can be read by everybody who may read the folder, and written by nobody.
    static let mode: UInt32 = 0o444

    /// What `auditlog.sealed` binds.
    struct Hashes: Equatable {
        var file: String
        var index: String
        var manifest: String
    }

    /// - Parameter begun: what was made of it ahead; nil to begin here.
    func run(_ begun: ArchiveInProgress? = nil) throws(AuditLogError) -> Hashes {
        let path = layout.segment(first)
        let work: ArchiveInProgress
        if let begun {
            work = begun
        } else {
            work = try ArchiveInProgress(layout, description, start: start)
        }
        let aside = work.aside
        let (archive, check) = try work.finish(end)
        let index = check.index.finish(fileLength: archive.length)
        let file = try sha256Text(ofFile: aside)
        let manifest = SegmentManifest(
            origin: description.origin, first: first, firstTime: check.firstTime,
            lastTime: check.lastTime, bytes: UInt64(archive.length), sha256: file,
            indexSha256: sha256Text(index), edge: end
        ).encoded
        do throws(FileError) {
            try archive.sync()
            try DurableFiles.replace(layout.index(first), index, mode: Self.mode)
            try DurableFiles.replace(layout.manifest(first), manifest, mode: Self.mode)
            try DurableFiles.putInPlace(aside, path)
        } catch {
            throw Self.failure(error)
        }
        return Hashes(
            file: file, index: sha256Text(index), manifest: sha256Text(manifest))
    }

    static func failure(_ error: FileError) -> AuditLogError {
        AuditLogError(.stopped, "a segment could not be sealed", cause: error)
    }
}

/// Recomputes the tree over an archive and gathers what its index and manifest need.
final class ArchiveCheck: SegmentVisitor {
    private(set) var edge: TreeEdge
    let index: SegmentIndexBuilder
    private(set) var firstTime = ""
    private(set) var lastTime = ""

    init(start: TreeEdge, index: SegmentIndexBuilder) {
        edge = start
        self.index = index
    }

    func memberBegan(at offset: Int64) { index.memberBegan(at: offset) }

    func memberEnded(at offset: Int64) { index.memberEnded(at: offset) }

    func line(_ line: UnsafeRawBufferPointer) -> String? {
        guard let time = LineHead.time(line, sequence: edge.size) else {
            return "event \(edge.size) was expected, another line is there"
        }
        lastTime = String(decoding: time, as: UTF8.self)
        if firstTime.isEmpty { firstTime = lastTime }
        edge.append(TreeHash(leaf: line))
        return index.line(line)
    }
}
