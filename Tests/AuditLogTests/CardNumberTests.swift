import OrderedJSON
import Testing

@testable import AuditLog

/// The numbers are the card schemes' public test numbers.
@Suite("Personal data guard")
struct CardNumberTests {
    @Test(
        "Card numbers are found",
        arguments: [
            "4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
            "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "3782-822463-10005",
            "4111\u{A0}1111\u{2009}1111\u{3000}1111", "paid with 4111111111111111.",
            "(4111111111111111)", "card:4111111111111111,ok", "4222222222222",
            "card-4111111111111111",
            "２４ 4111111111111111", "４１１１１１１１１１１１１１１１",
            "\u{664}\u{661}\u{661}\u{661} 1111 1111 1111", "\u{96A}111111111111111",
            "\u{1D7D2}111111111111111", "4\u{200B}1\u{AD}11\u{2060}111111111111",
            "\u{202E}4111\u{202C}111111111111", "4\u{332}111111111111111",
            "4111\u{2011}1111\u{2212}1111\u{FF0D}1111", "4111 - 1111 - 1111 - 1111",
            "4111\u{2028}1111\t1111\u{85}1111", "カード4111111111111111です", "№4111111111111111",
        ])
    func found(text: String) {
        #expect(CardNumber.isFound(in: text))
    }

    @Test(
        "Identifiers, times and other numbers survive",
        arguments: [
            "PAY-20261121-001", "SKY9912345678", "SKY4111111111111111", "4111111111111111X",
            "2026-11-21T04:10:19.123456+08:00", "4111111111111112", "1111111111111117",
            "411111111111", "20261121093015", "20261121093015123", "09171234567",
            "41111111111111111111", "4111-1111-1111-1111-1111", "a-4111-1111-1111-1111", "12-34",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "5400.00",
            "9doW0H4/EvUqqe4lV/dzIKlUZbucNK4tL68hiDcFcZE=", "",
            "4111    1111    1111    1111", "4111.1111.1111.1111", "４１１１ １１１１ １１１１",
            "f47ac10b-4111-4111-9111-111111111111", "日本語の長い文章です。", "4\u{200B}11",
        ])
    func survives(text: String) {
        #expect(!CardNumber.isFound(in: text))
    }

    @Test(
        "Numbers are looked at by value",
        arguments: [
            ("4111111111111111", true), ("4111111111111111.0", true),
            ("4.111111111111111e15", true),
            ("4111111111111111e0", true), ("-4111111111111111", true), ("1500.00", false),
            ("4111111111111112", false), ("1e999999999999", false),
            ("1e9223372036854775807", false), ("0.004111111111111111e18", true),
            ("41111111111111110e-1", true), ("4111111111111111.5", true),
            ("0.0000000000004111111111111111e28", true), ("0.4111111111111111", false),
            ("-0", false), ("0e5", false),
        ])
    func numbers(text: String, isCard: Bool) {
        #expect(CardNumber.isFound(inNumber: text) == isCard)
    }

    static let rules = DraftRules(
        reservedPrefixes: ["payout."], owned: [],
        secretFields: FieldNames(["authentication", "passwordKey"]))

    static func draft(_ change: (inout EventDraft) -> Void) -> EventDraft {
        var draft = LogFixture.draft(1)
        change(&draft)
        return draft
    }

