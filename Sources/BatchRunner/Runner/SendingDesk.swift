import SkyPay

/// Sends, probes and asks until there is nothing more to do now. What stood in the way is returned
/// in words, with the exit code it means.
struct SendingDesk: Sendable {
    let provider: Provider

    /// What a round came to.
    struct Outcome: Sendable {
        var sent = 0
        var money = SentMoney()
        var statuses: [ExitStatus] = []
        var problems: [String] = []
        /// A query about payouts brought nothing; nil when none was to be made.
        var askedInVain: Bool?
        /// When the round of questions began (unix seconds), where it was cut and is to go on.
        var unfinished: Int64?
        /// What SkyPay turned away in this round, though it answers balance queries: nothing more of it is
        /// sent in the round, and everything else is.
        var leftOut: [SkyPayAction: ReturnCode] = [:]
        /// SkyPay was not there, or turned this installation away: nothing can be sent.
        var isUnavailable = false
        /// Families that the balance did not suffice for.
        var withoutFunds: Set<ActionFamily> = []

        mutating func note(_ status: ExitStatus, _ problem: String) {
            statuses.append(status)
            if status == .providerUnavailable { isUnavailable = true }
            tell(problem)
        }

        /// The exit code is that of a SkyPay that is not there, and all else goes on.
        /// - Parameter actions: turned away by these codes.
        mutating func leaveOut(_ actions: [SkyPayAction: ReturnCode]) {
            for (action, code) in actions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                leftOut[action] = code
                statuses.append(.providerUnavailable)
                tell(
                    "sending of \(action.rawValue) paused: SkyPay answered \(code.rawValue) "
                        + "(\(code.summary)), though it answers balance queries: ask SkyPay, "
                        + "then run again")
            }
        }

