import GRDB
public import OrderedJSON
import SkyPay

/// Rows and money in and out of this site, by the banking day (GMT+8) on which their files came (I5).
public struct StandingFigures: Sendable {
    /// One banking day.
    struct Day: Sendable {
        var day: String
        /// Files taken in.
        var files = 0
        /// Files by verdict; `none` for those that have none yet.
        var verdicts: [String: Int] = [:]
        /// What accepted batches say they hold.
        var received = StateTotal()
        /// What became of it.
        var parts: [String: StateTotal] = [:]
    }

    /// Days in their order.
    var days: [Day] = []
    /// What does not add up, in words.
    public var faults: [String] = []

    /// How rows stand now.
    /// - Parameter day: `yyyy-MM-dd`; nil for every day.
    init(_ ledger: Ledger, day: String?) throws {
        let files =
            if let day {
                try ledger.files(where: "substr(receivedAt, 1, 10) = ?", [day])
            } else {
                try ledger.files(where: "1")
            }
        try self.init(ledger, files: files)
    }

    /// The same of these files.
    init(_ ledger: Ledger, files: [StoredFile]) throws {
        var byDay: [String: Day] = [:]
        for file in files {
            let name = String(file.receivedAt.prefix(Self.dayCharacters))
            try add(file, ledger, to: &byDay[name, default: Day(day: name)])
        }
        days = byDay.values.sorted { $0.day < $1.day }
    }

    /// Of an RFC 3339 time.
    private static let dayCharacters = 10

    private mutating func add(_ file: StoredFile, _ ledger: Ledger, to day: inout Day) throws {
        day.files += 1
        day.verdicts[file.verdict?.rawValue ?? "none", default: 0] += 1
        guard file.verdict == .accepted || file.verdict == .partial else { return }
        let figures = try Conservation(ledger, standing: file)
        day.received = day.received + figures.received
        day.parts.merge(figures.parts, uniquingKeysWith: +)
        if !figures.balanced {
            faults.append(
                "file \(file.fileID) (\(file.name)): \(figures.received.rows) rows of PHP "
                    + "\(figures.received.amount.text) came, and "
                    + "\(figures.parts.values.reduce(0) { $0 + $1.rows }) of PHP "
                    + "\(figures.parts.values.reduce(AmountSum.zero) { $0 + $1.amount }.text) stand "
                    + "in the ledger")
        }
    }

    /// The machine-readable form.
    public var json: JSONValue {
        .array(
            days.map { day in
                [
                    "day": .string(day.day), "files": .number(String(day.files)),
                    "verdicts": RunReport.counts(day.verdicts),
                    "in": Self.json(day.received),
                    "out": .object(
                        JSONObject(
                            day.parts.sorted { $0.key < $1.key }.map {
                                ($0.key, Self.json($0.value))
                            }
                        )),
                ]
            })
    }

    private static func json(_ total: StateTotal) -> JSONValue {
        ["rows": .number(String(total.rows)), "amount": .string(total.amount.text)]
    }

    /// Rows of a table for people, its head first.
    public var table: [[String]] {
        var rows = [["DAY", "FILES", "OUTCOME", "ROWS", "PHP"]]
        for day in days {
            rows.append(
                [
                    day.day, String(day.files), "in", String(day.received.rows),
                    day.received.amount.text,
                ])
            rows += day.parts.sorted { $0.key < $1.key }.map {
                ["", "", $0.key, String($0.value.rows), $0.value.amount.text]
            }
        }
        return rows
    }
}

extension Conservation {
    /// The figures of one file as its rows stand now, in the words of responses.
    init(_ ledger: Ledger, standing file: StoredFile) throws {
        var parts: [String: StateTotal] = [:]
        for table in ["rows", "requests"] {
            for (state, total) in try ledger.standing(of: file.fileID, in: table) {
                let word = Self.word(state, action: file.action ?? "")
                parts[word] = (parts[word] ?? StateTotal()) + total
            }
        }
        self.init(file, parts)
    }

    /// What a state between two others counts as: an intent without its answer may have been sent, a
    /// suspended row was certainly not processed.
    private static func word(_ state: String, action: String) -> String {
        switch state {
        case "intended": "unknown"
        case "suspended": "unsent"
        case "registered", "inquired": "accepted"
        case "settled": "paid"
        case "expired": "withdrawn"
        default: RequestState(rawValue: state)?.word(for: action) ?? state
        }
    }
}

extension Ledger {
    /// Rows and money of one file by state.
    fileprivate func standing(
        of fileID: String, in table: String
    ) throws -> [(String, StateTotal)] {
        try database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT state, \(StateTotal.columns)
                    FROM \(table) WHERE fileId = ? GROUP BY state
                    """, arguments: [fileID]
            ).map { ($0["state"] as String, StateTotal($0)) }
        }
    }
}
