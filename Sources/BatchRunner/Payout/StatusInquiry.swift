import AuditLog
import OrderedJSON
import SkyPay

/// Asks the provider about payouts: rows whose outcome is unknown, accepted ones until they are
/// final, orders until they are carried out or not, and senders' own questions; 50 numbers a call,
/// never sooner than the policy allows. Whoever waits for a number learns from every call that asks
/// about it.
struct StatusInquiry: Sendable {
    let journal: Journal
    let client: SkyPayClient
    let policy: PayoutPolicy
    let clock: any RunnerClock
    let answers: AnswerStore
    let requests: RequestSource
    let steps: ClockSteps

    /// Asks about everything that was due when the round began, then gives to a person what has been
    /// unknown for too long; in this order, or a site that runs once a night would hold every unknown
    /// row unasked.
    func ask(
        until stop: StopRequest, in round: AskingRound = AskingRound()
    ) async throws -> Asked {
        let start = clock.unixSeconds()
        if let leap { return Asked(obstacle: leap) }
        // A clock that went back begins a new round.
        let began = min(round.began ?? start, start)
        let asked = try await askAll(until: stop, round, began: began, start: start)
        guard !stop.isRequested else { return asked }
        // What there was no time for keeps its turn; what could not be asked about is held.
        let isCut = asked.unfinished != nil
        let sparesDue = isCut || began < start && asked.obstacle == nil
        try await holdExpired(at: start, sparesDue: sparesDue)
        try await holdExpiredRequests(at: start, sparesDue: sparesDue)
        return asked
    }

    /// Why nobody is asked after the clock was set forward; nil as a rule.
    private var leap: String? {
        guard steps.remaining(turn: policy.turnSeconds) > 0 else { return nil }
        return
            "the clock was set forward: nothing is asked for \(policy.turnSeconds) s, so that what "
            + "was asked about before it has its turn"
    }

    /// What a round of questions came to.
    struct Asked: Sendable, Equatable {
        /// Calls with an answer.
        var answers = 0
        /// Why something that is due was not learned; nil when everything was.
        var obstacle: String?
        /// When the round began (unix seconds), where it was cut and is to go on; nil when it is over.
        var unfinished: Int64?

        /// Nothing at all was learned.
        var isInVain: Bool { obstacle != nil && answers == 0 }
    }

    /// One call of each group after the other, until nothing is due. A group whose call brings nothing
    /// is left for the next round: asking on at once would take every number's turn from it. Cut when
    /// every group has had its call, so that none is left out of every part of a round, or after one in
    /// vain, whose numbers are not due in the next part.
    private func askAll(
        until stop: StopRequest, _ round: AskingRound, began: Int64, start: Int64
    ) async throws -> Asked {
        let amounts = round.amounts ?? ReportedAmounts(client: client, until: stop)
        await amounts.goOn()
        var asked = Asked()
        var open = AskingGroup.allCases
        while !open.isEmpty {
            if round.isCut(since: start, at: clock.unixSeconds()) {
                asked.unfinished = began
                break
            }
            for group in open where !stop.isRequested {
                if let leap {
                    asked.obstacle = leap
                    return asked
                }
                let turn = try nextTurn(group, began: began, start: start)
                if turn.numbers.isEmpty {
                    open.removeAll { $0 == group }
                    continue
                }
                switch await client.queryStatus(turn.numbers) {
                case .rows(let found):
                    try await record(turn, found, amounts)
                    asked.answers += 1
                case .noInformation(let reason):
                    // A crash before this is durable costs one question asked too soon after the
                    // start, which is then recorded as asked (docs/decisions/0022-asking.md).
                    try await recordUnanswered(turn, reason)
                    asked.obstacle = asked.obstacle ?? reason
                    open.removeAll { $0 == group }
                    // Time-outs add up: whoever waits with a word waits for one of them.
                    if round.isCut(since: start, at: clock.unixSeconds()) {
                        asked.unfinished = began
                        return asked
                    }
                case .notAsked(let reason):
                    asked.obstacle = reason
                    return asked
                }
            }
            if stop.isRequested { break }
        }
        return asked
    }

