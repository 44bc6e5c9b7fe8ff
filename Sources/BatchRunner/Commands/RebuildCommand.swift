import AuditLog
import DurableFiles
public import OrderedJSON
import SkyPay

/// `batchrunner rebuild`: makes a new ledger from the audit log and the private copies alone, compares
/// it with the one in use, and puts it in its place if asked to.
public struct RebuildCommand: Sendable {
    /// What was found and done.
    public struct Report: Sendable {
        /// agrees, differs, absent, other-version, or ahead.
        public var standing: String
        /// In words, with the remedy.
        public var summary: String
        /// Row by row; nil where there was nothing to compare.
        public var comparison: LedgerComparison?
        /// Whether a new ledger stands in the place of the old one.
        public var replaced: Bool
        /// What the old one is called now, in `state/`.
        public var kept: String?
        /// 0 when the ledger in place agrees with the log, 70 when not.
        public var status: ExitStatus

        /// The machine-readable form.
        public var json: JSONValue {
            var object: JSONObject = [
                "exit": .number(String(status.rawValue)), "standing": .string(standing),
                "summary": .string(summary), "replaced": .boolean(replaced),
            ]
            object["kept"] = kept.map { .string($0) }
            for member in comparison?.json.members ?? [] { object[member.name] = member.value }
            return .object(object)
        }
    }

    private let folder: SiteFolder
    private let configuration: RunnerConfiguration
    private let clock: any RunnerClock

    /// A rebuild of the site at `root`.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public init(root: String, environment: [String: String]) throws {
        folder = SiteFolder(root: root)
        guard try SiteLooking(folder).hasLog() else {
            throw CommandFailure(
                .usage, "\(folder.audit) holds no audit log: there is nothing to rebuild from")
        }
        let site = folder
        configuration = try CommandFailure.wrapping {
            try RunnerConfiguration.load(site: site, environment: environment)
        }
        FailPoint.arm(
            allowed: configuration.skypay.url.owner == .loopback, environment: environment)
        clock = SystemRunnerClock()
    }

    private var rows: Ledger.RowSource {
        AcceptedRows(
            planner: Planner(rules: PlanRules(configuration)), store: FileStore(site: folder)
        ).source
    }

    private func begin() throws -> LedgerRebuild {
        let room = RebuildRoom(keepFreeBytes: configuration.intake.keepFreeBytes)
        return try LedgerRebuild(folder, room: room, rows: rows)
    }

    /// Compares only; also beside a daemon, whose ledger is read at one event.
    /// - Parameter progress: told the number of events folded.
    public func compare(progress: (UInt64) -> Void) throws -> Report {
        try CommandFailure.wrapping {
            let rebuild = try begin()
            let standing = try rebuild.compare(progress: progress)
            try rebuild.clear()
            return Report(standing)
        }
    }

    /// Compares, and puts the new ledger in the place of one that differs. The site is held
    /// meanwhile, and the log opened as for a run: one behind its pin replaces nothing.
    public func replace(progress: @escaping @Sendable (UInt64) -> Void) async throws -> Report {
        do {
            try folder.prepare()
            guard let lock = try FolderLock(path: folder.lock) else {
                throw SiteOpening.held(folder.root)
            }
            defer { withExtendedLifetime(lock) {} }
            let author = EventAuthor(actor: "batchrunner", origin: RunnerSite.hostName())
            let log = try await RunnerSite.openLog(folder, configuration, author, clock)
            let report = try await replace(log, author, progress)
            try await log.close()
            return report
        } catch {
            throw CommandFailure(error)
        }
    }

    private func replace(
        _ log: AuditLog, _ author: EventAuthor, _ progress: (UInt64) -> Void
    ) async throws -> Report {
        let rebuild = try begin()
        let standing = try rebuild.compare(progress: progress)
        var report = Report(standing)
        if case .ahead = standing {
            try rebuild.clear()
            return report
        }
        let isNew = standing.comparison?.agrees != true
        if isNew {
            try rebuild.complete(progress: progress)
            let time = PhilippineTime.rfc3339(unixSeconds: clock.unixSeconds())
            let name = "ledger.sqlite.before-" + time.prefix(19).replacing(":", with: "")
            report.kept = try rebuild.replace(keptAs: name)
            report.replaced = true
            report.status = .allDone
            report.summary += "; the ledger was made anew"
        }
        try rebuild.clear()
        // Only now, into the ledger that agrees: a crash before it leaves the refusal standing, and
        // the command is given again.
        let ledger = try Ledger(path: folder.ledger)
        let journal = Journal(log: log, ledger: ledger, author: author, rows: rows)
        try await journal.replay(folder.audit)
        let wasRefused = try ledger.lastCheck()?.agrees == false
        if wasRefused || isNew && standing.comparison != nil {
            let comparison =
                try standing.comparison
                ?? LedgerComparison(events: ledger.nextSequence())
            try await journal.record([
                CheckRecord.draft(comparison, .rebuild, replaced: report.kept, by: author)
            ])
        }
        try ledger.close()
        return report
    }
}

extension RebuildCommand.Report {
    /// What a comparison means, before anything is replaced.
    init(_ standing: LedgerStanding) {
        comparison = standing.comparison
        replaced = false
        status = standing.isSound ? .allDone : .invariantBroken
        switch standing {
        case .absent:
            self.standing = "absent"
            summary = "there is no ledger; the next start folds one from the audit log"
        case .otherVersion:
            self.standing = "other-version"
            summary = "another version made this ledger; the next start folds it anew"
        case .ahead(let ledger, let log):
            self.standing = "ahead"
            summary =
                "the ledger knows \(ledger) events, the audit log has \(log) or others: the log was put "
                + "back from a backup; restore audit/ and state/ of the same moment"
        case .compared(let comparison):
            self.standing = comparison.agrees ? "agrees" : "differs"
            let events = "\(comparison.events) events"
            summary =
                if let damage = comparison.damage {
                    "the ledger is damaged: \(damage)"
                } else if comparison.agrees {
                    "the ledger is what \(events) of the audit log make it"
                } else {
                    "the ledger differs from what \(events) of the audit log make it, in "
                        + "\(comparison.count) places"
                }
        }
    }
}
