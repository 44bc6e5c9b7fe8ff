import ArgumentParser
import AuditLog
import OrderedJSON

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a log and print its root key, to be kept elsewhere.",
        discussion: "Example: auditlog init --origin example.com/payouts > root.vkey")

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "Name of the log: no white space, no +.")
    var origin: String
    @Option(help: "Type prefix only an owner may append; may be repeated.")
    var reserve: [String] = []

    func validate() throws {
        if origin.isEmpty || origin.contains(where: { $0.isWhitespace || $0 == "+" }) {
            throw ValidationError("--origin: no white space and no + in a log's name")
        }
    }

    func run() async throws {
        let key = try AuditLog.create(
            at: log.directory, keys: keys.directory,
            options: CreationOptions(
                origin: origin, reservedPrefixes: reserve, actor: Person.name,
                eventOrigin: Person.host))
        if format.json {
            let json: JSONValue = ["origin": .string(origin), "rootKey": .string(key)]
            try Output.line(json.bytes())
        } else {
            try Output.line(key)
        }
    }
}
