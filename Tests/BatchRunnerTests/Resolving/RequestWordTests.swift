import AuditLog
import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

/// A payout and what was ordered about it, with a SkyPay that counts the questions.
private struct OrderStage {
    static let number = "SKY9900000001"
    static let order = "20261121-000002"
    let stage: SendingStage
    let asked = Locked(0)
    private let key = RowKey(fileID: Self.order, row: 1)

    /// The payout is accepted, or held after a sealed -1000; the cancellation is held after a -1000.
    init(payoutIsHeld: Bool = false, isSealed: Bool = true) async throws {
        stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1))
        if payoutIsHeld {
            var doubt = try #require(
                try stage.ledger.row(RowKey(fileID: SendingStage.file, row: 1))
            ).note(.suspended, batch: "B-1")
            doubt.wasDecrypted = true
            try await stage.journal.record([doubt.draft(LedgerStage.author)])
            try await stage.record(1, .held(possiblySent: false))
        } else {
            try await stage.record(1, .accepted)
        }
        try await stage.takeCancellation(of: Self.number, as: Self.order)
        try await stage.recordRequest(key, .intended(attempt: 1))
        try await stage.recordRequest(key, .suspended, code: "-1000", isSealed: isSealed)
        try await stage.recordRequest(key, .held(possiblySent: !isSealed))
        stage.clock.advance(3_600)
    }

    private func desk(_ answer: JSONValue) -> ResolutionDesk {
        stage.desk(
            stage.client { _ in
                asked.withLock { $0 += 1 }
                return answer
            })
    }

    func resolve(_ word: ResolvedRequest, _ answer: JSONValue) async throws -> ResolutionReport {
        try await desk(answer).resolve(
            Resolution(word: .request(key, word), reason: "ticket 7", by: "Ana"))
    }

    func resolvePayout(
        _ word: ResolvedOutcome, _ answer: JSONValue
    ) async throws -> ResolutionReport {
        try await desk(answer).resolve(
            Resolution(
                word: .payout(controlNumber: Self.number, word), reason: "ticket 7", by: "Ana"))
    }

    func request() throws -> RequestRecord { try stage.request(of: Self.order).record }

    func payout() throws -> PayoutRecord { try #require(try stage.state(1)) }

    static func shown(_ status: String, cancelTime: String? = nil) -> JSONValue {
        var row: JSONObject = ["controlNumber": .string(number), "status": .string(status)]
        row["cancelTime"] = cancelTime.map { .string($0) }
        return ScriptedProvider.coded("1000", ["payouts": [.object(row)]])
    }

    static let refused = ScriptedProvider.coded("-1009")
}

@Suite("Words about held orders, on the ledger")
struct OrderWordTests {
    @Test(
        "An order SkyPay could not read was not done: said so, nobody is asked, whatever is shown")
    func certainlyUndone() async throws {
        let stage = try await OrderStage()
        let report = try await stage.resolve(.failed, OrderStage.shown("2"))
        #expect(report.status == .allDone && stage.asked.withLock { $0 } == 0)
        #expect(try stage.request().state == .failed)
        #expect(try stage.stage.foldedAnew() == stage.stage.ledgerStage.dump)
    }

    @Test("After a refusal in plain SkyPay is asked, and a payout shown open keeps the order held")
    func inPlain() async throws {
        let stage = try await OrderStage(isSealed: false)
        let report = try await stage.resolve(.failed, OrderStage.shown("2"))
        #expect(report.status == .rowsOpen && stage.asked.withLock { $0 } == 1)
        #expect(try stage.request().state == .held)
    }

