import OrderedJSON
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
        let fault = Self.rules(sequence: true).refusal(Self.header(number), before: before)
        #expect(fault?.code == code)
        #expect(fault?.field == (code == nil ? nil : "sequence"))
        #expect(words.isEmpty || fault?.message.contains(words) == true)
    }

    @Test("Without the setting numbers are free", arguments: [nil, 1, 118, 500])
    func free(_ number: Int?) {
        let before = HeaderRules.Before(last: NumberedBatch(number: 118, fileID: "f"))
        #expect(Self.rules(sequence: false).refusal(Self.header(number), before: before) == nil)
    }

    @Test("Another action than the sender's, and an id like a card number, are refused")
    func others() {
        let rules = Self.rules(sequence: false)
        let foreign = rules.refusal(Self.header(nil, action: "cancelPayout"), before: .init())
        #expect(foreign?.code == "action-not-allowed")
        #expect(foreign?.message.contains("senders.acme.actions") == true)
        let card = rules.refusal(Self.header(nil, batch: "4111111111111111"), before: .init())
        #expect(card?.code == "batch-looks-like-card")
    }
}
