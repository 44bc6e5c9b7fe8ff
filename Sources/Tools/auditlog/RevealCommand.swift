import ArgumentParser
import AuditLog
import OrderedJSON

struct RevealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reveal", abstract: "Print the sealed values of events in full.",
        discussion: """
            Needs the keys of their months. A value that cannot be read: why, and exit code 1.
              auditlog reveal 4711
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @OptionGroup var access: AccessOption
    @Argument(help: "Numbers of events.") var sequences: [UInt64]

    func run() async throws {
        try access.record(
            "reveal", log, keys,
            [("events", sequences.map(String.init).joined(separator: " "))])
        let reader = try AuditReader(directory: log.directory)
        let sealed = try SealedReader(directory: log.directory, keys: keys.directory(of: log))
        var isWhole = true
        for sequence in sequences {
            let event = try reader.event(sequence)
            let values = try event.map { try sealed.reveal($0) } ?? []
            if values.isEmpty {
                isWhole = false
                let what = event == nil ? "there is no event" : "nothing is sealed in event"
                Output.error("auditlog: \(what) \(sequence)")
            }
            for value in values {
                if value.value == nil { isWhole = false }
                try print(value, of: sequence)
            }
        }
        if !isWhole { throw ExitCode(1) }
    }

    private func print(_ value: RevealedValue, of sequence: UInt64) throws {
        if format.json {
            var json: JSONObject = ["seq": .number(String(sequence))]
            json.members += value.json.objectValue?.members ?? []
            return try Output.line(json.bytes())
        }
        let text = value.value ?? "\(value.masked) (\(value.problem ?? ""))"
        try Output.line("\(sequence) \(value.place): \(text)")
    }
}
