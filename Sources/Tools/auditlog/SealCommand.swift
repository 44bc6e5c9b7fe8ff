import ArgumentParser
import AuditLog
import OrderedJSON

struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal the open segment now and begin the next epoch.",
        discussion: """
            Segments are sealed by themselves when they are full and when a day has passed. This does
            it at once, before the archives are copied away, say.
              auditlog seal
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var archives: ArchiveOption
    @OptionGroup var format: FormatOption

    func run() async throws {
        let audit = try await AuditLog.open(
            at: log.directory, keys: keys.directory(of: log),
            options: OpenOptions(
                actor: Person.name, origin: Person.host, immutableSeals: archives.immutable))
        let checkpoint = try await audit.seal()
        try await audit.close()
        if format.json {
            let json: JSONValue = ["size": .number(String(checkpoint.size))]
            try Output.line(json.bytes())
        } else {
            try Output.text("sealed: the next epoch starts; \(checkpoint.size) events\n")
        }
    }
}

/// What is done to a segment once it is sealed.
struct ArchiveOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Give sealed segments the immutable flag.",
            discussion: "Wants CAP_LINUX_IMMUTABLE and a file system that knows the flag; where "
                + "either is missing the mode 0444 must do. `retention apply` takes it off."))
    var immutable = false
}
