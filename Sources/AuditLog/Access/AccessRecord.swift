import DurableFiles
import Glibc
public import OrderedJSON

/// That somebody read the log: left in the spool by the reader, who holds no key, and taken in by the
/// writer as `auditlog.accessed`.
public struct AccessRecord: Sendable, Equatable {
    /// Tells two accesses apart: 32 hexadecimal digits.
    public let id: String
    /// When, as in events.
    public let time: String
    /// Who: the name of the user.
    public let actor: String
    /// Where from: a host.
    public let origin: String
    /// What was run: `search`.
    public let command: String
    /// With what: strings, numbers and booleans; nothing personal (`argument`).
    public let arguments: JSONObject

    /// The most bytes of a record.
    static let limitBytes = 4_096
    /// What stands in place of a value that must not be repeated.
    public static let withheld = "given"

    /// A record of an access now. Values under personal names (`account` and the like, and `text`, in
    /// which people look for names) are withheld unless they are pseudonyms; so is what looks like a
    /// card number, and what makes the record too long.
    public init(
        command: String, arguments: JSONObject = [:], actor: String, origin: String,
        clock: any AuditClock = SystemAuditClock()
    ) {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.init(
            id: hexadecimal(random), time: AuditTime.text(clock.now()), actor: actor,
            origin: origin, command: command, arguments: Self.harmless(arguments))
    }

    init(
        id: String, time: String, actor: String, origin: String, command: String,
        arguments: JSONObject
    ) {
        (self.id, self.time, self.actor, self.origin) = (id, time, actor, origin)
        (self.command, self.arguments) = (command, arguments)
    }

    /// Leaves the record in the spool beside a keys folder; durable when this returns. False when
    /// there is no spool: a copy of a log, not a site.
    /// - Throws: `file` when there is one that cannot be written: then the access must not happen.
    @discardableResult
    public func write(keys: String) throws(AuditLogError) -> Bool {
        let spool = AccessSpool.path(keys: keys)
        var status = stat()
        if lstat(spool, &status) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw Self.cannot(FileError(operation: "stat", path: spool, code: errno))
        }
        let path = "\(spool)/\(id)\(AccessSpool.suffix)"
        do throws(FileError) {
            try DurableFiles.createOnce(path, bytes)
        } catch {
            throw Self.cannot(error)
        }
        // The group reads it, so that the writer can (see `AccessSpool.folderMode`), whatever the
        // umask; until then the writer leaves it.
        if chmod(path, 0o640) != 0 {
            throw Self.cannot(FileError(operation: "chmod", path: path, code: errno))
        }
        return true
    }

    private static func cannot(_ cause: FileError) -> AuditLogError {
        AuditLogError(
            .file,
            "this access cannot be recorded, so it does not happen: "
                + "join the group of the spool", cause: cause)
    }

    /// The bytes of the file: one line of JSON.
    var bytes: [UInt8] {
        let json: JSONValue = .object([
            "id": .string(id), "time": .string(time), "actor": .string(actor),
            "origin": .string(origin), "command": .string(command),
            "arguments": .object(arguments),
        ])
        return json.bytes() + [0x0A]
    }

    /// Reads a file strictly: only the bytes that `bytes` gives, and nothing that could be personal.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.limitBytes, bytes.last == 0x0A,
            let json = try? JSONValue(parsing: Array(bytes.dropLast())),
            let id = json["id"]?.stringValue, Self.isIdentifier(id),
            let time = json["time"]?.stringValue, AuditTime.isWellFormed(time.utf8),
            let actor = json["actor"]?.stringValue, !actor.isEmpty,
            let origin = json["origin"]?.stringValue, !origin.isEmpty,
            let command = json["command"]?.stringValue, !command.isEmpty,
            let arguments = json["arguments"]?.objectValue,
            arguments == Self.harmless(arguments)
        else { return nil }
        self.init(
            id: id, time: time, actor: actor, origin: origin, command: command,
            arguments: arguments)
        guard self.bytes == bytes else { return nil }
    }

    /// The event of it. `uid`: owner of the file, as the system tells it, whatever the record says.
    func draft(uid: UInt32) -> EventDraft {
        EventDraft(
            type: OwnEvent.accessed, actor: actor, outcome: .success, origin: origin,
            data: [
                "command": .string(command), "arguments": .object(arguments),
                "time": .string(time), "id": .string(id), "uid": .number(String(uid)),
            ])
    }

    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static let personalNames = FieldNames(
        CreationOptions.standardPersonalFields + ["text"])
    private static let argumentsLimit = 24
    private static let valueLimitBytes = 100

    private static func harmless(_ arguments: JSONObject) -> JSONObject {
        JSONObject(arguments.members.prefix(argumentsLimit).map { ($0.name, harmless($0)) })
    }

    private static func harmless(_ member: JSONObject.Member) -> JSONValue {
        if case .boolean = member.value { return member.value }
        guard let text = member.value.scalarText, text.utf8.count <= valueLimitBytes,
            !CardNumber.isFound(in: text),
            !personalNames.contains(member.name) || PseudonymKey.isOne(text)
        else { return .string(withheld) }
        return member.value
    }
}
