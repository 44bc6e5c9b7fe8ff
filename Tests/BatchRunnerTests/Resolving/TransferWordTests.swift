import AuditLog
import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

/// Transfers alike, each in a file of its own and sent a minute after the one before, and a SkyPay that
/// notifies some.
private struct TransferStage {
    let stage: SendingStage
    let asked = Locked(0)
    /// When the first was sent.
    let start: Int64

    /// - Parameter possiblySent: of each transfer; false is a sealed -1000.
    init(_ possiblySent: [Bool]) async throws {
        stage = try await SendingStage()
        start = stage.clock.unixSeconds()
        for (place, perhaps) in possiblySent.enumerated() {
            try await stage.takeTransfer(of: "1000.00", as: Self.key(place).fileID)
            try await stage.recordRequest(Self.key(place), .intended(attempt: 1))
            if !perhaps {
                try await stage.recordRequest(
                    Self.key(place), .suspended, code: "-1000", isSealed: true)
            }
            try await stage.recordRequest(Self.key(place), .held(possiblySent: perhaps))
            stage.clock.advance(60)
        }
        stage.clock.advance(3_600)
    }

    static func key(_ place: Int) -> RowKey {
        RowKey(fileID: "20261121-00000\(place + 1)", row: 1)
    }

    /// SkyPay with notifications of transfers made so many seconds after the first was sent.
    private func client(notified seconds: [Int64]) -> SkyPayClient {
        let start = start
        return stage.client { request in
            #expect(request["action"]?.stringValue == "notificationInquiry")
            asked.withLock { $0 += 1 }
            let notices = seconds.enumerated().flatMap { place, after in
                [("SKY99", "reduce"), ("SKY98", "recharge")].map { prefix, sign -> JSONValue in
                    [
                        "transctionDate": .string(
                            PhilippineTime.wireText(unixSeconds: start + after)),
                        "companyPrefix": .string(prefix), "companyName": "Demo",
                        "accountNo": .string(prefix), "sourceAccountNo": "",
                        "beneficiaryAccountNo": "", "statementType": "3",
                        "signType": .string(sign), "amount": "1000.00", "currency": "PHP",
                        "referenceNumber": .string("D-\(place + 1)"),
                    ]
                }
            }
            return ScriptedProvider.coded("1000", ["notifications": .array(notices)])
        }
    }

    func resolve(
        _ place: Int, _ word: ResolvedRequest, notified seconds: [Int64]
    ) async throws -> BatchRunner.ExitStatus {
        stage.clock.advance(3_600)
        return try await stage.desk(client(notified: seconds)).resolve(
            Resolution(word: .request(Self.key(place), word), reason: "statement", by: "Ana")
        ).status
    }

    /// A round of the runner's own questions.
    func ask(notified seconds: [Int64]) async throws {
        stage.clock.advance(86_400)
        #expect(
            try await stage.transfers(client(notified: seconds)).ask(until: StopRequest()) == nil)
    }

    func state(_ place: Int) throws -> RequestState {
        try stage.request(of: Self.key(place).fileID).record.state
    }

    var types: [String] {
        get throws {
            var types: [String] = []
            try AuditReader(directory: stage.ledgerStage.temporary.site.audit)
                .forEach(from: 0) { types.append($0.type) }
            return types
        }
    }
}

@Suite("Words about held transfers, on the ledger")
struct TransferWordTests {
    @Test("Two alike, and two notified: neither may be called failed, both may be called done")
    func bothMade() async throws {
        let stage = try await TransferStage([true, true])
        for place in [0, 1] {
            #expect(try await stage.resolve(place, .failed, notified: [2, 62]) == .rowsOpen)
            #expect(try stage.state(place) == .held)
        }
        for place in [0, 1] {
            #expect(try await stage.resolve(place, .done, notified: [2, 62]) == .allDone)
        }
        #expect(try stage.stage.foldedAnew() == stage.stage.ledgerStage.dump)
    }

    @Test("Two alike, and one notified: one may be called failed, and then not the other")
    func oneMade() async throws {
        let stage = try await TransferStage([true, true])
        #expect(try await stage.resolve(0, .failed, notified: [2]) == .allDone)
        // The notification may be that of the first, if the person was wrong: it confirms nothing.
        try await stage.ask(notified: [2])
        #expect(try stage.state(1) == .held)
        #expect(try await stage.resolve(1, .failed, notified: [2]) == .rowsOpen)
        #expect(try await stage.resolve(1, .done, notified: [2]) == .allDone)
    }

    @Test("One that nothing notified may be called failed, and so may both")
    func noneMade() async throws {
        let stage = try await TransferStage([true, true])
        #expect(try await stage.resolve(0, .failed, notified: []) == .allDone)
        #expect(try await stage.resolve(1, .failed, notified: []) == .allDone)
        #expect(try stage.state(0) == .failed && stage.state(1) == .failed)
    }

    @Test("What SkyPay could not read is never confirmed by the notifications of another transfer")
    func madeByHand() async throws {
        let stage = try await TransferStage([false])
        try await stage.ask(notified: [300])
        #expect(try stage.state(0) == .held && stage.asked.withLock { $0 } == 0)
        #expect(try await stage.resolve(0, .done, notified: [300]) == .allDone)
        #expect(try !stage.types.contains("batch.request-confirmed"))
        let other = try await TransferStage([false])
        #expect(try await other.resolve(0, .failed, notified: [300]) == .allDone)
        #expect(other.asked.withLock { $0 } == 0, "SkyPay's own answer said that it was not made")
        #expect(try other.stage.request(of: TransferStage.key(0).fileID).reference == nil)
        #expect(try !other.types.contains("batch.request-confirmed"))
    }
}
