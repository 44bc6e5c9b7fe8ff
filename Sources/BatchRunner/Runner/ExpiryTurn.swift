/// Decides, after each look at the inbox, which registrations may be recorded as over. A counter that
/// was told 1000 may report its payment for a day, and the report may lie in the inbox unread: dropped
/// while nobody ran, or kept waiting by a limit of ours. Once its registration is recorded as expired the
/// payment is refused, and the sender was told `withdrawn` for good. To postpone that harms little: from
/// its end on a registration answers no inquiry with 1000, whatever is recorded. Pure.
struct ExpiryTurn {
    /// The most by which unread files postpone an expiry, in seconds: a week, in which somebody can mend
    /// a folder, a disk or a limit. Without an end, one file that can never be taken would keep every
    /// registration of the site open for ever.
    static let mostPostponedSeconds: Int64 = 7 * 86_400

    /// How long after a start payments are waited for that were posted in vain before, in seconds: six
    /// hours. SkyPay publishes no retry; whatever it is, it comes after a daemon's start, and a `run` before
    /// that must not have ended what it tells of.
    static let postedAgainSeconds: Int64 = 6 * 3_600

    /// Callbacks are posted here (`callbacks.listen`): what came while nobody listened lies in no inbox.
    private let isListening: Bool
    /// When all that the first look found will have settled (monotonic); nil before the first look.
    private var settledAt: Duration?

    init(isListening: Bool) { self.isListening = isListening }

    /// By how many seconds expiries are postponed after this look; nil when none is to be recorded.
    /// - Parameter now: monotonic, as the look was told.
    mutating func postponement(
        after look: IntakeDesk.Look, at now: Duration, _ configuration: RunnerConfiguration
    ) -> Int64? {
        func takesCallbacks(_ sender: String) -> Bool {
            configuration.sender(sender).acceptsCallbacks
        }
        // To the first look of a process every file is new, however long it has lain there.
        guard let settledAt else {
            self.settledAt = look.settlesAt ?? now
            return nil
        }
        // What was there at the start is read first, and so is what one look had no room for: both are
        // soon over, and may be of any age.
        if now < settledAt || look.unreached.contains(where: takesCallbacks) { return nil }
        if isListening, now < settledAt + .seconds(Self.postedAgainSeconds) {
            return Self.mostPostponedSeconds
        }
        let isUnread =
            look.waiting.dropFirst(look.leftOriginals).contains { takesCallbacks($0.entry.sender) }
            || (look.unreadable + look.crowded).contains(where: takesCallbacks)
        return isUnread ? Self.mostPostponedSeconds : 0
    }
}
