import DurableFiles

/// What a report is made with, besides the log and the period.
public struct ReportOptions: Sendable {
    /// The root verification key, kept elsewhere; nil leaves authenticity unproved.
    public var key: String?
    /// The text of a checkpoint kept elsewhere.
    public var since: String?
    /// False leaves the log unverified, and the report says so in its verdict.
    public var verifies: Bool
    /// What the page's commands call the log's folder.
    public var shownDirectory: String

    /// Options; `shownDirectory` is `audit` unless told otherwise.
    public init(
        key: String? = nil, since: String? = nil, verifies: Bool = true,
        shownDirectory: String = "audit"
    ) {
        self.key = key
        self.since = since
        self.verifies = verifies
        self.shownDirectory = shownDirectory
    }
}

/// A report on one day or month of a log, as a page and as JSON (docs/report.md).
public struct AuditReport {
    let period: ReportPeriod
    let options: ReportOptions
    let profile: ReportProfile
    let figures: ReportFigures
    let identity: LogIdentity
    let verification: VerificationReport?
    /// When it was made, as the times of events.
    let made: String

    /// What the report tells of its log.
    struct LogIdentity {
        var origin = ""
        var rootKey = ""
        var created = ""
        var checkpoint: SignedCheckpoint?
        /// The certificate of the epoch whose key signed the checkpoint.
        var certificate: String?
        var epoch: UInt64?
    }

    /// Verifies the log, reads the period, counts.
    ///
    /// Writes nothing and needs no private key. An altered log still gives a report: its verdict says
    /// so, and `exitCode` too. `progress` is told what is going on now and then.
    /// - Throws: `AuditLogError` with code `missing`, `refused` (the profile in log.json) or `file`.
    public static func make(
        directory: String, period: ReportPeriod, options: ReportOptions = ReportOptions(),
        clock: any AuditClock = SystemAuditClock(), progress: (String) -> Void = { _ in }
    ) throws(AuditLogError) -> AuditReport {
        let layout = LogLayout(directory: directory)
        let description = try LogDescription.read(layout)
        let identity = identity(layout, description)
        let profile = try ReportProfile(description.reportProfile)
        var verification: VerificationReport?
        if options.verifies {
            // The checkpoint the page shows is checked against the events, unless another is given.
            let since = options.since ?? identity.checkpoint?.text
            verification = Verifier(directory: directory, key: options.key, since: since)
                .verify { progress("verifying: \(ExactAmount.count($0.events)) events") }
        }
        let figures = try read(layout, period, profile, progress)
        return AuditReport(
            period: period, options: options, profile: profile, figures: figures,
            identity: identity, verification: verification, made: AuditTime.text(clock.now()))
    }

    private static func read(
        _ layout: LogLayout, _ period: ReportPeriod, _ profile: ReportProfile,
        _ progress: (String) -> Void
    ) throws(AuditLogError) -> ReportFigures {
        try withoutActuallyEscaping(progress) { progress throws(AuditLogError) in
            let source = try ReportSource(layout, period) {
                progress("counting: \(ExactAmount.count($0)) events")
            }
            var figures = try ReportReadings(source: source, period: period, profile: profile)
                .run()
            figures.removed = ReportSource.removed(layout, period)
            return figures
        }
    }

    private static func identity(
        _ layout: LogLayout, _ description: LogDescription
    ) -> LogIdentity {
        var identity = LogIdentity(
            origin: description.origin, rootKey: description.rootKey.text,
            created: description.created)
        identity.checkpoint = try? readCheckpoint(layout.checkpoint)
        let bytes = (try? DurableFiles.read(layout.epochs, limit: readLimitBytes)) ?? []
        let chain = try? EpochChain(EpochChain.read(bytes).certificates, root: description.rootKey)
        if let size = identity.checkpoint?.size, let certificate = chain?.covering(size) {
            identity.certificate = certificate.text
            identity.epoch = certificate.epoch
        }
        return identity
    }

    /// How the log stands.
    enum Verdict: String {
        case verified, unverified, altered, inconsistent
    }

    var verdict: Verdict {
        if let verification {
            switch verification.exitCode {
            case 0 where figures.problem == nil: return .verified
            case 3: return .inconsistent
            case 1: return .unverified
            default: return .altered
            }
        }
        return figures.problem == nil ? .unverified : .altered
    }

    /// 0 verified, or not asked to verify · 1 not verified for a reason · 2 damaged or altered · 3
    /// inconsistent with the checkpoint.
    public var exitCode: Int32 {
        switch verdict {
        case .verified: 0
        case .unverified: verification == nil ? 0 : 1
        case .altered: 2
        case .inconsistent: 3
        }
    }

    /// Events of the period that the checkpoint does not cover yet.
    var uncovered: UInt64 {
        guard let last = figures.counting.lastEvent, let size = identity.checkpoint?.size,
            let first = figures.counting.firstEvent, last.sequence >= size
        else { return 0 }
        return last.sequence - max(size, first.sequence) + 1
    }

    /// One self-contained HTML page: no scripts, nothing from a network.
    public var html: String { ReportPage(report: self).text }
}

extension AuditReport {
    /// One line for people: the verdict and the main figures.
    public var summary: String {
        var parts = [
            verdictWord.lowercased(), "\(ExactAmount.count(figures.counting.events)) events",
            "\(ExactAmount.count(figures.counting.failureCount)) failures",
        ]
        if profile.watchesParties { parts.append("\(figures.coveredCount) covered parties") }
        return parts.joined(separator: ", ")
    }
}
