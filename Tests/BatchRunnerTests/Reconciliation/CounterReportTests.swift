import GRDB
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// One registration of 300.00 beside what a report says of its number.
@Suite("SkyPay's reports beside what counters did")
struct CounterReportTests {
    private let temporary: TemporarySite
    private static let day = "2026-12-01"
    private static let number = "SKY9900000001"

    init() throws { temporary = try TemporarySite() }

    /// - Parameters:
    ///   - endedOn: the day on which the message that settled it came, or on which it expired.
    ///   - told: the day that message names.
    private func register(
        _ kind: RegistrationKind, _ state: CounterState = .settled,
        madeOn: String = "2026-11-20", endedOn: String? = Self.day, told: String? = nil
    ) throws {
        let ledger = try Ledger(path: temporary.site.ledger)
        let isSettled = state == .settled
        let end = isSettled || state == .expired ? (told ?? endedOn) : nil
        let outcome = end == nil ? nil : "told"
        let finalAt = end.map { $0 + "T12:00:00+08:00" }
        try ledger.database.write { database in
            for (file, on) in [("f", madeOn), ("m", endedOn ?? madeOn)] {
                try database.execute(
                    sql: """
                        INSERT INTO files (fileId, sender, name, outputName, sha256, bytes,
                            identity, receivedAt, claimSequence)
                        VALUES (?, '', 'n', 'n', 's', 1, '{}', ?, 1)
                        """, arguments: [file, on + "T23:59:59+08:00"])
            }
            try database.execute(
                sql: """
                    INSERT INTO rows (fileId, row, line, offset, length, controlNumber, amount,
                        state, final, finalAt) VALUES ('f', 1, 3, 0, 1, ?, 30000, ?, ?, ?)
                    """,
                arguments: [
                    kind == .payout ? Self.number : nil, state.rawValue, outcome, finalAt,
                ])
            try database.execute(
                sql: """
                    INSERT INTO registrations (kind, number, fileId, row, amount, state, payment)
                    VALUES (?, ?, 'f', 1, 30000, ?, ?)
                    """,
                arguments: [kind.rawValue, Self.number, state.rawValue, isSettled ? "k" : nil])
            if isSettled {
                try database.execute(
                    sql: "INSERT INTO callbacks (key, fileId, action) VALUES ('k', 'm', 'a')")
            }
        }
        try ledger.close()
    }

    private func begin(
        _ subject: ReportSubject, _ day: String = Self.day
    ) throws -> ReportComparison {
        try Ledger(path: temporary.site.ledger).close()
        return try ReportComparison(subject, ledger: temporary.site.ledger, day: day)
    }

    private func differences(
        _ subject: ReportSubject, on day: String = Self.day, _ report: [JSONObject] = []
    ) throws -> [ReportDifference] {
        let comparison = try begin(subject, day)
        for object in report { try comparison.add(object) }
        var found: [ReportDifference] = []
        try comparison.differences { found.append($0) }
        return found
    }

    /// A row of getReportCollection.
    private func collected(
        _ amount: JSONValue = .number("300.00"), status: JSONValue = "Confirmed",
        on day: String = Self.day
    ) -> JSONObject {
        [
            "createDate": "", "collectionTime": .string(day + "T12:00:00"),
            "contractNo": .string(Self.number), "amount": amount, "phone": "09170000000",
            "receiptNo": "R-1", "status": status,
        ]
    }

