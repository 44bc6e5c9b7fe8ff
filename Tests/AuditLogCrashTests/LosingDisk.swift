import DurableFiles
import Glibc
import Synchronization

@testable import AuditLog

/// Real files whose power fails after a number of operations: from then on nothing can be done, and
/// `lose` makes of every file what a disk may hold then. Only what was synced is certain; of the rest
/// any blocks may have arrived, in any order, with the file's length or without, zeros between.
final class LosingDisk: LogFiles {
    private let state: Mutex<State>

    private struct State {
        var operationsLeft: Int
        var durable: [String: [UInt8]] = [:]
    }

    /// - Parameter earlier: the disk of a session that was killed while the power stayed: what that one
    ///   did not sync is there to be read, and can still be lost.
    init(operationsLeft: Int, after earlier: LosingDisk? = nil) {
        state = Mutex(State(operationsLeft: operationsLeft, durable: earlier?.durable ?? [:]))
    }

    private var durable: [String: [UInt8]] { state.withLock { $0.durable } }

    func open(_ path: String) throws(FileError) -> any LogFile {
        try spend("open", path)
        let file = try SystemLogFiles().open(path)
        let bytes = try DurableFiles.read(path, limit: readLimitBytes)
        state.withLock { if $0.durable[path] == nil { $0.durable[path] = bytes } }
        return LosingFile(file, path, self)
    }

    func rewrite(_ path: String, _ bytes: [UInt8], at offset: Int64) throws(FileError) {
        try spend("pwrite", path)
        try DurableFiles.rewrite(path, bytes, at: offset)
        try synced(path)
    }

    var hasFailed: Bool { state.withLock { $0.operationsLeft <= 0 } }

    fileprivate func spend(_ operation: String, _ path: String) throws(FileError) {
        let isOn = state.withLock { state in
            state.operationsLeft -= 1
            return state.operationsLeft > 0
        }
        if !isOn { throw FileError(operation: operation, path: path, code: EIO) }
    }

    fileprivate func synced(_ path: String) throws(FileError) {
        let bytes = try DurableFiles.read(path, limit: readLimitBytes)
        state.withLock { $0.durable[path] = bytes }
    }

    /// What the disk holds when the power is back.
    func lose(_ random: inout Seeded) throws {
        for (path, durable) in self.durable.sorted(by: { $0.key < $1.key }) {
            guard let written = try? DurableFiles.read(path, limit: readLimitBytes),
                written != durable, access(path, W_OK) == 0, !Self.isArchive(path)
            else { continue }
            let survivor = Survivor(durable: durable, written: written).bytes(&random)
            let descriptor = Glibc.open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
            defer { close(descriptor) }
            guard write(descriptor, survivor, survivor.count) == survivor.count else {
                throw FileError(operation: "write", path: path, code: errno)
            }
        }
    }

    /// An archive in place of the open segment was made whole and synced under another name.
    private static func isArchive(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o222 == 0
    }
}

private final class LosingFile: LogFile {
    private let file: any LogFile
    private let path: String
    private let disk: LosingDisk

    init(_ file: any LogFile, _ path: String, _ disk: LosingDisk) {
        (self.file, self.path, self.disk) = (file, path, disk)
    }

    var length: Int64 { file.length }

    /// The last one before the power fails may have written: what was not synced is uncertain anyway.
    func append(_ bytes: [UInt8]) throws(FileError) {
        try file.append(bytes)
        try disk.spend("write", path)
    }

    func sync() throws(FileError) {
        try disk.spend("fdatasync", path)
        try file.sync()
        try disk.synced(path)
    }

    func truncate(to newLength: Int64) throws(FileError) {
        try file.truncate(to: newLength)
        try disk.spend("ftruncate", path)
    }

    func isStillAt(_ path: String) -> Bool { file.isStillAt(path) }
}

/// What may be left of a file.
struct Survivor {
    let durable: [UInt8]
    let written: [UInt8]

    func bytes(_ random: inout Seeded) -> [UInt8] {
        let block = [512, 4_096].randomElement(using: &random) ?? 512
        let shorter = min(durable.count, written.count)
        let longer = max(durable.count, written.count)
        // The length too may be the old one, the new one, or one between.
        let length =
            [durable.count, written.count, Int.random(in: shorter...longer, using: &random)]
            .randomElement(using: &random) ?? durable.count
        let odds: [Double] = [0, 0.5, 0.9, 1]
        let chance: Double = odds[Int.random(in: 0..<odds.count, using: &random)]
        var bytes = [UInt8](repeating: 0, count: length)
        for start in stride(from: 0, to: length, by: block) {
            let source = Double.random(in: 0..<1, using: &random) < chance ? written : durable
            let end = min(start + block, length, source.count)
            if start < end { bytes.replaceSubrange(start..<end, with: source[start..<end]) }
        }
        return bytes
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
