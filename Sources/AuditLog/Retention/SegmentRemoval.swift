import DurableFiles
import OrderedJSON

/// Removes one sealed segment, its events recorded as retired before. Order: `.retired` (the bytes of
/// the manifest) durable → archive → index → manifest. From `.retired` on the segment is removed, and
/// whoever finds the rest of its files removes them; so any crash leaves a log that opens.
struct SegmentRemoval {
    let layout: LogLayout
    let first: UInt64
    /// The bytes of the manifest.
    let manifest: [UInt8]

    enum Step: CaseIterable {
        case mark, removeArchive, removeIndex, removeManifest
    }

    func run() throws(AuditLogError) {
        for step in Step.allCases { try run(step) }
    }

    func run(_ step: Step) throws(AuditLogError) {
        do throws(FileError) {
            switch step {
            case .mark:
                try DurableFiles.createOrMatch(
                    layout.retired(first), manifest, mode: SegmentSealing.mode)
            case .removeArchive: try remove(layout.segment(first))
            case .removeIndex: try DurableFiles.remove(layout.index(first))
            case .removeManifest: try remove(layout.manifest(first))
            }
        } catch {
            throw AuditLogError(
                .file, "removing a segment was cut short: apply again", cause: error)
        }
    }

    /// Sealed files may have the immutable flag (`OpenOptions.immutableSeals`).
    private func remove(_ path: String) throws(FileError) {
        if DurableFiles.exists(path) { DurableFiles.setImmutable(path, false) }
        try DurableFiles.remove(path)
    }

    /// Removes what a crash left of segments that are retired. Never on the word of a `.retired` file
    /// alone, which is not signed: its event was signed before it was made, so the writer must have
    /// recorded it, and no opening adopted it.
    /// - Throws: `damaged` for a `.retired` file that is not the writer's; nothing of its segment is removed.
    static func finish(_ layout: LogLayout) throws(AuditLogError) {
        let unfinished = try layout.retiredStarts().filter { first in
            [layout.segment(first), layout.index(first), layout.manifest(first)]
                .contains(where: DurableFiles.exists)
        }
        if unfinished.isEmpty { return }
        let removals = try lookUp(layout)
        for first in unfinished {
            let manifest = try readFile(layout.retired(first), .damaged)
            let sha256 = sha256Text(manifest)
            guard try SegmentManifest(manifest).first == first,
                removals.own.contains(where: { $0.tellsOf(sha256) })
            else {
                let adopted = removals.adopted.last { $0.tellsOf(sha256) }
                throw notRecorded(layout.retired(first), adopted)
            }
            try SegmentRemoval(layout: layout, first: first, manifest: manifest).run()
        }
    }

    private static func lookUp(_ layout: LogLayout) throws(AuditLogError) -> RecordedRemovals {
        do throws(AuditLogError) {
            return try RecordedRemovals(layout)
        } catch {
            throw AuditLogError(.damaged, "a removal cannot be looked up in the log", cause: error)
        }
    }

    private static func notRecorded(_ path: String, _ adopted: Event?) -> AuditLogError {
        guard let adopted else {
            return AuditLogError(
                .damaged,
                "\(path): no event records this removal; nothing was removed, move the file away")
        }
        return AuditLogError(
            .damaged,
            "\(path): event \(adopted.sequence), which would record this removal, was not signed "
                + "before the file was made: somebody else wrote both, and an opening adopted the event. "
                + "Nothing was removed: find out who, move the file away; a removal that is due is "
                + "applied again")
    }
}

/// What `auditlog.retired` tells, so that a `.retired` file can be held against it.
struct RetirableSegment: Equatable {
    let manifest: SegmentManifest
    let manifestSha256: String

    init(_ bytes: [UInt8]) throws(AuditLogError) {
        manifest = try SegmentManifest(bytes)
        manifestSha256 = sha256Text(bytes)
    }

    /// `logSha256` binds log.json again, since the event that did, the first, is among those removed.
    func data(logSha256: String) -> JSONObject {
        [
            "first": .number(String(manifest.first)), "next": .number(String(manifest.next)),
            "manifestSha256": .string(manifestSha256), "fileSha256": .string(manifest.sha256),
            "firstTime": .string(manifest.firstTime), "lastTime": .string(manifest.lastTime),
            "logSha256": .string(logSha256),
        ]
    }
}