    @Test(
        "What a counter said and no report has is named, by its number and the day it was told",
        arguments: [
            (.payout, .payouts), (.collection, .collections),
        ] as [(RegistrationKind, ReportSubject)])
    func notReported(_ kind: RegistrationKind, _ subject: ReportSubject) throws {
        try register(kind)
        let found = try differences(subject)
        #expect(
            found == [
                ReportDifference(
                    subject: subject, controlNumber: Self.number, kind: .notReported,
                    ledger: "settled 2026-12-01, PHP 300.00", skypay: "nothing")
            ])
        #expect(found.first?.json["report"]?.stringValue == subject.rawValue)
        for day in ["2026-11-30", "2026-12-02"] {
            #expect(try differences(subject, on: day) == [])
        }
        // Nor is it missing from the other report.
        let other: ReportSubject = subject == .payouts ? .collections : .payouts
        #expect(try differences(other) == [])
    }

    @Test("A message is looked for on the day it came, whatever day it names")
    func forgedDay() throws {
        try register(.collection, told: "2019-01-01")
        #expect(try differences(.collections).map(\.ledger) == ["settled 2019-01-01, PHP 300.00"])
        #expect(try differences(.collections, on: "2019-01-01") == [])
    }

    @Test("A message that came after midnight is found on the day before")
    func midnight() throws {
        try register(.collection, endedOn: "2026-12-02", told: "2026-12-01")
        let report = [collected(on: "2026-12-01")]
        #expect(try differences(.collections, on: "2026-12-01", report) == [])
        #expect(try differences(.collections, on: "2026-12-02", report) == [])
    }

    @Test(
        "What each state of a registration means beside a collection, confirmed and not",
        arguments: [
            (.settled, nil, .outcome), (.inquired, .open, nil), (.expired, .outcome, nil),
            (.registered, .outcome, .outcome), (nil, .notOurs, .notOurs),
        ] as [(CounterState?, ReportDifference.Kind?, ReportDifference.Kind?)])
    func states(
        _ state: CounterState?, _ confirmed: ReportDifference.Kind?,
        _ other: ReportDifference.Kind?
    ) throws {
        if let state { try register(.collection, state) }
        let good = try differences(.collections, [collected()])
        #expect(good.map(\.kind) == [confirmed].compactMap(\.self))
        #expect(good.allSatisfy { $0.skypay == "collected, PHP 300.00" })
        let bad = try differences(.collections, [collected(status: "Cancelled")])
        #expect(bad.map(\.kind) == [other].compactMap(\.self))
    }

    @Test("Another amount, and two rows for one contract, are differences; totals say the sums")
    func amounts() throws {
        try register(.collection)
        let other = try differences(.collections, [collected(.number("300.01"))])
        #expect(other.map(\.kind) == [.amount])
        let twice = try differences(.collections, [collected(), collected()])
        #expect(twice.map(\.kind) == [.twice])
        let comparison = try begin(.collections)
        try comparison.add(collected(.number("299.00")))
        let totals = try comparison.totals()
        #expect(totals.skypay == StateTotal(rows: 1, amount: Amount(centavos: 29_900)))
        #expect(totals.ledger == StateTotal(rows: 1, amount: Amount(centavos: 30_000)))
    }

    @Test("A payout's number is not a contract's: a collection under it is nobody's")
    func numbers() throws {
        try register(.payout)
        #expect(try differences(.collections, [collected()]).map(\.kind) == [.notOurs])
    }

    @Test(
        "Collections are asked about where one of ours may have been made in these days",
        arguments: [
            (.collection, .registered, "2026-11-20", nil, true),
            (.collection, .inquired, "2026-12-02", nil, true),
            (.collection, .inquired, "2026-12-03", nil, false),
            (.collection, .settled, "2026-11-20", "2026-11-30", true),
            (.collection, .settled, "2026-11-20", "2026-11-29", false),
            (.collection, .expired, "2026-11-20", "2026-12-24", true),
            (.collection, .expired, "2026-11-20", "2026-11-29", false),
            (.payout, .inquired, "2026-11-20", nil, false),
        ] as [(RegistrationKind, CounterState, String, String?, Bool)])
    func needed(
        _ kind: RegistrationKind, _ state: CounterState, _ made: String, _ ended: String?,
        _ isNeeded: Bool
    ) throws {
        #expect(try !begin(.collections).isNeeded(from: "2026-11-30", through: "2026-12-02"))
        try register(kind, state, madeOn: made, endedOn: ended)
        let needed = try begin(.collections).isNeeded(from: "2026-11-30", through: "2026-12-02")
        #expect(needed == isNeeded)
        #expect(try begin(.payouts).isNeeded(from: "2026-11-30", through: "2026-12-02"))
    }
}
