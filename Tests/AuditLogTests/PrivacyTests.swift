import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Personal data")
struct PrivacyTests {
    static let key = PseudonymKey(bytes: Array(repeating: 7, count: 32))

    static func personalData(_ keys: String, sealed: [String] = []) -> PersonalData {
        PersonalData(
            pseudonyms: key,
            fieldKeys: FieldKeys(KeyLayout(directory: keys), origin: "auditlog.example/test"),
            personal: CreationOptions.standardPersonalFields, sealed: sealed)
    }

    @Test(
        "However a number is written, it has one pseudonym",
        arguments: [
            ("09171234567", "0917 123-4567", true), ("ab-12", "AB12", true),
            ("0917\t123", "0917123", true), ("09171234567", "9171234567", false),
            ("0917.123", "0917123", false), ("é1", "É1", false),
        ])
    func pseudonyms(one: String, other: String, isSame: Bool) {
        let (left, right) = (Self.key.pseudonym(of: one), Self.key.pseudonym(of: other))
        #expect((left == right) == isSame)
        #expect(PseudonymKey.isOne(left) && left.utf8.count == 24)
    }

    @Test("The pseudonym is the one the format says: checked against HMAC-SHA256 made elsewhere")
    func vector() {
        // printf %s 09171234567 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707… | head -c 16
        #expect(Self.key.pseudonym(of: "0917 123 4567") == "p_1bkp4ayhTCeg2QjnIsgN9w")
    }

    @Test(
        "Ten characters and more show four, fewer a third",
        arguments: [
            ("09171234567", "*******4567"), ("0917 123 4567", "*******4567"),
            ("1234567890", "******7890"), ("123456789", "******789"), ("123456", "****56"),
            ("12345", "****5"), ("123", "**3"), ("12", "**"), ("7", "*"),
            ("ñañañañañañ", "*******AñAñ"),
        ])
    func masks(value: String, masked: String) {
        #expect(PersonalValue.mask(value) == masked)
    }