    @Test(
        "Drafts that break a rule are refused",
        arguments: [
            draft { $0.type = "" }, draft { $0.actor = "" }, draft { $0.origin = "" },
            draft { $0.type = "auditlog.closed" }, draft { $0.type = "payout.accepted" },
            draft { $0.actor = "4111111111111111" }, draft { $0.data = ["authentication": "x"] },
            draft { $0.data = ["a": [["PasswordKey": "x"]]] },
            draft { $0.subject = ["4111 1111 1111 1111": 1] },
            draft { $0.data = ["a": .number("4111111111111111")] },
            draft { $0.data = ["a": .string(String(repeating: "x", count: 65_536))] },
            draft { $0.data = JSONObject([("a", 1), ("a", 2)]) },
            draft { $0.data = ["a": .array([.array([.object(["b": "5555555555554444"])])])] },
            draft { $0.data = ["a": #" {"b":[{"PASSWORDKEY":"x"}]}"#] },
            draft { $0.data = ["a": #"["{\"passwordKey\":1}"]"#] },
            draft { $0.data = ["a": #"{"b":"4111\u0031111\u0031111\u0031111"}"#] },
            draft { $0.data = ["a": #"{"b":"4111 1111 1111 1111 cut off"#] },
            draft { $0.data = ["a": #"{"b":1,"authentication" : "abc"#] },
            draft { $0.data = ["a": #"{"b":"{\"authentication\":\"abc"#] },
            draft { $0.data = ["a": #""{\"authentication\":1}""#] },
            draft { $0.data = ["pass\u{212A}eyword": 1, "PASSWORD\u{212A}EY": "x"] },
        ])
    func refused(draft: EventDraft) {
        let error = #expect(throws: AuditLogError.self) { try Self.rules.check(draft) }
        #expect(error?.isRefusal == true)
    }

    @Test(
        "Text that only looks like JSON, and names that only contain a secret one, are taken",
        arguments: [
            #"{not json"#, #"["a": 1, the authentication failed"#, #"{"passwordKeyId":1}"#,
            #"{"note":"passwordKey"}"#, "\"authentication\"", "[1,2",
        ])
    func harmless(text: String) throws {
        _ = try Self.rules.check(Self.draft { $0.data = ["a": .string(text), "tokens": 1] })
    }

    @Test("A card number split by escapes of the input is found once it is read")
    func escapedInput() throws {
        let line =
            #"{"type":"a.b","actor":"x","outcome":"success","origin":"y","#
            + #""data":{"n":"41\u0031\u0031 1111\u00a01111\u20071111"}}"#
        let draft = try EventDraft(json: Array(line.utf8))
        let error = #expect(throws: AuditLogError.self) { try Self.rules.check(draft) }
        #expect(error?.isRefusal == true && error?.message.contains("4111") == false)
    }

    @Test("Nesting that a reader would refuse is refused, the deepest allowed is read back")
    func depth() throws {
        func nested(_ depth: Int) -> EventDraft {
            var value: JSONValue = 1
            for _ in 0..<depth { value = .array([value]) }
            return Self.draft { $0.data = ["a": value] }
        }
        var deepest = 0
        while (try? Self.rules.check(nested(deepest))) != nil { deepest += 1 }
        #expect(deepest > 5)
        let event = Event(
            sequence: 0, time: AuditTime.text((0, 0)), draft: nested(deepest - 1))
        #expect(try Event(line: event.bytes) == event)
    }

    @Test(
        "An event with an unknown, missing or misshapen field is not a draft",
        arguments: [
            "{}", "[]", "x", #"{"type":"a.b","actor":"x","outcome":"success"}"#,
            #"{"seq":1,"type":"a.b","actor":"x","outcome":"success","origin":"y"}"#,
            #"{"type":"a.b","actor":"x","outcome":"maybe","origin":"y"}"#,
            #"{"type":"a.b","actor":"x","outcome":"success","origin":"y","data":[]}"#,
            #"{"type":"a.b","actor":"x","outcome":"success","origin":"y","more":1}"#,
        ])
    func notDrafts(line: String) {
        #expect(throws: AuditLogError.self) { try EventDraft(json: Array(line.utf8)) }
    }

    @Test(
        "Times are 32 bytes in +08:00",
        arguments: [
            (Int64(0), Int32(0), "1970-01-01T08:00:00.000000+08:00"),
            (1_795_219_200, 123_456, "2026-11-21T08:00:00.123456+08:00"),
            (951_782_399, 999_999, "2000-02-29T07:59:59.999999+08:00"),
        ])
    func times(seconds: Int64, microseconds: Int32, text: String) {
        #expect(AuditTime.text((seconds, microseconds)) == text)
        #expect(AuditTime.isWellFormed(text.utf8))
    }
}