    @Test("A word waits until SkyPay may be asked about the number again, whoever asked last")
    func paceOfTheNumber() async throws {
        let stage = try await OrderStage()
        try await stage.stage.record(1, .queried(found: true))
        for seconds in [0, 360, 1_439] as [Int64] {
            stage.stage.clock.advance(seconds)
            #expect(try await stage.resolve(.done, OrderStage.shown("2")).status == .rowsOpen)
        }
        #expect(stage.asked.withLock { $0 } == 0, "1,799 s after the payout's own question")
        stage.stage.clock.advance(1)
        #expect(
            try await stage.resolve(.done, OrderStage.refused).status == .providerUnavailable)
        let now = stage.stage.clock.unixSeconds()
        // Both learn that it was in vain, though nobody asks about the order by himself.
        #expect(try stage.request().lastQueriedAt == now && stage.request().timesUnanswered == 1)
        #expect(try stage.payout().lastQueriedAt == now && stage.payout().timesUnanswered == 1)
        #expect(try stage.request().askingTurn == nil)
        stage.stage.clock.advance(1_799)
        #expect(try await stage.resolve(.done, OrderStage.shown("2")).status == .rowsOpen)
        #expect(stage.asked.withLock { $0 } == 1, "the payout's own turn is not taken from it")
        stage.stage.clock.advance(1)
        let done = try await stage.resolve(.done, OrderStage.shown("3", cancelTime: "x"))
        #expect(done.status == .allDone && stage.asked.withLock { $0 } == 2)
        #expect(try stage.payout().state == .cancelled)
        #expect(try stage.stage.foldedAnew() == stage.stage.ledgerStage.dump)
    }

    @Test("A question about a payout that was never sent is kept too, and orders wait for it")
    func paceOfWhatWasNeverSent() async throws {
        let stage = try await OrderStage(payoutIsHeld: true)
        #expect(
            try await stage.resolvePayout(.failed, OrderStage.refused).status
                == .providerUnavailable)
        #expect(try stage.payout().timesUnanswered == 1 && stage.payout().askingTurn == nil)
        stage.stage.clock.advance(1_799)
        let empty = ScriptedProvider.statuses([])
        #expect(try await stage.resolvePayout(.failed, empty).status == .rowsOpen)
        #expect(try await stage.resolve(.done, empty).status == .rowsOpen)
        #expect(stage.asked.withLock { $0 } == 1)
        stage.stage.clock.advance(1)
        #expect(try await stage.resolvePayout(.failed, empty).status == .allDone)
        #expect(try stage.payout().state == .failed)
        #expect(try stage.stage.foldedAnew() == stage.stage.ledgerStage.dump)
    }

    @Test("What SkyPay could not read is never recorded as carried out, but by a person's word")
    func notLearned() async throws {
        let stage = try await OrderStage()
        let report = try await stage.resolve(.done, OrderStage.shown("3", cancelTime: "x"))
        #expect(report.status == .allDone)
        var types: [String] = []
        try AuditReader(directory: stage.stage.ledgerStage.temporary.site.audit)
            .forEach(from: 0) { types.append($0.type) }
        #expect(types.contains("batch.request-resolved"))
        #expect(!types.contains("batch.request-confirmed"))
    }

    @Test("Too early to ask about an order, the last answer about its open payout counts")
    func knownAlready() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 1)
        try await stage.record(1, .intended(attempt: 1), .accepted)
        try await stage.takeAmendment(of: OrderStage.number, as: OrderStage.order)
        let key = RowKey(fileID: OrderStage.order, row: 1)
        try await stage.record(1, .queried(found: true))
        stage.clock.advance(1)
        try await stage.recordRequest(
            key, .intended(attempt: 1), .unknown, .held(possiblySent: true))
        stage.clock.advance(600)
        let desk = stage.desk(
            stage.client { _ in
                Issue.record("nobody is asked")
                return OrderStage.refused
            })
        let word = Resolution(word: .request(key, .done), reason: "ticket 7", by: "Ana")
        #expect(try await desk.resolve(word).status == .rowsOpen, "it was asked before the order")
        try await stage.record(1, .unanswered)
        #expect(try await desk.resolve(word).status == .rowsOpen, "there was no answer")
        try await stage.record(1, .queried(found: true))
        #expect(try await desk.resolve(word).status == .allDone)
        #expect(try stage.request(of: OrderStage.order).record.state == .confirmed)
    }
}
