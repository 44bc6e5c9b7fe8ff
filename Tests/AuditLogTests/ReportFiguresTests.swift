import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Report: figures")
struct ReportFiguresTests {
    private static func payments(_ report: AuditReport) -> (UInt64, String) {
        let json = report.json["transactions"]
        return (
            UInt64(json?["count"]?.integerValue ?? -1), json?["amount"]?.stringValue ?? "none"
        )
    }

    @Test("A day goes from midnight to midnight in Manila, to the microsecond")
    func dayBoundary() async throws {
        let log = try await ReportFixture(at: "2026-11-20T23:00:00")
        try await log.accept("2026-11-20T23:59:59.999999", "A", "1.00", "p")
        try await log.accept("2026-11-21T00:00:00.000000", "B", "2.00", "p")
        try await log.accept("2026-11-21T23:59:59.999999", "C", "4.00", "p")
        try await log.accept("2026-11-22T00:00:00.000000", "D", "8.00", "p")
        try await log.audit.close()
        #expect(Self.payments(try log.report(day: "2026-11-20")) == (1, "1.00"))
        #expect(Self.payments(try log.report(day: "2026-11-21")) == (2, "6.00"))
        #expect(Self.payments(try log.report(day: "2026-11-22")) == (1, "8.00"))
        #expect(Self.payments(try log.report(month: "2026-11")) == (4, "15.00"))
        let hours = try #require(try log.report(day: "2026-11-21").json["buckets"]?.arrayValue)
        #expect(hours.count == 24)
        #expect(hours[0]["amount"] == "2.00" && hours[23]["amount"] == "4.00")
    }

    @Test("Months end where the calendar ends them, leap days among them")
    func monthEnds() async throws {
        let log = try await ReportFixture(at: "2028-02-01T00:00:00")
        try await log.accept("2028-02-29T23:59:59", "A", "1.00", "p")
        try await log.accept("2028-03-01T00:00:00", "B", "2.00", "p")
        try await log.audit.close()
        let february = try log.report(month: "2028-02")
        #expect(Self.payments(february) == (1, "1.00"))
        #expect(february.json["buckets"]?.arrayValue?.count == 29)
        #expect(february.json["to"] == "2028-02-29T23:59:59.999999+08:00")
        #expect(Self.payments(try log.report(day: "2028-02-29")) == (1, "1.00"))
        #expect(Self.payments(try log.report(month: "2028-03")) == (1, "2.00"))
    }

    @Test(
        "Periods that no calendar has are refused, those it has are not",
        arguments: [
            ("2026-02-29", false), ("2028-02-29", true), ("2100-02-29", false),
            ("2000-02-29", true),
            ("2026-11-31", false), ("2026-11-30", true), ("2026-11-00", false),
            ("2026-13-01", false),
            ("2026-1-01", false), ("2026-11-21 ", false), ("2026-11", false), ("٢٠٢٦-11-21", false),
            ("+026-11-21", false), ("", false), ("2026-11-21-01", false),
        ])
    func days(_ text: String, _ isDay: Bool) {
        #expect(((try? ReportPeriod(day: text)) != nil) == isDay)
    }

    @Test(
        "Months, likewise",
        arguments: [
            ("2026-11", true), ("2026-00", false), ("2026-13", false), ("2026-11-21", false),
            ("26-11", false), ("0000-11", false),
        ])
    func months(_ text: String, _ isMonth: Bool) {
        #expect(((try? ReportPeriod(month: text)) != nil) == isMonth)
    }

    @Test("Exactly the threshold is not over it; one centavo more is, on that day alone")
    func threshold() async throws {
        let log = try await ReportFixture(at: "2026-11-20T00:00:00")
        try await log.accept("2026-11-20T10:00:00", "A1", "250000.00", "p_exact")
        try await log.accept("2026-11-20T11:00:00", "A2", "250000.00", "p_exact")
        try await log.accept("2026-11-20T12:00:00", "B1", "500000.01", "p_over")
        // Two days of 300,000.00 are no day of 600,000.00.
        try await log.accept("2026-11-20T13:00:00", "C1", "300000.00", "p_split")
        try await log.accept("2026-11-21T13:00:00", "C2", "300000.00", "p_split")
        try await log.audit.close()
        let month = try log.report(month: "2026-11").json
        #expect(month["coveredCount"] == 1)
        let covered = try #require(month["covered"]?.arrayValue?.first)
        #expect(covered["party"] == "p_over" && covered["amount"] == "500000.01")
        #expect(covered["day"] == "2026-11-20")
    }

