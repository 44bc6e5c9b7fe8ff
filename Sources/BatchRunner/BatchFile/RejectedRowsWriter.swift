internal import OrderedJSON
internal import SkyPay

/// A row that was refused, and why.
public struct RejectedRow: Sendable, Equatable {
    /// Where it can be read again.
    public var location: RowLocation
    /// Line from 1.
    public var line: Int
    /// Everything that is wrong with it.
    public var faults: [Fault]

    /// A refused row.
    public init(location: RowLocation, line: Int, faults: [Fault]) {
        self.location = location
        self.line = line
        self.faults = faults
    }

    /// The faults in one line, as the file of rejected rows says them.
    var reason: String {
        faults.map { fault in
            guard let field = fault.field, !fault.message.contains(field) else {
                return fault.message
            }
            return "\(field): \(fault.message)"
        }.joined(separator: "; ")
    }
}

/// Writes the refused rows of a batch for a person to correct and drop again (product.md). It takes
/// them one at a time: a file may have every row refused, and all of them with all their faults are
/// more than fits in memory.
///
/// The rows are as they came, with `rejectReason` last; a cell that is quoted wrongly too, so that its
/// row is refused until somebody mends it. Count and amount are theirs; batch and sequence are blank,
/// and a blank batch is refused until it is filled in. The file needs no side file: rows of a plain
/// CSV become a CSV with typed records, rows of JSON Lines one JSON object. Credentials that someone
/// left in a row are not copied.
public struct RejectedRowsWriter {
    private let summary: BatchSummary
    private let rows: RowReader
    /// Not given to the sink yet.
    private var output: [UInt8] = []
    private var count = 0
    private var total = Amount.zero
    /// Bytes given to the sink at a time, about.
    static let chunkBytes = 64 * 1024

    /// A writer for the refused rows of a batch: one for each file it makes.
    public init(summary: BatchSummary, rows: RowReader) {
        self.summary = summary
        self.rows = rows
        output.append(contentsOf: opening.utf8)
    }

    /// How the file's name ends: `csv` or `json`.
    public var fileExtension: String { summary.form.isCSV ? "csv" : "json" }

    /// Adds the next refused row; its bytes go out at once or with later ones.
    /// - Throws: `FileError`, `RowGone`, and what `sink` throws.
    public mutating func add(
        _ row: RejectedRow, to sink: ([UInt8]) throws -> Void
    ) throws {
        if !summary.form.isCSV, count > 0 { output.append(contentsOf: ",\n".utf8) }
        let amount = try append(row)
        total = total + (amount ?? .zero)
        count += 1
        guard output.count >= Self.chunkBytes else { return }
        try sink(output)
        output.removeAll(keepingCapacity: true)
    }

    /// Gives out what is left, with count and total of the rows added.
    /// - Throws: what `sink` throws.
    public mutating func end(to sink: ([UInt8]) throws -> Void) throws {
        output.append(contentsOf: closing.utf8)
        try sink(output)
        output = []
    }

    private mutating func append(_ row: RejectedRow) throws -> Amount? {
        summary.form.isCSV ? try appendRecord(row) : try appendItem(row)
    }

    // MARK: CSV

    private var isOldReason: Int? { summary.columns.firstIndex(of: ActionFields.rejectReason) }

    private var keptColumns: [String] {
        summary.columns.filter { $0 != ActionFields.rejectReason }
    }

    private mutating func appendRecord(_ row: RejectedRow) throws -> Amount? {
        var cells = try rows.cells(at: row.location)
        let amountIndex = summary.columns.firstIndex(of: "amount")
        let amount = amountIndex.flatMap { cells.indices.contains($0) ? cells[$0].content : nil }
        if let old = isOldReason, cells.indices.contains(old) { cells.remove(at: old) }
        var written = cells.map(\.written)
        while written.count < keptColumns.count { written.append("") }
        output.append(contentsOf: "D".utf8)
        for cell in written + [CSVText.cell(row.reason)] {
            output.append(contentsOf: ("," + cell).utf8)
        }
        output.append(0x0A)
        return amount.flatMap(Amount.init(wire:))
    }

    // MARK: JSON

    private mutating func appendItem(_ row: RejectedRow) throws -> Amount? {
        let members = try rows.members(at: row.location).filter { member in
            member.name != ActionFields.rejectReason && !ActionFields.isSecret(member.name)
        }
        var item = JSONObject(members.map { ($0.name, $0.value) })
        item.members.append(
            .init(name: ActionFields.rejectReason, value: .string(row.reason)))
        item.append(to: &output)
        let amount = members.first { $0.name == "amount" }?.value.stringValue
        return amount.flatMap(Amount.init(wire:))
    }

    // MARK: Envelope

    private var opening: String {
        let header = summary.header
        guard summary.form.isCSV else {
            let sequence = header.sequence == nil ? "" : "\"sequence\":\"\","
            return "{\"batch\":\"\",\"action\":\(JSONValue.string(header.action).text()),"
                + "\"mode\":\"\(header.mode)\",\(sequence)\"items\":[\n"
        }
        let sequence = header.sequence == nil ? "" : ",sequence="
        let columns = keptColumns + [ActionFields.rejectReason]
        return "H,batch=,action=\(header.action),mode=\(header.mode)\(sequence)\n"
            + "C,\(columns.map(CSVText.cell).joined(separator: ","))\n"
    }

    private var closing: String {
        guard summary.header.amount != nil else {
            return summary.form.isCSV ? "T,count=\(count)\n" : "\n],\"count\":\(count)}\n"
        }
        return summary.form.isCSV
            ? "T,count=\(count),amount=\(total.text)\n"
            : "\n],\"count\":\(count),\"amount\":\"\(total.text)\"}\n"
    }
}
