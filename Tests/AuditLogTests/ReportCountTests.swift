import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Report: against an independent count")
struct ReportCountTests {
    /// What was appended, counted here without any of the report's code; centavos.
    private struct Oracle {
        var types: [String: Int] = [:]
        var failures = 0
        var transactions: [String: (amount: Int, party: String, day: String)] = [:]

        mutating func add(_ line: Line) {
            types["\(line.type) \(line.outcome.rawValue)", default: 0] += 1
            if line.outcome == .failure { failures += 1 }
            if line.type == "payout.accepted", transactions[line.number] == nil {
                transactions[line.number] = (line.amount, line.party, line.day)
            }
        }

        var covered: [String: Int] {
            var sums: [String: Int] = [:]
            for transaction in transactions.values {
                sums["\(transaction.day) \(transaction.party)", default: 0] += transaction.amount
            }
            return sums.filter { $0.value > 50_000_000 }
        }
    }

    private struct Line {
        var day: String
        var second: Int
        var type: String
        var outcome: Outcome
        var number: String
        var amount: Int
        var party: String

        var time: String {
            func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            return "\(day)T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
        }
    }

    private static func lines(_ count: Int, seed: UInt64) -> [Line] {
        var random = SeededGenerator(state: seed)
        let types: [(String, Outcome)] = [
            ("payout.accepted", .success), ("payout.intended", .success),
            ("payout.refused", .failure), ("payout.failed", .failure),
        ]
        var lines = (0..<count).map { _ in
            let (type, outcome) = types[Int.random(in: 0..<types.count, using: &random)]
            let number = Int.random(in: 0..<count / 3, using: &random)
            return Line(
                day: "2026-11-\(Int.random(in: 20...23, using: &random))",
                second: Int.random(in: 0..<86_400, using: &random), type: type,
                outcome: outcome, number: "SKY99\(number)",
                amount: 1 + (number * 7_919_031) % 30_000_000, party: "p_\(number % 3)")
        }
        lines.sort { ($0.day, $0.second) < ($1.day, $1.second) }
        return lines
    }

    private static func append(_ lines: [Line], to log: ReportFixture) async throws {
        for line in lines {
            let cents = line.amount % 100
            try await log.add(
                line.time, line.type, line.number,
                amount: .string("\(line.amount / 100).\(cents < 10 ? "0" : "")\(cents)"),
                party: line.party, outcome: line.outcome)
        }
        try await log.audit.close()
    }

    @Test("Random events over four days give the figures a plain count gives", arguments: 0..<2)
    func counts(_ seed: UInt64) async throws {
        let log = try await ReportFixture(at: "2026-11-19T00:00:00")
        let lines = Self.lines(240, seed: seed)
        try await Self.append(lines, to: log)
        for period in ["2026-11-20", "2026-11-22", "2026-11"] {
            var oracle = Oracle()
            for line in lines where line.day.hasPrefix(period) { oracle.add(line) }
            let report =
                period.count == 7 ? try log.report(month: period) : try log.report(day: period)
            try Self.compare(report.json, oracle)
        }
    }

