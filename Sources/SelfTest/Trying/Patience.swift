/// How long a site without faults is waited for: what is asked about writes events for ever, so questions
/// are no news, and a wait has an end in any case.
struct Patience {
    /// Without news for so long, what is open stays open.
    static let stuckSeconds = 90
    /// All of it takes no longer: a row that is sent again and again is news each time.
    static let settlingSeconds = 3_600

    private let began: ContinuousClock.Instant
    private var moved: ContinuousClock.Instant
    private var news = 0

    init(at now: ContinuousClock.Instant) { (began, moved) = (now, now) }

    /// Looks at how many events there are that are no questions.
    /// - Returns: why it is over; nil while there is hope.
    mutating func end(_ news: Int, at now: ContinuousClock.Instant) -> String? {
        if news != self.news { (self.news, moved) = (news, now) }
        if now - moved > .seconds(Self.stuckSeconds) {
            return "nothing but questions for \(Self.stuckSeconds) s"
        }
        if now - began > .seconds(Self.settlingSeconds) {
            return "not at rest after \(Self.settlingSeconds) s without faults"
        }
        return nil
    }
}
