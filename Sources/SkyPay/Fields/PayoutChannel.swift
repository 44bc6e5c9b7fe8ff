/// The channels money is paid out through (`skypay-api.md §5`).
public enum PayoutChannel: Int, Sendable, CaseIterable {
    /// MLhuillier, a store.
    case mlhuillier = 1
    /// Cebuana Lhuillier, a store.
    case cebuana = 2
    /// A bank account; the bank in `bankNo`.
    case bank = 5
    /// GCash.
    case gcash = 6
    /// Paymaya.
    case paymaya = 8
    /// RD Pawnshop, a store; only asks at its counter.
    case rdPawnshop = 9
    /// LBC, once Cebuana's number; a store.
    case lbc = 13
    /// GrabPay.
    case grabPay = 15

    /// Accounts that are named by a phone number.
    public static let wallets: [PayoutChannel] = [.gcash, .paymaya, .grabPay]
    /// Stores that take a payout beforehand (payoutQueueV2).
    public static let stores: [PayoutChannel] = [.mlhuillier, .cebuana, .lbc]

    /// Whether the account is a wallet, named by its phone number.
    public var isWallet: Bool { Self.wallets.contains(self) }

    /// The channel's name for people.
    public var name: String {
        switch self {
        case .mlhuillier: "MLhuillier"
        case .cebuana: "Cebuana Lhuillier"
        case .bank: "Bank"
        case .gcash: "GCash"
        case .paymaya: "Paymaya"
        case .rdPawnshop: "RD Pawnshop"
        case .lbc: "LBC"
        case .grabPay: "GrabPay"
        }
    }

    /// Code and name, as messages say them: `6 (GCash)`.
    var shown: String { "\(rawValue) (\(self == .bank ? "bank" : name))" }

    /// The channel of a wire value, a string or a number; nil for every other value.
    public init?(wire text: String) {
        guard let code = Int(text), String(code) == text else { return nil }
        self.init(rawValue: code)
    }
}

extension [PayoutChannel] {
    /// The codes: `6, 8, 15`.
    var codes: String { map { String($0.rawValue) }.joined(separator: ", ") }

    /// The channels in words: `for banks (channel 5)`, `for wallets`, `for channel 1`.
    var phrase: String {
        if self == [.bank] { return "for banks (channel 5)" }
        if self == PayoutChannel.wallets { return "for wallets" }
        if self == PayoutChannel.stores { return "for stores" }
        return "for channel " + codes
    }
}