    private static func compare(_ json: JSONValue, _ oracle: Oracle) throws {
        for type in json["types"]?.arrayValue ?? [] {
            let name = "\(type["type"]?.stringValue ?? "") \(type["outcome"]?.stringValue ?? "")"
            if name.hasPrefix("auditlog.") { continue }
            #expect(type["events"]?.integerValue == oracle.types[name])
        }
        #expect(json["failures"]?.integerValue == oracle.failures)
        let sum = oracle.transactions.values.reduce(0) { $0 + $1.amount }
        #expect(json["transactions"]?["count"]?.integerValue == oracle.transactions.count)
        #expect(centavos(json["transactions"]?["amount"]) == sum)
        let buckets = json["buckets"]?.arrayValue ?? []
        #expect(buckets.reduce(0) { $0 + (centavos($1["amount"]) ?? 0) } == sum)
        let events = buckets.reduce(0) { $0 + ($1["events"]?.integerValue ?? 0) }
        #expect(events == json["events"]?.integerValue)
        let covered = try #require(json["covered"]?.arrayValue)
        let found = covered.map { party in
            let name = "\(party["day"]?.stringValue ?? "") \(party["party"]?.stringValue ?? "")"
            return (name, centavos(party["amount"]) ?? 0)
        }
        #expect(!oracle.covered.isEmpty)
        #expect(Dictionary(found) { first, _ in first } == oracle.covered)
        for party in covered {
            let items = party["transactions"]?.arrayValue ?? []
            #expect(items.count == party["count"]?.integerValue)
            let listed = items.reduce(0) { $0 + (centavos($1["amount"]) ?? 0) }
            #expect(listed == centavos(party["amount"]))
        }
    }

    private static func centavos(_ value: JSONValue?) -> Int? {
        value?.stringValue.flatMap { Int($0.filter { $0 != "." }) }
    }

    @Test("Shares of the transactions add up to the whole, for any number of shares")
    func shares() async throws {
        let log = try await ReportFixture(at: "2026-11-19T00:00:00")
        let lines = Self.lines(200, seed: 9)
        try await Self.append(lines, to: log)
        let period = try ReportPeriod(month: "2026-11")
        let profile = try ReportProfile(ReportFixture.profile)
        let source = try ReportSource(LogLayout(directory: log.base.log), period) { _ in }
        var whole = TransactionCounting(period, profile)
        try source.forEach { whole.add($0, profile.counted($0)) }
        for shares in [2, 3, 7] as [UInt64] {
            var totals = TransactionFigure()
            for share in 0..<shares {
                var counting = TransactionCounting(period, profile, share: share, of: shares)
                try source.forEach { counting.add($0, profile.counted($0)) }
                #expect(counting.totals.count > 0)
                totals.add(counting.totals)
            }
            #expect(totals.count == whole.totals.count && totals.sum == whole.totals.sum)
            #expect(totals.reversedSum == whole.totals.reversedSum)
            #expect(totals.repeats == whole.totals.repeats)
        }
    }

    @Test(
        "A time that no clock shows ends the figures, and the report says so",
        arguments: [
            "2026-11-21T24:00:00", "2026-11-21T99:10:00", "2026-11-00T10:00:00",
            "2026-11-31T10:00:00", "2026-11-99T10:00:00",
        ])
    func unrealTime(_ time: String) async throws {
        let log = try await ReportFixture(at: "2026-11-21T08:00:00")
        try await log.accept("2026-11-21T09:00:00", "SKY991", "600000.00", "p")
        try await log.accept("2026-11-21T10:00:00", "SKY992", "1.00", "p")
        try await log.audit.close()
        let deflater = try MemberDeflater()
        var bytes: [UInt8] = []
        deflater.begin(&bytes)
        for var event in try log.base.events() {
            if event.subject["controlNumber"] == "SKY992" { event.time = time + ".000000+08:00" }
            deflater.add(event.bytes + [0x0A], to: &bytes)
        }
        deflater.finish(&bytes)
        try LogFixture.write(log.base.segment, bytes)
        let options = ReportOptions(verifies: false)
        let month = try log.report(month: "2026-11", options: options)
        #expect(month.figures.problem?.contains("time that no clock shows") == true)
        #expect(month.exitCode == 2)
        #expect(month.json["events"] == 3 && month.json["transactions"]?["amount"] == "600000.00")
        #expect(month.json["covered"]?.arrayValue?.count == 1)
        #expect(month.html.contains("time that no clock shows"))
        // In the report of a day the others lie before or behind it.
        let day = try log.report(day: "2026-11-21", options: options)
        #expect((day.figures.problem != nil) == time.hasPrefix("2026-11-21"))
        #expect(day.exitCode == (day.figures.problem == nil ? 0 : 2))
    }
}
