/// A number that a row takes for good. Payouts and payouts at the counter share one set of control
/// numbers; contracts that are collected have one of their own, since money may go both ways under
/// one number.
enum TakenNumber: Sendable, Hashable {
    /// Of a payout, sent or registered.
    case control(String)
    /// Of a registered collection.
    case contract(String)

    /// The number a row of an action takes.
    init(_ number: String, action: String) {
        self =
            RegistrationKind(action: action) == .collection ? .contract(number) : .control(number)
    }
}
