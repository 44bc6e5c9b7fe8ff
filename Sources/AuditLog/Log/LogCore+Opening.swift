import DurableFiles
import OrderedJSON

/// What opening puts right before the first event is accepted.
extension LogCore {
    /// Derived files become what the events say, then durable; keys a crash left are destroyed.
    func restore(_ opening: LogOpening) throws(AuditLogError) {
        try restoreTree(opening)
        try restoreNotes(kept, layout.checkpoints) { bytes in
            let (notes, whole) = SignedCheckpoint.all(in: bytes)
            return (notes.last?.text, whole)
        }
        try restoreNotes(epochsFile, layout.epochs) { bytes in
            let (certificates, whole) = EpochChain.read(bytes)
            return (certificates.last?.text, whole)
        }
        let sealed = try layout.segmentStarts().last { $0 < open.first }
        try guarded { () throws(FileError) in
            if !opening.isSealed { try restoreHints(opening) }
            // What a crash at the very end of a rotation leaves.
            if let sealed { try DurableFiles.remove(layout.members(sealed)) }
            // Only now, when the newest certificate is certainly on disk.
            try epochs.destroyOthers()
        }
        signing.keptSize = opening.keptSize
    }

    private func restoreTree(_ opening: LogOpening) throws(AuditLogError) {
        let rebuilt = try TreeRebuild(layout: layout).hashes(upTo: opening.trustedSize)
        try guarded { () throws(FileError) in
            for (level, hash) in rebuilt ?? [] { tree.add(level, hash) }
            for (level, hash) in opening.scan.tiles { tree.add(level, hash) }
            try tree.bring(from: rebuilt == nil ? opening.trustedSize : 0)
            try tree.sync()
        }
    }

    /// Fewer hashes at every moment than the events give, until all are there.
    func replaceTree(_ hashes: [(level: Int, hash: TreeHash)]) throws(AuditLogError) {
        try guarded { () throws(FileError) in
            try tree.cut(to: 0)
            for (level, hash) in hashes { tree.add(level, hash) }
            try tree.write()
            try tree.sync()
        }
    }

    private func restoreHints(_ opening: LogOpening) throws(FileError) {
        let members = opening.scan.hints.filter { $0.offset < open.segment.length }
        try open.hints.bring(
            members.flatMap(\.bytes),
            from: Int64(opening.trustedHints.count * MemberHint.byteCount),
            at: layout.members(opening.first))
        try open.hints.sync()
    }

    /// A half-written note at the end is set aside. The last whole one is written once more: whoever
    /// wrote it may have been killed before its sync, or the sync failed, and then it is gone with the
    /// power. What follows builds on it: a certificate that was never on disk is no reason to destroy the
    /// key before it, and of the notes only one may ever be torn (`TornNote`).
    private func restoreNotes(
        _ file: any LogFile, _ path: String,
        _ read: ([UInt8]) -> (lastNote: String?, whole: Int)
    ) throws(AuditLogError) {
        let tail = try NoteTail(path)
        let (lastNote, whole) = read(tail.bytes)
        let length = tail.offset + Int64(whole)
        try setAside(Array(tail.bytes[whole...]), behind: length, file, path)
        let last = Array((lastNote ?? "").utf8)
        try guarded { () throws(FileError) in
            try files.rewrite(path, last, at: length - Int64(last.count))
        }
    }

    private func setAside(
        _ torn: [UInt8], behind length: Int64, _ file: any LogFile, _ path: String
    ) throws(AuditLogError) {
        if torn.isEmpty { return }
        try guarded { () throws(FileError) in
            let name = "\(path).\(length)-\(sha256Text(torn).prefix(8)).torn"
            let mode = DurableFiles.modeLikeFolder(of: name)
            try DurableFiles.createOrMatch(name, torn, mode: mode)
            try file.truncate(to: length)
            try file.sync()
        }
    }

    /// Finishes a rotation that a crash cut short, names what was recovered, seals what is due,
    /// opens.
    func resume(
        _ opening: LogOpening, _ torn: TailRepair.Torn?
    ) throws(AuditLogError) {
        if opening.isSealed {
            try rotate()
        } else if opening.isBegun {
            try finishRotation(try sealedBefore(opening.first))
        } else if opening.startsWithoutEpoch {
            try write([epochEvent()].compactMap { $0 })
        }
        if !opening.isClean { try write([recovered(opening, torn)]) }
        if isRotationDue { try rotateWhenReady() }
        try write([own(OwnEvent.opened, ["size": .number(String(edge.size))])])
        try sign(keep: true)
    }

    private func recovered(_ opening: LogOpening, _ torn: TailRepair.Torn?) -> PreparedDraft {
        own(
            OwnEvent.recovered,
            [
                "firstAdopted": .number(String(opening.pin.size)),
                "next": .number(String(opening.scan.size)),
                "tornBytes": .number(String(torn?.bytes ?? 0)),
                "tornFile": torn.map { .string($0.file) } ?? .null,
                "tornSha256": torn.map { .string($0.sha256) } ?? .null,
            ])
    }
}
