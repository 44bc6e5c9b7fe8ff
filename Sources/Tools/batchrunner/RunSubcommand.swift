import ArgumentParser
import BatchRunner
import Logging
import OrderedJSON
import Web

/// `batchrunner run`
struct RunSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Do all there is, then exit.",
        discussion: """
            Waits until the files present have settled, judges them, sends what may be sent, asks \
            about what is due, writes every response, and exits with the code that says what is \
            left. Safe to stop at any moment and to start again.

            EXAMPLES
              batchrunner run --root /srv/payouts
              batchrunner run --wait-unknown     stay until no row is unknown
              batchrunner run --json | jq .exit
              batchrunner run --restored         after an older snapshot of the disk was put back
            """)

    @OptionGroup var site: SiteOptions

    @Flag(help: "Stay until no row is unknown (the provider is asked as its rules allow).")
    var waitUnknown = false

    @Flag(help: "Compare the ledger with the audit log first; do nothing if it differs.")
    var selfCheck = false

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await reporting {
            let runner = try await Runner.open(
                root: site.folder, environment: ProcessEnvironment.all, says: place.word)
            runner.announce(Terminal.note)
            let (waitUnknown, selfCheck, progress) = (waitUnknown, selfCheck, progress)
            let report = try await SiteService.running { stop in
                try await runner.runOnce(
                    waitUnknown: waitUnknown, selfCheck: selfCheck, stop: stop,
                    progress: progress)
            }
            if site.json {
                Terminal.line(report.json.text())
            } else {
                Summary.print(report)
            }
            return report.status
        }
    }

    private var progress: @Sendable (String) -> Void {
        guard Terminal.errorIsTerminal else { return { _ in } }
        return { text in Terminal.note(text) }
    }
}

/// `batchrunner daemon`
struct DaemonSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Watch the inbox until SIGTERM.",
        discussion: """
            Does what `run` does, again and again. SIGTERM or Ctrl-C finishes what is in flight \
            and leaves the rest for the next start. A second daemon on the same site exits 75. With \
            callbacks.listen in the configuration, SkyPay's callbacks are taken over HTTP too.

            EXAMPLES
              batchrunner daemon --root /srv/payouts
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await reporting {
            let runner = try await Runner.open(
                root: site.folder, environment: ProcessEnvironment.all, says: place.word)
            runner.announce(Terminal.note)
            let asJSON = site.json
            let report = try await SiteService.running { stop in
                try await runner.watch(
                    stop: stop, logger: DaemonLog.logger, listener: CallbackServer()
                ) { file in
                    Terminal.line(asJSON ? file.json.text() : Summary.line(file))
                }
            }
            // Its own log has them as they began; this is what its exit code says.
            if let line = report.conservation?.line { Terminal.note(line) }
            for problem in report.problems { Terminal.note("! " + problem) }
            return report.status
        }
    }
}

/// What an operator knows about the site's files and the program may not see.
struct PlaceOptions: ParsableArguments {
    @Flag(
        help: """
            An older state of the site was put back (a snapshot of the disk leaves no trace): ask \
            SkyPay about every payout before it is sent. Say it once.
            """)
    var restored = false

    @Flag(
        help: """
            The site was only moved or copied as a whole, nothing older was put back: send what \
            comes without asking first.
            """)
    var moved = false

    @Flag(
        help: """
            SkyPay calls the same account by another callerName now: send what was accepted under the \
            old name. Say it once.
            """)
    var sameAccount = false

    func validate() throws {
        if [restored, moved, sameAccount].count(where: { $0 }) > 1 {
            throw ValidationError("give one of --restored, --moved and --same-account at a time")
        }
    }

    var word: PlaceWord? {
        restored ? .restored : moved ? .moved : sameAccount ? .sameAccount : nil
    }
}

/// What the daemon says besides verdicts: times and problems, on standard error.
enum DaemonLog {
    static let logger = Logger(
        label: "batchrunner", factory: StreamLogHandler.standardError(label:))
}
