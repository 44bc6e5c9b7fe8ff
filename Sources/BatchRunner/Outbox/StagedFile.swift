import Crypto
import DurableFiles
import Glibc

/// Writes one response into the staging folder, streaming, with its hash. Nothing is promised yet:
/// a crash before `finish` returns leaves a hidden file that the next attempt removes.
final class StagedFile {
    private let path: String
    private let temporary: String
    private let file: AppendFile
    private var hash = SHA256()
    private var buffer: [UInt8] = []
    private var bytes = 0

    /// Begins the file that will be `path`.
    init(path: String) throws {
        self.path = path
        temporary = DurableFiles.temporaryPath(for: path)
        try DurableFiles.remove(temporary)
        file = try AppendFile(path: temporary, createMode: 0o600)
        buffer.reserveCapacity(Self.bufferBytes + 65_536)
    }

    /// Appends bytes.
    func write(_ more: some Sequence<UInt8>) throws {
        buffer.append(contentsOf: more)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Makes the file durable under its name, in place of an earlier attempt's.
    /// fsync → unlink(earlier) → renameat2(NOREPLACE) → fsync(folder)
    func finish() throws -> (sha256: String, bytes: Int) {
        try flush()
        try file.sync()
        try DurableFiles.remove(path)
        try DurableFiles.move(temporary, to: path)
        return (SHA256Text.hexadecimal(hash.finalize()), bytes)
    }

    private func flush() throws {
        hash.update(data: buffer)
        bytes += buffer.count
        try file.append(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private static let bufferBytes = 262_144
}
