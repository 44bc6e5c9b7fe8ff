import ArgumentParser
import BatchRunner
import Glibc
import OrderedJSON
import SelfTest

/// `batchrunner selftest`
struct SelfTestSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Kill the runner again and again on this machine; was anything paid twice?",
        discussion: """
            Makes a site of its own with SkyPay's sandbox for a provider, drops batches into it \
            (payouts, orders about them, transfers, registrations with what counters say of them), \
            lets requests and answers go wrong, kills the runner with SIGKILL at named and at \
            random moments and starts it again, then lets everything settle. A judge of its own \
            reads the audit log, the outbox and the provider's ledger, and says on one page whether \
            a payout was sent twice, lost or reported wrongly, and what this file system can do. \
            No real site is touched, no real money moves. Needs skypay-sandbox and auditlog beside \
            this program or on PATH.

            The page stays in the folder as verdict.txt and verdict.json. The site stays too when \
            something is wrong, or with --keep; --judge reads it again.

            EXAMPLES
              batchrunner selftest                              a minute or two, here
              batchrunner selftest --folder /srv/payouts-test   where the site will be
              batchrunner selftest --kills 500 --json | jq .passed

            EXIT CODES
              0   passed: nothing was sent twice, lost or reported wrongly
              1   failed: the page says what is wrong
              2   it could not be carried out, or too little was tried: nothing was proved; or the \
            page cannot be printed
              64  usage
            """)

    @Option(help: "An empty or new folder (default: a new one in the current folder).")
    var folder: String?

    @Option(help: "How often the runner is killed.")
    var kills = SelfTestOptions.defaultKills

    @Option(help: "Draw batches, faults and kills from this number (default: a new one).")
    var seed: UInt64?

    @Flag(help: "Keep the site, the logs and the provider's ledger when all is well, too.")
    var keep = false

    @Flag(help: "Print JSON instead of the page.")
    var json = false

    @Option(help: "Run nothing: judge the folder a self-test kept, once more.")
    var judge: String?

    @Flag(help: .hidden)
    var lifeLine = false

    private static let mostKills = 100_000

    func validate() throws {
        guard (1...Self.mostKills).contains(kills) else {
            throw ValidationError("--kills takes 1 to \(Self.mostKills)")
        }
    }

    func run() async throws {
        // Not meant for people: what ends the programs of a self-test that was killed.
        if lifeLine { return LifeLine.hold() }
        signal(SIGPIPE, SIG_IGN)
        do {
            if let judge { try judgeAgain(judge) } else { try await carryOut() }
        } catch let error as SelfTestError {
            Progress.clear()
            Terminal.note("batchrunner: \(error)")
            throw ExitCode(2)
        }
        if Terminal.outputIsCut { throw ExitCode(2) }
    }

    private func judgeAgain(_ folder: String) throws {
        let opinion = try SelfTest.judgeAgain(folder)
        for finding in opinion.wrong { Terminal.line(finding) }
        guard opinion.wrong.isEmpty else { throw ExitCode(1) }
        guard opinion.untried.isEmpty else {
            for line in opinion.untried { Terminal.line("not tried: " + line) }
            Terminal.line("Nothing wrong was found, but too little was tried to tell.")
            throw ExitCode(2)
        }
        Terminal.line("Nothing was sent twice, lost or reported wrongly.")
    }

    private func carryOut() async throws {
        let test = SelfTest(
            SelfTestOptions(
                folder: folder, kills: kills, seed: seed ?? UInt64.random(in: 1...999_999_999),
                keepsSite: keep, environment: ProcessEnvironment.all,
                version: BatchRunnerVersion.text))
        let report = try await SiteService.running { stop in
            try await test.run(progress: Progress.show, isStopped: { stop.isRequested })
        }
        Progress.clear()
        if json { Terminal.line(report.json.text()) } else { Terminal.text(report.page) }
        Terminal.note("The page is \(report.folder)/verdict.txt")
        if !report.isPassed { throw ExitCode(report.isIncomplete ? 2 : 1) }
    }

    /// One line that is written over; nothing where nobody watches.
    private enum Progress {
        @Sendable static func show(_ text: String) {
            if Terminal.errorIsTerminal { Terminal.error("\r\u{1B}[K" + text) }
        }

        static func clear() { show("") }
    }
}