        /// SkyPay's words may be in it: it goes to logs and terminals, so accounts are masked.
        mutating func tell(_ problem: String) {
            let problem = PersonalData.freeText(problem)
            if !problems.contains(problem) { problems.append(problem) }
        }
    }

    /// Sends every row that may be sent, payouts first, then asks about every row that is due; what
    /// asking frees to be sent again is sent in the same round.
    /// - Parameters:
    ///   - turn: ends this round's sending before the stop; what is left is for the next.
    ///   - fileID: sends of this file alone; nil for every file.
    ///   - isAsking: false leaves the questions about payouts for later (`AskingPause`).
    ///   - round: what is asked about; where it is cut, this returns, for its caller to go on.
    ///   - lacking: families that are left for later, because they lacked funds (`SendingPause`).
    ///   - turnedAway: the same of actions that SkyPay turned away, with its codes.
    func work(
        until stop: StopRequest, sendingUntil turn: StopRequest? = nil,
        only fileID: String? = nil, asking isAsking: Bool = true,
        in round: AskingRound = AskingRound(), without lacking: Set<ActionFamily> = [],
        leavingOut turnedAway: [SkyPayAction: ReturnCode] = [:]
    ) async throws -> Outcome {
        let share = Share(fileID: fileID, lacking: lacking, stop: stop, turn: turn ?? stop)
        var outcome = Outcome()
        outcome.leaveOut(turnedAway)
        // It still stands in the way.
        if !lacking.isEmpty { outcome.note(.stoppedByLimit, Self.lackOfFunds) }
        var round = round
        // Around a key change the first request of a round finds out which key SkyPay opens now.
        await provider.client.reconsiderSealing()
        // Rows suspended before a crash are decided before anything else is sent.
        guard try await settleSuspended(&outcome) else { return outcome }
        var isOpen = true
        repeat {
            isOpen = try await send(share, &outcome)
            guard isAsking else { continue }
            // Each number once, also where sending goes on and more is asked after it.
            round.began = round.began ?? provider.inquiry.clock.unixSeconds()
            let asked = try await provider.inquiry.ask(until: stop, in: round)
            outcome.askedInVain = asked.isInVain
            outcome.unfinished = asked.unfinished
            if let reason = asked.obstacle {
                outcome.tell("asking about payouts: \(reason); asked again at the next run")
                return outcome
            }
            if asked.unfinished != nil { break }
        } while try await mayGoOn(isOpen, share, outcome)
        if let reason = try await provider.transfers.ask(until: stop) {
            outcome.tell(
                "asking for notifications of transfers: \(reason); asked again at the next run")
        }
        return outcome
    }

    /// What a round sends of all there is, and until when.
    private struct Share {
        var fileID: String?
        var lacking: Set<ActionFamily>
        var stop: StopRequest
        var turn: StopRequest

        var sendsPayouts: Bool { !lacking.contains(.payout) }
        /// Left out of what is no payout: only transfers need money.
        var left: ActionFamily? { lacking.contains(.transfer) ? .transfer : nil }

        /// Seconds that what is no payout has of a round whose turn the payouts used up: a cancellation
        /// must not wait for the last of a million.
        static let leastSecondsForRequests: Int64 = 10

        /// The turn of what is no payout, once payouts had theirs.
        func turnOfRequests() -> StopRequest {
            guard turn.isRequested else { return turn }
            let end = ContinuousClock.now + .seconds(Self.leastSecondsForRequests)
            return StopRequest { [stop] in stop.isRequested || ContinuousClock.now >= end }
        }
    }

    private func mayGoOn(
        _ isOpen: Bool, _ share: Share, _ outcome: Outcome
    ) async throws -> Bool {
        guard isOpen, !share.turn.isRequested else { return false }
        let actions = Set(outcome.leftOut.keys)
        if share.sendsPayouts,
            try await provider.dispatcher.hasWork(only: share.fileID, leavingOut: actions)
        {
            return true
        }
        return try await provider.requestDispatcher.hasWork(
            only: share.fileID, without: share.left, leavingOut: actions)
    }

    /// Sends until nothing is left; false when something stands in the way.
    private func send(_ share: Share, _ outcome: inout Outcome) async throws -> Bool {
        while try await mayGoOn(true, share, outcome) {
            var payouts: (sent: Int, way: Way) = (0, .open)
            if share.sendsPayouts {
                payouts = try await dispatch(.payout, &outcome) { actions in
                    try await provider.dispatcher.dispatch(
                        until: share.turn, only: share.fileID, leavingOut: actions)
                }
            }
            // Payouts that lack funds stop themselves alone: a transfer may be what brings them.
            guard payouts.way != .closed else { return false }
            let turn = share.turnOfRequests()
            let requests = try await dispatch(.transfer, &outcome) { actions in
                try await provider.requestDispatcher.dispatch(
                    until: turn, only: share.fileID, without: share.left,
                    leavingOut: actions)
            }
            if requests.way == .withoutFunds {
                // Nor does a transfer that lacks them stop what needs none, an order to cancel first of all.
                _ = try await dispatch(.transfer, &outcome) { actions in
                    try await provider.requestDispatcher.dispatch(
                        until: turn, only: share.fileID, without: .transfer,
                        leavingOut: actions)
                }
            }
            guard requests.way == .open, payouts.way == .open else { return false }
            // A stop, or a gate that closed without a word: nothing more can be sent now.
            guard payouts.sent + requests.sent > 0 else { return false }
        }
        return true
    }

    /// Sends, and once more whenever an action was turned away that was not left out before: what the
    /// gate kept back then is others'.
    /// - Parameter family: what of it needs money.
    private func dispatch(
        _ family: ActionFamily, _ outcome: inout Outcome,
        _ send: (_ left: Set<SkyPayAction>) async throws -> SendingReport
    ) async throws -> (sent: Int, way: Way) {
        var sent = 0
        while true {
            let left = Set(outcome.leftOut.keys)
            let report = try await send(left)
            sent += report.sent
            let found = try await way(after: report, of: family, &outcome)
            guard found == .open, outcome.leftOut.count > left.count else { return (sent, found) }
        }
    }

    /// What may still be sent in this round.
    private enum Way {
        /// Everything.
        case open
        /// What is no payout: the balance does not suffice.
        case withoutFunds
        /// Nothing.
        case closed
    }

    /// - Parameter family: what of it needs money.
    private func way(
        after report: SendingReport, of family: ActionFamily, _ outcome: inout Outcome
    ) async throws -> Way {
        outcome.sent += report.sent
        outcome.money = outcome.money + report.money
        if report.consequence == .insufficientBalance { outcome.withoutFunds.insert(family) }
        let left = outcome.leftOut
        let good = try await settleSuspended(&outcome, evenSo: !report.turnedAway.isEmpty)
        if good { outcome.leaveOut(report.turnedAway) }
        // Whoever goes on after such an answer leaves out more than before, or would never come to an end.
        let leavesMore = outcome.leftOut.count > left.count
        return way(after: report, probeWasGood: good, leavesMore: leavesMore, &outcome)
    }

    private static let lackOfFunds =
        "the balance at SkyPay does not suffice: top up, then run again"

    /// False when the provider said, or did not say, that this installation is fine.
    private func settleSuspended(
        _ outcome: inout Outcome, evenSo: Bool = false
    ) async throws -> Bool {
        switch try await provider.probe.settle(evenSo: evenSo) {
        case .nothingSuspended, .good: return true
        case .misconfigured(let what):
            outcome.note(
                .providerUnavailable,
                "SkyPay refuses this installation (\(what)): check skypay.userName, "
                    + "authentication, passwordKey and the list of allowed addresses; rows stay "
                    + "unsent")
            return false
        case .noAnswer(let reason):
            outcome.note(
                .providerUnavailable,
                "SkyPay does not say whether it takes this installation: \(reason)")
            return false
        }
    }

    private func way(
        after report: SendingReport, probeWasGood: Bool, leavesMore: Bool, _ outcome: inout Outcome
    ) -> Way {
        switch report.consequence {
        case .none: return probeWasGood ? .open : .closed
        case .unreachable(let reason):
            outcome.note(
                .providerUnavailable,
                "nothing can be sent to SkyPay: \(reason); rows stay unsent, run again later")
            return .closed
        case .silent(let reason):
            outcome.note(
                .providerUnavailable,
                "sending paused: \(SendingGate.unknownLimit) requests in a row ended without an "
                    + "answer that tells what became of them (\(reason)); they will be asked "
                    + "about, the rest stays unsent: run again later")
            return .closed
        case .insufficientBalance:
            outcome.note(.stoppedByLimit, Self.lackOfFunds)
            return probeWasGood ? .withoutFunds : .closed
        case .probe(let code):
            // -1001 ten times with a good probe: the accounts are wrong, not we. An action that is turned
            // away is left out from here on. A -1000 would come again at once, so the next run tries.
            let isSettled =
                code == .invalidAccountOrVerification
                || leavesMore && ReturnCode.turningAway.contains(code)
            if probeWasGood, isSettled { return .open }
            outcome.note(
                .providerUnavailable,
                "sending paused: SkyPay answered \(code.rawValue) (\(code.summary))")
            return .closed
        }
    }
}
