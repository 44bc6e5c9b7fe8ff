import OrderedJSON

/// A file that was put into the inbox, as whoever put it there knows it.
struct DroppedFile: Sendable, Equatable {
    /// What its sender meant it to be.
    enum Kind: String, Sendable {
        /// A batch whose good rows are to be paid.
        case batch
        /// A batch that is wrong as a whole: nothing of it may be sent.
        case wrong
        /// Orders about payouts: to cancel them, or to amend them.
        case orders
        /// Money between accounts of the partner.
        case transfers
        /// Payouts that a counter may ask for.
        case registration
        /// A report of the provider's.
        case callback
        /// A counter asks for a registered payout, with the right credentials.
        case inquiry
        /// A counter has paid a registered payout; with wrong credentials its row is faulty.
        case payment

        /// Its good rows have to be taken.
        var isBatch: Bool { [.batch, .orders, .transfers, .registration].contains(self) }
    }

    /// What may become of a row.
    enum Promise: String, Sendable {
        /// It keeps every rule: it has to be taken.
        case good
        /// It breaks a rule: it has to be rejected.
        case faulty
        /// Its number stands in another file too: which of the two is taken rests on which came first.
        case contested
    }

    /// One row of a batch, or what a counter's message is about.
    struct Row: Sendable, Equatable {
        /// The control number; a transfer's name.
        var number: String
        var centavos: Int64
        var promise: Promise
    }

    /// Below the inbox, the sender's folder included.
    var name: String
    var kind: Kind
    /// The id in the batch's header; empty for callbacks.
    var batch = ""
    var sha256: String
    var rows: [Row] = []

    /// What a transfer is called here: nothing at the provider names it but its amount.
    static func transferName(_ centavos: Int64) -> String {
        "the transfer of " + Money.text(centavos)
    }

    /// The sender's folder, or nothing.
    var sender: String {
        name.utf8.contains(UInt8(ascii: "/"))
            ? name.split(separator: "/").first.map(String.init) ?? "" : ""
    }
}

extension DroppedFile {
    /// A line of the list of what was dropped.
    var json: JSONValue {
        [
            "name": .string(name), "kind": .string(kind.rawValue), "batch": .string(batch),
            "sha256": .string(sha256),
            "rows": .array(
                rows.map { row in
                    [
                        "controlNumber": .string(row.number),
                        "centavos": .number(String(row.centavos)),
                        "promise": .string(row.promise.rawValue),
                    ]
                }),
        ]
    }

    /// Nil when the line is none of ours.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue,
            let kind = json["kind"]?.stringValue.flatMap(Kind.init),
            let batch = json["batch"]?.stringValue, let sha256 = json["sha256"]?.stringValue,
            let list = json["rows"]?.arrayValue
        else { return nil }
        let rows = list.compactMap(Row.init)
        guard rows.count == list.count else { return nil }
        self.init(name: name, kind: kind, batch: batch, sha256: sha256, rows: rows)
    }
}

extension DroppedFile.Row {
    fileprivate init?(_ json: JSONValue) {
        guard let number = json["controlNumber"]?.stringValue,
            let centavos = json["centavos"]?.integerValue,
            let promise = json["promise"]?.stringValue.flatMap(DroppedFile.Promise.init)
        else { return nil }
        self.init(number: number, centavos: Int64(centavos), promise: promise)
    }
}
