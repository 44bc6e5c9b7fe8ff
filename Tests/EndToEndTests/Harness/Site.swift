import Foundation
import Glibc
import OrderedJSON
import Testing

/// A site folder as its users see it: files in, files out, exit codes.
struct Site: Sendable {
    let scratch: Scratch
    let root: String

    var inbox: String { root + "/inbox" }
    var outbox: String { root + "/outbox" }

    /// A site that talks to a provider on this machine.
    /// - Parameters:
    ///   - skypay: keys of that section, besides or in place of the usual ones.
    ///   - intake: that section, as YAML: files settle at once unless told.
    ///   - more: further sections, as YAML.
    init(
        _ scratch: Scratch, port: Int, name: String = "site", skypay: [String: String] = [:],
        intake: String = "settleSeconds: 0\n  scanSeconds: 1", more: String = ""
    ) throws {
        self.scratch = scratch
        root = scratch.folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: root + "/inbox", withIntermediateDirectories: true)
        let keys = ["queryAfterSeconds": "1", "queryEverySeconds": "1"].merging(skypay) { $1 }
        let lines = keys.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }
        let yaml = """
            mode: test
            skypay:
              url: http://127.0.0.1:\(port)/services
              callerName: demo
              userName: DemoApp@skypay
              authentication: \(Secrets.authentication)
              passwordKey: \(Secrets.passwordKey)
              controlNumberPrefix: SKY99
              sender: Demo Company
            \(lines.joined())intake:
              \(intake)
            \(more)
            """
        try Scratch.put(yaml, at: root + "/batchrunner.yaml")
        chmod(root + "/batchrunner.yaml", 0o600)
    }

    /// Drops a file as an SFTP client does: written under another name, then renamed.
    func drop(_ name: String, _ text: String) throws {
        let path = inbox + "/" + name
        try Scratch.put(text, at: path + ".part")
        guard rename(path + ".part", path) == 0 else { throw HarnessFailure("rename: \(errno)") }
    }

    func drop(_ batch: Batch) throws { try drop(batch.name, batch.text) }

    func drop(sample name: String) throws {
        try drop(name, String(contentsOfFile: Repository.sample(name), encoding: .utf8))
    }

    /// `batchrunner COMMAND --root …` to its end.
    func tool(
        _ command: String, _ arguments: [String] = [], environment: [String: String] = [:],
        output: Child.Output = .file, within seconds: Int = 90
    ) async throws -> Ended {
        try await scratch.run(
            Binaries.batchrunner, [command, "--root", root] + arguments,
            environment: environment, output: output, within: seconds)
    }

    func run(_ arguments: String...) async throws -> Ended { try await tool("run", arguments) }

    /// Starts the daemon.
    func daemon(failPoint: String? = nil) throws -> Child {
        try scratch.start(
            Binaries.batchrunner, ["daemon", "--root", root],
            environment: failPoint.map { ["BATCHRUNNER_FAIL_POINT": $0] } ?? [:])
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + path)
    }

    /// A response as JSON.
    func response(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: bytes("outbox/" + name))
    }

    func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: root + "/" + path) else {
            throw HarnessFailure("\(path) is not there")
        }
        return Array(data)
    }

    /// Every file below a folder of the site with its bytes, hidden ones included.
    func snapshot(_ folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in names(folder) { files[name] = try bytes(folder + "/" + name) }
        return files
    }

    /// Files below a folder of the site.
    private func names(_ folder: String) -> [String] {
        var names: [String] = []
        let all = FileManager.default.enumerator(atPath: root + "/" + folder)
        while let name = all?.nextObject() as? String {
            var status = stat()
            guard lstat(root + "/" + folder + "/" + name, &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            names.append(name)
        }
        return names
    }

    /// Names in the outbox; beside a daemon what they name may be gone the next moment.
    func outboxNames() throws -> Set<String> { Set(names("outbox")) }

    /// The events a running daemon has written: its last gzip member has no end yet.
    func eventsSoFar() async throws -> [JSONValue] {
        let (read, _) = try await zcat()
        let whole = read.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return try whole.map { try JSONValue(parsing: Array($0.utf8)) }
    }

    /// The events of the audit log, read with zcat alone. Whatever they say, docs/events.md names it.
    func events() async throws -> [JSONValue] {
        let (read, isWhole) = try await zcat()
        guard isWhole else { throw HarnessFailure("zcat: \(read.errors)") }
        let events = try read.output.split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))
        }
        #expect(try EventPage.own.get().untold(in: events) == [], "docs/events.md does not say it")
        return events
    }

    private func zcat() async throws -> (Ended, isWhole: Bool) {
        let folder = root + "/audit/segments"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let paths = names.filter { $0.hasSuffix(".jsonl.gz") }.map { folder + "/" + $0 }
        let read = try await scratch.run("/usr/bin/env", ["zcat"] + paths)
        return (read, read.code == 0)
    }
}

/// Invented credentials of the test partner.
enum Secrets {
    static let authentication = "E1234567-123C-1234-123F-A12345670"
    static let passwordKey = "TESTKEY000000001"
}
