import Testing

@testable import BatchRunner

@Suite("Names in the inbox")
struct NameRulesTests {
    @Test(
        "hidden names and unfinished uploads are never touched",
        arguments: [
            ".a", ".claimed", "a.part", "a.filepart", "a.tmp", "a.writing", "a.crdownload",
            "a.csv.8f3a61c0.partial",
            "A.PART", "a.csv.Tmp",
        ])
    func ignored(_ name: String) {
        #expect(NameRules.isIgnored(RawName(name)))
    }

    @Test(
        "ordinary names are sane",
        arguments: ["a", "pay roll.csv", "a.parts", "Ñandú.csv", "a~b", "~", "[1] pay.csv"])
    func sane(_ name: String) {
        #expect(!NameRules.isIgnored(RawName(name)))
        #expect(NameRules.fault(in: RawName(name)) == nil)
        #expect(RawName(name).shown == name)
    }

    private static let misleading: [(name: String, reason: String)] = [
        ("-rf", "starts with"), ("-\u{301}rf", "starts with"),
        ("a~2", "kept for answers"), ("a.csv~17", "kept for answers"),
        ("~0", "kept for answers"), ("a\nb", "control"), ("a\u{7F}", "control"),
        ("a\u{85}", "control"), ("a\u{202E}vsc", "control"), ("a\u{2028}", "control"),
        ("e\u{301}", "NFC"), ("{\"authentication\":\"x\"}.csv", "JSON"), (" [\"a", "JSON"),
        ("[4.111111111111111e15]", "JSON"), ("{\u{301}\"authentication\":\"x\"}", "JSON"),
        (String(repeating: "a", count: 201), "longer than 200"),
    ]
    private static let noText: [[UInt8]] = [[0x61, 0xFF], [0xC0, 0xAF]]

    @Test(
        "names that could mislead are refused, and shown escaped",
        arguments: misleading.map { (Array($0.name.utf8), $0.reason) }
            + noText.map { ($0, "UTF-8") })
    func refused(_ bytes: [UInt8], _ reason: String) throws {
        let name = RawName(bytes: bytes)
        #expect(try #require(NameRules.fault(in: name)).contains(reason))
        #expect(name.shown.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    @Test("two hundred bytes are not too many")
    func longest() {
        #expect(NameRules.fault(in: RawName(bytes: Array(repeating: 0x61, count: 200))) == nil)
    }

    @Test("a sender's folder is named with letters, digits, hyphens and underscores")
    func senders() {
        for name in ["acme", "ACME-2", "a_b", "7"] { #expect(NameRules.isSender(RawName(name))) }
        for name in ["", "default", "a.csv", "-a", "a b", "ñ", String(repeating: "a", count: 33)] {
            #expect(!NameRules.isSender(RawName(name)))
        }
    }

    @Test(
        "escaping keeps letters, digits, dot, underscore and hyphen, and cuts at whole characters")
    func escaping() {
        #expect(RawName("a b/é%_.-").escaped == "a%20b%2F%C3%A9%25_.-")
        #expect(RawName("ab c").escaped(limit: 4) == "ab")
        #expect(RawName("ab c").escaped(limit: 5) == "ab%20")
    }

    @Test("names in the claimed folder give back stored name, sender and name")
    func claimedNames() throws {
        let name = ClaimedName(
            storedName: "20261121-000042.ctl", sender: "a-c_m", name: RawName("x~y~.csv"))
        #expect(ClaimedName(name.inClaimed) == name)
        #expect(ClaimedName(name.stranded) == name)
        #expect(ClaimedName.isStranded(name.stranded))
        #expect(!ClaimedName.isStranded(name.inClaimed))
        #expect(ClaimedName(RawName("stray")) == nil)
        let longest = ClaimedName(
            storedName: "20261121-000042.ctl", sender: String(repeating: "s", count: 32),
            name: RawName(bytes: Array(repeating: 0x61, count: 200)))
        #expect(longest.stranded.bytes.count <= 255)
    }
}
