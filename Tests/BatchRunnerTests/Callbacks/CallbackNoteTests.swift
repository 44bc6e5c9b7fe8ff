import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Callbacks in the audit log")
struct CallbackNoteTests {
    private let file: StoredFile
    private static let secret = "b7c1e2d4-0000-4000-8000-00000000abcd"
    private static let account = "9920018844671234"

    init() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.claim("20261121-000001", name: "callback.json")
        try stage.apply(script.events)
        file = try #require(try stage.ledger.file("20261121-000001"))
    }

    private func note(_ members: JSONObject, verified: Bool = true) throws -> CallbackNote {
        var object: JSONObject = [
            "userName": "Ours@skypay", "authentication": .string(Self.secret),
        ]
        object.members += members.members
        return CallbackNote(
            file: file, content: .whole(try Callback.parse(object)), isEncrypted: false,
            verified: verified, response: ["responseCode": "1000"])
    }

    private func text(_ note: CallbackNote, replay: Bool = false, known: Bool = true) -> String {
        let draft = note.draft(LedgerStage.author, replay: replay, known: known)
        return JSONValue.object(draft.subject).text() + JSONValue.object(draft.data).text()
    }

    private static let payout: JSONObject = [
        "action": "payoutQueuePayout", "controlNumber": "SKY9900000001", "payType": "2",
        "dealTime": "2026-11-21 10:00:00",
    ]

    private static let notification: JSONObject = [
        "action": "financeNotification", "transctionDate": "2026-11-21 10:00:00",
        "companyPrefix": "SKY99", "companyName": "Halimbawa Inc", "accountNo": .string(account),
        "sourceAccountNo": .string(account), "beneficiaryAccountNo": "12345678",
        "statementType": "3", "signType": "recharge", "amount": "100.00", "currency": "PHP",
        "referenceNumber": "S-20261121-1",
    ]

    @Test("Neither credentials nor full account numbers are recorded")
    func nothingSecret() throws {
        for members in [Self.payout, Self.notification] {
            for verified in [true, false] {
                let text = text(try note(members, verified: verified))
                #expect(!text.contains(Self.secret))
                #expect(!text.contains("authentication\":"))
                #expect(!text.contains(Self.account))
                #expect(!text.contains(Self.account.dropLast(4)))
                #expect(!text.contains("12345678"))
            }
        }
        #expect(text(try note(Self.notification)).contains("************1234"))
    }

    @Test(
        "Account numbers keep at most their last four characters",
        arguments: [("", ""), ("1", "*"), ("1234", "****"), ("12345", "*2345")])
    func lastFour(_ number: String, _ masked: String) {
        #expect(CallbackNote.lastFour(number) == masked)
    }

    @Test("The same event has the same key, another one has another")
    func keys() throws {
        func key(_ name: String, _ value: String) throws -> String? {
            var members = Self.payout
            members[name] = .string(value)
            return try note(members).storedKey
        }
        let usual = try note(Self.payout).storedKey
        #expect(usual != nil)
        #expect(try key("failDescription", "x") == usual)
        #expect(try key("payType", "4") != usual)
        #expect(try key("dealTime", "2026-11-21 10:00:01") != usual)
        #expect(try key("controlNumber", "SKY9900000002") != usual)
        var other = Self.notification
        other["accountNo"] = "9920018844675678"
        #expect(try note(other).storedKey != note(Self.notification).storedKey)
        #expect(try note(Self.notification).storedKey?.hasPrefix("sha256:") == true)
    }

    @Test("Parts of a key cannot be shifted into each other")
    func keySeparators() throws {
        func key(_ number: String, _ account: String) throws -> String? {
            var members = Self.notification
            members["referenceNumber"] = .string(number)
            members["accountNo"] = .string(account)
            return try note(members).key
        }
        #expect(try key("a|b", "c") != key("a", "b|c"))
        #expect(try key("a\\", "|c") != key("a\\|", "c"))
        // One character with the mark behind it.
        #expect(try key("a|\u{301}b", "\u{301}c") != key("a", "\u{301}b|\u{301}c"))
    }

    @Test("Wrong credentials make a failure without a key: it can be dropped again")
    func notVerified() throws {
        let note = try note(Self.payout, verified: false)
        #expect(note.storedKey == nil)
        let draft = note.draft(LedgerStage.author, replay: false, known: true)
        #expect(draft.outcome == .failure)
        #expect(draft.data["key"] == nil)
        #expect(draft.data["verified"] == false)
        #expect(draft.data["response"]?["responseCode"] == "1000")
    }

    @Test("A repetition is recorded without claiming the key again; an unknown number is told")
    func replayAndUnknown() throws {
        let note = try note(Self.payout)
        let draft = note.draft(LedgerStage.author, replay: true, known: false)
        #expect(draft.data["key"] == nil)
        #expect(draft.data["replay"] == true)
        #expect(draft.data["knownNumber"] == false)
        #expect(draft.data["reason"]?.stringValue?.contains("control number") == true)
        #expect(draft.subject["controlNumber"] == "SKY9900000001")
    }
}
