import ArgumentParser
import AuditLog
import DurableFiles
import Glibc

/// `auditlog`: arguments in, text and an exit code out. What it does is in the AuditLog module.
@main
struct AuditLogTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auditlog",
        abstract: "A tamper-evident, compressed, append-only log.",
        discussion: """
            Examples:
              auditlog init --origin example.com/payouts
              producer | auditlog append --ack
              auditlog verify --key "$(cat root.vkey)"
              auditlog search --control-number SKY9912345678

            Exit codes:
              0   intact, or done
              1   could not run (never for altered files), or not found
              2   damaged or altered
              3   behind or inconsistent with the given checkpoint or the pin
              64  usage
            """,
        subcommands: [
            InitCommand.self, AppendCommand.self, VerifyCommand.self, ShowCommand.self,
            SearchCommand.self, CheckpointCommand.self,
            ProveCommand.self, CheckProofCommand.self, TailCommand.self, ExportCommand.self,
            SealCommand.self, ReindexCommand.self,
            RetentionCommand.self, ShredCommand.self, RevealCommand.self,
            ReportCommand.self, StatsCommand.self,
        ])

    /// Nothing was done, so it is no success: whoever called may have lost the arguments.
    func run() throws { throw ValidationError("name a command") }

    /// A reader that goes away (`| head`) ends us quietly: writing then fails with EPIPE.
    static func main() async {
        // Before anything is opened: no file of a log may get the number of an output.
        StandardStreams.fill()
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as AuditLogError {
            Output.error("auditlog: \(error)")
            Glibc.exit(error.exitCode)
        } catch is OutputClosed {
            Glibc.exit(0)
        } catch {
            exit(withError: error)
        }
    }
}

/// Where the log lies.
struct LogOption: ParsableArguments {
    @Option(name: .customLong("log"), help: "The log's folder.")
    var directory = "audit"

    /// Where the keys of a site lie: beside its log, wherever that is read from.
    var keysBeside: String {
        var log = directory[...]
        while log.count > 1, log.last == "/" { log = log.dropLast() }
        let slash = log.lastIndex(of: "/")
        let name = slash.map { log[log.index(after: $0)...] } ?? log
        // These names do not say what they lie in.
        if [".", ".."].contains(name) { return "\(log)/../state/keys" }
        return slash.map { "\(log[...$0])state/keys" } ?? "state/keys"
    }
}

/// Where its private keys lie.
struct KeysOption: ParsableArguments {
    @Option(
        name: .customLong("keys"),
        help: ArgumentHelp(
            "The folder of the private key and the rollback pin (default: state/keys beside the "
                + "log's folder)."))
    var given: String?

    /// The folder in force.
    func directory(of log: LogOption) -> String { given ?? log.keysBeside }
}

/// How results are printed.
struct FormatOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var json = false
}
