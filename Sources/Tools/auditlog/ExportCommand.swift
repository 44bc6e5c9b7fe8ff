import ArgumentParser
import AuditLog
import OrderedJSON

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Make a file or folder of events for others.",
        discussion: """
            jsonl     the exact lines
            csv       a table for a spreadsheet
            tiles     everything under the checkpoint, for C2SP tlog-tiles clients; no conditions
            evidence  a folder a stranger checks offline, each event with its proof
              auditlog export --format csv --from 2026-11 --type payout. --output november.csv
              auditlog export --format evidence --control-number SKY9912345678 --output case-17
            The output appears when it is whole; one that is there is refused. Nothing fits: exit
            code 1.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var json: FormatOption
    @Option(help: "jsonl, csv, tiles or evidence.", transform: Self.format)
    var format: ExportFormat
    @Option(help: "The file or folder to be made.") var output: String
    @Option(help: "The lowest number.") var first: UInt64?
    @Option(help: "The highest number.") var last: UInt64?
    @Option(help: "Earliest time, +08:00: 2026-11-21 or longer.") var from: String?
    @Option(help: "Latest time, likewise.") var to: String?
    @Option(help: "Value of subject.controlNumber.") var controlNumber: String?
    @Option(help: "Value of subject.batch.") var batch: String?
    @Option(help: "Value of subject.file.") var file: String?
    @Option(help: "Value of subject.reference.") var reference: String?
    @Option(help: "The type, or its beginning up to a dot.") var type: String?
    @Option(help: "Who did it.") var actor: String?
    @Argument(help: "Text that must stand in the line.") var text: String?

    private static func format(_ text: String) throws -> ExportFormat {
        guard let format = ExportFormat(rawValue: text) else {
            throw ValidationError("jsonl, csv, tiles or evidence")
        }
        return format
    }

    func validate() throws {
        let conditions = [from, to, controlNumber, batch, file, reference, type, actor, text]
        let isBounded = first != nil || last != nil || conditions.contains { $0 != nil }
        if format == .tiles, isBounded {
            throw ValidationError("tiles are of the whole log: no conditions")
        }
    }

    func run() async throws {
        try access.record(
            "export", log, keys,
            [
                ("format", format.rawValue), ("output", output), ("first", first.map { "\($0)" }),
                ("last", last.map { "\($0)" }), ("from", from), ("to", to),
                ("controlNumber", controlNumber), ("batch", batch), ("file", file),
                ("reference", reference), ("type", type), ("actor", actor), ("text", text),
            ])
        let export = LogExport(directory: log.directory, output: output)
        let summary = try export.run(format, selection) { Output.progress("\($0) events") }
        Output.progress("")
        if json.json {
            let result: JSONValue = [
                "output": .string(output), "format": .string(format.rawValue),
                "events": .number(String(summary.events)),
                "unsigned": .number(String(summary.unsigned)),
            ]
            return try Output.line(result.bytes())
        }
        try Output.line("\(output): \(summary.events) events")
        if summary.unsigned > 0 {
            Output.error("\(summary.unsigned) of them are under no checkpoint yet")
        }
    }

    private var selection: ExportSelection {
        var selection = ExportSelection()
        selection.first = first ?? 0
        selection.last = last
        let subject = [
            ("controlNumber", controlNumber), ("batch", batch), ("file", file),
            ("reference", reference),
        ]
        selection.query.subject = subject.compactMap { name, value in value.map { (name, $0) } }
        selection.query.type = type
        selection.query.actor = actor
        selection.query.from = from
        selection.query.to = to
        selection.query.text = text
        return selection
    }
}
