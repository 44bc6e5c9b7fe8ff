public import OrderedJSON

/// Which members of an event a report reads as money, party and transaction (log.json,
/// `reportProfile`; docs/audit-log-format.md). The log itself knows no payments.
public struct ReportProfile: Sendable {
    var title: String?
    var currency: String?
    var decimals = 2
    var amount: FieldPath?
    var currencyField: FieldPath?
    var transaction: FieldPath?
    var countTypes: [String] = []
    var reverseTypes: [String] = []
    var party: FieldPath?
    var partyLabel: [FieldPath] = []
    /// In the smallest unit; only sums over it are covered.
    var threshold: Int64?
    var reason: [FieldPath] = FieldPath.standardReason

    static let members = [
        "title", "currency", "decimals", "amount", "currencyField", "transaction", "countTypes",
        "reverseTypes", "party", "partyLabel", "threshold", "reason",
    ]

    /// True when transactions can be counted.
    var countsTransactions: Bool { transaction != nil && amount != nil && !countTypes.isEmpty }
    /// True when party totals are watched.
    var watchesParties: Bool { countsTransactions && party != nil && threshold != nil }

    /// Reads a profile; an empty object is the profile of a log without money.
    /// - Throws: `AuditLogError` with code `refused`, naming the member and the remedy.
    public init(_ json: JSONObject) throws(AuditLogError) {
        for member in json.members where !Self.members.contains(member.name) {
            throw Self.fault(
                member.name, "is unknown; there are \(Self.members.joined(separator: ", "))")
        }
        var fields = ProfileFields(json: json)
        title = fields.text("title")
        currency = fields.text("currency")
        if json["decimals"] != nil { decimals = fields.integer("decimals") }
        amount = fields.path("amount")
        currencyField = fields.path("currencyField")
        transaction = fields.path("transaction")
        countTypes = fields.texts("countTypes")
        reverseTypes = fields.texts("reverseTypes")
        party = fields.path("party")
        partyLabel = fields.paths("partyLabel")
        if json["reason"] != nil { reason = fields.paths("reason") }
        let limit = fields.text("threshold")
        if let fault = fields.fault { throw fault }
        try checkWhole(limit)
    }

    /// What needs what.
    private mutating func checkWhole(_ limit: String?) throws(AuditLogError) {
        guard ExactAmount.decimalsLimits.contains(decimals) else {
            throw Self.fault("decimals", "must be 0 to 6")
        }
        if let currency, !Self.isCurrency(currency) {
            throw Self.fault("currency", "must be three capital letters, such as PHP")
        }
        if let limit {
            guard let value = ExactAmount.parse(limit, decimals: decimals) else {
                throw Self.fault("threshold", "must be an amount in text, such as \"500000.00\"")
            }
            threshold = value
        }
        let needs: [(String, Bool, String, Bool)] = [
            ("amount", amount != nil, "currency", currency != nil),
            ("currencyField", currencyField != nil, "amount", amount != nil),
            ("transaction", transaction != nil, "amount", amount != nil),
            ("transaction", transaction != nil, "countTypes", !countTypes.isEmpty),
            ("countTypes", !countTypes.isEmpty, "transaction", transaction != nil),
            ("reverseTypes", !reverseTypes.isEmpty, "countTypes", !countTypes.isEmpty),
            ("party", party != nil, "transaction", transaction != nil),
            ("party", party != nil, "threshold", threshold != nil),
            ("threshold", threshold != nil, "party", party != nil),
            ("partyLabel", !partyLabel.isEmpty, "party", party != nil),
        ]
        for (name, isThere, other, otherIsThere) in needs where isThere && !otherIsThere {
            throw Self.fault(name, "needs \(other)")
        }
        if let type = countTypes.first(where: { reverseTypes.contains($0) }) {
            throw Self.fault("reverseTypes", "names \(type), which countTypes names too")
        }
    }

    static func isCurrency(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) }
    }

    static func fault(_ name: String, _ message: String) -> AuditLogError {
        AuditLogError(.refused, "reportProfile: \(name) \(message)")
    }
}

/// Takes the members of a profile by kind, keeping the first fault.
private struct ProfileFields {
    let json: JSONObject
    var fault: AuditLogError?

    mutating func text(_ name: String) -> String? {
        guard let value = json[name] else { return nil }
        if let text = value.stringValue, !text.isEmpty { return text }
        note(name, "must be text")
        return nil
    }

    mutating func integer(_ name: String) -> Int {
        if let value = json[name]?.integerValue { return value }
        note(name, "must be a whole number")
        return 0
    }

    mutating func texts(_ name: String) -> [String] {
        guard let value = json[name] else { return [] }
        let texts = value.arrayValue?.compactMap(\.stringValue).filter { !$0.isEmpty } ?? []
        if texts.isEmpty || texts.count != value.arrayValue?.count {
            note(name, "must be a list of texts")
        }
        return texts
    }

    mutating func path(_ name: String) -> FieldPath? {
        guard let text = text(name) else { return nil }
        if let path = FieldPath(text) { return path }
        note(name, "must name a member of subject or data, such as data.amount, not \(text)")
        return nil
    }

    mutating func paths(_ name: String) -> [FieldPath] {
        let texts = texts(name)
        let paths = texts.compactMap { FieldPath($0) }
        if paths.count != texts.count {
            note(name, "must list members of subject or data, such as data.reason")
        }
        return paths
    }

    private mutating func note(_ name: String, _ message: String) {
        if fault == nil { fault = ReportProfile.fault(name, message) }
    }
}

/// Names a member: `subject.controlNumber`, `data.account.masked`.
struct FieldPath: Sendable, Equatable {
    let names: [String]

    var text: String { names.joined(separator: ".") }

    /// What its value is called beside it: the last name, of a masked value the one before.
    var word: String { names[names.count - (names.last == "masked" && names.count > 2 ? 2 : 1)] }

    static let standardReason = ["data.reason", "data.description", "data.message", "data.code"]
        .compactMap { FieldPath($0) }

    init?(_ text: String) {
        names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard names.count >= 2, ["subject", "data"].contains(names[0]),
            names.allSatisfy({ !$0.isEmpty })
        else { return nil }
    }

    /// The value in an event given as JSON; nil when absent.
    func value(in event: JSONValue) -> JSONValue? {
        var value = event
        for name in names {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }

    /// Its text: a string, number or boolean that is not empty.
    func text(in event: JSONValue) -> String? {
        value(in: event)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
    }
}
