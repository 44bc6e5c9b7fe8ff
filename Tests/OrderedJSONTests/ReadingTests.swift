import OrderedJSON
import Testing

private func fault(_ text: String, limits: JSONLimits = .standard) -> JSONFault? {
    fault(Array(text.utf8), limits: limits)
}

private func fault(_ bytes: [UInt8], limits: JSONLimits = .standard) -> JSONFault? {
    do throws(JSONFault) {
        _ = try JSONValue(parsing: bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

@Suite("Reading JSON")
struct ReadingTests {
    @Test(
        "Texts that are JSON, and what they say",
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false\r\n", false), ("\t0\n", 0),
            ("-0", .number("-0")), ("1.50", .number("1.50")), ("1E+2", .number("1E+2")),
            ("1e-007", .number("1e-007")), ("-1.0e5", .number("-1.0e5")),
            ("123456789012345678901234567890", .number("123456789012345678901234567890")),
            (#""""#, ""), (#""a\/b""#, "a/b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"), (#""\u0000""#, "\0"),
            ("\"é€😀\u{7F}\u{2028}\"", "é€😀\u{7F}\u{2028}"), ("[]", []), ("{}", [:]),
            ("[ 1 , [ ] , { } ]", [1, [], [:]]),
            (#"{"b":1,"a":{"":null}}"#, ["b": 1, "a": ["": nil]]),
        ] as [(String, JSONValue)])
    func valid(_ text: String, _ expected: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
    }

    @Test(
        "Texts that no bytes can mend",
        arguments: [
            "01", "-01", "00", "+1", ".5", "1.e2", "1.a", "1ea", "--1", "-a", "[0x10]", "NaN",
            "Infinity", "nul!", "True", "tru\"", "'a'", "[1,]", "[,1]", "[1 2]", "{,}", "{1:2}",
            #"{"a" 1}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, "[}", "{]", "]", #""\x""#, #""\u12G4""#,
            #""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800\uD800""#, #""\uD800x""#,
            "\"\n\"", "\"\0\"", "\"\u{1F}\"", #""\ ""#, "\u{FEFF}{}", "{a:1}", "/**/1", "\u{A0}1",
        ])
    func invalid(_ text: String) { #expect(fault(text)?.kind == .invalid, "\(text)") }

    @Test("Bytes after the value", arguments: ["1 1", "{}x", "[]]", "null,", "\"a\"\0", "{}{}"])
    func trailing(_ text: String) { #expect(fault(text)?.kind == .trailingBytes) }

    @Test(
        "A name that stands twice in one object, however it is written",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#,
            #"[{"x":{"k":1,"k":2}}]"#, #"{"":1,"":2}"#,
        ])
    func duplicates(_ text: String) { #expect(fault(text)?.kind == .duplicateKey) }

    @Test("The same name in two objects, or in another case, is fine")
    func notDuplicates() {
        #expect(fault(#"{"a":{"a":1},"A":[{"a":1},{"a":2}]}"#) == nil)
    }

    @Test(
        "Many names in a nested object are read, and the last is found when it is the first again",
        arguments: [15, 16, 17, 18, 8_000])
    func manyNames(_ count: Int) throws {
        let members = (0..<count).map { "\"n\($0)\":\($0)" }.joined(separator: ",")
        let value = try JSONValue(parsing: Array("{\"o\":{\(members)}}".utf8))
        let names = value["o"]?.objectValue?.members.map(\.name)
        #expect(names == (0..<count).map { "n\($0)" })
        for twice in [0, count - 1] {
            let found = try #require(fault("{\"o\":{\(members),\"n\(twice)\":1}}"))
            #expect(found.kind == .duplicateKey)
            #expect(found.offset == "{\"o\":{".utf8.count + members.utf8.count + 1)
            #expect(found.message.contains("\"n\(twice)\""))
        }
    }

    @Test(
        "Bytes that are not UTF-8",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xFF], [0xC3],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(fault([0x22] + bytes + [0x22])?.kind == .notUTF8)
        #expect(fault([0x22, 0x5C, 0x6E] + bytes + [0x22])?.kind == .notUTF8)
        #expect(fault(Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8))?.kind == .notUTF8)
    }

    @Test("Sixteen levels are read, seventeen are not", arguments: ["[]", "{}"])
    func depth(_ brackets: String) {
        let (opening, closing) = brackets == "[]" ? ("[", "]") : (#"{"a":"#, "}")
        func nested(_ levels: Int) -> String {
            String(repeating: opening, count: levels - 1) + brackets
                + String(repeating: closing, count: levels - 1)
        }
        #expect(fault(nested(16)) == nil)
        #expect(fault(nested(17))?.kind == .tooDeep)
        #expect(fault(nested(100_000))?.kind == .tooDeep, "no stack is used up")
        #expect(fault(nested(3), limits: JSONLimits(maxDepth: 2))?.kind == .tooDeep)
        #expect(fault("[[],[],[[]]]", limits: JSONLimits(maxDepth: 3)) == nil)
    }

    @Test(
        "Every strict prefix is incomplete, and says so",
        arguments: [
            #"{"batch":"B-1","items":[{"amount":"1.00","n":-1.5e+3},[],{}],"ok":true}"#,
            #"["\"\\\/\b\u00e9\uD83D\uDE00é€😀",null,false,true,0,[[[]]],{"a":{}}]"#,
            "\t{ \"a\" : [ 1 , 2 ] }", #""text""#, "true", "false", "null", "[-0.5E-7]",
        ])
    func prefixes(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(fault(bytes) == nil)
        for length in 0..<bytes.count {
            #expect(fault(Array(bytes[..<length]))?.kind == .incomplete, "first \(length) bytes")
        }
    }

    @Test(
        "Numbers that more digits could complete", arguments: ["-", "1.", "1e", "1E-", "-0.", "[1"])
    func numberPrefixes(_ text: String) { #expect(fault(text)?.kind == .incomplete) }

    @Test(
        "A fault knows its line and column in bytes",
        arguments: [
            ("", 0, 1, 1), ("x", 0, 1, 1), ("{\n  \"a\": 01\n}", 9, 2, 8),
            ("{\"é\":1,\n\n x}", 11, 3, 2), ("[1,\r\n2,\r\n]", 9, 3, 1), ("{} \n x", 5, 2, 2),
            ("{\"a\":1,\n \"a\":2}", 9, 2, 2), ("[\"a\n\"]", 3, 1, 4), ("\n\n[", 3, 3, 2),
        ])
    func places(_ text: String, _ offset: Int, _ line: Int, _ column: Int) throws {
        let found = try #require(fault(text))
        #expect(found.offset == offset)
        #expect(found.line == line)
        #expect(found.column == column)
        #expect(found.description.hasPrefix("line \(line), column \(column): "))
    }
}