    /// The numbers of one call, and the payouts among them that are due themselves.
    private struct Turn {
        var numbers: [String] = []
        var payouts: [String: StoredRow] = [:]
        /// Of each row about them, how many reports had asked for a question before the call.
        var reports: [RowKey: Int] = [:]
        var now: Int64
        /// Numbers it may have: as few as the one with the most questions in vain allows.
        var limit = SkyPayClient.maxNumbersPerQuery

        /// Takes a number in, unless it, or one that is in already, has to be in a smaller call.
        mutating func add(_ number: String, timesUnanswered: Int) -> Bool {
            let own = min(limit, PayoutPolicy.numbersPerCall(timesUnanswered: timesUnanswered))
            guard numbers.count < own else { return false }
            limit = own
            if !numbers.contains(number) { numbers.append(number) }
            return true
        }
    }

    /// Asks about one payout that is held, on a person's behalf; whoever asks has seen to the pauses.
    func ask(about row: StoredRow) async throws -> QueryOutcome {
        var turn = Turn(now: clock.unixSeconds())
        turn.numbers = [row.controlNumber]
        turn.payouts[row.controlNumber] = row
        return try await ask(turn)
    }

    /// The same of the orders about a payout, which may be nobody's here.
    func ask(aboutOrdersOf number: String) async throws -> QueryOutcome {
        var turn = Turn(now: clock.unixSeconds())
        turn.numbers = [number]
        return try await ask(turn)
    }

    private func ask(_ turn: Turn) async throws -> QueryOutcome {
        if let leap { return .notAsked(reason: leap) }
        var turn = turn
        turn.reports = try reportsSoFar(about: turn.numbers)
        let outcome = await client.queryStatus(turn.numbers)
        switch outcome {
        case .rows(let found):
            try await record(turn, found, ReportedAmounts(client: client))
        case .noInformation(let reason): try await recordUnanswered(turn, reason)
        case .notAsked: break
        }
        return outcome
    }

    /// The next call of a group, of what was due when the round `began`: by a later time what was asked
    /// first would be due again, and a round with more numbers than a turn has time for would never end.
    private func nextTurn(_ group: AskingGroup, began: Int64, start: Int64) throws -> Turn {
        let (ledger, limit) = (journal.ledger, SkyPayClient.maxNumbersPerQuery)
        var turn = Turn(now: clock.unixSeconds())
        // By a clock that went back, what was just asked about must not be due either.
        let due = min(began, turn.now)
        let unknown = try unknownToAsk(group, at: min(start, turn.now))
        let rows = try ledger.rowsToAsk(group, now: due, policy: policy, limit: limit)
            .filter { $0.record.nextStep(now: due, policy: policy) == .query }
        for row in unknown + rows {
            if turn.add(row.controlNumber, timesUnanswered: row.record.timesUnanswered) {
                turn.payouts[row.controlNumber] = row
            }
        }
        let orders = try ledger.ordersToAsk(group, now: due, policy: policy, limit: limit)
            .filter { $0.record.nextStep(now: due, policy: policy) == .query }
        let questions = try ledger.statusEnquiriesToAsk(
            group, now: due, policy: policy, limit: limit)
        for request in orders + questions {
            guard let number = request.number else { continue }
            _ = turn.add(number, timesUnanswered: request.record.timesUnanswered)
        }
        turn.reports = try reportsSoFar(about: turn.numbers)
        return turn
    }

    private func reportsSoFar(about numbers: [String]) throws -> [RowKey: Int] {
        var reports: [RowKey: Int] = [:]
        for number in numbers {
            if let row = try journal.ledger.row(controlNumber: number) {
                reports[row.key] = row.record.reports
            }
            for request in try journal.ledger.requestsAbout(number) {
                reports[request.key] = request.record.reports
            }
        }
        return reports
    }

