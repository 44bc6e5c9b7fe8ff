import DurableFiles
import Glibc
import OrderedJSON

@testable import AuditLog

/// A small closed log of which one file is edited: either the verifier finds it, or the events are
/// the very same.
final class LogOracle {
    private let directory: String
    private let files: [(path: String, bytes: [UInt8])]
    private let lines: [[UInt8]]

    /// Makes the log in `root`, in memory if that is a folder there.
    init(root: String) async throws {
        directory = root + "/audit"
        _ = try AuditLog.create(
            at: directory, keys: root + "/keys",
            options: CreationOptions(origin: "auditlog.example/edited", actor: "tester"))
        for round in 0..<2 {
            let log = try await AuditLog.open(
                at: directory, keys: root + "/keys",
                options: OpenOptions(actor: "tester", origin: "node-1"))
            for number in 0..<3 { _ = try await log.append([Self.draft(round * 3 + number)]) }
            try await log.close()
        }
        files = try Self.files(directory)
        lines = try Self.lines(directory)
    }

    private static func files(_ directory: String) throws -> [(path: String, bytes: [UInt8])] {
        try ["", "/segments", "/tree"].flatMap { folder in
            LogLayout.names(in: directory + folder).map { "\(folder)/\($0)" }
        }.filter { !DurableFiles.isFolder(directory + $0) }
            .map { ($0, try DurableFiles.read(directory + $0)) }
    }

    private static func draft(_ number: Int) -> EventDraft {
        EventDraft(
            type: "door.opened", actor: "badge 7", outcome: .success, origin: "gate",
            subject: ["reference": .string("R\(number)")], data: ["n": .number(String(number))])
    }

    private static func lines(_ directory: String) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try AuditReader(directory: directory).forEach { lines.append($0.bytes) }
        return lines
    }

    /// What is wrong; nil when all holds. The first byte names the file, the others edit it.
    func violation(_ script: [UInt8]) throws -> String? {
        guard let first = script.first else { return nil }
        let (path, original) = files[Int(first) % files.count]
        let edited = EditScript(script.dropFirst()).apply(to: original)
        try put(path, edited)
        defer { try? put(path, original) }
        let report = Verifier(directory: directory).verify()
        if edited == original {
            return report.exitCode == 0 ? nil : "an unchanged log is not intact: \(report.lines)"
        }
        guard report.exitCode == 0 else {
            return report.exitCode == 2 ? nil : "\(path): exit \(report.exitCode) for altered bytes"
        }
        return try Self.lines(directory) == lines
            ? nil : "\(path) was altered, other events are there, the verdict is intact"
    }

    private func put(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = open(directory + path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            throw FileError(operation: "write", path: path, code: errno)
        }
    }
}

/// Small changes to bytes, each three bytes of a script: what, where, with what.
struct EditScript {
    private let script: [UInt8]

    init(_ script: some Sequence<UInt8>) { self.script = Array(script) }

    func apply(to original: [UInt8]) -> [UInt8] {
        var bytes = original
        for start in stride(from: 0, to: script.count - 3, by: 4) {
            let place = Int(script[start + 1]) << 8 | Int(script[start + 2])
            edit(&bytes, script[start], at: place, script[start + 3])
        }
        return bytes
    }

    private func edit(_ bytes: inout [UInt8], _ kind: UInt8, at place: Int, _ value: UInt8) {
        let index = place % (bytes.count + 1)
        switch kind % 6 {
        case 0: if index < bytes.count { bytes[index] = value }
        case 1: if index < bytes.count { bytes[index] ^= 1 << (value & 7) }
        case 2: bytes.insert(value, at: index)
        case 3: bytes.removeSubrange(index..<min(bytes.count, index + Int(value)))
        case 4: bytes.append(contentsOf: bytes[index..<min(bytes.count, index + Int(value))])
        default: bytes.replaceSubrange(index..., with: [])
        }
    }
}
