import ArgumentParser
import AuditLog
import OrderedJSON

struct ShredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shred",
        abstract: "Destroy the key of a month: what it sealed can never be read again.",
        discussion: """
            Masks, pseudonyms and proofs stay. Destroy the copies of the key in backups too.
              auditlog shred --month 2026-11 --yes
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "A month that is over: 2026-11.") var month: String?
    @Flag(help: "Replace the key of the pseudonyms: nobody can be found by number any more.")
    var pseudonyms = false
    @Flag(help: "Really: this cannot be undone.") var yes = false

    func validate() throws {
        if (month == nil) != pseudonyms {
            throw ValidationError("either --month or --pseudonyms is needed")
        }
        if !yes { throw ValidationError("this cannot be undone: say --yes") }
    }

    func run() async throws {
        let event = try await writing(log, keys) { audit in
            if let month {
                try await audit.shred(month: month)
            } else {
                try await audit.shredPseudonyms()
            }
        }
        guard let event else { return }
        if format.json { return try Output.line(event.bytes) }
        let what = month.map { "the key of \($0)" } ?? "the key of the pseudonyms"
        try Output.line("destroyed \(what) (event \(event.sequence)); copies in backups remain")
    }
}
