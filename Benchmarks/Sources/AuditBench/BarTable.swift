/// What a bar asks of the ratio (or, without a peer, of our own figure).
enum Bar {
    case atMost(Double, Unit)
    case atLeast(Double)
    /// For information.
    case none

    var text: String {
        switch self {
        case .atMost(let limit, let unit): "≤ \(Self.short(limit))\(unit.name)"
        case .atLeast(let limit): "≥ \(Self.short(limit))×"
        case .none: "–"
        }
    }

    func isMet(_ value: Double) -> Bool? {
        switch self {
        case .atMost(let limit, _): value <= limit
        case .atLeast(let limit): value >= limit
        case .none: nil
        }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() ? Unit.fixed(value, 0) : Unit.fixed(value, value < 1 ? 1 : 2)
    }
}

/// One line of the table.
struct BarRow {
    var what: String
    var ours: String
    var peer: String
    var ratio: String
    var bar: Bar
    var verdict: String

    init(
        _ what: String, ours: String, peer: String = "–", ratio: Samples? = nil, bar: Bar,
        judged value: Double? = nil
    ) {
        (self.what, self.ours, self.peer, self.bar) = (what, ours, peer, bar)
        self.ratio = ratio?.text(.times) ?? "–"
        let met = (value ?? ratio?.median).flatMap { bar.isMet($0) }
        verdict = met.map { $0 ? "met" : "NOT MET" } ?? "–"
    }

    var cells: [String] { [what, ours, peer, ratio, bar.text, verdict] }
}

/// The table, as markdown whose columns also stand under each other on a terminal.
struct BarTable {
    static let heads = ["what", "ours", "peer or limit, same run", "ratio", "bar", "verdict"]
    var rows: [BarRow] = []

    var text: String {
        let lines = [Self.heads] + rows.map(\.cells)
        let widths = Self.heads.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|")
        return ([line(Self.heads), rule + "|"] + rows.map { line($0.cells) }).joined(
            separator: "\n")
    }
}
