import SkyPay

/// What a round of sending came to.
struct SendingReport: Sendable, Equatable {
    /// Requests answered in any way.
    var sent = 0
    /// Their money, by what the answers said.
    var money = SentMoney()
    /// Why sending stopped early; `none` when it did not.
    var consequence = RunConsequence.none
    /// Actions whose requests SkyPay turned away, whatever their rows say, and by what code.
    var turnedAway: [SkyPayAction: ReturnCode] = [:]
}

/// Asks everything that sends to finish what is in flight and leave the rest.
public final class StopRequest: Sendable {
    private let flag = AtomicFlag()
    private let isOver: (@Sendable () -> Bool)?

    /// Nobody asked yet.
    public init() { isOver = nil }

    /// One that also holds while something else does.
    init(while isOver: @escaping @Sendable () -> Bool) { self.isOver = isOver }

    /// True once somebody asked.
    public var isRequested: Bool { flag.isSet || isOver?() == true }

    /// Asks.
    public func request() { flag.set() }
}

/// Closes sending for everybody when one answer says that going on would be wrong. No more goes out
/// than was in flight.
actor SendingGate {
    private let stop: StopRequest
    private(set) var report = SendingReport()
    private var verificationErrorsInARow = 0
    private var unknownInARow = 0

    /// -1001 answers in a row that suggest a wrong installation rather than wrong accounts.
    static let verificationErrorLimit = 10
    /// Unknown outcomes in a row that suggest that SkyPay is down, or its answers do not come through:
    /// each row sent meanwhile would be one more that nobody knows about.
    static let unknownLimit = 20

    init(stop: StopRequest) { self.stop = stop }

    /// True while more may be sent.
    var isOpen: Bool { report.consequence == .none && !stop.isRequested }

    /// Takes note of one classified answer.
    /// - Parameters:
    ///   - action: the action it was to.
    ///   - payout: as it was before it was sent.
    func note(
        _ meaning: Classification, to action: SkyPayAction, of payout: StoredRow? = nil
    ) {
        if let payout {
            report.money.note(
                meaning.fact, payout.amount, of: payout.key, isRepeat: payout.record.attempts > 0)
        }
        noteTurnedAway(action, meaning.consequence)
        note(
            meaning.code, meaning.isUnknown, meaning.description, meaning.consequence)
    }

    /// Takes note of the classified answer to a request that is no payout.
    /// - Parameters:
    ///   - action: the action it was to.
    ///   - transfer: nil when it is no transfer.
    func note(
        _ meaning: RequestClassification, to action: SkyPayAction,
        of transfer: StoredRequest? = nil
    ) {
        if let transfer, let amount = transfer.amount {
            report.money.note(meaning.fact, amount, of: transfer.key)
        }
        noteTurnedAway(action, meaning.consequence)
        note(
            meaning.code, meaning.isUnknown, meaning.description, meaning.consequence)
    }

    /// Of every answer, also after the first that closes: each is of what is in flight.
    private func noteTurnedAway(_ action: SkyPayAction, _ consequence: RunConsequence) {
        guard case .probe(let code) = consequence, ReturnCode.turningAway.contains(code) else {
            return
        }
        report.turnedAway[action] = code
    }

    private func note(
        _ code: String?, _ isUnknown: Bool, _ description: String, _ consequence: RunConsequence
    ) {
        report.sent += 1
        unknownInARow = isUnknown ? unknownInARow + 1 : 0
        if code == ReturnCode.invalidAccountOrVerification.rawValue {
            verificationErrorsInARow += 1
        } else if code != nil {
            verificationErrorsInARow = 0
        }
        guard report.consequence == .none else { return }
        if verificationErrorsInARow >= Self.verificationErrorLimit {
            report.consequence = .probe(.invalidAccountOrVerification)
        } else if consequence == .none, unknownInARow >= Self.unknownLimit {
            report.consequence = .silent(description)
        } else {
            report.consequence = consequence
        }
    }
}

/// Spaces requests out: at most so many begin in any second, whichever dispatch they are of.
actor Pacer {
    private let spacing: Duration?
    private var next: ContinuousClock.Instant?
    /// The last turn of a request that went.
    private var begun: ContinuousClock.Instant?

    init(perSecond: Int) {
        spacing = perSecond > 0 ? .seconds(1) / perSecond : nil
    }

    /// Waits until it is this caller's turn. False when the gate closed first, or the task was
    /// cancelled: then nothing may be sent any more.
    func waitForTurn<Time: Clock>(at gate: SendingGate, by clock: Time) async -> Bool
    where Time.Instant == ContinuousClock.Instant {
        guard let spacing else { return await gate.isOpen }
        let now = clock.now
        let turn = max(now, next ?? now)
        next = turn + spacing
        let mayGo = await comes(turn, at: gate, by: clock)
        if mayGo {
            begun = max(turn, begun ?? turn)
        } else {
            giveBack(spacing)
        }
        return mayGo
    }

    private func comes<Time: Clock>(
        _ turn: ContinuousClock.Instant, at gate: SendingGate, by clock: Time
    ) async -> Bool where Time.Instant == ContinuousClock.Instant {
        while clock.now < turn {
            guard await gate.isOpen else { return false }
            let look = min(turn, clock.now + Self.longestSleep)
            do { try await clock.sleep(until: look, tolerance: nil) } catch { return false }
        }
        return await gate.isOpen
    }

    /// Where nothing went, a turn is free again: those who wait in a dispatch that is cut hold turns up
    /// to minutes ahead, and the next one must not wait for them.
    private func giveBack(_ spacing: Duration) {
        guard let next else { return }
        let free = next - spacing
        self.next = begun.map { max(free, $0 + spacing) } ?? free
    }

    /// With many in flight and few a second a turn is minutes away: a stop is heard meanwhile, long
    /// before a service manager loses its patience.
    private static let longestSleep = Duration.seconds(1)
}
