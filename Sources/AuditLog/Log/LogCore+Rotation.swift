import DurableFiles
import Glibc
import OrderedJSON

/// Seals the open segment, starts the next epoch, begins the next segment (audit-log.md, rules 7, 8).
///
/// Order: member ended → checkpoint over everything, kept → archive, index, manifest → next key and
/// certificate, old key destroyed → new segment with `auditlog.sealed` and `auditlog.epoch` →
/// checkpoint with the new key → hints of the old segment removed. After a crash the next opening
/// goes on: a last segment with a manifest is sealed again to the same bytes, an empty last segment
/// gets its first events.
extension LogCore {
    /// True when the open segment is full, or of an earlier day than now.
    var isRotationDue: Bool {
        let now = max(AuditTime.text(clock.now()), lastTime)
        return open.isDue(at: now, length: staged.offset, limitBytes: options.sealBytes)
    }

    /// A segment that grew to so many times its limit while its archive was made waits for it: when more
    /// comes than can be compressed anew, nothing else would ever end it.
    private static let mostGrowth: Int64 = 2

    /// A small segment is sealed at once. A large one is compressed anew by another thread while events
    /// are added to it; the rotation then waits for the last of them only.
    ///
    /// A crash leaves a file aside, which the next opening removes, and the segment as it was.
    func rotateWhenReady() throws(AuditLogError) {
        guard let ahead else {
            if durable.length <= options.sealAtOnceBytes { return try rotate() }
            return try takeAhead(try beginAhead())
        }
        if durable.length / Self.mostGrowth >= options.sealBytes { return try rotate() }
        guard ahead.isDone else { return }
        if ahead.hasFailed || durable.length - ahead.archive.position <= options.sealAtOnceBytes {
            try rotate()
        } else {
            try takeAhead(ahead)
        }
    }

    private func beginAhead() throws(AuditLogError) -> ArchiveAhead {
        do throws(AuditLogError) {
            let archive = try ArchiveInProgress(layout, description, start: open.base)
            let begun = ArchiveAhead(archive, on: options.sealingQueue)
            ahead = begun
            return begun
        } catch {
            throw stop(error)
        }
    }

    /// Whole members only. One that alone is more than may be left for the rotation ends here: members
    /// of large events hold many megabytes.
    private func takeAhead(_ ahead: ArchiveAhead) throws(AuditLogError) {
        if memberIsOpen, durable.length - memberStart > options.sealAtOnceBytes {
            try write([], endsMember: true)
        }
        ahead.take(upTo: memberIsOpen ? memberStart : durable.length)
    }

    /// After a failure: nothing of an archive is used any more. On a full disk it lies on the room that
    /// last words need.
    func giveUpSealing() {
        ahead?.cancel()
        ahead = nil
        _ = unlink(ArchiveInProgress.aside(layout, open.first))
    }

    func rotate() throws(AuditLogError) {
        // A rotation that failed is not begun again: the epoch it started may already be certified.
        if let failure { throw failure }
        if memberIsOpen { try write([], endsMember: true) }
        if signing.newest.size < edge.size || signing.keptSize < edge.size { try sign(keep: true) }
        let sealing = SegmentSealing(
            layout: layout, description: description, first: open.first, start: open.base,
            end: edge)
        let hashes = try sealing.run(self, ahead)
        ahead = nil
        try finishRotation(Sealed(first: open.first, next: edge.size, hashes: hashes))
    }

    /// What `auditlog.sealed` tells.
    struct Sealed {
        var first: UInt64
        var next: UInt64
        var hashes: SegmentSealing.Hashes
    }

    func finishRotation(_ sealed: Sealed) throws(AuditLogError) {
        if (epochs.chain.newest?.size ?? 0) < edge.size {
            do throws(AuditLogError) {
                try epochs.advance(to: edge, epochsFile)
            } catch {
                throw stop(error)
            }
        }
        try guarded { () throws(FileError) in
            if open.first != edge.size { open = try OpenSegment(layout, files, base: edge) }
            // Last words must not take the old segment's length for the new one's.
            durable = DurableState(edge: edge, lastTime: lastTime, length: open.segment.length)
            staged = StagedCommit(offset: durable.length)
        }
        try write([sealedEvent(sealed)] + [epochEvent()].compactMap { $0 })
        try sign(keep: true)
        try guarded { () throws(FileError) in
            try DurableFiles.remove(layout.members(sealed.first))
        }
        makeImmutable(sealed.first)
    }

    /// Last, when no crash can make sealing start anew. Where it is not allowed, the mode must do.
    private func makeImmutable(_ first: UInt64) {
        guard options.immutableSeals else { return }
        DurableFiles.setImmutable(layout.segment(first), true)
        DurableFiles.setImmutable(layout.manifest(first), true)
    }

    private func sealedEvent(_ sealed: Sealed) -> PreparedDraft {
        own(
            OwnEvent.sealed,
            [
                "first": .number(String(sealed.first)), "next": .number(String(sealed.next)),
                "fileSha256": .string(sealed.hashes.file),
                "indexSha256": .string(sealed.hashes.index),
                "manifestSha256": .string(sealed.hashes.manifest),
            ])
    }

    func epochEvent() -> PreparedDraft? {
        guard let newest = epochs.chain.newest else { return nil }
        return own(
            OwnEvent.epoch,
            [
                "epoch": .number(String(newest.epoch)), "size": .number(String(newest.size)),
                "key": .string(newest.key.text), "certificateSha256": .string(newest.sha256),
            ])
    }

    /// What was sealed before the segment at `first`, from its manifest.
    func sealedBefore(_ first: UInt64) throws(AuditLogError) -> Sealed {
        guard let manifest = try layout.manifest(before: first), manifest.next == first else {
            throw AuditLogError(.damaged, "the manifest of the segment before \(first) is missing")
        }
        return Sealed(
            first: manifest.first, next: first,
            hashes: SegmentSealing.Hashes(
                file: manifest.sha256, index: manifest.indexSha256,
                manifest: sha256Text(manifest.encoded)))
    }
}

extension SegmentSealing {
    /// Any failure stops the writer: what the disk holds is then found out by opening.
    fileprivate func run(
        _ core: LogCore, _ ahead: ArchiveAhead?
    ) throws(AuditLogError) -> Hashes {
        do throws(AuditLogError) {
            return try run(try ahead?.wait())
        } catch {
            // Whoever appends is told that the log has stopped, whatever stopped it; an opening that
            // goes on with a sealing tells damage as damage.
            guard ahead != nil, error.code != .stopped else { throw core.stop(error) }
            throw core.stop(
                AuditLogError(
                    .stopped, "a segment could not be sealed: \(error.message)",
                    cause: error.cause))
        }
    }
}
