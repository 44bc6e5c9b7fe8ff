import SkyPay
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    static let vectors: [(key: String, plain: String, sealed: String)] = [
        ("TESTKEY000000001", "{}", "269CBSKGL8PJTS74JZ07cw=="),
        (
            "TESTKEY000000001",
            #"{"userName":"AppName@skypay","action":"balanceQuery","#
                + #""authentication":"E1234567-123C-1234-123F-A12345670"}"#,
            "Ez/+EbN5fyYK8FiUagYLDIMRyb7Y+EDPm9FcZcb0R7Te40N0RFiKlfEvdv0zPiyL8lHuBcPIAVSFub3G/ZKz"
                + "SefRGZmuSOFaUMiKj6AfRTfQlsB9ToDzjTLmNI792xWZzLl3HvR+HlAuia5fXqzdTg=="
        ),
        (
            "0123456789ABCDEF",
            #"{"responseTime":"2018-06-18 17:52:10.5211","responseCode":"1000","#
                + #""responseDescription":"Success"}"#,
            "sX99srYvFAeouuEVNEbUra9w6i0J37XHMLcplmMJYCLhKXr4ceAk9uRWkcLF2yvHYXa0d57KFHk56WRKxpoV"
                + "LIkxgg5znZfvU9wIY+I3NDMbRB9ouvQppwVB/OfT9K1CQ8K25wPnZxjzkRkym6o0hw=="
        ),
    ]

    @Test("Every vector seals and opens byte for byte", arguments: vectors)
    func vector(_ vector: (key: String, plain: String, sealed: String)) throws {
        let envelope = Envelope(passwordKey: vector.key)
        #expect(envelope.seal(Array(vector.plain.utf8)) == vector.sealed)
        #expect(try envelope.open(Array(vector.sealed.utf8)) == Array(vector.plain.utf8))
    }

    @Test("What is sealed opens again, at every length around the block", arguments: 0...33)
    func roundTrip(_ length: Int) throws {
        let envelope = Envelope(passwordKey: "TESTKEY000000001")
        let plain = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37) }
        #expect(try envelope.open(Array(envelope.seal(plain).utf8)) == plain)
    }

    @Test("CR, LF and spaces inside the base64 are set aside")
    func whiteSpace() throws {
        let text = Array(" 269CBSKG\r\nL8PJTS74\nJZ07cw = =\r\n".utf8)
        #expect(try Envelope(passwordKey: "TESTKEY000000001").open(text) == Array("{}".utf8))
    }

    @Test(
        "A text that is no envelope says what is wrong with it",
        arguments: [
            ("", EnvelopeError.Code.notWholeBlocks), ("269CBSKG", .notWholeBlocks),
            ("269CBSKGL8PJTS74JZ07cw=", .notBase64), ("269CBSKGL8PJTS74JZ07cw", .notBase64),
            ("269CBSKGL8PJTS74JZ07cx==", .notBase64), ("26=CBSKGL8PJTS74JZ07cw==", .notBase64),
            ("269CBSKGL8PJTS74JZ07cw===", .notBase64), ("====", .notBase64),
            ("269CBSKGL8PJTS74JZ0_cw==", .notBase64), ("369CBSKGL8PJTS74JZ07cw==", .wrongKey),
        ])
    func refused(_ text: String, _ code: EnvelopeError.Code) {
        let error = #expect(throws: EnvelopeError.self) {
            try Envelope(passwordKey: "TESTKEY000000001").open(Array(text.utf8))
        }
        #expect(error?.code == code)
    }
}
