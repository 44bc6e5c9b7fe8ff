import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("What a batch's header is refused for")
struct HeaderRulesTests {
    private static func rules(sequence: Bool) -> HeaderRules {
        var settings = SenderSettings(actions: ["payoutQueue"], acceptsCallbacks: false)
        settings.sequence = sequence
        return HeaderRules(sender: "acme", settings: settings)
    }

    private static func header(
        _ number: Int?, batch: String = "B-1", action: String = "payoutQueue"
    ) -> BatchHeader {
        BatchHeader(
            batch: batch, action: action, mode: "test", sequence: number, count: 1, amount: nil)
    }

    @Test(
        "A sender that numbers its batches sends exactly the next number",
        arguments: [
            (nil, 118, "sequence-missing", "next is 119"), (119, 118, nil, ""),
            (118, 118, "sequence-used", "next is 119"),
            (1, 118, "sequence-used", "20261121-000007"),
            (120, 118, "sequence-gap", "drop 119 first"), (7, nil, nil, ""),
            (nil, nil, "sequence-missing", "add sequence=N"),
        ] as [(Int?, Int?, String?, String)])
    func sequence(_ number: Int?, _ last: Int?, _ code: String?, _ words: String) {
        var before = HeaderRules.Before()
        before.last = last.map { NumberedBatch(number: $0, fileID: "20261121-000007") }
        let fault = Self.rules(sequence: true).refusal(
            Self.header(number), PlanTotals(), before: before)
        #expect(fault?.code == code)
        #expect(fault?.field == (code == nil ? nil : "sequence"))
        #expect(words.isEmpty || fault?.message.contains(words) == true)
    }

    @Test("Without the setting numbers are free", arguments: [nil, 1, 118, 500])
    func free(_ number: Int?) {
        let before = HeaderRules.Before(last: NumberedBatch(number: 118, fileID: "f"))
        let rules = Self.rules(sequence: false)
        #expect(rules.refusal(Self.header(number), PlanTotals(), before: before) == nil)
    }

    @Test("Another action than the sender's is refused")
    func action() {
        let foreign = Self.rules(sequence: false).refusal(
            Self.header(nil, action: "cancelPayout"), PlanTotals(), before: .init())
        #expect(foreign?.code == "action-not-allowed")
        #expect(foreign?.message.contains("senders.acme.actions") == true)
    }

    @Test(
        "An id that the audit log would mask or leave out is refused",
        arguments: [
            ("4111111111111111", "batch-looks-like-card"),
            ("[4.222222222222e12]", "batch-looks-like-json"), ("{}", "batch-looks-like-json"),
            ("[118]", "batch-looks-like-json"), ("[PAY]-118", nil), ("{118", nil), ("P-[1]", nil),
            ("20261121000042", nil),
        ] as [(String, String?)])
    func ids(_ id: String, _ code: String?) {
        let header = Self.header(nil, batch: id)
        let fault = Self.rules(sequence: false).refusal(header, PlanTotals(), before: .init())
        #expect(fault?.code == code)
        #expect(fault?.field == code.map { _ in "batch" })
    }

    /// What 423 rows come to, one of 2222222226.22 and the others of the most a row may have.
    private static let card = StateTotal(rows: 423, amount: Amount(centavos: 422_222_222_222_200))
    private static let other = StateTotal(rows: 423, amount: Amount(centavos: 422_222_222_222_300))

    @Test(
        "A sum that the audit log would mask is refused, whichever rows it is of",
        arguments: [
            ("all rows", PlanTotals(total: card, accepted: other)),
            ("the accepted rows", PlanTotals(total: other, accepted: card)),
            ("the rejected rows", PlanTotals(accepted: other, rejected: card)),
            (nil, PlanTotals(total: other, accepted: other, rejected: other)),
        ] as [(String?, PlanTotals)])
    func sums(_ rows: String?, _ totals: PlanTotals) {
        let rules = Self.rules(sequence: true)
        let fault = rules.refusal(Self.header(7), totals, before: .init())
        #expect(fault?.code == rows.map { _ in "amount-looks-like-card" })
        if let rows {
            #expect(fault?.message.contains("of \(rows) could") == true)
            #expect(fault?.message.hasSuffix("split the batch") == true)
        }
    }
}
