import OrderedJSON
import SkyPay

/// One line of the sandbox's ledger file. Times are microseconds since 1970; amounts that may be
/// negative are whole centavos.
enum LedgerEvent: Sendable, Equatable {
    case opened(balance: Amount)
    /// A request for a payout arrived, whatever became of it.
    case request(controlNumber: String, bodySHA256: String, at: Int64)
    /// Another request that moves or changes something arrived.
    case order(action: String, bodySHA256: String, at: Int64)
    case applied(AppliedPayout)
    /// The payout waits at a store.
    case uploaded(controlNumber: String, reference: String, at: Int64)
    /// The payout is completed, or failed if it was to.
    case settled(controlNumber: String, at: Int64)
    /// A change of an uploaded payout begins.
    case changing(PayoutChange)
    /// The change has come to what it was to come to.
    case changed(controlNumber: String, reference: String, at: Int64)
    case barcode(Barcode)
    case collected(CollectedPayment)
    case moved(MoneyMove)
    /// A request whose connection closed waits to be carried out.
    case deferred(DeferredRequest)
    /// Its time has come: what it does follows as events of its own.
    case resumed(id: Int, at: Int64)
}

/// A payout taken on; money is set aside for it.
struct AppliedPayout: Sendable, Equatable {
    let controlNumber: String
    let amount: Amount
    let channel: String
    /// It goes to a store and waits there.
    let isStore: Bool
    let fails: Bool
    /// The other texts of the request.
    let particulars: JSONObject
    let at: Int64
}

/// A request that takes effect later, though nobody hears its answer (`drop-late`).
struct DeferredRequest: Sendable, Equatable {
    /// Counts from 1.
    let id: Int
    let dueAt: Int64
    /// The request without who sent it: a ledger holds no secret.
    let fields: JSONObject
    let at: Int64
}

/// A cancellation or an amendment under way.
struct PayoutChange: Sendable, Equatable {
    enum Kind: String, Sendable { case cancel, amend }

    let controlNumber: String
    let kind: Kind
    let succeeds: Bool
    /// Why an amendment fails.
    let reason: String
    /// What the payout's particulars become.
    let particulars: JSONObject
    let at: Int64
}

/// A 7-11 bar code handed out.
struct Barcode: Sendable, Equatable {
    let contractNumber: String
    let amount: Amount
    let phone: String
    let reference: String
    let at: Int64
}

/// A collection a payer made at a counter, confirmed by the partner.
struct CollectedPayment: Sendable, Equatable {
    let contractNumber: String
    let amount: Amount
    let phone: String
    let receiptNumber: String
    let channel: String
    /// DT, as told to the partner.
    let collectedTime: String
    let at: Int64
}

/// Money moved between accounts, and what was notified of it.
struct MoneyMove: Sendable, Equatable {
    /// financeNotifications without the credentials, one for each account concerned.
    let notices: [JSONObject]
    let balanceCentavos: Int64
    let collectionCentavos: Int64
    let at: Int64
}
