import AuditLog
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Personal data in free text")
struct PersonalDataTests {
    @Test(
        "Runs as long as a card number keep only their last four digits",
        arguments: [
            ("4111111111111111", "xxxxxxxxxxxx1111"),
            ("4111 1111 1111 1111", "xxxx xxxx xxxx 1111"),
            ("4111-1111-1111-1111.", "xxxx-xxxx-xxxx-1111."),
            ("card 4111111111111 declined", "card xxxxxxxxx1111 declined"),
            ("a4111111111111b", "axxxxxxxxx1111b"),
            ("1234567890123 4111111111111111", "xxxxxxxxxxxxx xxxxxxxxxxxx1111"),
            ("é 4111111111111111 é", "é xxxxxxxxxxxx1111 é"),
            (
                "4111\u{2013}1111\u{2013}1111\u{2013}1111",
                "xxxx\u{2013}xxxx\u{2013}xxxx\u{2013}1111"
            ),
            ("4111\u{A0}1111 - 1111\u{3000}1111", "xxxx\u{A0}xxxx - xxxx\u{3000}1111"),
            ("4111\u{200B}111111\u{AD}111111", "xxxx\u{200B}xxxxxx\u{AD}xx1111"),
            ("٤١١١١١١١١١١١١١١١", "xxxxxxxxxxxx١١١١"), ("４１１１１１１１１１１１１１１１", "xxxxxxxxxxxx１１１１"),
        ])
    func masked(_ text: String, _ expected: String) {
        #expect(PersonalData.masked(text) == expected)
        #expect(PersonalData.masked(expected) == expected)
    }

    @Test(
        "Names, times and short numbers are left alone",
        arguments: [
            "", "Success", "2026-11-21 04:10:19", "PAY-20261121-001", "SKY9900000001", "12 34",
        ])
    func leftAlone(_ text: String) {
        #expect(PersonalData.masked(text) == text)
    }

    @Test("Nothing that is masked is found by the log's search", arguments: [1, 2, 3] as [UInt64])
    func neverFound(_ seed: UInt64) {
        let pieces = [
            "4111", "1111", "4111111111111111", "3782", "822463", "10005", "٤١١١", "１１１１", "5",
            " ", "-", "\u{2013}", "\u{A0}", " - ", "\u{200B}", "\u{AD}", "\u{301}", "\t", "\n",
            "a", "é", "_", ".", "です",
        ]
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let count = Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in
                pieces[Int.random(in: pieces.indices, using: &random)]
            }.joined()
            #expect(!CardNumber.isFound(in: PersonalData.safe(text)), "\(text)")
        }
    }

    @Test("Batch ids made of a date and a number are not card numbers")
    func batchIdentifiers() {
        #expect(!CardNumber.isFound(in: "20261121-000042"))
        #expect(!CardNumber.isFound(in: "20261121000042"))
        #expect(CardNumber.isFound(in: "4111111111111111"))
    }

    @Test(
        "In free text whatever could be an account keeps its last four digits, however it is grouped",
        arguments: [
            ("account 001234567890 is closed", "account xxxxxxxx7890 is closed"),
            ("GCash09171234567", "GCashxxxxxxx4567"), ("GCASH09171234567", "GCASHxxxxxxx4567"),
            ("to 0917 123 4567, now", "to xxxx xxx 4567, now"),
            ("0917-123-4567", "xxxx-xxx-4567"), ("a12345678", "axxxx5678"),
            ("2026-11-211234", "xxxx-xx-xx1234"),
            ("0917\u{2011}123\u{A0}4567", "xxxx\u{2011}xxx\u{A0}4567"),
            ("to ٠٩١٧١٢٣٤٥٦٧", "to xxxxxxx٤٥٦٧"), ("SKY99٠٠٠٠٠٠٠١", "SKYxxxxxx٠٠٠١"),
            ("0917\u{200B}123\u{AD}4567", "xxxx\u{200B}xxx\u{AD}4567"),
        ])
    func freeText(_ text: String, _ expected: String) {
        #expect(PersonalData.freeText(text) == expected)
        #expect(PersonalData.freeText(expected) == expected)
    }

    @Test(
        "Control numbers, dates, times and short numbers stay readable in free text",
        arguments: [
            "SKY9900000001 exists", "PAID 2026-11-21 04:10:19", "2026-11-21", "12 34 56", "1234567",
            "PHP 1,234,567.00", "", "é 1",
        ])
    func leftInFreeText(_ text: String) {
        #expect(PersonalData.freeText(text) == text)
    }

    @Test("SkyPay's words in problems and answers to people show no account")
    func toldToPeople() {
        var outcome = SendingDesk.Outcome()
        outcome.note(.providerUnavailable, "SkyPay says: no 001234567890")
        outcome.tell("SkyPay says: no 001234567890")
        #expect(outcome.problems == ["SkyPay says: no xxxxxxxx7890"])
        let report = ResolutionReport.notAnswered("-1009: 0917 123 4567")
        #expect(report.message.hasSuffix("-1009: xxxx xxx 4567"))
    }

    @Test("Text that begins like JSON can be left out of a draft as a whole")
    func withoutJSON() {
        let draft = EventDraft(
            type: "payout.refused", actor: "a", outcome: .failure, origin: "o",
            subject: ["reference": " {\"authentication\":\"x\"}"],
            data: [
                "list": ["[\"1", "\"a\"", "words {\"a\"", "[1] a"],
                "whole": ["[4.111111111111111e15]", "{\u{301}\"authentication\":\"x\"}"],
            ])
        let safe = PersonalData.withoutJSON(draft)
        let mark = JSONValue.string("(left out: it begins like JSON)")
        #expect(safe.subject["reference"] == mark)
        #expect(safe.data["list"] == .array([mark, mark, "words {\"a\"", "[1] a"]))
        #expect(safe.data["whole"] == .array([mark, mark]))
    }

    @Test("A draft is masked in subject and data, at every depth, names and numbers kept")
    func drafts() {
        let draft = EventDraft(
            type: "payout.refused", actor: "a", outcome: .failure, origin: "o",
            subject: ["reference": "4111111111111111"],
            data: ["list": [["text": "4111 1111 1111 1111"]], "count": 12, "none": nil])
        let masked = PersonalData.masked(draft)
        #expect(masked.subject == ["reference": "xxxxxxxxxxxx1111"])
        #expect(
            masked.data == ["list": [["text": "xxxx xxxx xxxx 1111"]], "count": 12, "none": nil])
        #expect(masked.type == draft.type)
        #expect(
            PersonalData.masked(draft.data) == masked.data, "who compares with the log has this")
    }
}
