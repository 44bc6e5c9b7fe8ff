import SkyPay
import Testing

@Suite("Philippine time")
struct PhilippineTimeTests {
    static let moments: [(unix: Int64, wire: String)] = [
        (0, "1970-01-01 08:00:00"), (-28_801, "1969-12-31 23:59:59"),
        (951_753_599, "2000-02-28 23:59:59"), (951_753_600, "2000-02-29 00:00:00"),
        (1_529_315_530, "2018-06-18 17:52:10"), (1_767_196_799, "2025-12-31 23:59:59"),
        (1_767_196_800, "2026-01-01 00:00:00"), (4_107_513_599, "2100-02-28 23:59:59"),
        (4_107_513_600, "2100-03-01 00:00:00"),
    ]

    @Test("Seconds and their wire form", arguments: moments)
    func both(_ moment: (unix: Int64, wire: String)) {
        #expect(PhilippineTime.wireText(unixSeconds: moment.unix) == moment.wire)
        #expect(PhilippineTime.unixMicroseconds(wire: moment.wire) == moment.unix * 1_000_000)
    }

    @Test("responseTime has four decimals, cut")
    func fourDecimals() {
        #expect(
            PhilippineTime.wireText(unixMicroseconds: 1_529_315_530_521_199)
                == "2018-06-18 17:52:10.5211")
        #expect(
            PhilippineTime.wireText(unixMicroseconds: -1) == "1970-01-01 07:59:59.9999")
    }

    @Test("RFC 3339 carries the zone")
    func rfc3339() {
        #expect(
            PhilippineTime.rfc3339(unixSeconds: 1_529_315_530) == "2018-06-18T17:52:10+08:00")
        #expect(
            PhilippineTime.rfc3339(unixMicroseconds: 1_529_315_530_000_042)
                == "2018-06-18T17:52:10.000042+08:00")
    }

    @Test(
        "Dates are read with 0 to 9 decimals, T or space",
        arguments: [
            ("2018-06-18T17:52:10", 0 as Int64), ("2018-06-18 17:52:10.5", 500_000),
            ("2018-06-18 17:52:10.5211", 521_100), ("2018-06-18T17:52:10.123456789", 123_456),
            ("2018-06-18 17:52:10.", 0),
        ])
    func tolerant(_ text: String, _ micros: Int64) {
        #expect(
            PhilippineTime.unixMicroseconds(wire: text) == 1_529_315_530_000_000 + micros)
    }

    @Test(
        "What is no date is not read",
        arguments: [
            "", "2018-06-18", "2018-02-30 00:00:00", "2018-13-01 00:00:00", "2018-06-18 24:00:00",
            "2018-06-18 17:60:00", "2018-06-18 17:52:10.1234567890", "2018-06-18 17:52:10Z",
            "2018-06-18x17:52:10", "2018-6-18 17:52:10", "0000-01-01 00:00:00",
        ])
    func refused(_ text: String) {
        #expect(PhilippineTime.unixMicroseconds(wire: text) == nil)
    }
}
