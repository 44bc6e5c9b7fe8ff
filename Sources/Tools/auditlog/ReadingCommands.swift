import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove what can be proved of the log, in plain words.",
        discussion: """
            Needs no private key and writes nothing; works on a live log and on a copy.
              auditlog verify --key "$(cat root.vkey)" --since kept.txt
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption
    @Option(help: "The root verification key, kept elsewhere.")
    var key: String?
    @Option(help: "A file with a signed checkpoint, kept elsewhere.")
    var since: String?

    func run() async throws {
        let checkpoint = try since.map { path throws(ValidationError) in
            guard let bytes = try? DurableFiles.read(path) else {
                throw ValidationError("--since: \(path) cannot be read")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let report = Verifier(directory: log.directory, key: key, since: checkpoint)
            .verify { Output.progress("\($0) events") }
        Output.progress("")
        // The exit code must be told even when nobody reads the words.
        let lines = format.json ? [report.json.text()] : report.lines
        try? Output.text(lines.map { $0 + "\n" }.joined())
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print events by number.",
        discussion: "Example: auditlog show 0 17. An event that is not there: exit code 1.")

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption
    @Argument(help: "Numbers of events.")
    var sequences: [UInt64]

    func run() async throws {
        let reader = try AuditReader(directory: log.directory)
        var missing = false
        for sequence in sequences {
            guard let event = try reader.event(sequence) else {
                Output.error("auditlog: there is no event \(sequence)")
                missing = true
                continue
            }
            if format.json {
                try Output.line(event.bytes)
            } else {
                try Output.text(event.json.prettyText())
            }
        }
        if missing { throw ExitCode(1) }
    }
}

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find events; every condition given must hold.",
        discussion: """
            Prints one event a line. Every member is scanned, nothing is skipped.
              auditlog search --control-number SKY9912345678
              auditlog search --type payout. --from 2026-11-21 --to 2026-11-21 "Dela Cruz"
            Nothing found: exit code 1.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption
    @Option(help: "Value of subject.controlNumber.") var controlNumber: String?
    @Option(help: "Value of subject.batch.") var batch: String?
    @Option(help: "Value of subject.file.") var file: String?
    @Option(help: "Value of subject.reference.") var reference: String?
    @Option(help: "The type, or its beginning up to a dot.") var type: String?
    @Option(help: "Who did it.") var actor: String?
    @Option(help: "Earliest time, +08:00: 2026-11-21 or longer.") var from: String?
    @Option(help: "Latest time, likewise.") var to: String?
    @Flag(help: "First verify the log, so that \"not found\" is proved.") var complete = false
    @Argument(help: "Text that must stand in the line.") var text: String?

    func run() async throws {
        let reader = try AuditReader(directory: log.directory)
        if complete {
            let report = Verifier(directory: log.directory).verify()
            if !report.isIntact {
                for line in report.lines { Output.error(line) }
                throw ExitCode(report.exitCode)
            }
        }
        var found = 0
        let scanned = try reader.search(query) { event in
            found += 1
            try Output.line(event.bytes)
        }
        let proof = complete ? "; the log was verified first" : ""
        Output.error(
            "scanned \(scanned.events) events in \(scanned.members) members, skipped 0; "
                + "found \(found)\(proof)")
        if found == 0 { throw ExitCode(1) }
    }

    private var query: AuditQuery {
        var query = AuditQuery()
        let subject = [
            ("controlNumber", controlNumber), ("batch", batch), ("file", file),
            ("reference", reference),
        ]
        query.subject = subject.compactMap { name, value in value.map { (name, $0) } }
        query.type = type
        query.actor = actor
        query.from = from
        query.to = to
        query.text = text
        return query
    }
}
