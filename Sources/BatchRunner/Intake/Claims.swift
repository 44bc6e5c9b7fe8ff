import Crypto
import DurableFiles
import Glibc

/// Takes files out of the inbox so that at every moment somebody owns them:
///
///     copy        the sender owns the original; our copy is nothing yet
///     journal     the caller makes `file.claimed` durable; from here the copy is the file
///     finish      the original is moved aside, compared, unlinked
///
/// A crash at any point is mended by `recover`; what is owned by whom is said at each step.
struct Claims: Sendable {
    let site: SiteFolder
    /// Told after each step; tests stop or interfere there. Throwing ends the work like a crash.
    var afterStep: @Sendable (IntakeStep) throws(SiteFault) -> Void = { _ in }
    /// Moves as on a file system without renameat2(NOREPLACE); for tests.
    var movesInTwoCalls = false
    /// Asked before an original is moved aside: an errno to fail with, or 0. For tests.
    var movingFails: @Sendable (_ name: RawName) -> Int32 = { _ in 0 }

    /// Bytes copied at a time.
    static let copyChunkBytes = 1 << 20
    /// Ending of copies that are not whole yet.
    static let partSuffix = ".part"

    /// What became of an attempt to copy.
    enum Opening {
        /// Copied, durable and unchanged meanwhile: journal it, then finish; or abandon it.
        case copied(ClaimCandidate)
        /// Somebody has the original open for writing, it changed under the copy, or it cannot be
        /// read just now: still growing.
        case growing
        /// The name is gone, or something else has it now: the next scan tells.
        case vanished
    }

    /// Copies a settled entry to `state/files/<storedName>`, durable when this returns.
    ///
    /// openat2(no links) → fstat → lease → open(.part) → read/write/SHA-256 → fstat → fsync →
    /// renameat2(.part → storedName) → fsync(folder). A crash in between leaves the original where
    /// it is, the sender's, and at most a copy without a claim, which `recover` removes.
    func open(_ entry: InboxEntry, storedAs storedName: String) throws(SiteFault) -> Opening {
        let inbox = try OpenFolder(site: site.inbox)
        if entry.sender.isEmpty { return try open(entry, in: inbox, storedName) }
        guard let folder = OpenFolder(entry.sender, in: inbox) else { return .vanished }
        return try open(entry, in: folder, storedName)
    }

    /// Gives up a copy that is not to be claimed (not whole yet): the original stays the sender's.
    func abandon(_ candidate: ClaimCandidate) throws(SiteFault) {
        candidate.release()
        try remove(site.file(candidate.record.storedName))
    }

    private func open(
        _ entry: InboxEntry, in folder: borrowing OpenFolder, _ storedName: String
    ) throws(SiteFault) -> Opening {
        let original: OpenOriginal
        do throws(OpenOriginal.Refusal) {
            original = try OpenOriginal(entry.name, in: folder)
        } catch {
            return try openFailed(error.code, entry, folder.path)
        }
        try afterStep(.opened)
        // The name may have been given to something else between scan and open.
        guard let status = FileStatus(descriptor: original.descriptor),
            status == entry.status, entry.refusal == nil
        else { return .vanished }
        if original.answer == .writer { return .growing }
        let part = site.file(storedName) + Self.partSuffix
        try remove(part)
        let outcome = try copy(original.descriptor, to: part, shown: entry.name.escaped)
        try afterStep(.copied)
        // Links and `changed` count too here: the file has not been touched in any way.
        guard let copied = outcome, original.isUnbroken,
            FileStatus(descriptor: original.descriptor) == status,
            copied.bytes == status.identity.size
        else {
            try remove(part)
            return .growing
        }
        do throws(FileError) {
            try DurableFiles.move(part, to: site.file(storedName))
        } catch {
            throw SiteFault(.notCopied, "the private copy cannot be stored", cause: error)
        }
        // From here there is a copy without a claim: nobody relies on it until it is journalled.
        try afterStep(.stored)
        let record = ClaimRecord(
            storedName: storedName, sender: entry.sender, name: entry.name,
            identity: status.identity, sha256: copied.sha256)
        return .copied(ClaimCandidate(record, original))
    }

    private func openFailed(
        _ error: Int32, _ entry: InboxEntry, _ folder: String
    ) throws(SiteFault) -> Opening {
        switch error {
        case ENOENT, ELOOP, ENOTDIR, ENXIO: return .vanished
        // The runner has no descriptor or memory left: that is not the file's.
        case EMFILE, ENFILE, ENOMEM:
            throw .of(error, .notCopied, "openat2", "\(folder)/\(entry.name.escaped)")
        // Its mode changed since the scan, its disk fails: one sender's file must not stop the
        // runner.
        default: return .growing
        }
    }

    /// read → write → SHA-256 until the end, then fdatasync. Nil when the original cannot be read:
    /// its sender's disk fails, and only ours may stop us.
    private func copy(
        _ descriptor: Int32, to path: String, shown: String
    ) throws(SiteFault) -> (sha256: String, bytes: Int64)? {
        var hash = SHA256()
        var total: Int64 = 0
        do throws(FileError) {
            let copy = try AppendFile(path: path, createMode: DurableFiles.fileMode)
            while total <= InboxEntry.maxFileBytes {
                guard let chunk = try? Self.read(descriptor, shown: shown) else { return nil }
                if chunk.isEmpty { break }
                hash.update(data: chunk)
                try copy.append(chunk)
                total += Int64(chunk.count)
            }
            try copy.sync()
        } catch {
            try remove(path)
            throw SiteFault(
                .notCopied, "the file cannot be copied to the state folder", cause: error)
        }
        return (SHA256Text.hexadecimal(hash.finalize()), total)
    }

    static func read(_ descriptor: Int32, shown: String) throws(FileError) -> [UInt8] {
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: copyChunkBytes) { buffer, count in
            while true {
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                count = max(got, 0)
                return
            }
        }
        if failure != 0 { throw FileError(operation: "read", path: shown, code: failure) }
        return chunk
    }

    func remove(_ path: String) throws(SiteFault) {
        do throws(FileError) {
            try DurableFiles.remove(path)
        } catch {
            throw SiteFault(.notCopied, "a private copy cannot be removed", cause: error)
        }
    }
}

/// The moments between which a crash, or a sender, can come.
enum IntakeStep: String, Sendable, CaseIterable {
    /// The original is open; nothing is copied.
    case opened
    /// The copy is written under its temporary name.
    case copied
    /// The copy has its name; no claim yet.
    case stored
    /// The original has been moved aside.
    case movedAside
    /// It has been compared and is the one that was copied.
    case compared
    /// It has been unlinked.
    case unlinked
    /// Something else was moved aside and has been given back or set apart.
    case givenBack
}
