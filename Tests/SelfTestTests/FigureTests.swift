import Testing

@testable import SelfTest

struct FigureTests {
    @Test("Money is whole centavos, and nothing else is taken for money")
    func money() {
        #expect(Money.centavos("1500.00") == 150_000)
        #expect(Money.centavos("0.05") == 5)
        for text in ["", "1500", "1500.0", ".50", "-1.00", "1,500.00", "1e3.00", "1.000"] {
            #expect(Money.centavos(text) == nil, "\(text)")
        }
        #expect(Money.text(5) == "0.05" && Money.text(150_000) == "1500.00")
        #expect(Money.shown(123_456_789) == "1,234,567.89" && Money.shown(5) == "0.05")
    }

    @Test("Numbers for people have their thousands apart")
    func grouped() {
        #expect(
            [0, 999, 1_000, 1_234_567].map(Figure.grouped) == ["0", "999", "1,000", "1,234,567"])
        #expect(Figure.count(1, "file", "files") == "1 file")
        #expect(Figure.count(2_000, "file", "files") == "2,000 files")
    }

    @Test(
        "Times of the audit log become microseconds since 1970",
        arguments: [
            ("1970-01-01T08:00:00.000000+08:00", 0),
            ("2026-11-21T16:30:00.123456+08:00", 1_795_249_800_123_456),
            ("2024-02-29T23:59:59.999999+08:00", 1_709_222_399_999_999),
        ] as [(String, Int64)])
    func moments(_ text: String, _ expected: Int64) {
        #expect(Moment.microseconds(text) == expected)
    }

    @Test("Other forms of time are not guessed at")
    func otherMoments() {
        for text in [
            "", "2026-11-21", "2026-11-21T16:30:00.123456Z", "2026-11-21T16:30:00.1+08:00",
        ] {
            #expect(Moment.microseconds(text) == nil, "\(text)")
        }
    }
}
