/// What others ask of a daemon's sending loop: to look at what there is, and to let a person's word have
/// its turn. Words are taken between two rounds (docs/decisions/0023-resolve.md), and a round of a
/// million rows takes hours, so one that sends gives way to them. Questions about what was sent wait for
/// the end of sending too, which may not come while files do: so each round ends after some time.
struct SendingCalls: Sendable {
    let wake = WakeSignal()
    private let words = AtomicFlag()

    /// Seconds a round sends before it gives way, however many words come, or stay because their
    /// folder cannot be written.
    static let leastSeconds: Int64 = 10
    /// Seconds after which it gives way to what is to be asked.
    static let longestSeconds = AskingRound.daemonSeconds

    /// There may be something to send or to ask.
    func signal() { wake.signal() }

    /// A person waits with a word.
    func signalWord() {
        words.set()
        wake.signal()
    }

    /// Before the words that wait are taken. One that comes meanwhile signals once more.
    func takeWords() { words.clear() }

    /// The stop of one round's sending: with the daemon's, when words wait and it had its time, or when
    /// questions had to wait long enough.
    /// - Parameter now: this moment, on a clock that is never set.
    func round(
        until stop: StopRequest,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> StopRequest {
        let began = now()
        return StopRequest { [words] in
            if stop.isRequested { return true }
            let seconds = words.isSet ? Self.leastSeconds : Self.longestSeconds
            return now() - began >= .seconds(seconds)
        }
    }
}
