import DurableFiles
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Planning a batch")
struct PlannerTests {
    private struct Plan {
        var totals = PlanTotals()
        var rows: [PlannedRow] = []
        var rejection: [Fault] = []
        var missing: String?
    }

    private let temporary: TemporarySite

    init() throws { temporary = try TemporarySite() }

    private func plan(
        _ text: String, used: Set<String> = [], mode: String = "test", prefix: String? = nil
    ) throws -> Plan {
        let path = temporary.site.file("copy")
        try DurableFiles.replace(path, Array(text.utf8))
        var plan = Plan()
        let planner = Planner(rules: PlanRules(mode: mode, controlNumberPrefix: prefix))
        let outcome = try planner.plan(
            BatchText(path: path, name: "in.csv", sha256: "", sideFile: nil),
            usedBefore: { number in used.contains { .control($0) == number } },
            each: { plan.rows.append($0) })
        switch outcome {
        case .whole(_, let totals): plan.totals = totals
        case .incomplete(let missing): plan.missing = missing
        case .rejected(let faults): plan.rejection = faults
        }
        return plan
    }

    @Test("Totals are those of the rows, split by verdict and channel")
    func totals() throws {
        var batch = TypedBatch(rows: 3)
        batch.rows[1].channel = "8"
        batch.add("SKY9900000009", 12_345, phone: "9171234567")
        let plan = try plan(batch.text)
        #expect(plan.totals.total == StateTotal(rows: 4, amount: Amount(centavos: 12_945)))
        #expect(plan.totals.accepted == StateTotal(rows: 3, amount: Amount(centavos: 600)))
        #expect(plan.totals.rejected == StateTotal(rows: 1, amount: Amount(centavos: 12_345)))
        #expect(
            plan.totals.channels == [
                "6": StateTotal(rows: 2, amount: Amount(centavos: 400)),
                "8": StateTotal(rows: 1, amount: Amount(centavos: 200)),
            ])
        #expect(plan.totals.faults.map(\.field) == ["phone"])
        #expect(plan.rows.map(\.line) == [3, 4, 5, 6])
    }

    @Test("Two rows with one number are both rejected, a third too, and say why")
    func twice() throws {
        var batch = TypedBatch(rows: 2)
        batch.add("SKY9900000001", 300)
        batch.add("SKY9900000001", 400)
        let plan = try plan(batch.text)
        #expect(plan.rows.map(\.faults.isEmpty) == [false, true, false, false])
        #expect(plan.totals.rejected.rows == 3)
        for fault in plan.totals.faults {
            #expect(fault.code == "duplicate-control-number")
            #expect(fault.field == "controlNumber")
            #expect(fault.message.contains("twice in this file"))
        }
    }

    @Test("A good row beside a faulty one of the same number is rejected too")
    func twiceWithAFault() throws {
        var batch = TypedBatch(rows: 1)
        batch.add("SKY9900000001", 300, phone: "123")
        #expect(try plan(batch.text).totals.accepted.rows == 0)
    }

    @Test("A number that an earlier file used is rejected, the others are not")
    func usedBefore() throws {
        let plan = try plan(TypedBatch(rows: 3).text, used: ["SKY9900000002"])
        #expect(plan.rows.map(\.faults.isEmpty) == [true, false, true])
        #expect(plan.totals.faults.first?.message.contains("used by an earlier file") == true)
    }

    @Test("The hash is the same for the same file under the same ledger")
    func stableHash() throws {
        let text = TypedBatch(rows: 5).text
        let hash = try plan(text).totals.planHash
        #expect(hash.count == 64)
        #expect(try plan(text).totals.planHash == hash)
    }

    @Test("The hash changes with every row's verdict, number and amount, and with the header")
    func sensitiveHash() throws {
        let batch = TypedBatch(rows: 4)
        var hashes: [String] = [try plan(batch.text).totals.planHash]
        for row in batch.rows.indices {
            hashes.append(try plan(batch.text, used: [batch.rows[row].number]).totals.planHash)
            var amount = batch
            amount.rows[row].centavos += 1
            hashes.append(try plan(amount.text).totals.planHash)
            var number = batch
            number.rows[row].number = "SKY990000010\(row)"
            hashes.append(try plan(number.text).totals.planHash)
            var fewer = batch
            fewer.rows.remove(at: row)
            hashes.append(try plan(fewer.text).totals.planHash)
        }
        var swapped = batch
        swapped.rows.swapAt(0, 1)
        hashes.append(try plan(swapped.text).totals.planHash)
        var other = batch
        other.id = "B-2"
        hashes.append(try plan(other.text).totals.planHash)
        #expect(Set(hashes).count == hashes.count)
    }

    @Test("A file for the other mode is rejected whole, and no row is given out")
    func otherMode() throws {
        let plan = try plan(TypedBatch(rows: 1).text, mode: "live")
        #expect(plan.rejection.map(\.field) == ["mode"])
        #expect(plan.rows.isEmpty)
    }

    @Test("A number with another prefix than the site's is rejected")
    func prefix() throws {
        var batch = TypedBatch(rows: 1)
        batch.add("SKY9800000002", 200)
        let plan = try plan(batch.text, prefix: "SKY99")
        #expect(plan.rows.map(\.faults.isEmpty) == [true, false])
    }

    @Test("A batch without rows is whole and comes to nothing")
    func empty() throws {
        let plan = try plan(TypedBatch().text)
        #expect(plan.rejection.isEmpty)
        #expect(plan.totals.total == StateTotal())
        #expect(plan.totals.planHash.count == 64)
    }

    @Test("A cut file is incomplete and gives out nothing")
    func incomplete() throws {
        let plan = try plan(String(TypedBatch(rows: 2).text.dropLast(5)))
        #expect(plan.missing != nil)
        #expect(plan.rows.isEmpty)
    }

    @Test("Faults beyond the list are counted")
    func faultLimit() throws {
        var batch = TypedBatch()
        for row in 0..<PlanLimits.maxListedFaults + 5 {
            batch.add("SKY99\(10_000_000 + row)", 100, phone: "x")
        }
        let plan = try plan(batch.text)
        #expect(plan.totals.faults.count == PlanLimits.maxListedFaults)
        #expect(plan.totals.faultsLeftOut == 5)
    }
}
