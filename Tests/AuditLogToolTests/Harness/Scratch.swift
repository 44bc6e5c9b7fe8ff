import Foundation
import Glibc

/// A fresh folder for one test, removed at its end.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/auditlog-tool-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw HarnessFailure("mkdtemp: \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // Sealed files are read-only, which does not keep their folder from being emptied.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a program to its end; its output goes through files, so it never waits for us.
    /// - Parameter input: what it reads; nil leaves standard input closed at once.
    func run(
        _ words: [String], input: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> Ended {
        let stem = folder + "/.run-\(UInt64.random(in: 0 ... .max))"
        let paths = [stem + ".in", stem + ".out", stem + ".err"]
        defer { for path in paths { unlink(path) } }
        try Self.put(input, at: paths[0])
        let files = try [
            Self.open(paths[0], O_RDONLY), Self.open(paths[1], O_WRONLY | O_CREAT | O_EXCL),
            Self.open(paths[2], O_WRONLY | O_CREAT | O_EXCL),
        ]
        let status: Int32
        do {
            defer { for file in files { close(file) } }
            let plumbing = Plumbing(input: files[0], output: files[1], errors: files[2])
            status = try Child(words, plumbing, environment: environment).wait()
        }
        return Child.ended(
            status, output: try Self.bytes(paths[1]),
            errors: String(decoding: try Self.bytes(paths[2]), as: UTF8.self))
    }

    static func open(_ path: String, _ flags: Int32) throws -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessFailure("cannot open \(path): \(errno)") }
        return descriptor
    }

    /// A pipe, not for the children of other tests: their copies would keep it open.
    static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0,
            ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 })
        else { throw HarnessFailure("pipe: \(errno)") }
        return (ends[0], ends[1])
    }

    static func put(_ bytes: [UInt8], at path: String) throws {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw HarnessFailure("cannot write \(path): \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HarnessFailure("cannot read \(path)")
        }
        return Array(data)
    }
}
