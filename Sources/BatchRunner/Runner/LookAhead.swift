import DurableFiles
import Logging
import SkyPay

extension Runner {
    /// What will stand in the way before long, in words, and the metrics brought up to date. A
    /// warning is in the log once; the metrics tell how things stand now. Metrics that cannot be
    /// written are a warning too: monitoring is in nobody's way.
    func lookAhead() async throws -> [String] {
        let now = site.clock.unixSeconds()
        let settings = site.configuration.skypay
        let keys = site.passwordKeys
        var warnings: [String] = []
        if let warning = try await keys.warn(settings, at: now) { warnings.append(warning) }
        let newest = await site.journal.newestTime
        if let newest = newest.flatMap(EventTime.unixSeconds),
            let warning = Self.clockWarning(newest: newest, now: now)
        {
            warnings.append(warning)
        }
        if let restored = try site.journal.ledger.restoration(), restored.concerns(now) {
            warnings.append(restored.warning)
        }
        if let lost = try lostCopies()?.warning { warnings.append(lost) }
        let metrics = SiteMetrics(
            rows: try site.journal.ledger.totals().mapValues(\.rows),
            expiry: try keys.expiry(settings),
            acceptsPreviousKey: settings.previousPasswordKey != nil, now: now,
            check: try site.journal.ledger.lastCheck())
        do throws(FileError) {
            try metrics.write(to: site.folder.resolve(site.configuration.metricsFile))
        } catch {
            warnings.append("metrics.file cannot be written: \(error)")
        }
        return warnings
    }

    /// Times in the log never go back, and everything that waits counts from them: with an event of the
    /// future nothing that is recorded until then comes to its turn, and nobody would see why.
    /// - Parameter newest: when the newest event was recorded (unix seconds).
    static func clockWarning(newest: Int64, now: Int64) -> String? {
        guard newest - now > mostAheadSeconds else { return nil }
        let time = PhilippineTime.rfc3339(unixSeconds: newest)
        return "the audit log's newest event is of \(time), ahead of this machine's clock: the "
            + "clock went back, check it; until it is past that time, SkyPay is not asked about what was "
            + "recorded meanwhile, and nothing of it is held for a person"
    }

    /// Seconds the newest event may be ahead of the clock, as by a small correction of it.
    private static let mostAheadSeconds: Int64 = 300
}

extension Runner {
    /// A daemon's looking ahead, beside its sending: a round of a million rows takes hours, and counting
    /// them before the first request would keep it waiting.
    func outlookLoop(_ stop: StopRequest, _ logger: Logger) async throws {
        var outlook = Outlook()
        defer { stop.request() }
        while !stop.isRequested {
            try await outlook.look(self, logger)
            try await Task.sleep(for: Self.outlookStep)
        }
    }

    /// How often a stop is looked for.
    private static let outlookStep = Duration.milliseconds(200)
}

/// What a daemon has said of what is to come.
struct Outlook {
    private var warned: [String] = []
    private var looked: ContinuousClock.Instant?

    /// Looks ahead, at most once in `Runner.probeSeconds`: counting every row after every file would
    /// cost more than the files. Each warning is said when it begins.
    mutating func look(_ runner: Runner, _ logger: Logger) async throws {
        if let looked, looked.duration(to: .now) < .seconds(Runner.probeSeconds) { return }
        let warnings = try await runner.lookAhead()
        for warning in warnings where !warned.contains(warning) { logger.warning("\(warning)") }
        warned = warnings
        looked = .now
    }
}
