import SkyPay

/// When a daemon checks its ledger: once a day at a full hour of the provider's clock (GMT+8), or as
/// soon as it runs again after missing that hour.
struct CheckSchedule: Sendable, Equatable {
    /// 0 to 23.
    let hour: Int

    /// At night, when nothing is being paid.
    static let standard = CheckSchedule(hour: 2)
    /// The hours a configuration may name.
    static let hours = 0...23

    private static let hourSeconds: Int64 = 3_600
    private static let daySeconds: Int64 = 86_400

    /// Whether a check is due at `now`; all in unix seconds.
    /// - Parameters:
    ///   - last: the last check; nil before the first.
    ///   - first: when the first file came; nil while there is nothing to check.
    func isDue(last: Int64?, first: Int64?, now: Int64) -> Bool {
        guard let since = last ?? first else { return false }
        let shift = PhilippineTime.offsetSeconds - Int64(hour) * Self.hourSeconds
        let intoDay = (now + shift) % Self.daySeconds
        let latest = now - (intoDay < 0 ? intoDay + Self.daySeconds : intoDay)
        return since < latest
    }
}
