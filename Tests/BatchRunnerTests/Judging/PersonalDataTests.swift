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

    @Test("Batch ids made of a date and a number are not card numbers")
    func batchIdentifiers() {
        #expect(!CardNumber.isFound(in: "20261121-000042"))
        #expect(!CardNumber.isFound(in: "20261121000042"))
        #expect(CardNumber.isFound(in: "4111111111111111"))
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
    }
}