    /// Unknown rows of a group, the longest due first. They go before all others, and need not wait for
    /// the next round: results wait for them, and a million accepted rows take hours.
    private func unknownToAsk(_ group: AskingGroup, at now: Int64) throws -> [StoredRow] {
        try journal.ledger.rows(in: .unknown, limit: Self.unknownLookedAt)
            .filter { row in
                row.record.nextStep(now: now, policy: policy) == .query
                    && row.record.askingTurn?.group(at: now, policy) == group
            }
            .sorted {
                ($0.record.askingTurn?.due(policy) ?? .max)
                    < ($1.record.askingTurn?.due(policy) ?? .max)
            }
    }

    /// Unknown rows looked at before each call. Of more, as after a backup was put back, the others come
    /// in their turn with everything else.
    private static let unknownLookedAt = 500

    /// Every number of the call counts as asked: SkyPay takes note of a question that it refuses, or
    /// whose answer is lost.
    private func recordUnanswered(_ turn: Turn, _ reason: String) async throws {
        var drafts: [EventDraft] = []
        for number in turn.numbers {
            if let payout = try turn.payouts[number] ?? payout(number, turn, isFound: false) {
                drafts.append(
                    payout.note(
                        .unanswered, batch: try requests.batch(of: payout), description: reason,
                        source: "query"
                    ).draft(journal.author))
            }
            for request in try journal.ledger.requestsAbout(number) {
                let batch = try requests.batch(ofFile: request.key.fileID)
                drafts.append(
                    request.note(.unanswered, batch: batch, description: reason, source: "query")
                        .draft(journal.author))
            }
        }
        try await journal.record(drafts)
    }

    /// Decides what an answer means and records it; where a callback comes in between, decides again, or
    /// its report would be taken for one that this answer answers.
    private func record(
        _ turn: Turn, _ found: [PayoutStatusRow], _ amounts: ReportedAmounts
    ) async throws {
        for _ in 1..<Self.maxDecisions {
            let (drafts, asRead) = try await decide(turn, found, amounts)
            guard !drafts.isEmpty else { return }
            if try await journal.record(drafts, while: asRead) { return }
        }
        try await journal.record(decide(turn, found, amounts).drafts)
    }

    /// Times an answer is judged at most before it is recorded as judged.
    private static let maxDecisions = 10

    /// What the answer means, and the rows as that rests on them.
    private func decide(
        _ turn: Turn, _ found: [PayoutStatusRow], _ amounts: ReportedAmounts
    ) async throws -> (drafts: [EventDraft], asRead: Journal.Premise) {
        let byNumber = Dictionary(grouping: found, by: \.controlNumber)
        var drafts: [EventDraft] = []
        var payouts: [RowKey: PayoutRecord] = [:]
        var orders: [RowKey: RequestRecord] = [:]
        for number in turn.numbers {
            let rows = byNumber[number] ?? []
            if let payout = try payout(number, turn, isFound: !rows.isEmpty) {
                payouts[payout.key] = payout.record
                drafts += try await notes(payout, rows, amounts, turn).map {
                    $0.draft(journal.author)
                }
            }
            for request in try journal.ledger.requestsAbout(number) {
                orders[request.key] = request.record
                drafts += try await notes(request, rows, turn).map {
                    $0.draft(journal.author)
                }
            }
        }
        let rows = Set(payouts.keys).union(orders.keys)
        let asRead = Journal.Premise(rows: rows) { [payouts, orders] ledger in
            try payouts.allSatisfy { try ledger.row($0.key)?.record == $0.value }
                && orders.allSatisfy { try ledger.request($0.key)?.record == $0.value }
        }
        return (drafts, asRead)
    }

