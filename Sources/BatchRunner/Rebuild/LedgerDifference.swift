import GRDB
public import OrderedJSON

/// One place where the ledger does not hold what the audit log says.
public struct LedgerDifference: Sendable, Equatable {
    /// The table; `sqlite_master` for the tables' own form.
    public var table: String
    /// The row, as `column=value` for each column of its key.
    public var key: String
    /// The column; nil where the whole row is missing on one side.
    public var column: String?
    /// What the ledger holds, masked; nil for no such row.
    public var ledger: String?
    /// What the log says, masked; nil for no such row.
    public var log: String?

    /// The machine-readable form.
    public var json: JSONValue {
        var object = place
        object["ledger"] = ledger.map { .string($0) }
        object["log"] = log.map { .string($0) }
        return .object(object)
    }

    /// Without the values: what an event may say.
    var place: JSONObject {
        var object: JSONObject = ["table": .string(table), "key": .string(key)]
        object["column"] = column.map { .string($0) }
        return object
    }

    /// As a person reads it.
    public var line: String {
        guard let column else {
            let side = ledger == nil ? "is missing in the ledger" : "is not in the log"
            return "\(table) \(key): the row \(side)"
        }
        return
            "\(table) \(key) \(column): the ledger has \(ledger ?? ""), the log says \(log ?? "")"
    }
}

/// A value of the ledger as it may be shown: account-like numbers masked, long texts cut around the
/// place where two of them part.
enum ShownValue {
    /// Characters shown of a text at most.
    static let maxCharacters = 80
    /// Characters shown before the first that differs.
    private static let leadCharacters = 20

    /// Both sides of a difference.
    static func pair(_ one: DatabaseValue, _ other: DatabaseValue) -> (String, String) {
        guard case .string(let first) = one.storage, case .string(let second) = other.storage else {
            return (text(one), text(other))
        }
        let shared = zip(first.unicodeScalars, second.unicodeScalars).prefix { $0 == $1 }.count
        // Masked before it is cut: a number that the cut shortens is still a number. Masking keeps
        // the number of characters, and so the place.
        let start = max(0, shared - leadCharacters)
        return (quoted(first, from: start), quoted(second, from: start))
    }

    /// One value.
    static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "nothing"
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): quoted(text, from: 0)
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }

    private static func quoted(_ text: String, from start: Int) -> String {
        let scalars = PersonalData.freeText(PersonalData.masked(text)).unicodeScalars
        let shown = scalars.dropFirst(start)
        let cut = String(String.UnicodeScalarView(shown.prefix(maxCharacters)))
        return (start > 0 ? "…" : "") + "\"\(cut)\"" + (shown.count > maxCharacters ? "…" : "")
    }
}
