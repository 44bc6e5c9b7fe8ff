import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("A number that somebody else may have used")
struct NumberOfOthersTests {
    private static let number = "SKY9900000001"

    /// Row 1, held with -1008 on its first send, and failed by a person's word; SkyPay reports that the
    /// number is paid.
    private func disputed() async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1))
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        try await stage.journal.record([
            row.note(.held(possiblySent: true), batch: "B-1", code: "-1008")
                .draft(LedgerStage.author)
        ])
        try await stage.record(1, .resolved(.failed), .disputed)
        stage.clock.advance(3_600)
        return stage
    }

    /// Asks once; SkyPay says that the number is paid.
    /// - Parameter amounts: what its report has under the number; nil where none comes.
    private func ask(_ stage: SendingStage, reported amounts: [String]?) async throws -> StoredRow {
        let client = stage.client { request in
            guard request["action"] == "getReportPayout" else {
                return ScriptedProvider.statuses(
                    [(Self.number, "1")], takenAt: "2026-11-20 10:00:00")
            }
            guard let amounts else { return ScriptedProvider.coded("-1009") }
            return [
                "totalTransaction": .number(String(amounts.count)), "lastPage": true,
                "result": .array(
                    amounts.map {
                        [
                            "createDate": "2026-11-20 10:00:00", "payTime": "",
                            "controlNo": .string(Self.number), "amount": .number($0),
                            "phone": "09170000000", "receiptNo": "R1",
                        ]
                    }),
            ]
        }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
        return try #require(try stage.ledger.row(controlNumber: Self.number))
    }

    @Test("Somebody else's payout corrects nothing", arguments: [["7.77"], []] as [[String]])
    func others(_ amounts: [String]) async throws {
        let stage = try await disputed()
        let row = try await ask(stage, reported: amounts)
        #expect(try stage.ledger.told(row) == .failed && !row.record.queryAsked)
        #expect(try stage.ledger.contradictions() == 0)
    }

    @Test("Ours does, by its amount")
    func ours() async throws {
        let stage = try await disputed()
        let row = try await ask(stage, reported: ["1.00"])
        #expect(try stage.ledger.told(row) == .paid)
        #expect(try stage.ledger.contradictions() == 1)
    }

    @Test("Without a report nothing is decided, and it is asked about again")
    func noReport() async throws {
        let stage = try await disputed()
        let row = try await ask(stage, reported: nil)
        #expect(try stage.ledger.told(row) == .failed)
        #expect(row.record.queryAsked && row.record.timesUnanswered == 1)
        stage.clock.advance(3_600)
        #expect(try await ask(stage, reported: ["1.00"]).record.queryAsked == false)
        #expect(try stage.ledger.contradictions() == 1)
    }

    @Test("What SkyPay took when it was sent again needs no proof: a correction is told")
    func taken() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .suspended, .held(possiblySent: false))
        try await stage.record(1, .resolved(.resend))
        let client = stage.client { _ in ScriptedProvider.coded("1000") }
        _ = try await stage.dispatcher(client).dispatch(until: StopRequest())
        try await stage.record(1, .failed, .disputed)
        stage.clock.advance(3_600)
        let row = try await ask(stage, reported: nil)
        #expect(try stage.ledger.told(row) == .paid && !row.record.queryAsked)
    }

    @Test(
        "In use after a refusal that came in plain, it may be our own: the amount tells; after a sealed one a person",
        arguments: [(true, PayoutState.held), (false, .unknown)])
    func afterDoubt(_ isSealed: Bool, _ state: PayoutState) async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1))
        let row = try #require(try stage.ledger.row(controlNumber: Self.number))
        var doubt = row.note(.suspended, batch: "B-1", code: "-1002")
        doubt.wasDecrypted = isSealed
        try await stage.journal.record([doubt.draft(LedgerStage.author)])
        try await stage.record(1, .unsent)
        let client = stage.client { _ in ScriptedProvider.coded("-1008") }
        _ = try await stage.dispatcher(client).dispatch(until: StopRequest())
        let after = try #require(try stage.state(1))
        #expect(after.state == state && after.possiblySent && after.attempts == 2)
        #expect(after.numberInUse == !isSealed)
        guard !isSealed else { return }
        stage.clock.advance(3_600)
        #expect(try await ask(stage, reported: ["1.00"]).record.state == .paid)
    }
}
