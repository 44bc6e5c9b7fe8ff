/// A round of questions: what is due when it begins, each number once. So it ends, however many there
/// are and however slow the answers; what it asked about is due again in another one.
struct AskingRound: Sendable {
    /// When it began (unix seconds); nil for one that begins now.
    var began: Int64?
    /// SkyPay's reports as far as they were read, where the round goes on in parts: a day of a million
    /// payouts is not read anew for each.
    var amounts: ReportedAmounts?
    /// Seconds after which others have their turn and the rest waits; nil when nobody else does.
    var cutAfterSeconds: Int64?

    /// A daemon sends and takes people's words in between: those who give them wait for two minutes
    /// and one call (`ResolveCommand`).
    static let ofDaemon = AskingRound(cutAfterSeconds: daemonSeconds)

    /// Sending and asking have so many seconds each while the other has something to do.
    static let daemonSeconds: Int64 = 40

    /// Whether others have their turn at `now`, asking since `start` (unix seconds). Also when the
    /// clock went back: then nobody knows how long it was.
    func isCut(since start: Int64, at now: Int64) -> Bool {
        guard let cutAfterSeconds else { return false }
        return now < start || now - start >= cutAfterSeconds
    }
}
