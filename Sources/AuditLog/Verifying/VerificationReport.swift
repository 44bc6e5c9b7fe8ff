import DurableFiles
public import OrderedJSON

/// One thing that is not as it must be, and where.
public struct Finding: Sendable, Equatable {
    /// The kinds a program tells apart.
    public enum Code: String, Sendable {
        /// A file that must be there is not, or cannot be read.
        case missing
        /// A name that no file of an audit log has.
        case unknown
        /// Bytes that are not in the one form they can have, or end too early.
        case damaged
        /// Well formed, but not what was signed, or not what the signed events say.
        case altered
        /// A file derived from the events is not what they give.
        case derived
        /// Not signed by the key that may sign it.
        case signature
        /// Events behind the end of a closed log, signed by nobody.
        case unsigned
        /// The log's root key is not the one given.
        case key
        /// Not consistent with the checkpoint given.
        case conflict
    }

    /// The kind.
    public var code: Code
    /// The file, from the log's folder on.
    public var file: String
    /// Byte in the file.
    public var byte: Int64?
    /// Number of the event.
    public var event: UInt64?
    /// What is wrong there.
    public var message: String

    /// File, and byte or event within it.
    public var place: String {
        file + (byte.map { ", byte \($0)" } ?? "") + (event.map { ", event \($0)" } ?? "")
    }

    init(
        _ code: Code, _ file: String, byte: Int64? = nil, event: UInt64? = nil, _ message: String
    ) {
        self.code = code
        self.file = file
        self.byte = byte
        self.event = event
        self.message = message
    }

    init(place: String, message: String) { self.init(.altered, place, message) }

    var json: JSONValue {
        .object([
            "code": .string(code.rawValue), "place": .string(place), "file": .string(file),
            "byte": byte.map { .number(String($0)) } ?? .null,
            "event": event.map { .number(String($0)) } ?? .null, "message": .string(message),
        ])
    }
}

/// What a verification found, in plain words. A result, not an error: altered files end up here.
public struct VerificationReport: Sendable {
    /// Damage and alterations; empty when there is none.
    public internal(set) var findings: [Finding] = []
    /// Inconsistencies with the checkpoint given.
    public internal(set) var conflicts: [Finding] = []
    /// What was proved.
    public internal(set) var proved: [String] = []
    /// What was not, and why.
    public internal(set) var notProved: [String] = []
    /// Why the verification could not run, if it could not.
    public internal(set) var obstacle: String?
    /// Events of the log up to where it could be read, removed ones included.
    public internal(set) var size: UInt64 = 0

    /// Findings of one kind in one file beyond these are only counted.
    static let findingsOfOneKind = 20
    private var further: [String: Int] = [:]

    /// 0 intact, 1 could not run, 2 damaged or altered, 3 inconsistent with the given checkpoint.
    public var exitCode: Int32 {
        if obstacle != nil { return 1 }
        if !findings.isEmpty { return 2 }
        return conflicts.isEmpty ? 0 : 3
    }

    /// True when nothing was found amiss.
    public var isIntact: Bool { exitCode == 0 }

    /// True for a file that the disk or a mode refuses: that is the obstacle, and no verdict on the log.
    @discardableResult
    mutating func obstruct(_ error: FileError) -> Bool {
        if error.isAlteration { return false }
        if obstacle == nil { obstacle = "a file of the log cannot be read: \(error)" }
        return true
    }

    /// As for the call behind the error.
    mutating func obstruct(_ error: AuditLogError) -> Bool {
        guard let call = error.refusedCall else { return false }
        return obstruct(call)
    }

    /// Nothing but the obstacle: what was found beside a file that cannot be read may come of just that.
    mutating func keepObstacle() {
        var kept = VerificationReport()
        kept.obstacle = obstacle
        self = kept
    }

    mutating func find(_ finding: Finding) {
        let alike = findings.count { $0.code == finding.code && $0.file == finding.file }
        if alike < Self.findingsOfOneKind {
            findings.append(finding)
        } else {
            further[finding.file, default: 0] += 1
        }
    }

    /// Findings like those told, in this file.
    mutating func count(_ number: Int, in file: String) {
        if number > 0 { further[file, default: 0] += number }
    }

    mutating func find(
        _ code: Finding.Code, _ file: String, byte: Int64? = nil, event: UInt64? = nil,
        _ message: String
    ) {
        find(Finding(code, file, byte: byte, event: event, message))
    }

    /// The report as JSON.
    public var json: JSONValue {
        .object([
            "intact": .boolean(isIntact), "exitCode": .number(String(exitCode)),
            "size": .number(String(size)), "findings": .array(findings.map(\.json)),
            "furtherFindings": .number(String(further.values.reduce(0, +))),
            "conflicts": .array(conflicts.map(\.json)),
            "proved": .array(proved.map { .string($0) }),
            "notProved": .array(notProved.map { .string($0) }),
            "obstacle": obstacle.map { .string($0) } ?? .null,
        ])
    }

    /// The report as lines for people.
    public var lines: [String] {
        var lines: [String] = []
        if let obstacle { lines.append("could not verify: \(obstacle)") }
        lines += (findings + conflicts).map { "finding: \($0.place): \($0.message)" }
        lines += further.sorted { $0.key < $1.key }.map {
            "finding: \($0.key): \($0.value) more of the same"
        }
        lines += proved.map { "proved: \($0)" }
        lines += notProved.map { "not proved: \($0)" }
        let verdicts: [Int32: String] = [
            0: "intact", 1: "not verified", 2: "DAMAGED OR ALTERED",
            3: "BEHIND OR INCONSISTENT WITH THE CHECKPOINT GIVEN",
        ]
        return lines + ["\(verdicts[exitCode] ?? ""): \(size) events"]
    }
}

/// How far a verification has come.
public struct VerificationProgress: Sendable {
    /// Events read.
    public var events: UInt64
    /// Compressed bytes read, and to be read in all.
    public var bytes: Int64
    /// See `bytes`.
    public var totalBytes: Int64
}
