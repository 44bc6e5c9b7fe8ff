import Crypto
import DurableFiles
import Glibc

extension Claims {
    /// What `recover` did, for the journal and the operator.
    struct Recovery: Sendable, Equatable {
        /// Copies without a claim, removed; their originals still lie in the inbox.
        var removedCopies: [String] = []
        /// Claims whose originals were found and unlinked.
        var finished: [String] = []
        /// Files found aside that belong to no claim, or changed: given back or set apart.
        var givenBack: [String] = []
    }

    /// Finishes after a crash what was begun: call it once at start, under the site's lock, when
    /// the ledger has caught up with the journal. Repeating it changes nothing more.
    ///
    /// - Parameters:
    ///   - unfinished: claims that are durable but perhaps not finished (files without a verdict).
    ///   - mounts: senders whose folders are mounts of their own (`InboxScanner.Scan.mounts`).
    ///   - claim: the durable claim behind a stored name (a fileId, or `<fileId>.ctl` for a side
    ///     file); nil when there is none.
    /// - Throws: `copyDamaged` when an original would be unlinked though its copy is missing or
    ///   differs from the journal: an invariant is broken and nothing was unlinked.
    func recover(
        unfinished: [ClaimRecord], mounts: [String] = [],
        claim: (String) throws(SiteFault) -> ClaimRecord?
    ) throws(SiteFault) -> Recovery {
        var recovery = Recovery()
        try removeUnclaimedCopies(claim, &recovery)
        try recoverAside(mounts, claim, &recovery)
        for record in unfinished { try recoverOriginal(record, &recovery) }
        try giveBackStranded(mounts)
        return recovery
    }

    /// Names that lie aside: in the site's own corner, and in those of senders with a mount.
    private func namesAside(_ mounts: [String]) throws(SiteFault) -> [RawName] {
        var names = try OpenFolder(site: site.claimed).names(limit: .max)
        for sender in mounts {
            // The site's own corner opened just now: what fails here is the sender's mount, and its
            // names wait for a better day.
            do throws(SiteFault) {
                guard let folders = try ClaimFolders.open(site, sender: sender) else { continue }
                names += try folders.claimed.names(limit: .max)
            } catch { continue }
        }
        return names
    }

    /// Tries again to give back what was set apart because its name was taken: before a scan.
    func giveBackStranded(_ mounts: [String] = []) throws(SiteFault) {
        for raw in try namesAside(mounts) where ClaimedName.isStranded(raw) {
            guard let aside = ClaimedName(raw) else { continue }
            do throws(SiteFault) {
                guard let folders = try ClaimFolders.open(site, sender: aside.sender) else {
                    continue
                }
                _ = try giveBack(aside, from: raw, folders)
            } catch {
                _ = try Self.left(error)
            }
        }
    }

    /// Crash before the journal: the copy is nobody's, the original lies in the inbox (after an older state
    /// was put back it need not: `LostCopies` comes before). So is a text that was not made of the copy
    /// claimed under its id: an older state was put back, and the id is given out anew, or was. Texts are
    /// derived, and made again.
    private func removeUnclaimedCopies(
        _ claim: (String) throws(SiteFault) -> ClaimRecord?, _ recovery: inout Recovery
    ) throws(SiteFault) {
        let files = try OpenFolder(site: site.files)
        for raw in try files.names(limit: .max) {
            guard let name = raw.text, let fileID = Self.fileID(ofCopy: raw),
                try !Self.isClaimed(name, of: fileID, claim)
            else { continue }
            try remove(site.file(name))
            recovery.removedCopies.append(name)
        }
        recovery.removedCopies.sort()
    }

    /// True for a copy with a claim, and for the text of one.
    private static func isClaimed(
        _ name: String, of fileID: String, _ claim: (String) throws(SiteFault) -> ClaimRecord?
    ) throws(SiteFault) -> Bool {
        if name == fileID || name == ClaimRecord.sideStoredName(fileID) {
            return try claim(name) != nil
        }
        guard let record = try claim(fileID) else { return false }
        return name == FileStore.textName(fileID, sha256: record.sha256)
    }

    /// The id of what `open` and `FileStore` leave in the folder: a fileId (digits, a hyphen, digits),
    /// perhaps with the endings of side files, of copies not yet whole, and of texts. Nil for anything
    /// else, which is left alone.
    static func fileID(ofCopy name: RawName) -> String? {
        let id = name.bytes.prefix { $0 != UInt8(ascii: ".") }
        let parts = id.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let endings = ["", NameRules.sideSuffix].flatMap { [$0, $0 + partSuffix] }
        let ending = name.bytes.dropFirst(id.count)
        guard
            name.hasSuffix(FileStore.textSuffix)
                || endings.contains(where: { ending.elementsEqual($0.utf8) })
        else { return nil }
        return String(decoding: id, as: UTF8.self)
    }

