import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("When a password key expires")
struct KeyExpiryTests {
    private static let day = "2026-12-01"
    /// 2026-12-01T00:00:00+08:00.
    private static let end: Int64 = 1_796_054_400
    private static let hour: Int64 = 3_600

    @Test(
        "Seven days and one day before, and from then on, it is warned",
        arguments: [
            (-8 * 24 * hour, nil, 8), (-7 * 24 * hour - 1, nil, 7), (-7 * 24 * hour, .sevenDays, 7),
            (-24 * hour - 1, .sevenDays, 1), (-24 * hour, .oneDay, 1), (-1, .oneDay, 0),
            (0, .expired, 0), (1, .expired, -1), (24 * hour, .expired, -2),
        ] as [(Int64, KeyExpiry.Stage?, Int64)])
    func stages(_ offset: Int64, _ stage: KeyExpiry.Stage?, _ days: Int64) throws {
        let expiry = try #require(KeyExpiry(day: Self.day))
        #expect(expiry.timestamp == Self.end)
        #expect(expiry.stage(at: Self.end + offset) == stage)
        #expect(expiry.daysLeft(at: Self.end + offset) == days)
        let warning = expiry.warning(at: Self.end + offset)
        #expect((warning == nil) == (stage == nil))
        #expect(warning?.contains("rotate-key") ?? true)
    }

    @Test("What is no day has no expiry", arguments: ["", "2026-02-30", "2026-12-1", "tomorrow"])
    func noDay(_ text: String) { #expect(KeyExpiry(day: text) == nil) }

    @Test("The last change tells the day, unless the configuration was edited since")
    func sources() {
        func day(_ configured: String?, _ record: KeyRecord?) -> String? {
            KeyExpiry(configured: configured, recorded: record)?.day
        }
        let changed = KeyRecord(
            key: "p_1", expires: "2027-02-20", configuredExpires: "2026-12-01")
        #expect(day(nil, nil) == nil)
        #expect(day("2026-12-01", nil) == "2026-12-01")
        #expect(day("2026-12-01", changed) == "2027-02-20")
        #expect(day("2027-03-01", changed) == "2027-03-01")
        #expect(day(nil, changed) == nil)
        let found = KeyRecord(key: "p_2", configuredExpires: "2026-12-01")
        #expect(day("2026-12-01", found) == "2026-12-01")
    }

    @Test("A record is read back as it was written")
    func roundTrip() {
        let records = [
            KeyRecord(key: "p_1"),
            KeyRecord(
                key: "p_2", previous: "p_1", previousUntil: 7, expires: "2027-02-20",
                configuredExpires: "2026-12-01"),
        ]
        for record in records { #expect(KeyRecord(record.json) == record) }
        #expect(KeyRecord([:]) == nil)
    }

    @Test("The metrics are Prometheus' text: help, type, samples")
    func metrics() throws {
        let expiry = try #require(KeyExpiry(day: Self.day))
        let text = SiteMetrics(
            rows: ["paid": 3, "accepted": 2], expiry: expiry, acceptsPreviousKey: true,
            now: Self.end - 2 * 24 * Self.hour
        ).text
        for line in [
            "# TYPE batchrunner_rows gauge", #"batchrunner_rows{state="accepted"} 2"#,
            #"batchrunner_rows{state="paid"} 3"#,
            "batchrunner_password_key_expiry_timestamp_seconds 1796054400",
            #"batchrunner_password_key_warning{stage="7-days"} 1"#,
            #"batchrunner_password_key_warning{stage="1-day"} 0"#,
            "batchrunner_password_key_previous_accepted 1",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        #expect(text.hasSuffix("\n"))
        let without = SiteMetrics(rows: [:], expiry: nil, acceptsPreviousKey: false, now: 5).text
        #expect(!without.contains("expiry") && !without.contains("batchrunner_rows"))
    }
}
