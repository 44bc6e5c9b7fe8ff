import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a log and print its root key, to be kept elsewhere.",
        discussion: """
            Example: auditlog init --origin example.com/payouts > root.vkey
            What is given here stands in log.json, whose hash is in the first event: it cannot be \
            changed afterwards.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "Name of the log: no white space, no +.")
    var origin: String
    @Option(help: "Type prefix only an owner may append; may be repeated.")
    var reserve: [String] = []
    @Option(
        help: "JSON file that tells reports what is amount, party and transaction (docs/report.md)."
    )
    var reportProfile: String?
    @OptionGroup var fields: FieldsOption

    func validate() throws {
        if origin.isEmpty || origin.contains(where: { $0.isWhitespace || $0 == "+" }) {
            throw ValidationError("--origin: no white space and no + in a log's name")
        }
    }

    func run() async throws {
        let key = try AuditLog.create(
            at: log.directory, keys: keys.directory(of: log),
            options: CreationOptions(
                origin: origin, reservedPrefixes: reserve, reportProfile: try profile(),
                actor: Person.name, eventOrigin: Person.host, secretFields: fields.secret,
                indexedFields: fields.index, personalFields: fields.personal,
                sealedFields: fields.seal))
        if format.json {
            let json: JSONValue = ["origin": .string(origin), "rootKey": .string(key)]
            try Output.line(json.bytes())
        } else {
            try Output.line(key)
        }
    }

    /// Largest profile that is read, in bytes.
    private static let profileLimitBytes = 65_536

    private func profile() throws -> JSONObject? {
        guard let path = reportProfile else { return nil }
        do {
            let bytes = try DurableFiles.read(path, limit: Self.profileLimitBytes)
            guard let profile = try JSONValue(parsing: bytes).objectValue else {
                throw AuditLogError(.refused, "\(path): a report profile is a JSON object")
            }
            return profile
        } catch let fault as JSONFault {
            throw AuditLogError(.refused, "\(path): \(fault)")
        } catch let error as FileError {
            throw AuditLogError(.file, "the report profile cannot be read", cause: error)
        }
    }
}

/// Which fields of events are treated in a way of their own. Each option replaces the standard list.
struct FieldsOption: ParsableArguments {
    @Option(help: "Member of subject that indexes find events by; may be repeated.")
    var index = CreationOptions.standardIndexedFields
    @Option(
        help: "Field of account or identity numbers, kept as mask and pseudonym; may be repeated.")
    var personal = CreationOptions.standardPersonalFields
    @Option(help: "Field whose value is also kept under a key of the month; may be repeated.")
    var seal: [String] = []
    @Option(help: "Field that never enters; may be repeated.")
    var secret = CreationOptions.standardSecretFields
}
