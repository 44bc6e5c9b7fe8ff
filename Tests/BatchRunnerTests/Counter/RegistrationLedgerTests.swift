import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Registrations in the ledger")
struct RegistrationLedgerTests {
    private static let file = "20261121-000001"
    private static let numbers = (1...3).map { "SKY990000000\($0)" }
    /// The script's first event is at 2026-11-21T00:00:00+08:00.
    private static let start: Int64 = 1_795_190_400

    private let stage: LedgerStage
    private var script = EventScript()

    /// Three collections are registered; the second ends a minute after midnight.
    init() throws {
        stage = try LedgerStage()
        script.claim(Self.file, name: "reg.csv")
        var text = """
            H,batch=REG-1,action=registerCollection,mode=test
            C,contractNumber,amount,payerName,payerAddress,payerPhone,expiresAt

            """
        for (index, number) in Self.numbers.enumerated() {
            let end = index == 1 ? "2026-11-21 00:01:00" : ""
            text += "D,\(number),\(index + 1).00,\"Bayad,Uno\",Pasig,09171234567,\(end)\n"
        }
        text += "T,count=3,amount=6.00\n"
        try script.accept(Self.file, text: text, name: "reg.csv", batch: "REG-1", on: stage)
    }

    private func note(_ row: Int, _ fact: CounterFact, replay: Bool = false) -> EventDraft {
        var data: JSONObject = ["kind": "callback", "action": "collectionCollect"]
        CounterNote(row: RowKey(fileID: Self.file, row: row), fact: fact).add(to: &data)
        data["channel"] = "10"
        return LedgerStage.author.draft(
            fact == .inquired ? .callbackReceived : .callbackCollected,
            subject: ["file": "20261121-000002", "reference": "R-1"], data: data)
    }

    private func record(_ row: Int) throws -> CounterRecord? {
        try stage.ledger.registration(RowKey(fileID: Self.file, row: row))?.record
    }

    @Test("Accepted rows are registered, with their end, and taken: payouts never see them")
    func registered() throws {
        try stage.apply(script.events)
        let second = try #require(
            try stage.ledger.registration(.collection, number: Self.numbers[1]))
        #expect(second.amount == Amount(centavos: 200))
        #expect(second.expiresAt == Self.start + 60)
        #expect(second.record == CounterRecord())
        #expect(try stage.ledger.registration(.payout, number: Self.numbers[1]) == nil)
        #expect(try stage.ledger.rowsToSend(after: nil, limit: 10).isEmpty)
        let policy = PayoutPolicy(
            queryAfterSeconds: 0, queryEverySeconds: 0, resendAfterQuery: true,
            refuseOnInsufficientBalance: false)
        for group in AskingGroup.allCases {
            let due = try stage.ledger.rowsToAsk(group, now: .max / 4, policy: policy, limit: 10)
            #expect(due.isEmpty)
        }
        #expect(try stage.ledger.nextQueryTime(policy: policy, unknownOnly: false) == nil)
        let used = try stage.ledger.withLookup(exceptIn: "other") { usedBefore in
            try [
                TakenNumber.contract(Self.numbers[0]), .control(Self.numbers[0]),
                .contract("SKY9900000009"),
            ].map { try usedBefore($0) }
        }
        #expect(used == [true, false, false])
        #expect(try stage.ledger.registrationCounts() == [.collection: [.registered: 3]])
    }

    @Test("What a counter does moves the registration and settles its row, once")
    func settled() throws {
        var script = script
        script.claim("20261121-000002", name: "callback.json")
        script.add(note(1, .inquired))
        script.add(note(1, .settled(payment: "sha256:1")))
        try stage.apply(script.events)
        #expect(try record(1)?.state == .settled)
        #expect(try record(1)?.payment == "sha256:1")
        #expect(try record(1)?.inquiries == 1)
        let row = try #require(try stage.ledger.rows(of: Self.file, after: 0, limit: 1).first)
        #expect(row.final == "paid")
        #expect(row.reference == "R-1")
        #expect(row.finalDescription == "at the counter, channel 10")
        #expect(row.outcome == "accepted")
        let again = script.events
        script.add(note(1, .settled(payment: "sha256:2")))
        #expect(throws: InvariantViolation.self) { try stage.apply(script.events) }
        #expect(try record(1)?.payment == "sha256:1")
        // Folded anew from the same events, the ledger is the same.
        let other = try LedgerStage()
        try other.copyFile(Self.file, from: stage)
        try other.apply(again)
        #expect(try other.dump == stage.dump)
        #expect(
            try other.ledger.registration(RowKey(fileID: Self.file, row: 1))
                == stage.ledger.registration(RowKey(fileID: Self.file, row: 1)))
    }

    @Test("Only what is over expires, and its row is withdrawn")
    func expired() throws {
        var script = script
        try stage.apply(script.events)
        #expect(try stage.ledger.registrationsToExpire(at: Self.start + 59, limit: 9).isEmpty)
        let over = try stage.ledger.registrationsToExpire(at: Self.start + 60, limit: 9)
        #expect(over.map(\.number) == [Self.numbers[1]])
        #expect(over.allSatisfy { $0.isToExpire(at: Self.start + 60) })
        script.claim("20261121-000002", name: "callback.json")
        script.add(note(2, .inquired))
        try stage.apply(script.events)
        #expect(try stage.ledger.registrationsToExpire(at: Self.start + 60, limit: 9).isEmpty)
        let day = Self.start + Registration.openInquirySeconds
        #expect(try stage.ledger.registrationsToExpire(at: day + 100, limit: 9).count == 1)
        var data = JSONObject()
        CounterNote(row: RowKey(fileID: Self.file, row: 2), fact: .expired).add(to: &data)
        script.add(
            LedgerStage.author.draft(
                .callbackExpired, subject: ["file": .string(Self.file)], data: data))
        try stage.apply(script.events)
        #expect(try record(2)?.state == .expired)
        #expect(try stage.ledger.registrationsToExpire(at: .max / 4, limit: 9).isEmpty)
        let row = try stage.ledger.rows(of: Self.file, after: 1, limit: 1).first
        #expect(row?.final == "withdrawn")
    }

    @Test("What an event says of a registration is read back as it was written")
    func notes() {
        let row = RowKey(fileID: Self.file, row: 7)
        for fact in [CounterFact.inquired, .settled(payment: "sha256:x"), .expired] {
            var data = JSONObject()
            CounterNote(row: row, fact: fact).add(to: &data)
            #expect(CounterNote(data) == CounterNote(row: row, fact: fact))
        }
        var named = JSONObject()
        CounterNote.add(row, to: &named)
        #expect(CounterNote(named) == nil)
        #expect(CounterNote.row(named) == row)
        #expect(CounterNote.row([:]) == nil)
    }
}

extension LedgerStage {
    /// Takes over a private copy.
    func copyFile(_ fileID: String, from other: LedgerStage) throws {
        try temporary.write(
            "state/files/" + fileID, try other.temporary.text("state/files/" + fileID))
    }
}
