import AuditLog
import OrderedJSON
import SkyPay

extension Runner {
    /// The report and its exit code. What verdicts and refusals mean is told until new facts
    /// replace them: a second run repeats the code, also after a crash between verdict and report.
    func finish(_ tally: RunTally, stopped: Bool) async throws -> RunReport {
        try await provider.requestDispatcher.leaveReports()
        let ledger = site.journal.ledger
        let totals = try ledger.totals()
        let requests = try ledger.requestTotals()
        let last = try LastRun(ledger.lastRun())
        var report = RunReport()
        report.files = try fileReports(tally)
        report.rows = totals.mapValues(\.rows)
        report.amounts = totals.mapValues(\.amount.text)
        report.requests = requests.mapValues(\.rows)
        report.sent = tally.sent
        report.problems =
            tally.problems + tally.unseen + tally.unshown + tally.conflicts.map(\.description)
        let refusal = try ledger.lastCheck()?.refusal
        if let refusal { report.problems.append(refusal) }
        let figures = try RunConservation(ledger, judged: tally.judged, isStopped: stopped)
        report.conservation = figures
        report.problems += figures.faults
        report.balance = tally.balance
        let facts = try LastRun.facts(ledger, totals, requests, since: last)
        let standing = facts?.statuses ?? last.statuses
        var statuses =
            try standing + tally.statuses + openStatuses(tally, totals)
            + requestStatuses(tally, requests)
        if refusal != nil || !figures.isBalanced { statuses.append(.invariantBroken) }
        if try lostCopies()?.kept.isEmpty == false { statuses.append(.rowsOpen) }
        report.status = ExitStatus.winning(statuses)
        // Nothing new: the last event still says it all.
        let told = figures.line == nil ? last.conservation : .object(figures.kept)
        if facts != nil || told != last.conservation {
            var finished = facts ?? last
            finished.conservation = told
            try await record(finished, report.status, tally.balance)
        }
        report.warnings = try await lookAhead()
        return report
    }

    private func fileReports(_ tally: RunTally) throws -> [FileReport] {
        let ledger = site.journal.ledger
        let judged = try tally.judged.compactMap { fileID in
            try ledger.file(fileID).map { FileReport($0, try ledger.reportTotals(of: $0)) }
        }
        return judged
            + tally.waiting.map { waiting in
                FileReport(
                    file: waiting.path, fileID: "", verdict: "waiting", reason: waiting.reason,
                    rows: [:], amounts: [:])
            }
    }

    private func openStatuses(
        _ tally: RunTally, _ totals: [String: StateTotal]
    ) -> [ExitStatus] {
        func rows(_ states: [PayoutState]) -> Int {
            states.reduce(0) { $0 + (totals[$1.rawValue]?.rows ?? 0) }
        }
        var statuses: [ExitStatus] = []
        if rows([.unknown, .held, .intended, .suspended]) > 0 { statuses.append(.rowsOpen) }
        if rows([.unsent]) > 0, !tally.statuses.contains(.providerUnavailable) {
            statuses.append(.stoppedByLimit)
        }
        // What lies in a folder that cannot be read waits too.
        if !tally.waiting.isEmpty || !tally.unseen.isEmpty { statuses.append(.fileRejected) }
        if !tally.conflicts.isEmpty { statuses.append(.rowsOpen) }
        return statuses
    }

    /// As for payouts. A sender's question that waits for its time needs a later run, and nobody.
    private func requestStatuses(
        _ tally: RunTally, _ totals: [String: StateTotal]
    ) throws -> [ExitStatus] {
        func rows(_ states: [RequestState]) -> Int {
            states.reduce(0) { $0 + (totals[$1.rawValue]?.rows ?? 0) }
        }
        var statuses: [ExitStatus] = []
        let waiting = try site.journal.ledger.waitingStatusEnquiries()
        if rows([.unknown, .held, .intended, .suspended]) + waiting > 0 {
            statuses.append(.rowsOpen)
        }
        if rows([.unsent]) > waiting, !tally.statuses.contains(.providerUnavailable) {
            statuses.append(.stoppedByLimit)
        }
        return statuses
    }

    private func record(
        _ facts: LastRun, _ status: ExitStatus, _ balance: RunBalance?
    ) async throws {
        var data = facts.json(status)
        data["balance"] = balance?.json
        try await site.journal.record(
            .runFinished, outcome: status == .allDone ? .success : .failure,
            data: data)
    }
}

/// What a finished run leaves in the log for the next one's exit code.
struct LastRun: Sendable, Equatable {
    /// Verdicts up to this event are told.
    var verdictSequence: UInt64 = 0
    /// Rows refused, and orders not carried out, so far that are told.
    var refused = 0
    /// Contradictions of something final so far that are told.
    var contradicted = 0
    /// What verdicts, refusals and contradictions mean.
    var statuses: [ExitStatus] = []
    /// The sums that are told (`RunConservation`); nil before the first.
    var conservation: JSONValue?

    private init(
        verdictSequence: UInt64, refused: Int, contradicted: Int, statuses: [ExitStatus]
    ) {
        self.verdictSequence = verdictSequence
        self.refused = refused
        self.contradicted = contradicted
        self.statuses = statuses
    }

    /// Reads what the last run left; nothing is told yet when there was none.
    init(_ text: String?) throws {
        guard let text else { return }
        let data = try JSONValue(parsing: Array(text.utf8))
        verdictSequence = UInt64(data["verdictSequence"]?.integerValue ?? 0)
        refused = data["refused"]?.integerValue ?? 0
        contradicted = data["contradicted"]?.integerValue ?? 0
        conservation = data["conservation"]
        statuses = (data["standing"]?.arrayValue ?? []).compactMap { value in
            value.integerValue.flatMap { ExitStatus(rawValue: Int32($0)) }
        }
    }

    /// What is new since `last`; nil when nothing is.
    static func facts(
        _ ledger: Ledger, _ totals: [String: StateTotal], _ requests: [String: StateTotal],
        since last: LastRun
    ) throws -> LastRun? {
        let verdicts = try ledger.verdicts(after: last.verdictSequence)
        // An order that was not carried out is told as a refusal is.
        let notDone = [RequestState.refused, .failed].reduce(0) {
            $0 + (requests[$1.rawValue]?.rows ?? 0)
        }
        let refused = (totals[PayoutState.refused.rawValue]?.rows ?? 0) + notDone
        let contradicted = try ledger.contradictions()
        guard verdicts != nil || refused > last.refused || contradicted > last.contradicted else {
            return nil
        }
        var statuses: Set<ExitStatus> = []
        for kind in verdicts?.kinds ?? [] { statuses.formUnion(kind.statuses) }
        if refused > last.refused { statuses.insert(.rowsRefused) }
        if contradicted > last.contradicted { statuses.insert(.rowsOpen) }
        return LastRun(
            verdictSequence: verdicts?.last ?? last.verdictSequence,
            refused: refused, contradicted: contradicted,
            statuses: statuses.sorted { $0.rawValue < $1.rawValue })
    }

    func json(_ status: ExitStatus) -> JSONObject {
        var object: JSONObject = [
            "exit": .number(String(status.rawValue)),
            "standing": .array(statuses.map { .number(String($0.rawValue)) }),
            "verdictSequence": .number(String(verdictSequence)),
            "refused": .number(String(refused)),
            "contradicted": .number(String(contradicted)),
        ]
        object["conservation"] = conservation
        return object
    }
}
