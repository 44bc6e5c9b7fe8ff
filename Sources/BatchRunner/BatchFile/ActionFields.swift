internal import SkyPay

/// Which fields the rows of an action may hold: what reading a file needs of an `ActionTable`.
struct ActionFields: Sendable {
    /// SkyPay's wire names, in the order of its documentation.
    let names: [String]
    /// Names without which no row can be right.
    let required: [String]
    /// Names whose JSON value may be a number: channels, and ids from SkyPay's catalogs.
    let numeric: Set<String>
    /// Names whose JSON value may be an array of texts.
    let lists: Set<String>
    /// Whether every row has an `amount`, and so the batch a control total; nil while the action
    /// is not known.
    let hasAmount: Bool?

    /// The column that a file of rejected rows adds; ignored wherever it appears.
    static let rejectReason = "rejectReason"

    /// What the runner adds to every request, and what a file must therefore never hold.
    static let secrets: Set<String> = [
        "username", "authentication", "password", "passwordkey", "token",
    ]

    /// The actions with rows, in the order they are told to people.
    static let supportedActions = tables.map(\.name)

    private static let tables = ActionTable.batchActions.filter {
        ActionFamily.served.contains($0.name)
    }
    private static let byAction = Dictionary(
        uniqueKeysWithValues: tables.map { ($0.name, ActionFields($0)) })

    /// The fields of an action's rows; nil for an action this runner does not take.
    static func of(action: String) -> ActionFields? { byAction[action] }

    /// The fields to read by before the action is known (a JSON envelope may name it last): those
    /// of any action.
    static let beforeAction = ActionFields(any: tables)

    private init(_ table: ActionTable) {
        names = table.rowFields.map(\.name)
        required = table.fields.filter { $0.required == .always }.map(\.name)
        numeric = Set(table.rowFields.filter(\.takesNumber).map(\.name))
        lists = Set(table.rowFields.filter { $0.writing == .list }.map(\.name))
        hasAmount = table.hasAmount
    }

    private init(any tables: [ActionTable]) {
        let all = tables.map(ActionFields.init)
        var seen: Set<String> = []
        names = all.flatMap(\.names).filter { seen.insert($0).inserted }
        required =
            all.first?.required.filter { name in
                all.allSatisfy { $0.required.contains(name) }
            } ?? []
        numeric = all.reduce(into: []) { $0.formUnion($1.numeric) }
        lists = all.reduce(into: []) { $0.formUnion($1.lists) }
        hasAmount = all.count == 1 ? all[0].hasAmount : nil
    }

    static func isSecret(_ name: String) -> Bool { secrets.contains(name.lowercased()) }

    /// What is wrong with a name of a column or field; nil when nothing is.
    func fault(in name: String) -> (code: String, message: String)? {
        if Self.isSecret(name) {
            return (
                FaultCode.secret,
                "\"\(name)\" must not be in a file: the runner adds credentials itself; "
                    + "remove it, and change the credential if the value was a real one"
            )
        }
        guard name == Self.rejectReason || names.contains(name) else {
            let hint = Suggestion.sentence(for: name, among: names)
            return (
                FaultCode.unknownField, "\"\(shown(name))\" is not a field of this action\(hint)"
            )
        }
        return nil
    }
}
