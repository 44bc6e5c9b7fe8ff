import Crypto
import DurableFiles
import Glibc

/// Why a response cannot be published: another file lies where it belongs (nothing is overwritten), or
/// the folder it belongs into takes nothing. A person has to look; the other responses go on.
struct OutboxConflict: Error, Sendable, Equatable, CustomStringConvertible {
    let name: String
    /// The call that failed; nil where another file lies there.
    var failure: FileError?
    /// What was to be published is gone.
    var isLost = false

    var description: String {
        guard let failure else {
            return "outbox/\(name): another file lies where this response belongs; move it away, "
                + "and the response appears at the next run"
        }
        if isLost {
            return "outbox/\(name) cannot be published, its bytes are gone: \(failure); put them "
                + "back from a backup, or into the outbox as the sender has them"
        }
        return "outbox/\(name) cannot be published: \(failure); mend the folder, and the response "
            + "appears at the next run"
    }
}

/// Staged bytes → the outbox: whole or not at all, never over another file, the same bytes if it
/// has to be done again.
struct Publisher: Sendable {
    let outbox: String
    let staging: String

    /// Puts a prepared response into the outbox.
    /// open(temporary) → write → fsync → renameat2(NOREPLACE) → fsync(folder). A crash leaves at
    /// most a hidden temporary file, and the next start does the same again.
    /// - Throws: `OutboxConflict` where the outbox does not take it: one sender's folder, often a mount,
    ///   must not stop the others. The same is done again later. What fails in our own folder stops
    ///   everything, and so does a full disk that our own folders lie on.
    func publish(_ response: PreparedResponse) throws {
        do {
            try put(response)
        } catch let error as FileError where isInOutbox(error.path) && !isOurs(error) {
            throw OutboxConflict(name: response.name, failure: error)
        } catch let error as FileError where isGone(error, response) {
            throw OutboxConflict(name: response.name, failure: error, isLost: true)
        }
    }

    /// Its sender may have it: a log from before it was published may have been put back beside a staging
    /// folder from after that.
    private func isGone(_ error: FileError, _ response: PreparedResponse) -> Bool {
        error.code == ENOENT && error.path == staging + "/" + response.stagedName
    }

    /// Whether it is the runner that lacks something, and not the folder.
    func isOurs(_ error: FileError) -> Bool {
        switch error.code {
        case EMFILE, ENFILE, ENOMEM: return true
        case ENOSPC:
            guard let there = FileStatus(path: DurableFiles.folder(of: error.path)) else {
                return true
            }
            return there.identity.device == FileStatus(path: staging)?.identity.device
        default: return false
        }
    }

    private func isInOutbox(_ path: String) -> Bool {
        path == outbox || path.utf8.starts(with: (outbox + "/").utf8)
    }

    private func put(_ response: PreparedResponse) throws {
        let path = outbox + "/" + response.name
        let folder = DurableFiles.folder(of: path)
        if response.kind.isFolder { return try putFolder(response, path, in: folder) }
        if DurableFiles.exists(path) {
            // A folder, a link or a file we may not read is another's too.
            guard (try? sha256(of: path)) == response.sha256 else {
                throw OutboxConflict(name: response.name)
            }
            // A crash may have come between rename and fsync(folder): the name must be durable
            // before the log says that it is published and the staged bytes go.
            return try DurableFiles.syncFolder(folder)
        }
        try DurableFiles.makeFolder(folder, mode: Self.folderMode)
        let temporary = DurableFiles.temporaryPath(for: path)
        try DurableFiles.remove(temporary)
        let file = try AppendFile(path: temporary, createMode: Self.fileMode)
        var hash = SHA256()
        var copied = 0
        try forEachChunk(of: staging + "/" + response.stagedName) { chunk in
            hash.update(data: chunk)
            let half = chunk.count / 2
            try file.append(Array(chunk[..<half]))
            FailPoint.reach(.halfWritten)
            try file.append(Array(chunk[half...]))
            copied += chunk.count
        }
        try file.sync()
        guard SHA256Text.hexadecimal(hash.finalize()) == response.sha256 else {
            throw InvariantViolation(
                "state/staging/\(response.stagedName) is not what the audit log promised")
        }
        try DurableFiles.move(temporary, to: path)
        FailPoint.reach(.published)
    }

    /// The same for a folder: it appears with everything in it, or not at all.
    private func putFolder(
        _ response: PreparedResponse, _ path: String, in folder: String
    ) throws {
        if DurableFiles.exists(path) {
            guard (try? StagedFolder.digest(path))?.sha256 == response.sha256 else {
                throw OutboxConflict(name: response.name)
            }
            return try DurableFiles.syncFolder(folder)
        }
        let staged = staging + "/" + response.stagedName
        guard DurableFiles.isFolder(staged) else {
            throw FileError(operation: "open", path: staged, code: ENOENT)
        }
        guard try StagedFolder.digest(staged).sha256 == response.sha256 else {
            throw InvariantViolation(
                "state/staging/\(response.stagedName) is not what the audit log promised")
        }
        try DurableFiles.makeFolder(folder, mode: Self.folderMode)
        try StagedFolder.make(
            path, mode: StagedFolder.folderMode, fileMode: StagedFolder.fileMode
        ) { add in
            try StagedFolder.forEachFile(staged, add)
            FailPoint.reach(.halfWritten)
        }
        FailPoint.reach(.published)
    }

    /// Forgets the staged bytes of a response that the log knows to be published.
    func forget(_ response: PreparedResponse) throws { try forget(staged: response.stagedName) }

    /// Removes something from the staging folder.
    func forget(staged name: String) throws {
        let path = staging + "/" + name
        guard DurableFiles.isFolder(path) else { return try DurableFiles.remove(path) }
        DurableFiles.removeTree(path)
        try DurableFiles.syncFolder(staging)
    }

    private func sha256(of path: String) throws -> String {
        var hash = SHA256()
        try forEachChunk(of: path) { hash.update(data: $0) }
        return SHA256Text.hexadecimal(hash.finalize())
    }

    private func forEachChunk(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw FileError(operation: "open", path: path, code: errno)
        }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        while true {
            let got = read(descriptor, &chunk, chunk.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw FileError(operation: "read", path: path, code: errno) }
            if got == 0 { return }
            try body(Array(chunk[0..<got]))
        }
    }

    private static let chunkBytes = 262_144
    /// The sender's system reads as the folder's group.
    private static let fileMode: UInt32 = 0o640
    private static let folderMode: UInt32 = 0o750
}
