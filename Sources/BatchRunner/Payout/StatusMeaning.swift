import SkyPay

/// What a found number means (`skypay-api.md §2`, payoutQueryStatus). Pure.
enum StatusMeaning {
    /// The facts to record, in order; the first is always that it was asked about and found.
    /// - Parameters:
    ///   - told: what its sender knows a final row as; nil where that is its state.
    ///   - isOurs: nobody else is known to have used the number (-1008), so that finding it means that
    ///     ours is found.
    ///   - evidence: asked for where finding the number proves nothing (`asksForAmount`).
    ///   - wasReported: a callback spoke of it while the question was on its way: the last fact then asks
    ///     once more.
    static func facts(
        for record: PayoutRecord, _ status: PayoutStatusRow, told: PayoutState? = nil,
        isOurs: Bool = true, evidence: AmountEvidence? = nil, wasReported: Bool = false
    ) -> [PayoutFact] {
        let facts = answer(
            about: record, status, told: told ?? record.state, isOurs: isOurs,
            evidence: evidence)
        // Nothing was learned: what was disputed stays to be asked about.
        if facts == [.unanswered] { return facts }
        guard wasReported, facts.last != .disputed else { return facts }
        let isSettled = record.state.isFinal || facts.contains { $0.settles }
        return facts + [isSettled ? .disputed : .reported]
    }

    private static func answer(
        about record: PayoutRecord, _ status: PayoutStatusRow, told: PayoutState,
        isOurs: Bool, evidence: AmountEvidence?
    ) -> [PayoutFact] {
        var facts: [PayoutFact] = [.queried(found: true)]
        // It never reached SkyPay: whatever is found under its number is not ours.
        if record.state == .held, !record.possiblySent { return facts }
        if record.state == .held || record.state == .refused {
            guard isOurs, !record.numberInUse else { return facts }
            // Refused stays refused: how the payout ended says more than that it is there.
            if record.state == .held || told == .refused && settled(status) == nil {
                facts.append(.accepted)
                // How it ends may have been reported while this question was on its way, and nobody
                // asks about a final row by himself: once more.
                if record.state == .refused { facts.append(.disputed) }
            }
        }
        if record.state == .unknown {
            // -1008 on a repeat, or a site that was put back: only the amount proves that it is ours.
            if record.numberInUse {
                switch evidence {
                case .agrees: break
                case .differs, .unclear: return facts + [.held(possiblySent: true)]
                case .unavailable, nil: return facts
                }
            }
            facts.append(.accepted)
        }
        // Of a final row only what contradicts what was told of it, be that a correction: the row
        // stays as it is, and a correction is told.
        guard let settled = settled(status), settled.state != told else { return facts }
        if record.state.isFinal {
            switch evidence {
            case .agrees, nil: break
            case .differs, .unclear: return facts
            case .unavailable: return [.unanswered]
            }
        }
        return facts + [settled.fact]
    }

    /// Finding its number does not prove that ours is found, so SkyPay's report has to show the amount: of
    /// an unknown row whose number is in use, and of a final one that was told as held and that somebody
    /// else's payout would correct, since its number was in use or none of its sends can have arrived. Not
    /// where SkyPay took it when it was sent again by a word. A report that does not come is waited for: to
    /// give up would be to deny what SkyPay says, or to believe what may be of another.
    static func asksForAmount(
        _ row: StoredRow, _ status: PayoutStatusRow, told: PayoutState?
    ) -> Bool {
        let record = row.record
        if record.state == .unknown { return record.numberInUse }
        guard record.state.isFinal, row.outcome == PayoutState.held.rawValue,
            let settled = settled(status), settled.state != told ?? record.state
        else { return false }
        let wasTaken =
            record.attempts > row.outcomeAttempts
            && row.lastCode == ReturnCode.success.rawValue
        guard !wasTaken else { return false }
        return record.numberInUse || row.isNumberOfOthers || !record.possiblySent
    }

    private static func settled(
        _ status: PayoutStatusRow
    ) -> (fact: PayoutFact, state: PayoutState)? {
        switch status.status {
        case .completed: (.paid, .paid)
        case .failed: (.failed, .failed)
        case .cancelled where status.cancelTime != nil: (.cancelled, .cancelled)
        default: nil
        }
    }
}

extension PayoutFact {
    /// How a payout ended at SkyPay.
    fileprivate var settles: Bool { self == .paid || self == .failed || self == .cancelled }
}

extension PayoutStatusRow {
    /// SkyPay's reference for the payout, whichever of its two names it came under.
    var reference: String? { referenceNo ?? traceNo }
}
