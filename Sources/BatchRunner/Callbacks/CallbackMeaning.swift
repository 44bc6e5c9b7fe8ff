import SkyPay

/// What a reported result does to its row. Pure.
enum CallbackMeaning {
    /// The facts to record; with `confirm` a report only asks for a query. What contradicts what was
    /// told of a final row is asked about in any case.
    /// - Parameter told: what its sender knows a final row as; nil where that is its state.
    static func facts(
        for record: PayoutRecord, told: PayoutState? = nil, _ result: PayoutResult, confirm: Bool
    ) -> [PayoutFact] {
        guard !record.state.isFinal else {
            let isNews = contradicts(told ?? record.state, result.payType)
            return [isNews ? .disputed : .reported]
        }
        guard !confirm else { return [.reported] }
        var facts: [PayoutFact] = [.reported]
        switch record.state {
        // -1008 on a repeat: the number may carry another amount than ours; the query decides.
        case .unknown where record.numberInUse: return facts
        case .unknown: facts.append(.accepted)
        case .accepted: break
        default: return facts
        }
        switch result.payType {
        case .paid: facts.append(.paid)
        case .failed: facts.append(.failed)
        case .cancelled: facts.append(.cancelled)
        case .uploaded, .amended, .amendFailed: break
        }
        return facts
    }

    /// A refused row agrees with everything that moved no money.
    private static func contradicts(_ state: PayoutState, _ payType: PayType) -> Bool {
        switch payType {
        case .uploaded: state == .refused
        case .paid: state != .paid
        case .failed: state != .failed && state != .refused
        case .cancelled: state != .cancelled && state != .refused
        case .amended, .amendFailed: false
        }
    }
}

extension PayoutFact {
    /// A report becomes it only where reports are believed (`callbacks.confirm: false`).
    var isTakenAsTold: Bool { self != .reported && self != .disputed }
}
