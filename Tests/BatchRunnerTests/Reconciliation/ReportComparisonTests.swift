import GRDB
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// One payout of ours, sent at noon, beside what a report says of it.
@Suite("SkyPay's report beside the ledger")
struct ReportComparisonTests {
    private let temporary: TemporarySite
    private static let day = "2026-12-01"
    private static let number = "SKY9900000001"
    /// 2026-12-01T12:00:00+08:00.
    private static let noon: Int64 = 1_796_054_400 + 12 * 3_600

    init() throws { temporary = try TemporarySite() }

    private func differences(
        state: String?, sentAt: Int64 = noon, attempts: Int = 1, _ report: [JSONObject]
    ) throws -> [ReportDifference] {
        let path = temporary.site.ledger
        let ledger = try Ledger(path: path)
        if let state {
            try ledger.database.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO rows (fileId, row, line, offset, length, controlNumber, amount,
                            state, lastSentAt, attempts) VALUES ('f', 1, 3, 0, 1, ?, 150000, ?, ?, ?)
                        """,
                    arguments: [
                        Self.number, state == "inquired" ? "registered" : state, sentAt, attempts,
                    ])
                // That a counter asked stands in the registration alone.
                try database.execute(
                    sql: """
                        INSERT INTO registrations (kind, number, fileId, row, amount, state)
                        SELECT 'payout', ?, 'f', 1, 150000, ? WHERE ? IN ('registered', 'inquired')
                        """, arguments: [Self.number, state, state])
            }
        }
        try ledger.close()
        let comparison = try ReportComparison(.payouts, ledger: path, day: Self.day)
        for object in report { try comparison.add(object) }
        var found: [ReportDifference] = []
        try comparison.differences { found.append($0) }
        return found
    }

    private func begin(
        _ subject: ReportSubject, _ day: String = Self.day
    ) throws -> ReportComparison {
        try ReportComparison(subject, ledger: temporary.site.ledger, day: day)
    }

    private func row(
        paid: Bool, amount: JSONValue = .number("1500.00"), created: String = day + " 12:00:01"
    ) -> JSONObject {
        [
            "createDate": .string(created), "payTime": .string(paid ? Self.day + " 12:05:00" : ""),
            "controlNo": .string(Self.number), "amount": amount, "phone": "09170000000",
            "receiptNo": "R1",
        ]
    }

    @Test(
        "What each state means beside a row of the report, paid and not paid",
        arguments: [
            ("paid", nil, .outcome), ("accepted", .open, nil), ("settled", nil, .outcome),
            ("inquired", .open, nil), ("expired", .outcome, nil),
            ("registered", .outcome, .outcome),
            ("failed", .outcome, nil), ("cancelled", .outcome, nil),
            ("unknown", .open, .open), ("intended", .open, .open), ("suspended", .open, .open),
            ("held", .open, .open), ("unsent", .outcome, .outcome),
            ("refused", .outcome, .outcome), ("rejected", .notOurs, .notOurs),
            (nil, .notOurs, .notOurs),
        ] as [(String?, ReportDifference.Kind?, ReportDifference.Kind?)])
    func states(
        _ state: String?, _ paid: ReportDifference.Kind?, _ unpaid: ReportDifference.Kind?
    ) throws {
        let found = try differences(state: state, [row(paid: true)])
        #expect(found.map(\.kind) == [paid].compactMap(\.self))
        #expect(found.allSatisfy { $0.controlNumber == Self.number })
        let comparison = try begin(.payouts)
        try comparison.add(row(paid: false))
        var others: [ReportDifference.Kind] = []
        try comparison.differences { others.append($0.kind) }
        #expect(others == [unpaid].compactMap(\.self))
    }

    @Test(
        "Another amount, none that can be read, and two rows of one number are differences",
        arguments: [JSONValue.number("1500.01"), "", "many"])
    func amounts(_ amount: JSONValue) throws {
        let found = try differences(state: "paid", [row(paid: true, amount: amount)])
        #expect(found.map(\.kind) == [.amount])
    }

    @Test("Two rows of one number are one difference, and count twice in SkyPay's sum")
    func twice() throws {
        let found = try differences(state: "paid", [row(paid: true), row(paid: true)])
        #expect(found.map(\.kind) == [.twice])
        #expect(found.first?.skypay == "2 rows, paid, PHP 1500.00")
    }

    @Test("Around midnight the day before and the day after count; none at all is a difference")
    func midnight() throws {
        let late = Self.noon + 12 * 3_600 - 1
        let next = row(paid: true, created: "2026-12-02T00:00:01")
        #expect(try differences(state: "paid", sentAt: late, [next]) == [])
        let comparison = try begin(.payouts)
        var found: [ReportDifference] = []
        try comparison.differences { found.append($0) }
        #expect(found.map(\.kind) == [.notReported])
        #expect(found.first?.ledger == "paid, PHP 1500.00")
        let other = try begin(.payouts, "2026-12-02")
        try other.differences { found.append($0) }
        #expect(found.count == 1)
    }

    @Test(
        "What was found after an older state was put back was sent nobody knows when: not missing")
    func restored() throws {
        // A row of the lost time has the time of the restore as that of its sending.
        #expect(try differences(state: "paid", []).map(\.kind) == [.notReported])
        for (restoredAt, isMissing) in [(Self.noon, false), (Self.noon - 60, true)] {
            let ledger = try Ledger(path: temporary.site.ledger)
            try ledger.database.write { database in
                try database.execute(
                    sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
                    arguments: [
                        Restoration.name, Restoration(at: restoredAt, until: .max).text,
                    ])
            }
            try ledger.close()
            #expect(try differences(state: nil, []).isEmpty == !isMissing)
        }
    }

    @Test(
        "A row that cannot be placed refuses its report: its money would be in no sum",
        arguments: [
            (.payouts, "createDate", ""), (.payouts, "createDate", .null),
            (.payouts, "createDate", "01/12/2026"),
            (.payouts, "createDate", "2026-13-01 10:00:00"), (.payouts, "controlNo", ""),
            (.collections, "payTime", ""),
        ] as [(ReportSubject, String, JSONValue)])
    func unplaced(_ subject: ReportSubject, _ field: String, _ value: JSONValue) throws {
        try Ledger(path: temporary.site.ledger).close()
        let comparison = try begin(subject)
        var object = row(paid: true)
        object[field] = value
        #expect(throws: ReportFault.self) { try comparison.add(object) }
        #expect(try comparison.totals().skypay == StateTotal())
    }

    @Test("A file whose rows are gone from the ledger does not add up")
    func conservation() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.claim("20261121-000001", name: "in.csv")
        try script.accept("20261121-000001", batch: TypedBatch(rows: 3), on: stage)
        for line in 3...4 { script.payout("20261121-000001", line, .intended(attempt: 1)) }
        script.payout("20261121-000001", 3, .refused, code: "-1022")
        try stage.apply(script.events)
        let figures = try StandingFigures(stage.ledger, day: nil)
        #expect(figures.faults == [])
        #expect(figures.days.map(\.day) == ["2026-11-21"])
        let parts = figures.days.first?.parts.mapValues(\.amount.text)
        #expect(parts == ["refused": "1.00", "unknown": "2.00", "unsent": "3.00"])
        #expect(try StandingFigures(stage.ledger, day: "2026-11-22").days.isEmpty)
        try stage.ledger.database.write { try $0.execute(sql: "DELETE FROM rows WHERE row = 3") }
        let less = try StandingFigures(stage.ledger, day: "2026-11-21")
        #expect(less.faults.count == 1)
        #expect(less.faults.first?.contains("3 rows of PHP 6.00 came, and 2 of PHP 3.00") == true)
    }

    @Test("A report whose money is more than 64 bits hold is added up all the same")
    func beyond64Bits() throws {
        try Ledger(path: temporary.site.ledger).close()
        let comparison = try begin(.payouts)
        for number in 10..<22 {
            var object = row(paid: true, amount: .number("9000000000000000.00"))
            object["controlNo"] = .string("SKY99000000\(number)")
            try comparison.add(object)
        }
        let totals = try comparison.totals()
        #expect(totals.skypay.rows == 12)
        #expect(totals.skypay.amount.text == "108000000000000000.00")
        #expect(totals.ledger == StateTotal())
    }
}
