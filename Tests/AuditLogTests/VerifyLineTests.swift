import Testing

@testable import AuditLog

@Suite("Verifying: the form of lines")
struct VerifyLineTests {
    private static let head = "{\"seq\":7,\"time\":\"2026-11-21T10:00:00.000000+08:00\","

    /// What the fast check says; nil where it leaves the word to the slow one.
    private static func isCanonical(_ line: [UInt8]) -> Bool? {
        var canonical = CanonicalLine()
        let verdict = line.withUnsafeBytes { canonical.check($0, sequence: 7) }
        switch verdict {
        case .canonical: return true
        case .unsure: return nil
        case .malformed, .otherSequence: return false
        }
    }

    private static func isEvent(_ line: [UInt8]) -> Bool {
        (try? Event(line: line))?.sequence == 7
    }

    private static let samples: [String] = [
        #""type":"a.b","actor":"x","outcome":"success","origin":"o","subject":{},"data":{}}"#,
        #""type":"a","actor":"\"\\\n\t\u0001\u001f","outcome":"failure","origin":"é漢😀","subject":"#
            + #"{"a":[1,-0.5e+3,{"b":null}],"c":"d"},"data":{"x":true,"y":false,"z":[]}}"#,
        #""type":"a","actor":"x","outcome":"success","origin":"o","subject":{"é":1},"data":{"a":{}}}"#,
        #""type":"auditlog.opened","actor":"0123456789abcdef0123456789","outcome":"success","#
            + #""origin":"o","subject":{"n":0,"m":12345678901234567890},"data":{"a":"b","b":"a"}}"#,
    ]

    @Test("Lines of every kind pass, and each altered byte is judged as reading it whole judges")
    func mutations() {
        for sample in Self.samples {
            let line = Array((Self.head + sample).utf8)
            #expect(Self.isEvent(line) && Self.isCanonical(line) != false, "\(sample)")
            for place in line.indices {
                for byte: UInt8 in [
                    0x00, 0x0A, 0x20, 0x22, 0x2C, 0x30, 0x5C, 0x61, 0x7D, 0x80, 0xFF,
                ] {
                    var other = line
                    other[place] = byte
                    guard let fast = Self.isCanonical(other) else { continue }
                    #expect(
                        fast == Self.isEvent(other), "\(String(decoding: other, as: UTF8.self))")
                }
                var shorter = line
                shorter.remove(at: place)
                guard let fast = Self.isCanonical(shorter) else { continue }
                #expect(
                    fast == Self.isEvent(shorter), "\(String(decoding: shorter, as: UTF8.self))")
            }
        }
    }

    @Test(
        "Other ways to write the same are refused",
        arguments: [
            #"{"a": 1}"#, #"{"a":1,"a":2}"#, #"{"a":01}"#, #"{"a":"\/"}"#, #"{"a":"\u0041"}"#,
            #"{"a":"\u000a"}"#, #"{"a":"\u001F"}"#, #"{"a":1.}"#, #"{"a":+1}"#, #"{"a":[1,]}"#,
            #"{,}"#, #"{"a"}"#, #"{"a":nul}"#,
            String(repeating: #"{"a":"#, count: 16) + "1" + String(repeating: "}", count: 16),
        ])
    func refused(data: String) {
        let line = Array(
            (Self.head + #""type":"a","actor":"x","outcome":"success","origin":"o","subject":{},"#
                + "\"data\":\(data)}").utf8)
        #expect(Self.isCanonical(line) == false && !Self.isEvent(line))
    }
}