    /// Crash between move and unlink: what lies aside is the original, or something else that goes
    /// back. Without a claim it always goes back: nothing is unlinked that is not in the journal.
    private func recoverAside(
        _ mounts: [String], _ claim: (String) throws(SiteFault) -> ClaimRecord?,
        _ recovery: inout Recovery
    ) throws(SiteFault) {
        for raw in try namesAside(mounts) where !ClaimedName.isStranded(raw) {
            guard let aside = ClaimedName(raw) else { continue }
            do throws(SiteFault) {
                try recoverAside(aside, raw, claim, &recovery)
            } catch {
                // It goes on lying aside, and the next start tries again.
                _ = try Self.left(error)
            }
        }
    }

    private func recoverAside(
        _ aside: ClaimedName, _ raw: RawName,
        _ claim: (String) throws(SiteFault) -> ClaimRecord?, _ recovery: inout Recovery
    ) throws(SiteFault) {
        guard let folders = try ClaimFolders.open(site, sender: aside.sender) else { return }
        guard let journalled = try claim(aside.storedName) else {
            _ = try giveBack(aside, from: raw, folders)
            recovery.givenBack.append(aside.storedName)
            return
        }
        let record = journalled.lying(in: aside.sender, as: aside.name)
        try requireCopy(record)
        let outcome = try settleAside(
            record, folders, isUnchanged: Self.check(raw, in: folders.claimed, record))
        note(outcome, record, &recovery)
    }

    /// Crash between journal and move: the original still has its name in the inbox. What cannot be
    /// moved now stays there, and `LeftOriginals` knows it by its claim.
    private func recoverOriginal(
        _ journalled: ClaimRecord, _ recovery: inout Recovery
    ) throws(SiteFault) {
        try requireCopy(journalled)
        do throws(SiteFault) {
            guard let record = try found(journalled) else { return }
            note(try finishLeft(record), record, &recovery)
        } catch {
            // One sender's corner: the original stays, and `LeftOriginals` knows it by its claim.
            _ = try Self.left(error)
        }
    }

    /// The claim under the name its original has in the inbox; nil when it lies there no longer.
    private func found(_ journalled: ClaimRecord) throws(SiteFault) -> ClaimRecord? {
        // What was posted has no original.
        if journalled.identity == .unknown { return nil }
        if try isThere(journalled) { return journalled }
        let entry = try InboxScanner(site: site).scan().entries.first { entry in
            entry.identity.isSameContent(as: journalled.identity)
                && PersonalData.safe(entry.sender) == journalled.sender
                && RawName(PersonalData.safe(entry.name.shown)) == journalled.name
        }
        return entry.map { journalled.lying(in: $0.sender, as: $0.name) }
    }

    private func isThere(_ record: ClaimRecord) throws(SiteFault) -> Bool {
        guard let folders = try ClaimFolders.open(site, sender: record.sender),
            let status = FileStatus(record.name, in: folders.source.descriptor)
        else { return false }
        return status.identity.isSameContent(as: record.identity)
    }

    private func note(_ outcome: Finish, _ record: ClaimRecord, _ recovery: inout Recovery) {
        switch outcome {
        case .unlinked: recovery.finished.append(record.storedName)
        case .givenBack, .stranded: recovery.givenBack.append(record.storedName)
        case .gone, .left: break
        }
    }

    /// Looks at what lies aside once more, under a lease of its own where there is one.
    private static func check(
        _ raw: RawName, in folder: borrowing OpenFolder, _ record: ClaimRecord
    ) -> () -> Bool {
        guard let original = try? OpenOriginal(raw, in: folder), original.answer != .writer else {
            return { false }
        }
        let candidate = ClaimCandidate(record, original)
        return { candidate.isUnchanged }
    }

    /// The copy is there and is what the journal says: only then may an original go.
    private func requireCopy(_ record: ClaimRecord) throws(SiteFault) {
        let path = site.file(record.storedName)
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.damaged(record, errno) }
        defer { close(descriptor) }
        var hash = SHA256()
        do throws(FileError) {
            while true {
                let chunk = try Self.read(descriptor, shown: path)
                if chunk.isEmpty { break }
                hash.update(data: chunk)
            }
        } catch {
            throw Self.damaged(record, error.code)
        }
        if SHA256Text.hexadecimal(hash.finalize()) != record.sha256 {
            throw Self.damaged(record, nil)
        }
    }

    private static func damaged(_ record: ClaimRecord, _ error: Int32?) -> SiteFault {
        SiteFault(
            .copyDamaged,
            "the private copy of \(record.storedName) is missing or differs from the audit log; "
                + "stop and restore state/files from a backup",
            cause: error.map {
                FileError(operation: "open", path: record.storedName, code: $0)
            })
    }
}
