import DurableFiles

/// A file made under a hidden name, in parts of some size.
final class ExportFile {
    private static let bufferBytes = 1 << 16
    private let temporary: String
    private let file: AppendFile
    private var buffer: [UInt8] = []

    init(for path: String) throws(FileError) {
        temporary = DurableFiles.temporaryPath(for: path)
        // What a crash left there is nobody's.
        try DurableFiles.remove(temporary)
        file = try AppendFile(path: temporary, createMode: DurableFiles.fileMode)
    }

    func append(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(FileError) {
        try file.append(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// write → fdatasync → renameat2(NOREPLACE) → fsync(folder)
    func publish(as path: String) throws(FileError) {
        try flush()
        try file.sync()
        try DurableFiles.move(temporary, to: path)
    }

    func discard() { try? DurableFiles.remove(temporary) }
}
