internal import SkyPay

/// Which fields the rows of an action may hold (skypay-api.md §2).
struct ActionFields: Sendable {
    /// SkyPay's wire names, in the order of its documentation.
    let names: [String]
    /// Names without which no row can be right.
    let required: [String]
    /// Names whose JSON value may be a number: channels, and ids from SkyPay's catalogs.
    let numeric: Set<String>
    /// Whether every row has an `amount`, and so the batch a control total.
    let hasAmount: Bool

    /// The column that a file of rejected rows adds; ignored wherever it appears.
    static let rejectReason = "rejectReason"

    /// What the runner adds to every request, and what a file must therefore never hold.
    static let secrets: Set<String> = [
        "username", "authentication", "password", "passwordkey", "token",
    ]

    private static let payoutQueue = ActionFields(
        names: PayoutQueueFields.table.map(\.name),
        required: PayoutQueueFields.table.filter { $0.required == .always }.map(\.name),
        numeric: Set(PayoutQueueFields.table.filter(\.form.takesNumber).map(\.name)),
        hasAmount: true)

    /// The actions with rows, in the order they are told to people.
    static let supportedActions = ["payoutQueue"]

    /// The fields of an action's rows; nil for an action this runner does not send.
    static func of(action: String) -> ActionFields? {
        action == "payoutQueue" ? payoutQueue : nil
    }

    /// The fields to read by before the action is known (a JSON envelope may name it last).
    static let beforeAction = payoutQueue

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
