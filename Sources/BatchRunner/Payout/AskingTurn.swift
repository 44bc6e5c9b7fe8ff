import SkyPay

/// How soon a number may be asked about, counted from when it was last sent or asked about. The raw
/// value is what the ledger keeps; the seconds come from the policy, so that a changed
/// configuration needs no new ledger.
enum AskingPace: Int, Sendable, CaseIterable {
    /// Never asked about since it was sent.
    case first = 1
    /// A callback brings its question forward.
    case forward = 2
    /// In its turn.
    case turn = 3
    /// The last question had no answer: in its turn, whatever callbacks say. Another pace could end
    /// with every question refused as too soon, for ever.
    case again = 4
    /// Held: its turn comes more seldom.
    case slow = 5
}

extension PayoutPolicy {
    /// Seconds between the last send or question and the next question (`skypay-api.md §2`,
    /// payoutQueryStatus: 300 s after sending, about 30 min between queries of one number).
    func seconds(_ pace: AskingPace) -> Int64 {
        switch pace {
        case .first, .forward: queryAfterSeconds
        case .turn, .again: turnSeconds
        case .slow: max(heldQueryEverySeconds, queryAfterSeconds)
        }
    }

    /// Seconds between two questions about one number, each in its turn.
    var turnSeconds: Int64 { max(queryEverySeconds, queryAfterSeconds) }

    /// Numbers in one call, after so many questions about one of them that had no answer: whoever
    /// spoils the calls of 50 is alone after six turns, and keeps nobody else waiting.
    static func numbersPerCall(timesUnanswered: Int) -> Int {
        max(1, SkyPayClient.maxNumbersPerQuery >> min(timesUnanswered, maxHalvings))
    }

    private static let maxHalvings = 6
}

/// When something may be asked about: `pace` after `since` (unix seconds).
struct AskingTurn: Sendable, Equatable {
    var pace: AskingPace
    var since: Int64

    /// The first unix second at which it may be asked about.
    func due(_ policy: PayoutPolicy) -> Int64 { since + policy.seconds(pace) }

    /// With what it is asked about at `now` (unix seconds); nil before it is due. The ledger's ranges
    /// say the same (`AskingGroup.ranges`).
    func group(at now: Int64, _ policy: PayoutPolicy) -> AskingGroup? {
        guard due(policy) <= now else { return nil }
        switch pace {
        case .first, .turn, .slow: return .inTurn
        case .forward: return since + policy.turnSeconds <= now ? .inTurn : .forward
        case .again: return .again
        }
    }
}

extension AskingTurn {
    /// The turn of what is asked about as often as anything.
    /// - Parameters:
    ///   - sentAt: when it was last sent, `queriedAt`: last asked about (unix seconds).
    ///   - forward: a callback asks for a question before its turn.
    init(sentAt: Int64?, queriedAt: Int64?, timesUnanswered: Int, forward: Bool) {
        since = max(sentAt ?? 0, queriedAt ?? 0)
        if queriedAt == nil {
            pace = .first
        } else if timesUnanswered > 0 {
            pace = .again
        } else {
            pace = forward ? .forward : .turn
        }
    }
}

/// Numbers that are asked about together. A question before its turn may be refused as too soon, and
/// the refusal is the whole call's: so such numbers, and those that had no answer, never share a
/// call with others.
enum AskingGroup: Sendable, CaseIterable {
    /// Everything in its turn.
    case inTurn
    /// Brought forward by callbacks.
    case forward
    /// Unanswered before.
    case again
}

extension PayoutRecord {
    /// When the row may be asked about; nil when no question is open.
    var askingTurn: AskingTurn? {
        switch state {
        case .unsent, .intended, .suspended: return nil
        case .unknown:
            // Not found twice: sent again or held, unless SkyPay has reported on it since.
            guard timesNotFound < PayoutPolicy.notFoundBeforeResend || queryAsked else {
                return nil
            }
        case .accepted: break
        case .held:
            guard possiblySent else { return nil }
            if !queryAsked, timesUnanswered == 0 {
                return heldTurn
            }
        case .refused, .paid, .failed, .cancelled:
            guard queryAsked else { return nil }
        }
        return AskingTurn(
            sentAt: lastSentAt, queriedAt: lastQueriedAt, timesUnanswered: timesUnanswered,
            forward: queryAsked)
    }

    private var heldTurn: AskingTurn {
        var turn = AskingTurn(
            sentAt: lastSentAt, queriedAt: lastQueriedAt, timesUnanswered: 0, forward: false)
        turn.pace = .slow
        return turn
    }
}
