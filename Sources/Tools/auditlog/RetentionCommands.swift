import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Prove that no day is missing; hold days; remove what is past its time.",
        discussion: """
            Examples:
              auditlog retention check --key "$(cat root.vkey)"
              auditlog retention hold --from 2026-11-01 --to 2026-11-30 --reason "case 17"
              auditlog retention apply --keep 5y --dry-run
            """,
        subcommands: [
            RetentionCheckCommand.self, HoldCommand.self, ReleaseCommand.self, HoldsCommand.self,
            RetentionApplyCommand.self,
        ])
}

struct RetentionCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify the log and tell what covers every day; exit code 2 for a gap.",
        discussion: """
            Needs no private key. Days are those of +08:00, from the first event to the newest checkpoint.
              auditlog retention check --key "$(cat root.vkey)" --json
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @OptionGroup var access: AccessOption
    @Option(help: "The root verification key, kept elsewhere.")
    var key: String?
    @Option(help: "A file with a signed checkpoint, kept elsewhere.")
    var since: String?

    func run() async throws {
        try access.record("retention check", log, keys)
        let checkpoint = try since.map { path throws(ValidationError) in
            guard let bytes = try? DurableFiles.read(path) else {
                throw ValidationError("--since: \(path) cannot be read")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let report = RetentionCheck(directory: log.directory, key: key, since: checkpoint)
            .run { Output.progress("\($0.events) events") }
        Output.progress("")
        let lines = format.json ? [report.json.text()] : report.lines
        try Output.verdict(report.exitCode) {
            try Output.text(lines.map { $0 + "\n" }.joined())
        }
    }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep days from removal until the hold is released.",
        discussion:
            "Example: auditlog retention hold --from 2026-11-01 --to 2026-11-30 --reason \"case 17\""
    )

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "First day, +08:00.") var from: String
    @Option(help: "Last day.") var to: String
    @Option(help: "Why; stands in the log.") var reason: String

    func run() async throws {
        let hold: RetentionHold
        do {
            hold = try await writing(log, keys) { audit in
                try await audit.hold(from: from, to: to, reason: reason)
            }
        } catch let error as AuditLogError where error.isRefusal {
            throw ValidationError(error.message)
        }
        try format.json ? Output.line(hold.json.bytes()) : Output.line(hold.id)
    }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "End a hold.",
        discussion: "Example: auditlog retention release hold-1a2b3c4d --reason \"case 17 closed\"")

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Argument(help: "The hold, as `hold` printed it.") var hold: String
    @Option(help: "Why; stands in the log.") var reason: String

    func run() async throws {
        let event = try await writing(log, keys) { audit in
            try await audit.release(hold: hold, reason: reason)
        }
        try format.json ? Output.line(event.bytes) : Output.line("\(hold) released")
    }
}

struct HoldsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holds", abstract: "Print the holds in force.",
        discussion: "Example: auditlog retention holds --json")

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption

    func run() async throws {
        for hold in try RetentionHold.inForce(at: log.directory) {
            if format.json {
                try Output.line(hold.json.bytes())
            } else {
                try Output.line("\(hold.id)  \(hold.from) to \(hold.to)  \(hold.reason)")
            }
        }
    }
}

struct RetentionApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Remove the oldest sealed segments past the time to keep.",
        discussion: """
            The log is verified first; holds are kept; what remains is proved as before.
              auditlog retention apply --keep 5y --dry-run
              auditlog retention apply --keep 5y
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var format: FormatOption
    @Option(help: "How long events are kept: 5y, 18m (months) or 400d.") var keep: String
    @Flag(help: "Only tell what would be removed; writes nothing.") var dryRun = false
    @Flag(help: "Remove although the owner of the log left no snapshot of what goes.")
    var withoutSnapshot = false

    func validate() throws {
        if (try? KeepTime(keep)) == nil {
            throw ValidationError("--keep: a number and y, m or d, such as 5y")
        }
    }

    func run() async throws {
        let keepTime = try KeepTime(keep)
        let retirement: Retirement
        if dryRun {
            retirement = try Retirement.plan(at: log.directory, keeping: keepTime)
        } else {
            retirement = try await writing(log, keys) { audit in
                try await audit.retire(keeping: keepTime, withoutSnapshot: withoutSnapshot)
            }
        }
        if format.json { return try Output.line(retirement.json.bytes()) }
        let verb = dryRun ? "would remove" : "removed"
        for segment in retirement.segments {
            try Output.line(
                "\(verb) events \(segment.first) to \(segment.next) (exclusive), "
                    + "\(segment.firstTime.prefix(10)) to \(segment.lastTime.prefix(10)), "
                    + "\(segment.bytes) bytes")
        }
        try Output.line("\(retirement.segments.count) segments; \(retirement.stopped)")
    }
}

/// Opens the log for writing, does one thing, and closes it cleanly whatever came of that.
func writing<Result: Sendable>(
    _ log: LogOption, _ keys: KeysOption, _ work: (AuditLog) async throws -> Result
) async throws -> Result {
    let audit = try await AuditLog.open(
        at: log.directory, keys: keys.directory(of: log),
        options: OpenOptions(actor: Person.name, origin: Person.host))
    do {
        let result = try await work(audit)
        try await audit.close()
        return result
    } catch {
        try? await audit.close()
        throw error
    }
}