    @Test(
        "Only the exact form passes as protected",
        arguments: [
            (#"{"masked":"*******4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA"}"#, true),
            (#"{"masked":"**","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA"}"#, true),
            (#"{"masked":"09171234567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA"}"#, false),
            (#"{"masked":"***4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA"}"#, false),
            (#"{"masked":"*******4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAB"}"#, false),
            (#"{"masked":"*******4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAA"}"#, false),
            (#"{"pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA","masked":"*******4567"}"#, false),
            (#"{"masked":"*******4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA","x":1}"#, false),
            (
                #"{"masked":"*******4567","pseudonym":"p_AAAAAAAAAAAAAAAAAAAAAA","sealed":"x"}"#,
                false
            ),
        ])
    func protectedForm(text: String, isOne: Bool) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect((PersonalValue(value) != nil) == isOne)
        if isOne { #expect(PersonalValue(value)?.json == value) }
    }

    @Test("Wherever a personal value stands, it does not reach the log")
    func protect() throws {
        var data = Self.personalData("/nowhere")
        let number = "09171234567"
        let form: JSONValue = [
            "masked": "*******4567", "pseudonym": .string(Self.key.pseudonym(of: number)),
        ]
        var draft = LogFixture.draft(1)
        draft.subject = ["Account": .string(number), "reference": "R1"]
        draft.data = [
            "a": [["ACCOUNTNUMBER": .string("0917-123-4567")], 3],
            "account": ["number": .string(number), "bank": "BDO", "open": true],
            "identityNumber": [.string(number), .number("12345678901")],
            "request": .string(#" {"account":"09171234567","amount":5.10} "#),
            "deep": .string(#"["{\"identityNumber\":\"09171234567\"}"]"#),
            "note": "account 1", "accounts": "2", "empty": ["account": " - "],
        ]
        let safe = try data.protect(draft, clock: SteppingClock())
        let text = String(decoding: safe.tail, as: UTF8.self)
        #expect(!text.contains("0917") && !text.contains("12345678901"))
        #expect(safe.subject["Account"] == form)
        #expect(safe.data["a"]?.arrayValue?.first?["ACCOUNTNUMBER"] == form)
        #expect(safe.data["account"]?["number"] == form)
        #expect(safe.data["account"]?["bank"]?["masked"]?.stringValue == "**O")
        #expect(safe.data["account"]?["open"] == true)
        #expect(safe.data["identityNumber"]?.arrayValue?.first == form)
        #expect(
            safe.data["request"]?.stringValue == #"{"account":\#(form.text()),"amount":5.10}"#)
        for name in ["note", "accounts", "empty"] { #expect(safe.data[name] == draft.data[name]) }
        let again = try data.protect(safe, clock: SteppingClock())
        #expect(again.tail == safe.tail)
    }

    @Test("A draft nested without end is refused, not followed")
    func depth() {
        var value: JSONValue = 1
        for _ in 0..<5_000 { value = .array([value]) }
        var draft = LogFixture.draft(1)
        draft.data = ["a": value]
        var data = Self.personalData("/nowhere")
        let error = #expect(throws: AuditLogError.self) {
            try data.protect(draft, clock: SteppingClock())
        }
        #expect(error?.isRefusal == true)
    }

    @Test("A sealed value is opened by its key, for its own field and log, and by nothing else")
    func sealed() throws {
        let fixture = try LogFixture()
        var data = Self.personalData(fixture.keys, sealed: ["passport"])
        var draft = LogFixture.draft(1)
        draft.data = ["passport": "P1234567A"]
        let safe = try data.protect(draft, clock: fixture.clock)
        let value = try #require(safe.data["passport"].flatMap { PersonalValue($0) })
        let sealed = try #require(value.sealed)
        #expect(value.masked == "******67A" && sealed.hasPrefix("2026-11."))
        #expect(try data.fieldKeys.reveal(sealed, field: "passport") == "P1234567A")
        #expect(throws: AuditLogError.self) {
            try data.fieldKeys.reveal(sealed, field: "visa")
        }
        let other = FieldKeys(KeyLayout(directory: fixture.keys), origin: "another/log")
        #expect(throws: AuditLogError.self) { try other.reveal(sealed, field: "passport") }
        let parts = try #require(SealedText(sealed))
        for place in parts.bytes.indices {
            var bytes = parts.bytes
            bytes[place] ^= 1
            let changed = SealedText(month: parts.month, bytes: bytes).text
            #expect(throws: AuditLogError.self) {
                try data.fieldKeys.reveal(changed, field: "passport")
            }
        }
        try DurableFiles.remove(KeyLayout(directory: fixture.keys).field("2026-11"))
        let gone = #expect(throws: AuditLogError.self) {
            try data.fieldKeys.reveal(sealed, field: "passport")
        }
        #expect(gone?.code == .missing)
    }

    @Test("Through the log: masked on disk, the same party across months and openings")
    func throughTheLog() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        var draft = LogFixture.draft(1)
        draft.data = ["account": "09171234567"]
        let log = try await fixture.open()
        let first = try await log.append([draft])
        let pseudonym = await log.pseudonym(of: "0917 123 4567")
        try await log.close()
        let again = try await AuditLog.open(
            at: fixture.log, keys: fixture.keys, options: OpenOptions(actor: "t", origin: "n"),
            clock: SteppingClock(seconds: 1_795_219_200 + 90 * 86_400))
        let second = try await again.append([draft])
        try await again.close()
        for event in first + second {
            #expect(event.data["account"]?["pseudonym"]?.stringValue == pseudonym)
        }
        #expect(try PseudonymKey(keys: fixture.keys).pseudonym(of: "09171234567") == pseudonym)
        for event in try fixture.events() {
            #expect(!String(decoding: event.bytes, as: UTF8.self).contains("0917"))
        }
    }

    @Test("A lost pseudonym key is not made anew, and the log does not open without it")
    func lostKey() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        try DurableFiles.remove("\(fixture.keys)/pseudonym.key")
        let error = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(error?.code == .key)
        try LogFixture.write("\(fixture.keys)/pseudonym.key", Array("AAAA\n".utf8))
        let short = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(short?.code == .key)
    }
}
