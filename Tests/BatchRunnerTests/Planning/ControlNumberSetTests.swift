import Testing

@testable import BatchRunner

@Suite("The set of control numbers")
struct ControlNumberSetTests {
    @Test(
        "Numbers that look alike are not the same",
        arguments: [
            ("SKY9900000001", "SKY99000000010"), ("SKY9900000001", "SKY990000000"),
            ("SKY99000000000", "SKY990000000000"), ("SKY9900000001", "sky9900000001"),
            ("A", "A\0"), ("A", "\0A"), ("", "\0"), ("12345678", "123456780"),
            ("123456789012345", "123456789012346"), ("12345678", "1234567"),
        ])
    func different(_ one: String, _ other: String) {
        var set = ControlNumberSet()
        set.insert(one)
        set.insert(other)
        #expect(!set.isTwice(one))
        #expect(!set.isTwice(other))
        set.insert(other)
        #expect(set.isTwice(other))
        #expect(!set.isTwice(one))
    }

    @Test("It agrees with counting, for random numbers", arguments: 0..<10)
    func counting(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var set = ControlNumberSet()
        var counts: [String: Int] = [:]
        for _ in 0..<400 {
            let length = Int.random(in: 0...15, using: &random)
            let number = (0..<length).map { _ in
                String(Int.random(in: 0...1, using: &random))
            }.joined()
            set.insert(number)
            counts[number, default: 0] += 1
        }
        for (number, count) in counts { #expect(set.isTwice(number) == (count > 1), "\(number)") }
    }

    @Test("Texts too long to be control numbers are never counted")
    func tooLong() {
        var set = ControlNumberSet()
        for _ in 0..<2 { set.insert("SKY9900000000001") }
        #expect(!set.isTwice("SKY9900000000001"))
    }
}
