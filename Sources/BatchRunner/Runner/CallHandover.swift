import DurableFiles
import OrderedJSON
import SkyPay

extension CallCommand {
    /// Performs a journalled call: on the site itself, or, where a daemon holds it, by its inbox.
    /// - Parameter announce: told what people must know, such as a new root key.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public func perform(
        root: String, environment: [String: String], stop: StopRequest,
        announce: (String) -> Void
    ) async throws -> CallReport {
        do {
            let runner = try await Runner.open(root: root, environment: environment)
            runner.announce(announce)
            return try await runner.call(self, stop: stop)
        } catch let failure as CommandFailure {
            guard failure.status == .siteHeld else { throw failure }
            let folder = SiteFolder(root: root)
            guard try CommandFailure.wrapping({ try CallHandover.isDaemon(folder) }) else {
                throw failure
            }
        }
        do {
            return try await CallHandover(root: root, environment: environment)
                .perform(self, stop: stop)
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// A call beside a running daemon: dropped into its inbox like any file, so that all its promises
/// hold, then followed in the ledger, which is only read. Stopping to wait changes nothing: the
/// daemon goes on with it.
struct CallHandover: Sendable {
    private let folder: SiteFolder
    private let configuration: RunnerConfiguration
    private let clock: any RunnerClock

    /// How long a verdict is waited for, in seconds.
    static let verdictSeconds: Int64 = 300
    /// How long an answer is waited for beyond the time-outs of its request, in seconds.
    static let answerMarginSeconds: Int64 = 60
    /// Time between two looks at the ledger, in milliseconds.
    static let lookMilliseconds = 100

    init(
        root: String, environment: [String: String], clock: any RunnerClock = SystemRunnerClock()
    ) throws {
        folder = SiteFolder(root: root)
        configuration = try RunnerConfiguration.load(site: folder, environment: environment)
        self.clock = clock
        FailPoint.arm(
            allowed: configuration.skypay.url.owner == .loopback, environment: environment)
    }

    /// True while a daemon holds the site.
    static func isDaemon(_ folder: SiteFolder) throws -> Bool {
        guard DurableFiles.exists(folder.daemonLock) else { return false }
        return try FolderLock(path: folder.daemonLock) == nil
    }

    func perform(_ command: CallCommand, stop: StopRequest) async throws -> CallReport {
        let name = try drop(command)
        FailPoint.reach(.dropped)
        let settings = configuration.skypay
        let answerSeconds =
            Int64(settings.connectTimeoutSeconds + settings.answerTimeoutSeconds)
            + Self.answerMarginSeconds
        var deadline = clock.unixSeconds() + Self.verdictSeconds
        var isJudged = false
        while true {
            // Asked first: what the daemon did before it ended is then seen below.
            let goesOn = try Self.isDaemon(folder) && !stop.isRequested
            if let file = try judged(name) {
                if !isJudged { deadline = clock.unixSeconds() + answerSeconds }
                isJudged = true
                if let report = try report(file, isLast: !goesOn || isOver(deadline)) {
                    return report
                }
            } else if !goesOn || isOver(deadline) {
                throw CommandFailure(
                    .rowsOpen,
                    "the daemon has not taken inbox/\(name) yet; it, or the next `batchrunner run`, "
                        + "does: ask `batchrunner status \(name)`, and do not call again")
            }
            try await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
        }
    }

    private func isOver(_ deadline: Int64) -> Bool { clock.unixSeconds() > deadline }

    /// Calls take turns here, so that two of them cannot both find that nobody else asked.
    private func drop(_ command: CallCommand) throws -> String {
        guard let turn = try FolderLock(path: folder.callLock) else {
            throw CommandFailure(.siteHeld, "another call is being made just now; call again")
        }
        return try withExtendedLifetime(turn) {
            let now = clock.unixSeconds()
            // Also where it is not asked: what cannot be followed is not dropped.
            let ledger = try ledger(following: nil)
            if !command.isRepetition {
                try RepeatedTransfer(folder: folder, ledger: ledger, now: now).refuse(command)
            }
            var random = SystemRandomNumberGenerator()
            let call = DroppedCall(
                command, mode: configuration.mode.rawValue, at: now, using: &random)
            try call.drop(into: folder)
            return call.name
        }
    }

    /// - Parameter name: the call that was dropped; nil while none is.
    private func ledger(following name: String?) throws -> Ledger {
        do {
            return try Ledger(reading: folder.ledger)
        } catch let absence as LedgerAbsence {
            if let name {
                throw CommandFailure(
                    .rowsOpen,
                    "\(absence); the call lies in the inbox as \(name), or was taken: ask "
                        + "`batchrunner status \(name)` of the daemon's version what became of it, "
                        + "and do not call again")
            }
            if absence == .otherVersion {
                throw CommandFailure(
                    .siteHeld,
                    "the daemon is another version of batchrunner; call with that one")
            }
            throw CommandFailure(
                .rowsOpen, "\(absence) beside the daemon; nothing was called: see its log")
        }
    }

    private func judged(_ name: String) throws -> StoredFile? {
        try ledger(following: name).files(matching: name)
            .first { $0.verdict != nil && $0.acknowledged }
    }

    /// The report, once nothing more is to come soon: the row's outcome is published, or nobody
    /// knows what became of it.
    private func report(_ file: StoredFile, isLast: Bool) throws -> CallReport? {
        let ledger = try ledger(following: file.name)
        let states = Set(try ledger.reportTotals(of: file).keys)
        // Prepared is not yet in the outbox, where whoever called looks next.
        let isPublished = try !ledger.responsesToPublish().contains { $0.fileID == file.fileID }
        let isSettled = file.verdict != .accepted || file.resultPrepared || states == ["unknown"]
        let isDone = isSettled && isPublished
        // Without funds nothing more comes soon either: whoever called has to top up first.
        let lacksFunds = try isPublished && CallReport.lacksFunds(file, ledger)
        guard isDone || lacksFunds || isLast else { return nil }
        var report = try CallReport(file.fileID, ledger, folder, SendingDesk.Outcome())
        let isWaiting = report.status == .stoppedByLimit && report.row?["outcome"] == "unsent"
        // The daemon sent it again just now: what comes of that is waited for.
        guard isDone || isWaiting || isLast else { return nil }
        if isWaiting {
            report.problems.append("the balance at SkyPay does not suffice: top up")
        }
        if !isDone, isWaiting || report.status == .rowsOpen {
            report.problems.append(
                "the daemon or the next `batchrunner run` goes on with it: ask `batchrunner status "
                    + "\(file.name)`, and do not call again")
        }
        return report
    }
}