    /// The payout that learns from a call: one that is due, or one that was asked about for somebody
    /// else. "Not found" out of its turn says nothing about one that is unknown; of others it is
    /// noted that they were asked about.
    private func payout(_ number: String, _ turn: Turn, isFound: Bool) throws -> StoredRow? {
        // As it stands now: a callback may have come since the question left.
        if let due = turn.payouts[number] { return try journal.ledger.row(due.key) }
        guard let row = try journal.ledger.row(controlNumber: number) else { return nil }
        switch row.record.state {
        case .unknown: return isFound ? row : nil
        case .accepted, .held: return row
        default: return nil
        }
    }

    /// What SkyPay reported after the question had left is still to be asked about, whatever this answer
    /// settles: SkyPay delivers no report twice.
    private func notes(
        _ row: StoredRow, _ found: [PayoutStatusRow], _ amounts: ReportedAmounts, _ turn: Turn
    ) async throws -> [PayoutNote] {
        let batch = try requests.batch(of: row)
        let wasReported = row.record.reports > turn.reports[row.key] ?? 0
        func made(_ fact: PayoutFact, _ description: String) -> PayoutNote {
            row.note(fact, batch: batch, description: description, source: "query")
        }
        guard let status = found.last else {
            return wasReported
                ? [made(.unanswered, OrderMeaning.overtaken)]
                : [made(.queried(found: false), "not found")]
        }
        // One answer that says two things about a number says nothing: ask again.
        guard found.agree else {
            return wasReported
                ? [made(.unanswered, Self.contradiction)]
                : [made(.queried(found: true), Self.contradiction)]
        }
        let told = try journal.ledger.told(row)
        var evidence: AmountEvidence?
        if StatusMeaning.asksForAmount(row, status, told: told) {
            evidence = try await amounts.evidence(status, amount: row.amount)
        }
        return try StatusMeaning.facts(
            for: row.record, status, told: told,
            isOurs: !row.isNumberOfOthers, evidence: evidence, wasReported: wasReported
        ).map { fact in
            var note = made(fact, status.statusDescription ?? "")
            if let doubt = evidence?.doubt { note.description = doubt }
            note.reference = status.reference
            if fact == .accepted {
                note.payee = try requests.payee(of: row)
            } else {
                note.providerTime = status.payTime ?? status.cancelTime
            }
            return note
        }
    }

    private func notes(
        _ request: StoredRequest, _ found: [PayoutStatusRow], _ turn: Turn
    ) async throws -> [RequestNote] {
        let batch = try requests.batch(ofFile: request.key.fileID)
        guard request.record.family == .order else {
            return [try await answer(request, batch, found)]
        }
        let wasReported = request.record.reports > turn.reports[request.key] ?? 0
        guard found.agree else {
            return [
                request.note(
                    wasReported ? .unanswered : .queried(unchanged: false), batch: batch,
                    description: Self.contradiction, source: "query")
            ]
        }
        let status = found.last
        return try OrderMeaning.facts(
            for: request.record, request.action, told: journal.ledger.told(request), status,
            now: turn.now, policy: policy, wasReported: wasReported
        ).map { finding in
            var note = request.note(
                finding.fact, batch: batch, description: finding.description, source: "query")
            note.reference = status?.reference
            if finding.fact == .confirmed { note.providerTime = status?.cancelTime }
            return note
        }
    }

    /// A sender's question: what SkyPay says, or that it does not know the number.
    private func answer(
        _ question: StoredRequest, _ batch: String, _ found: [PayoutStatusRow]
    ) async throws -> RequestNote {
        guard let status = found.last else {
            return question.note(
                .answered(nil), batch: batch, code: ReturnCode.success.rawValue,
                description: "not found", source: "query")
        }
        let stored = try await answers.keep([status.fields], of: question.key.fileID).first
        return question.note(
            .answered(stored), batch: batch, code: ReturnCode.success.rawValue,
            description: found.agree ? "" : Self.contradiction, source: "query")
    }

    private static let contradiction = "the answer contradicts itself"
}

extension [PayoutStatusRow] {
    /// One answer says one thing about a number.
    var agree: Bool {
        allSatisfy {
            $0.status == first?.status && ($0.cancelTime == nil) == (first?.cancelTime == nil)
        }
    }
}
