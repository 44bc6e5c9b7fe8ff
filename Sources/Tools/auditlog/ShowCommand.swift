import ArgumentParser
import AuditLog
import OrderedJSON

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print events by number.",
        discussion: "Example: auditlog show 0 17. An event that is not there: exit code 1.")

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @OptionGroup var access: AccessOption
    @Argument(help: "Numbers of events.")
    var sequences: [UInt64]

    func run() async throws {
        try access.record(
            "show", log, keys,
            [("events", sequences.map(String.init).joined(separator: " "))])
        let reader = try AuditReader(directory: log.directory)
        var isMissing = false
        for sequence in sequences {
            guard let event = try reader.event(sequence) else {
                let reason =
                    sequence < reader.firstRetained
                    ? "was removed after its retention time" : "is not there"
                Output.error("auditlog: event \(sequence) \(reason)")
                isMissing = true
                continue
            }
            if format.json {
                try Output.line(event.bytes)
            } else {
                try Output.text(event.json.prettyText())
            }
        }
        if isMissing { throw ExitCode(1) }
    }
}
