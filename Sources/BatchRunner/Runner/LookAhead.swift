import SkyPay

extension Runner {
    /// What will stand in the way before long, in words, and the metrics brought up to date. A
    /// warning is in the log once; the metrics tell how things stand now.
    func lookAhead() async throws -> String? {
        let now = site.clock.unixSeconds()
        let settings = site.configuration.skypay
        let keys = site.passwordKeys
        let warning = try await keys.warn(settings, at: now)
        let metrics = SiteMetrics(
            rows: try site.journal.ledger.totals().mapValues(\.rows),
            expiry: try keys.expiry(settings),
            acceptsPreviousKey: settings.previousPasswordKey != nil, now: now)
        try metrics.write(to: site.folder.resolve(site.configuration.metricsFile))
        return warning
    }
}
