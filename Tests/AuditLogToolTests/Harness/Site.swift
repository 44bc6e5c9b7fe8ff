import Foundation
import Glibc
import OrderedJSON
import Testing

/// A log with its keys in a folder of its own, used through the tool alone.
struct Site: Sendable {
    let scratch: Scratch
    var log: String { scratch.folder + "/audit" }
    var keys: String { scratch.folder + "/state/keys" }
    static let origin = "auditlog.example/tool"

    /// An empty folder; `make` makes the log.
    init() throws { scratch = try Scratch() }

    /// A folder with a log.
    static func made() throws -> Site {
        let site = try Site()
        let ended = try site.run("init", ["--origin", origin, "--keys", site.keys])
        try #require(ended.code == 0, "\(ended)")
        return site
    }

    /// Words before the command's own: the tool and where the log is.
    func words(_ command: String, _ arguments: [String]) -> [String] {
        [Tool.path, command, "--log", log] + arguments
    }

    func run(_ command: String, _ arguments: [String] = [], input: String = "") throws -> Ended {
        try scratch.run(words(command, arguments), input: Array(input.utf8))
    }

    func append(_ arguments: [String] = [], input: String) throws -> Ended {
        try run("append", ["--keys", keys] + arguments, input: input)
    }

    func append(_ arguments: [String] = [], bytes: [UInt8]) throws -> Ended {
        try scratch.run(words("append", ["--keys", keys] + arguments), input: bytes)
    }

    /// One line of input: event number `n` of a producer.
    static func line(_ number: Int) -> String {
        #"{"type":"door.opened","actor":"badge 7","outcome":"success","origin":"gate","#
            + #""subject":{"reference":"R\#(number)"},"data":{"n":\#(number)}}"#
    }

    static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { line($0) + "\n" }.joined()
    }

    /// Runs a command that takes the keys folder, or only leaves its record beside it.
    func keyed(_ command: String, _ arguments: [String] = [], input: String = "") throws -> Ended {
        try run(command, ["--keys", keys] + arguments, input: input)
    }

    /// The root key, as log.json tells it.
    func rootKey() throws -> String {
        let json = try JSONValue(parsing: try Scratch.bytes(log + "/log.json"))
        return try #require(json["rootKey"]?.stringValue)
    }

    /// Another folder with the same log and keys.
    func copied() throws -> Site {
        let copy = try Site()
        let ended = try copy.scratch.run(
            ["/bin/cp", "-a", log, scratch.folder + "/state", copy.scratch.folder])
        try #require(ended.code == 0, "\(ended)")
        return copy
    }

    /// Flips a bit in the middle of a file, read-only or not.
    func damage(_ path: String) throws {
        var bytes = try Scratch.bytes(path)
        bytes[bytes.count / 2] ^= 4
        chmod(path, 0o600)
        try Scratch.put(bytes, at: path)
    }

    /// A path in the folder beside the log.
    func path(_ name: String) -> String { "\(scratch.folder)/\(name)" }

    /// The newest checkpoint, kept elsewhere.
    func keepCheckpoint(_ name: String = "kept") throws -> String {
        let ended = try run("checkpoint")
        try #require(ended.code == 0, "\(ended)")
        let path = scratch.folder + "/" + name
        try Scratch.put(ended.output, at: path)
        return path
    }

    /// Paths of the segments, in order.
    func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: log + "/segments").sorted()
            .filter { $0.hasSuffix(".gz") }.map { "\(log)/segments/\($0)" }
    }

    /// What `zcat segments/*.gz` says, in the order a shell gives the names.
    func zcat() throws -> Ended {
        try scratch.run(["/bin/sh", "-c", "zcat \"$1\"/segments/*.gz", "sh", log])
    }

    /// The events `zcat` prints; a last line that is not whole is left out.
    func events() throws -> [JSONValue] {
        let output = try zcat().output
        let whole = output.lastIndex(of: 0x0A).map { output[...$0] } ?? []
        return try whole.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
    }

    /// Verification says intact, whatever else it says.
    func expectIntact(
        since: String? = nil, _ note: String = "",
        at location: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let ended = try run("verify", since.map { ["--since", $0] } ?? [])
        #expect(ended.code == 0, "\(note) \(ended)", sourceLocation: location)
    }
}