    @Test("A party keeps its pseudonym over the end of a month, and each day is its own")
    func parties() async throws {
        let log = try await ReportFixture(at: "2026-11-30T00:00:00")
        for day in ["2026-11-30", "2026-12-01"] {
            try await log.accept("\(day)T09:00:00", "\(day)-1", "400000.00", "p_same")
            try await log.accept("\(day)T17:30:00", "\(day)-2", "100000.01", "p_same")
        }
        try await log.audit.close()
        for (month, day) in [("2026-11", "2026-11-30"), ("2026-12", "2026-12-01")] {
            let covered = try #require(
                try log.report(month: month).json["covered"]?.arrayValue?.first)
            #expect(covered["party"] == "p_same" && covered["amount"] == "500000.01")
            #expect(covered["firstTime"]?.stringValue == "\(day)T09:00:00.000000+08:00")
            #expect(covered["lastTime"]?.stringValue == "\(day)T17:30:00.000000+08:00")
            let names = covered["transactions"]?.arrayValue?.compactMap {
                $0["transaction"]?.stringValue
            }
            #expect(names == ["\(day)-1", "\(day)-2"])
        }
    }

    @Test("A transaction counts once; what fails afterwards counts still and is marked")
    func once() async throws {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00")
        try await log.accept("2026-11-21T09:00:00", "A", "600000.00", "p_a")
        try await log.accept("2026-11-21T09:30:00", "A", "600000.00", "p_a")
        try await log.accept("2026-11-21T10:00:00", "B", "10.00", "p_a")
        try await log.add(
            "2026-11-21T11:00:00", "payout.failed", "A", amount: "600000.00", outcome: .failure)
        try await log.add("2026-11-21T11:00:01", "payout.failed", "A", outcome: .failure)
        try await log.add("2026-11-21T11:00:02", "payout.cancelled", "never counted")
        try await log.audit.close()
        let json = try log.report(day: "2026-11-21").json
        #expect(Self.payments(try log.report(day: "2026-11-21")) == (2, "600010.00"))
        #expect(json["transactions"]?["reversedCount"] == 1)
        #expect(json["transactions"]?["reversedAmount"] == "600000.00")
        #expect(json["transactions"]?["repeats"] == 1)
        let covered = try #require(json["covered"]?.arrayValue?.first)
        #expect(covered["amount"] == "600010.00" && covered["reversedAmount"] == "600000.00")
        let items = try #require(covered["transactions"]?.arrayValue)
        #expect(items.map { $0["reversedBy"] } == ["payout.failed", .null])
    }

    @Test("Amounts that cannot be added are told, each with its event")
    func odd() async throws {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00")
        let odd: [JSONValue] = [
            "1,500.00", "-5.00", "1.005", "", "1e3", .number("1E+3"), .null, ["nested": 1],
            "9999999999999999.00", "１００.00",
        ]
        for (number, amount) in odd.enumerated() {
            try await log.add(
                "2026-11-21T10:00:00", "payout.accepted", "N\(number)", amount: amount,
                party: "p")
        }
        try await log.add(
            "2026-11-21T10:00:01", "payout.accepted", "USD", amount: "7.50", party: "p",
            data: ["currency": "USD"])
        try await log.add(
            "2026-11-21T10:00:02", "payout.accepted", nil, amount: "1.00", party: "p")
        try await log.accept("2026-11-21T10:00:03", "GOOD", "999999999999999.99", "p")
        try await log.accept("2026-11-21T10:00:03", "GOOD", "1.00", "p")
        try await log.add(
            "2026-11-21T10:00:04", "payout.accepted", "PLAIN", amount: .number("0.5"), party: "p")
        try await log.audit.close()
        let json = try log.report(day: "2026-11-21").json
        #expect(json["transactions"]?["amount"] == "1000000000000000.49")
        #expect(json["otherCurrencies"]?.arrayValue?.first?["amount"] == "7.50")
        let places = Set(json["odd"]?.arrayValue?.compactMap { $0["event"]?.integerValue } ?? [])
        // Events 0 and 1 are the log's own.
        #expect(places == Set(2...13).union([15]))
    }

    @Test("An empty day gives a report that says so")
    func empty() async throws {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00")
        try await log.audit.close()
        let report = try log.report(day: "2026-11-22")
        #expect(report.json["events"] == 0 && report.exitCode == 0)
        #expect(report.html.contains("No event was recorded in this period"))
    }

    @Test("A log without a profile is counted without amounts")
    func noProfile() async throws {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00", profile: nil)
        try await log.accept("2026-11-21T10:00:00", "A", "900000.00", "p")
        try await log.audit.close()
        let report = try log.report(day: "2026-11-21")
        #expect(report.json["events"] == 4 && report.json["covered"] == nil)
        #expect(!report.html.contains("Covered"))
    }
}

extension ReportFiguresTests {
    @Test("A transaction counts on its first day alone, also when only the second is over")
    func firstDay() async throws {
        let log = try await ReportFixture(at: "2026-11-20T00:00:00")
        try await log.accept("2026-11-20T10:00:00", "A", "400000.00", "p_a")
        try await log.accept("2026-11-21T10:00:00", "A", "400000.00", "p_a")
        try await log.accept("2026-11-21T11:00:00", "B", "400000.00", "p_a")
        try await log.accept("2026-11-21T12:00:00", "C", "100000.01", "p_a")
        try await log.accept("2026-11-22T10:00:00", "A", "400000.00", "p_a")
        try await log.audit.close()
        let covered = try log.report(month: "2026-11").json["covered"]?.arrayValue ?? []
        #expect(covered.count == 1)
        #expect(covered.first?["day"] == "2026-11-21" && covered.first?["amount"] == "500000.01")
        let names = covered.first?["transactions"]?.arrayValue?.map { $0["transaction"] }
        #expect(names == ["B", "C"])
    }
}
