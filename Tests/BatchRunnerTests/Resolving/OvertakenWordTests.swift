import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// What SkyPay reports while it is asked on a person's behalf, or has reported before.
@Suite("A person's word, and a report that it does not know of")
struct OvertakenWordTests {
    private static let number = "SKY9900000001"
    private static let order = RowKey(fileID: "20261121-000002", row: 1)

    private func resolve(
        _ stage: SendingStage, _ word: Resolution.Word,
        _ answer: @escaping @Sendable (JSONObject) async throws -> JSONValue
    ) async throws -> ResolutionReport {
        try await stage.desk(stage.client(answer)).resolve(
            Resolution(word: word, reason: "ticket 7", by: "Ana"))
    }

    @Test("A payout reported on during the question stays held, and is asked about")
    func payout() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(
            1, .intended(attempt: 1), .unknown(numberInUse: false), .held(possiblySent: true))
        stage.clock.advance(3_600)
        let word = Resolution.Word.payout(controlNumber: Self.number, .failed)
        let report = try await resolve(stage, word) { _ in
            try await stage.record(1, .reported)
            return ScriptedProvider.statuses([])
        }
        #expect(report.status == .rowsOpen)
        let row = try #require(try stage.state(1))
        #expect(row.state == .held && row.queryAsked)
        // The question that the report asked for settles it.
        stage.clock.advance(3_600)
        let client = stage.client { _ in ScriptedProvider.statuses([(Self.number, "1")]) }
        _ = try await stage.inquiry(client).ask(until: StopRequest())
        #expect(try stage.state(1)?.state == .paid)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    /// A held amendment of an accepted payout.
    private func amendment() async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted)
        try await stage.takeAmendment(of: Self.number, as: Self.order.fileID)
        try await stage.recordRequest(Self.order, .intended(attempt: 1))
        try await stage.recordRequest(Self.order, .held(possiblySent: true))
        stage.clock.advance(3_600)
        return stage
    }

    @Test("An amendment reported on during the question stays held")
    func order() async throws {
        let stage = try await amendment()
        let report = try await resolve(stage, .request(Self.order, .done)) { _ in
            try await stage.recordRequest(Self.order, .reported(payType: 6))
            return ScriptedProvider.statuses([(Self.number, "2")])
        }
        #expect(report.status == .rowsOpen)
        #expect(try stage.request(of: Self.order.fileID).record.state == .held)
        #expect(try stage.request(of: Self.order.fileID).record.queryAsked)
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test("What was learned of its payout before is no answer to a report that came since")
    func known() async throws {
        let stage = try await amendment()
        try await stage.record(1, .queried(found: true))
        try await stage.recordRequest(Self.order, .reported(payType: 6))
        let asked = Locked(0)
        let report = try await resolve(stage, .request(Self.order, .done)) { _ in
            asked.withLock { $0 += 1 }
            return ScriptedProvider.statuses([(Self.number, "2")])
        }
        #expect(report.status == .rowsOpen && asked.withLock { $0 } == 0)
        #expect(try stage.request(of: Self.order.fileID).record.state == .held)
    }
}
