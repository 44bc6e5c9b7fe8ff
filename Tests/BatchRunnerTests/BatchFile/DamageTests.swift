import OrderedJSON
import Testing

@testable import BatchRunner

/// Valid files damaged at random, by seed: whatever comes out must hold together.
@Suite struct DamageTests {
    /// Xorshift: the seed is the whole state, so a failure replays.
    private struct Chance {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(max(bound, 1)))
        }
    }

    private static let bytes =
        Array("\"\",\n\r{}[]:\\,HDT=0190.eE+-u ".utf8) + [0, 0xC3, 0xB1, 0xFF, 0xEF, 0x80]

    private static func damaged(_ file: Dropped, _ chance: inout Chance) -> Dropped {
        var text = file.bytes
        for _ in 0...chance.below(4) {
            let at = chance.below(text.count)
            let end = min(text.count, at + chance.below(60))
            let byte = bytes[chance.below(bytes.count)]
            switch chance.below(5) {
            case 0: text.replaceSubrange(at..<min(at + 1, text.count), with: [byte])
            case 1: text.insert(byte, at: at)
            case 2: text.insert(contentsOf: text[at..<end], at: chance.below(text.count))
            case 3: text.removeSubrange(at..<end)
            default: text.removeSubrange(at...)
            }
        }
        return file.with(bytes: text)
    }

    @Test("Damage of any kind never breaks totals, places or chunks", arguments: 1...8)
    func damage(seed: Int) throws {
        var chance = Chance(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        try Dropped.inFolder { folder in
            for round in 0..<60 {
                let whole = Dropped.valid[chance.below(Dropped.valid.count)]
                let file = Self.damaged(whole, &chance)
                var limits = BatchLimits()
                limits.maxRowBytes = 600
                let outcome = try file.read(at: "\(folder)/copy", limits: limits)
                limits.chunkBytes = 1 + chance.below(50)
                let again = try file.read(at: "\(folder)/copy", limits: limits)
                #expect(outcome == again, "seed \(seed), round \(round): \(file.text)")
                try Self.checkWhole(outcome, in: folder, "seed \(seed), round \(round)")
            }
        }
    }

    /// A batch found whole proves itself, is read again row by row, and survives being written.
    private static func checkWhole(
        _ outcome: Dropped.Outcome, in folder: String, _ comment: Comment
    ) throws {
        guard let summary = outcome.summary else { return }
        #expect(summary.rows == outcome.rows.count, comment)
        #expect(summary.header.count == summary.rows, comment)
        #expect(summary.header.amount == summary.total, comment)
        let reader = try RowReader(
            path: "\(folder)/copy", form: summary.form, columns: summary.columns)
        for row in outcome.rows {
            let again = try reader.row(
                at: row.location, line: row.line, column: row.column, item: row.item)
            #expect(again == row, comment)
        }
        let fault = Fault(code: "any", message: "a \"reason\", with everything")
        var text: [UInt8] = []
        var writer = RejectedRowsWriter(summary: summary, rows: reader)
        for row in outcome.rows {
            let rejected = RejectedRow(location: row.location, line: row.line, faults: [fault])
            try writer.add(rejected) { text += $0 }
        }
        try writer.end { text += $0 }
        let named = String(decoding: text, as: UTF8.self).replacing("batch=,", with: "batch=B,")
            .replacing("\"batch\":\"\"", with: "\"batch\":\"B\"")
        let dropped = try Dropped(summary.form.isCSV ? "a.csv" : "a.json", named).read()
        #expect(dropped.summary?.total == summary.total, comment)
        for (row, again) in zip(outcome.rows, dropped.rows) where row.faults.isEmpty {
            #expect(row.fields == again.fields, comment)
        }
    }
}
