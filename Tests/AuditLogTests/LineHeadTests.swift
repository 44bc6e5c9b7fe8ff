import Testing

@testable import AuditLog

@Suite("The head of a line")
struct LineHeadTests {
    private static let time = "2026-11-21T09:08:07.000001+08:00"

    private func stamp(_ line: String, _ sequence: UInt64) -> TimeStamp? {
        Array(line.utf8).withUnsafeBytes { LineHead.stamp($0, sequence: sequence) }
    }

    @Test("A line is recognised by its own number only", arguments: [0, 7, 10, 1_023, UInt64.max])
    func ownNumber(_ number: UInt64) throws {
        let line = "{\"seq\":\(number),\"time\":\"\(Self.time)\",\"type\":\"t\"}"
        #expect(try #require(stamp(line, number)).bytes == Array(Self.time.utf8))
        #expect(stamp(line, number &+ 1) == nil)
        #expect(stamp(line, number / 10 + 3) == nil)
    }

    @Test(
        "Numbers in another form, other keys and short lines are not heads",
        arguments: [
            "{\"seq\":07,\"time\":\"\(time)\",\"", "{\"seq\":,\"time\":\"\(time)\",\"",
            "{\"seq\":+7,\"time\":\"\(time)\",\"", "{\"seq\": 7,\"time\":\"\(time)\",\"",
            "{\"seq\":7,\"Time\":\"\(time)\",\"", "{\"seq\":7,\"time\":\"\(time)",
            "{\"seq\":18446744073709551623,\"time\":\"\(time)\",\"", "{\"seq\":7", "",
        ])
    func otherForms(_ line: String) {
        #expect(stamp(line, 7) == nil)
        #expect(stamp("{\"seq\":7,\"time\":\"\(Self.time)\",\"", 7) != nil)
    }

    @Test("Every byte of a time is looked at: a stamp exists just when the text is well-formed")
    func everyByte() {
        for place in 0..<AuditTime.byteCount {
            for byte in UInt8.min...UInt8.max {
                var text = Array(Self.time.utf8)
                text[place] = byte
                let stamp = text.withUnsafeBytes { TimeStamp($0) }
                #expect((stamp != nil) == AuditTime.isWellFormed(text))
                #expect(stamp.map { $0.bytes == text } ?? true)
            }
        }
    }

    @Test("The order of stamps is the order of their texts")
    func order() throws {
        let texts = [
            "2026-11-21T09:08:07.000001+08:00", "2026-11-21T09:08:07.000002+08:00",
            "2026-11-21T09:08:07.100000+08:00", "2026-11-21T10:00:00.000000+08:00",
            "2027-01-01T00:00:00.000000+08:00",
        ]
        let stamps = texts.compactMap { text in
            Array(text.utf8).withUnsafeBytes { TimeStamp($0) }
        }
        try #require(stamps.count == texts.count)
        #expect(stamps.shuffled().sorted() == stamps)
        #expect(!(stamps[0] < stamps[0]))
    }
}
