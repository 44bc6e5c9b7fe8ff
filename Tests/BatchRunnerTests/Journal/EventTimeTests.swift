import Foundation
import Testing

@testable import BatchRunner

@Suite("Event times")
struct EventTimeTests {
    @Test(
        "Known moments, leap days and ends of months among them",
        arguments: [
            ("1970-01-01T08:00:00.000000+08:00", 0), ("1970-01-01T00:00:00.000000+08:00", -28_800),
            ("2000-02-29T08:00:00.000000+08:00", 951_782_400),
            ("2000-03-01T08:00:00.000000+08:00", 951_868_800),
            ("2024-02-29T23:59:59.999999+08:00", 1_709_222_399),
            ("2024-03-01T00:00:00.000000+08:00", 1_709_222_400),
            ("2025-12-31T23:59:59.000000+08:00", 1_767_196_799),
            ("2026-01-01T00:00:00.000000+08:00", 1_767_196_800),
            ("2026-11-21T04:10:19.123456+08:00", 1_795_205_419),
            ("2100-02-28T08:00:00.000000+08:00", 4_107_456_000),
            ("2100-03-01T08:00:00.000000+08:00", 4_107_542_400),
        ] as [(String, Int64)])
    func known(_ text: String, _ seconds: Int64) {
        #expect(EventTime.unixSeconds(text) == seconds)
    }

    @Test("The same as Foundation, for random moments", arguments: 0..<20)
    func comparison(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let formatter = ISO8601DateFormatter()
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
        for _ in 0..<50 {
            let seconds = Int64.random(in: 0...7_000_000_000, using: &random)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(EventTime.unixSeconds(text) == seconds, "\(text)")
        }
    }

    @Test(
        "Texts that are no event time",
        arguments: [
            "", "2026-11-21", "2026-11-21 04:10:19.123456+08:00",
            "2026-13-01T00:00:00.000000+08:00",
            "2026-00-01T00:00:00.000000+08:00", "2026-01-32T00:00:00.000000+08:00",
            "2026-01-00T00:00:00.000000+08:00", "20x6-01-01T00:00:00.000000+08:00",
            "2026-01-01T00:0a:00.000000+08:00", "2026-01-01T00:00:00",
        ])
    func notATime(_ text: String) { #expect(EventTime.unixSeconds(text) == nil) }
}
