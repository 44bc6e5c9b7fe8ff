import AuditLog
import DurableFiles
import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("A person's word about a held payout")
struct ResolutionTests {
    private static let number = "SKY9900000001"

    /// Row 1 is held, an hour ago.
    private func stage(
        possiblySent: Bool = true, inPlain: Bool = false
    ) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 2)
        try await stage.record(1, .intended(attempt: 1))
        if possiblySent {
            try await stage.record(1, .unknown(numberInUse: false), .held(possiblySent: true))
        } else {
            let key = RowKey(fileID: SendingStage.file, row: 1)
            var doubt = try #require(try stage.ledger.row(key)).note(.suspended, batch: "B-1")
            doubt.wasDecrypted = !inPlain
            try await stage.journal.record([doubt.draft(LedgerStage.author)])
            try await stage.record(1, .held(possiblySent: false))
        }
        stage.clock.advance(3_600)
        return stage
    }

    private func resolve(
        _ stage: SendingStage, _ outcome: ResolvedOutcome, number: String = Self.number,
        _ answer: @escaping @Sendable (JSONObject) throws -> JSONValue
    ) async throws -> ResolutionReport {
        try await stage.desk(stage.client(answer)).resolve(
            Resolution(
                word: .payout(controlNumber: number, outcome), reason: "ticket 7", by: "Ana"))
    }

    private static let nothing: @Sendable (JSONObject) throws -> JSONValue = { _ in
        ScriptedProvider.statuses([])
    }

    @Test("Not known to SkyPay, and failed by a person's word: final, told, and for good")
    func failed() async throws {
        let stage = try await stage()
        let report = try await resolve(stage, .failed, Self.nothing)
        #expect(report == ResolutionReport(.allDone, "resolved as failed", state: "failed"))
        let row = try #require(
            try stage.ledger.rows(of: SendingStage.file, after: 0, limit: 1).first)
        #expect(row.outcome == nil || row.outcome == "held")
        #expect(row.final == "failed" && row.finalDescription == "ticket 7")
        let finding = try #require(try stage.ledger.latestFinding(about: row.key))
        #expect(finding.outcome == "failed")
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
        #expect(try await resolve(stage, .paid, Self.nothing).status == .usage, "settled")
    }

    @Test("What SkyPay says decides: it settles the row itself, whatever the word was")
    func knownAfterAll() async throws {
        let stage = try await stage()
        let report = try await resolve(stage, .failed) { _ in
            ScriptedProvider.statuses([(Self.number, "1")])
        }
        #expect(report.status == .rowsOpen && report.state == "paid")
        #expect(try stage.state(1)?.state == .paid)
        let agreed = try await self.stage()
        let same = try await resolve(agreed, .paid) { _ in
            ScriptedProvider.statuses([(Self.number, "1")])
        }
        #expect(same.status == .allDone && same.state == "paid")
    }

    @Test("A word SkyPay contradicts is refused, and what may have been sent is never sent again")
    func refused() async throws {
        let stage = try await stage()
        #expect(try await resolve(stage, .paid, Self.nothing).status == .rowsOpen)
        stage.clock.advance(3_600)
        #expect(try await resolve(stage, .resend, Self.nothing).status == .rowsOpen)
        #expect(try stage.state(1)?.state == .held)
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 9).map(\.key.row) == [2])
    }

    @Test("What certainly never reached SkyPay is sent again, once, and its end is told")
    func resend() async throws {
        let stage = try await stage(possiblySent: false)
        #expect(try await resolve(stage, .resend, Self.nothing).state == "unsent")
        let sent = Locked<[String]>([])
        let client = stage.client { request in
            sent.withLock { $0.append(request["controlNumber"]?.stringValue ?? "") }
            return ScriptedProvider.coded("1000")
        }
        _ = try await stage.dispatcher(client).dispatch(until: StopRequest())
        #expect(sent.withLock { $0 } == [Self.number, "SKY9900000002"])
        #expect(try stage.state(1)?.attempts == 2)
        let key = RowKey(fileID: SendingStage.file, row: 1)
        #expect(try stage.ledger.latestFinding(about: key)?.outcome == "accepted")
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("Sent again and refused, it is refused in the end; refused at once needs no second word")
    func resentAndRefused() async throws {
        let stage = try await stage(possiblySent: false)
        #expect(try await resolve(stage, .resend, Self.nothing).state == "unsent")
        let client = stage.client { _ in ScriptedProvider.coded("-1022") }
        _ = try await stage.dispatcher(client).dispatch(until: StopRequest())
        let rows = try stage.ledger.rows(of: SendingStage.file, after: 0, limit: 2)
        #expect(rows.map(\.state) == ["refused", "refused"])
        #expect(rows.map(\.outcome) == ["held", "refused"])
        #expect(rows.map(\.final) == ["refused", nil])
        #expect(rows[0].lastCode == "-1022" && rows[0].finalDescription == "told")
        #expect(try stage.ledger.latestFinding(about: rows[0].key)?.outcome == "refused")
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("A refusal that came in plain may be anybody's: what it refused is not sent again")
    func inPlain() async throws {
        let stage = try await stage(possiblySent: false, inPlain: true)
        #expect(try await resolve(stage, .resend, Self.nothing).status == .rowsOpen)
        #expect(try stage.state(1)?.state == .held)
    }

    @Test("Without SkyPay's answer nothing is settled, and the question counts as asked")
    func noAnswer() async throws {
        let stage = try await stage()
        let lost = try await resolve(stage, .failed) { _ in ScriptedProvider.coded("-1009") }
        #expect(lost.status == .providerUnavailable)
        #expect(try stage.state(1)?.state == .held)
        #expect(try stage.state(1)?.timesUnanswered == 1)
        let asked = Locked(false)
        let hasty = try await resolve(stage, .failed) { _ in
            asked.withLock { $0 = true }
            return ScriptedProvider.statuses([])
        }
        #expect(hasty.status == .rowsOpen && !asked.withLock { $0 })
    }

    @Test("Only what is held can be resolved, and only what is a payout here")
    func notHeld() async throws {
        let stage = try await stage()
        for number in ["SKY9900000002", "SKY9900000099"] {
            let report = try await resolve(stage, .paid, number: number) { _ in
                Issue.record("nobody is asked")
                return ScriptedProvider.statuses([])
            }
            #expect(report.status == .usage)
        }
    }

    @Test(
        "A word against what SkyPay says of the number",
        arguments: [
            (ResolutionEvidence.notFound, [ResolvedOutcome.failed], [ResolvedOutcome.failed]),
            (.contradictory, [], []),
            (.status(.completed, isCancelled: false), [.paid], [.paid, .failed]),
            (.status(.failed, isCancelled: false), [.failed], [.failed]),
            (.status(.cancelled, isCancelled: true), [.failed], [.failed]),
            (.status(.cancelled, isCancelled: false), [], [.failed]),
            (.status(.pending, isCancelled: false), [], [.failed]),
            (.status(.uploaded, isCancelled: false), [], [.failed]),
        ])
    func rules(
        _ evidence: ResolutionEvidence, _ ours: [ResolvedOutcome], _ others: [ResolvedOutcome]
    ) {
        let sent = PayoutRecord(state: .held, attempts: 1, possiblySent: true)
        for (isOthers, allowed) in [(false, ours), (true, others)] {
            let taken = ResolvedOutcome.allCases.filter {
                ResolutionRule.objection(to: $0, sent, evidence, isOthers: isOthers) == nil
            }
            #expect(taken == allowed)
        }
        let never = PayoutRecord(state: .held, attempts: 1, possiblySent: false)
        let mayResend =
            ResolutionRule.objection(to: .resend, never, evidence, isOthers: false) == nil
        #expect(mayResend == (evidence == .notFound))
    }

    @Test("No fact makes a row sendable that may have been sent")
    func neverResent() {
        let held = PayoutRecord(state: .held, attempts: 1, possiblySent: true)
        #expect(throws: InvariantViolation.self) {
            try held.applying(.resolved(.resend), at: 1)
        }
        for state in PayoutState.allCases where state != .held {
            let next = try? PayoutRecord(state: state, attempts: 1)
                .applying(.resolved(.resend), at: 1)
            #expect(next == nil || next?.state == state)
        }
    }
}

