import Testing

@testable import BatchRunner

@Suite struct UTF8CheckerTests {
    @Test("The checker agrees with the standard library on every kind of sequence")
    func agreement() {
        let edges: [UInt8] = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for lead in UInt8(0x70)...0xFF {
            for second in edges {
                for third in edges {
                    for fourth: UInt8 in [0x41, 0x80, 0xBF] {
                        check([lead, second, third, fourth])
                    }
                }
            }
        }
    }

    private func check(_ bytes: [UInt8]) {
        var checker = UTF8Checker()
        let invalid = bytes.withUnsafeBytes { checker.firstInvalid(in: $0) }
        let isValid = invalid == nil && !checker.isInsideCharacter
        if isValid != (String(validating: bytes, as: UTF8.self) != nil) {
            Issue.record("\(bytes): \(isValid)")
        }
    }

    @Test("The first wrong byte is found wherever it stands in long ASCII")
    func longASCII() {
        for place in 0..<40 {
            var bytes = [UInt8](repeating: 0x61, count: 40)
            bytes[place] = 0xFF
            var checker = UTF8Checker()
            #expect(bytes.withUnsafeBytes { checker.firstInvalid(in: $0) } == place)
        }
    }
}
