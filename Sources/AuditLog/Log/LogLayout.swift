import DurableFiles
import Glibc

/// Where everything lies (docs/audit-log-format.md, "Files").
struct LogLayout: Sendable {
    let directory: String

    var description: String { "\(directory)/log.json" }
    var segments: String { "\(directory)/segments" }
    var tree: String { "\(directory)/tree" }
    var checkpoint: String { "\(directory)/checkpoint" }
    var checkpoints: String { "\(directory)/checkpoints" }
    var epochs: String { "\(directory)/epochs" }
    /// Room for the last words when the disk is full.
    var reserve: String { "\(directory)/reserve" }

    func segment(_ first: UInt64) -> String { "\(segments)/\(Self.name(first)).jsonl.gz" }
    func members(_ first: UInt64) -> String { "\(segments)/\(Self.name(first)).members" }
    /// Of a sealed segment.
    func index(_ first: UInt64) -> String { "\(segments)/\(Self.name(first)).index" }
    func manifest(_ first: UInt64) -> String { "\(segments)/\(Self.name(first)).manifest" }
    /// What stays of a segment that was removed after its retention time: its manifest.
    func retired(_ first: UInt64) -> String { "\(segments)/\(Self.name(first)).retired" }
    func tiles(_ level: Int) -> String { "\(tree)/\(level)" }

    /// Twelve digits: the first sequence number of a segment.
    static func name(_ first: UInt64) -> String {
        let digits = String(first)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// First sequence numbers of the segments there are, ascending.
    /// - Throws: `file` when the folder cannot be listed: it must not look empty.
    func segmentStarts() throws(AuditLogError) -> [UInt64] { try starts(".jsonl.gz") }

    /// Of those removed after their retention time.
    /// - Throws: as `segmentStarts`.
    func retiredStarts() throws(AuditLogError) -> [UInt64] { try starts(".retired") }

    private func starts(_ suffix: String) throws(AuditLogError) -> [UInt64] {
        let names: [String]
        do throws(FileError) {
            names = try Self.list(segments)
        } catch {
            throw AuditLogError(.file, "the segments cannot be listed", cause: error)
        }
        return names.compactMap { name in
            name.hasSuffix(suffix) ? UInt64(name.dropLast(suffix.count)) : nil
        }.sorted()
    }

    /// The manifest of the segment that ends where the one at `first` starts, removed or not; nil
    /// when there is none.
    func manifest(before first: UInt64) throws(AuditLogError) -> SegmentManifest? {
        for start in try segmentStarts().reversed() where start < first {
            return try SegmentManifest(try readFile(manifest(start), .damaged))
        }
        guard let start = try retiredStarts().last(where: { $0 < first }) else { return nil }
        return try SegmentManifest(try readFile(retired(start), .damaged))
    }

    /// Names in a folder, sorted; empty when it cannot be read.
    static func names(in folder: String) -> [String] { (try? list(folder)) ?? [] }

    /// Names in a folder, sorted; empty when there is none.
    static func list(_ folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileError(operation: "opendir", path: folder, code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw FileError(operation: "readdir", path: folder, code: errno) }
        return names.sorted()
    }
}

/// What lies in the keys folder: the private key of the newest epoch, the rollback pin, the writer's
/// lock.
struct KeyLayout: Sendable {
    let directory: String

    var pin: String { "\(directory)/checkpoint" }
    var lock: String { "\(directory)/writer.lock" }

    /// Six digits, more when it is longer.
    func epochKey(_ epoch: UInt64) -> String {
        let digits = String(epoch)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
        return "\(directory)/epoch-\(zeros)\(digits).key"
    }

    func readKey(_ epoch: UInt64) throws(AuditLogError) -> SigningKey {
        try SigningKey(try lineOfText(epochKey(epoch), .key))
    }

    func readPin() throws(AuditLogError) -> SignedCheckpoint? {
        guard DurableFiles.exists(pin) else { return nil }
        return try readCheckpoint(pin)
    }
}

/// The text of a small file without its last newline.
func lineOfText(
    _ path: String, _ code: AuditLogError.Code
) throws(AuditLogError) -> String {
    let bytes = try readFile(path, code)
    guard bytes.last == 0x0A else {
        throw AuditLogError(code, "\(path) does not end in a newline: restore it")
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
}

func readFile(
    _ path: String, _ code: AuditLogError.Code = .missing
) throws(AuditLogError) -> [UInt8] {
    do throws(FileError) {
        return try DurableFiles.read(path, limit: readLimitBytes)
    } catch {
        throw AuditLogError(
            error.isAlteration ? code : .file, "a file of the log cannot be read", cause: error)
    }
}

extension FileError {
    /// What is not there, or too long, was altered; a disk or a mode that refuses is no verdict.
    var isAlteration: Bool { [ENOENT, ENOTDIR, ELOOP, EISDIR, EFBIG].contains(code) }
}

extension AuditLogError {
    /// The call that the disk or a mode refused; nil when it was not for that.
    var refusedCall: FileError? {
        guard let call = cause as? FileError, !call.isAlteration else { return nil }
        return call
    }
}

func readCheckpoint(_ path: String) throws(AuditLogError) -> SignedCheckpoint {
    let bytes = try readFile(path, .damaged)
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw AuditLogError(.damaged, "\(path) is not UTF-8")
    }
    return try SignedCheckpoint(text: text)
}

/// The longest of the files that are read whole; `checkpoints`, which grows for years, is not one
/// (`NoteFile`).
let readLimitBytes = 64 << 20
