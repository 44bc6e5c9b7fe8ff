public import AuditLog
import DurableFiles
import GRDB
public import OrderedJSON

/// `batchrunner retention`: removes what is past its time from the site's audit log, and leaves in it what
/// the ledger needs of that.
public struct RetentionCommand: Sendable {
    /// What went, or would go.
    public struct Report: Sendable {
        /// The segments, and why the next one stays.
        public var retirement: Retirement
        /// False where it was only asked what would go.
        public var isApplied: Bool
        /// From which day on (`yyyy-MM-dd`) private copies are needed when it is done; nil where that cannot
        /// be told. Until it is done all of them are.
        public var copiesNeededFrom: String?

        /// Something is still to be removed.
        private var isPlan: Bool { !isApplied && !retirement.segments.isEmpty }

        /// For people.
        public var lines: [String] {
            let verb = isApplied ? "removed" : "would remove"
            var lines = retirement.segments.map { segment in
                "\(verb) events \(segment.first) to \(segment.next) (exclusive), "
                    + "\(segment.firstTime.prefix(10)) to \(segment.lastTime.prefix(10)), "
                    + "\(segment.bytes) bytes"
            }
            lines.append("\(retirement.segments.count) segments; \(retirement.stopped)")
            if let day = copiesNeededFrom {
                lines.append(
                    (isPlan ? "once that is done, and not before, only " : "")
                        + "private copies (state/files/) of files taken on \(day) or later are needed: "
                        + "without one of them no ledger can be made")
            }
            return lines
        }

        /// The machine-readable form.
        public var json: JSONValue {
            guard var object = retirement.json.objectValue else { return retirement.json }
            object["applied"] = .boolean(isApplied)
            object[isPlan ? "copiesNeededOnceDone" : "copiesNeededFrom"] =
                copiesNeededFrom.map { .string($0) }
            return .object(object)
        }
    }

    private let folder: SiteFolder
    private let configuration: RunnerConfiguration
    private let keep: KeepTime
    private let clock: any RunnerClock

    /// - Parameter keep: how long events are kept: `5y`, `18m` or `400d`.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public init(root: String, environment: [String: String], keep: String) throws {
        try self.init(root: root, environment: environment, keep: keep, clock: SystemRunnerClock())
    }

    init(
        root: String, environment: [String: String], keep: String, clock: any RunnerClock
    ) throws {
        folder = SiteFolder(root: root)
        guard try SiteLooking(folder).hasLog() else {
            throw CommandFailure(.usage, "\(folder.root) is no site with an audit log")
        }
        do {
            self.keep = try KeepTime(keep)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        let site = folder
        configuration = try CommandFailure.wrapping {
            try RunnerConfiguration.load(site: site, environment: environment)
        }
        if let months = configuration.audit.keepMonths, let least = try? KeepTime("\(months)m"),
            self.keep.isShorter(than: least, at: clock.now())
        {
            throw CommandFailure(
                .usage,
                "--keep \(keep) is shorter than audit.keep, which is \(months) months: nothing was "
                    + "removed; change the configuration if events may go that early")
        }
        FailPoint.arm(
            allowed: configuration.skypay.url.owner == .loopback, environment: environment)
        self.clock = clock
    }

    /// Only tells; also beside a daemon.
    public func plan() throws -> Report {
        try CommandFailure.wrapping {
            let planned = try retirement()
            // Where the next start makes it: what goes does not depend on it.
            guard let ledger = try? SiteLooking(folder).ledger() else {
                return Report(retirement: planned, isApplied: false)
            }
            defer { try? ledger.database.close() }
            return try report(planned, isApplied: false, ledger)
        }
    }

    private func report(
        _ retirement: Retirement, isApplied: Bool, _ ledger: Ledger
    ) throws -> Report {
        var report = Report(retirement: retirement, isApplied: isApplied)
        let reader = try AuditReader(directory: folder.audit)
        let goes = isApplied ? nil : retirement.segments.last?.next
        let first = goes ?? reader.firstRetained
        if first == 0 {
            report.copiesNeededFrom = try firstDay(foldingFrom: 0, ledger)
            return report
        }
        // A snapshot is recorded before anything goes; an older one that stays is what is begun with.
        let beginning = try SnapshotReading(reader: reader, first: first).beginning()
        if let sequence = try beginning ?? (goes == nil ? nil : ledger.nextSequence()) {
            report.copiesNeededFrom = try firstDay(foldingFrom: sequence, ledger)
        }
        return report
    }

    private func firstDay(foldingFrom sequence: UInt64, _ ledger: Ledger) throws -> String {
        try NeededCopies(ledger: ledger, now: clock.unixSeconds()).firstDay(foldingFrom: sequence)
    }

    private func retirement() throws -> Retirement {
        try Retirement.plan(at: folder.audit, keeping: keep, clock: AuditTime(clock: clock))
    }

    /// Holds the site: ledger caught up → compared with the log → snapshot, under a checkpoint → the
    /// segments go. A crash in between is finished by giving the command again, or by the next start.
    /// - Parameter progress: told in a few words what is done.
    public func apply(progress: (String) -> Void) async throws -> Report {
        do {
            try folder.prepare()
            guard let lock = try FolderLock(path: folder.lock) else {
                throw SiteOpening.held(folder.root)
            }
            defer { withExtendedLifetime(lock) {} }
            let author = EventAuthor(actor: ResolveCommand.userName, origin: RunnerSite.hostName())
            let log = try await RunnerSite.openLog(folder, configuration, author, clock)
            let rows = AcceptedRows(
                planner: Planner(rules: PlanRules(configuration)), store: FileStore(site: folder)
            ).source
            let ledger = try Ledger(path: folder.ledger)
            let journal = Journal(log: log, ledger: ledger, author: author, rows: rows)
            try await journal.replay(folder.audit)
            let report = try await apply(journal, rows, progress)
            try await journal.close()
            try ledger.close()
            return report
        } catch {
            throw CommandFailure(error)
        }
    }

    private func apply(
        _ journal: Journal, _ rows: @escaping Ledger.RowSource, _ progress: (String) -> Void
    ) async throws -> Report {
        let planned = try retirement()
        let ledger = journal.ledger
        if planned.segments.isEmpty { return try report(planned, isApplied: true, ledger) }
        // What a snapshot tells nobody can hold against the events any more.
        progress("comparing the ledger with the audit log")
        try compare(rows, progress)
        progress("recording the ledger")
        try await LedgerSnapshot(journal: journal).record { progress("\($0) rows recorded") }
        // What goes cannot be folded again: the ledger is on disk first, and not in its own log.
        try await ledger.database.writeWithoutTransaction {
            _ = try $0.checkpoint(.full)
        }
        FailPoint.reach(.snapshotRecorded)
        progress("verifying the log and removing \(planned.segments.count) segments")
        return try report(try await journal.retire(keeping: keep), isApplied: true, ledger)
    }

    private func compare(
        _ rows: @escaping Ledger.RowSource, _ progress: (String) -> Void
    ) throws {
        let room = RebuildRoom(keepFreeBytes: configuration.intake.keepFreeBytes)
        let rebuild = try LedgerRebuild(folder, room: room, rows: rows)
        defer { try? rebuild.clear() }
        let standing = try rebuild.compare { progress("\($0) events compared") }
        guard standing.comparison?.agrees == true else {
            throw CommandFailure(
                .invariantBroken,
                "the ledger does not agree with the audit log, so nothing is removed from it: "
                    + "`batchrunner rebuild` shows what differs")
        }
    }
}