@Suite("A person's word about a number that may be somebody else's")
struct SharedNumberTests {
    private static let number = "SKY9900000001"

    /// How the row came to be held.
    enum Held: Sendable, CaseIterable {
        /// The number was found in use: -1008 on a repeat, or the site was put back.
        case inUse
        /// SkyPay could not open the request: nothing of ours can be there.
        case neverSent
        /// -1008 on the first send.
        case refusedAsUsed
    }

    /// Row 1, of 1.00, is held, an hour ago.
    private func stage(_ held: Held) async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1))
        let row = try #require(try stage.ledger.row(RowKey(fileID: SendingStage.file, row: 1)))
        var notes: [PayoutNote] = []
        switch held {
        case .inUse:
            notes = [
                row.note(.unknown(numberInUse: true), batch: "B-1"),
                row.note(.held(possiblySent: true), batch: "B-1"),
            ]
        case .neverSent:
            notes = [
                row.note(.suspended, batch: "B-1", code: "-1000"),
                row.note(.held(possiblySent: false), batch: "B-1"),
            ]
            notes[0].wasDecrypted = true
        case .refusedAsUsed:
            notes = [row.note(.held(possiblySent: true), batch: "B-1", code: "-1008")]
        }
        try await stage.journal.record(notes.map { $0.draft(LedgerStage.author) })
        stage.clock.advance(3_600)
        return stage
    }

    /// What the word came to where SkyPay shows the number with this status and its report these amounts
    /// (nil: it does not come).
    private func said(
        _ outcome: ResolvedOutcome, _ held: Held, status: String, report: [String]?
    ) async throws -> (report: ResolutionReport, state: PayoutState?) {
        let stage = try await stage(held)
        let client = stage.client { request in
            guard request["action"]?.stringValue == "getReportPayout" else {
                return ScriptedProvider.coded(
                    "1000",
                    [
                        "payouts": [
                            [
                                "controlNumber": .string(Self.number), "status": .string(status),
                                "transactionDate": "2026-11-20 10:00:00",
                            ]
                        ]
                    ])
            }
            guard let report else { return ScriptedProvider.coded("-9999") }
            return [
                "totalTransaction": .number(String(report.count)), "lastPage": true,
                "result": .array(
                    report.map {
                        [
                            "createDate": "2026-11-20 10:00:00", "payTime": "",
                            "controlNo": .string(Self.number), "amount": .number($0),
                            "phone": "09170000000", "receiptNo": "R1",
                        ]
                    }),
            ]
        }
        let told = try await stage.desk(client).resolve(
            Resolution(
                word: .payout(controlNumber: Self.number, outcome), reason: "ticket 7", by: "Ana"))
        return (told, try stage.state(1)?.state)
    }

    @Test("With another amount it is another payout: ours failed, and is never called paid")
    func anothers() async throws {
        for held in Held.allCases {
            for status in ["1", "0"] {
                let paid = try await said(.paid, held, status: status, report: ["7.00"])
                #expect(paid.report.status == .rowsOpen && paid.state == .held)
                #expect(paid.report.message.contains("PHP 7.00"))
                let failed = try await said(.failed, held, status: status, report: ["7.00"])
                #expect(failed.report.status == .allDone && failed.state == .failed)
            }
        }
    }

    @Test("With our amount it is ours: SkyPay's status contradicts a word as ever")
    func ours() async throws {
        for held in Held.allCases {
            #expect(try await said(.paid, held, status: "1", report: ["1.00"]).state == .paid)
            #expect(try await said(.paid, held, status: "4", report: ["1.00"]).state == .held)
            #expect(try await said(.failed, held, status: "4", report: ["1.00"]).state == .failed)
            // -1008 on the first send: what was there before it is not ours, whatever its amount.
            let end: PayoutState = held == .refusedAsUsed ? .failed : .held
            #expect(try await said(.failed, held, status: "1", report: ["1.00"]).state == end)
        }
    }

    @Test(
        "Without a report that tells whose it is neither word is taken, and the person hears what to do",
        arguments: [nil, [], ["1.00", "7.00"]] as [[String]?])
    func unclear(_ report: [String]?) async throws {
        for held in [Held.inUse, .neverSent] {
            for outcome in [ResolvedOutcome.paid, .failed] {
                let told = try await said(outcome, held, status: "1", report: report)
                #expect(told.report.status == .rowsOpen && told.state == .held)
                #expect(told.report.message.contains("try again"))
            }
            // Whoever's it is, it failed: so ours did not move either.
            let failed = try await said(.failed, held, status: "4", report: report)
            #expect(failed.state == .failed)
        }
    }
}
