import GRDB
import Testing

@testable import BatchRunner

/// Files claimed while the clock went back over midnight: of each two the later has the lower id.
@Suite("Which of two orders is the earlier")
struct OrderPrecedenceTests {
    private static let number = "SKY9900000001"
    /// In the order in which they were claimed.
    private static let files = ["20261122-000001", "20261121-000042"]
    private static let keys = files.map { RowKey(fileID: $0, row: 1) }

    /// A payout that SkyPay has, and two amendments of it.
    private func stage() async throws -> SendingStage {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted)
        for file in Self.files { try await stage.takeAmendment(of: Self.number, as: file) }
        return stage
    }

    private func toSend(_ stage: SendingStage) throws -> [RowKey] {
        try stage.ledger.requestsToSend(in: .unsent, after: nil, limit: 10).map(\.key)
    }

    @Test("The one that was claimed first is sent first, and the other waits for it")
    func claimedFirst() async throws {
        let stage = try await stage()
        #expect(try toSend(stage) == [Self.keys[0]])
        try await stage.recordRequest(Self.keys[0], .intended(attempt: 1))
        #expect(try toSend(stage) == [])
        try await stage.recordRequest(Self.keys[0], .accepted)
        #expect(try toSend(stage) == [Self.keys[1]])
        let about = try stage.ledger.requests(about: Self.number).map(\.key)
        #expect(about == Self.keys, "oldest first")
        #expect(try stage.foldedAnew() == stage.ledgerStage.dump)
    }

    @Test(
        "Of two that are settled a callback speaks of the one that was claimed last",
        arguments: [ResolvedRequest.done, .failed])
    func claimedLast(_ word: ResolvedRequest) async throws {
        let stage = try await stage()
        for key in Self.keys {
            try await stage.recordRequest(
                key, .intended(attempt: 1), .unknown, .held(possiblySent: true), .resolved(word))
        }
        let open = try stage.ledger.openOrders(about: Self.number).map(\.key)
        #expect(open == [Self.keys[1]])
    }

    @Test("Pages go on where the one before ended, and none is left out")
    func pages() async throws {
        let stage = try await SendingStage()
        for (index, file) in Self.files.enumerated() {
            try await stage.takeCancellation(of: "SKY990000000\(index)", as: file)
        }
        var found: [RowKey] = []
        var last: RequestPlace?
        for _ in 0...Self.files.count {
            let page = try stage.ledger.requestsToSend(in: .unsent, after: last, limit: 1)
            found += page.map(\.key)
            last = page.last?.place ?? last
        }
        #expect(found == Self.keys)
    }

    @Test("What may be sent is a seek in an index, in its order, and so is what came before it")
    func queryPlan() async throws {
        let stage = try await SendingStage()
        let plan = try await stage.ledger.database.read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + Ledger.requestsToSendSQL,
                arguments: [RequestState.unsent.rawValue, 1, 1, 500]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.hasPrefix("SEARCH r USING INDEX requestsToSend") }, "\(plan)")
        #expect(plan.contains { $0.hasPrefix("SEARCH q USING INDEX requestsByNumber") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP") || $0.hasPrefix("SCAN") }, "\(plan)")
    }
}
