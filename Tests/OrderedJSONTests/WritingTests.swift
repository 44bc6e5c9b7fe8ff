import OrderedJSON
import Testing

@Suite("Writing JSON")
struct WritingTests {
    @Test(
        "Order, number text and slashes are kept",
        arguments: [
            #"{"z":1,"a":2,"m":3}"#, "[1.0,1.00,1e2,1E2,-0,0.10,10000000000000000000000]",
            #"{"url":"https://a/b","n":null,"t":true,"f":false}"#, #""é€😀""#, "[]", "{}",
            #""\u0000\u0001\b\u001f""#, #"{"":[{"":""}]}"#,
        ])
    func kept(_ text: String) throws {
        let written = try JSONValue(parsing: Array(text.utf8)).text()
        #expect(written == text.replacing(#"\b"#, with: #"\u0008"#))
    }

    @Test("Only quotation marks, backslashes and control characters are escaped")
    func escapes() {
        let text = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é"
        #expect(
            JSONValue.string(text).text()
                == #""\"\\/\u0008\u000c\n\r\t\u0000\u001f"# + "\u{7F}é\"")
    }

    @Test("The text for people has two-space indents and a newline at the end")
    func pretty() {
        let value: JSONValue = ["a": 1, "b": [true, []], "c": ["d": "x\n"], "e": [:]]
        #expect(
            value.prettyText() == """
                {
                  "a": 1,
                  "b": [
                    true,
                    []
                  ],
                  "c": {
                    "d": "x\\n"
                  },
                  "e": {}
                }

                """)
        #expect(JSONValue.null.prettyText() == "null\n")
    }

    @Test("What is written is read as the same value, in both forms", arguments: 0..<200)
    func roundTrip(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = Self.value(depth: 0, &random)
        let bytes = value.bytes()
        #expect(try JSONValue(parsing: bytes) == value)
        #expect(try JSONValue(parsing: bytes).bytes() == bytes)
        #expect(try JSONValue(parsing: Array(value.prettyText().utf8)).bytes() == bytes)
    }

    private static func value(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .number(String(Int.random(in: .min ... .max, using: &random)))
        case 3: return .number("-\(Int.random(in: 0...9, using: &random)).00e+07")
        case 4, 5: return .string(text(&random))
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in value(depth: depth + 1, &random) })
        default:
            let count = Int.random(in: 0...4, using: &random)
            return .object(
                JSONObject(
                    (0..<count).map { ("\($0)" + text(&random), value(depth: depth + 1, &random)) })
            )
        }
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let letters: [String] = ["a", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "é", "😀", "\u{7F}"]
        let count = Int.random(in: 0...8, using: &random)
        return (0..<count).compactMap { _ in letters.randomElement(using: &random) }.joined()
    }
}

/// SplitMix64: the same seed gives the same values on every machine.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
