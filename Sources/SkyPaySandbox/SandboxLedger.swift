import OrderedJSON
import SkyPay

/// What the provider knows: the fold of its ledger's events.
struct SandboxLedger: Sendable {
    /// One control number, with or without money moved under it.
    struct Payout: Sendable {
        let controlNumber: String
        var requests = 0
        var applied = 0
        var amount: Amount?
        var channel = ""
        var fails = false
        var appliedAt: Int64?
        var settledAt: Int64?
        var firstAt: Int64
        var bodies: [String] = []

        /// `none` when no request was applied.
        var status: String {
            guard appliedAt != nil else { return "none" }
            guard settledAt != nil else { return "pending" }
            return fails ? "failed" : "completed"
        }
    }

    private(set) var balance = Amount.zero
    private(set) var payouts: [Payout] = []
    private var indexByNumber: [String: Int] = [:]
    /// Payouts not settled, oldest first; `settledCount` of them are done.
    private var unsettled: [Int] = []
    private var settledCount = 0

    subscript(_ controlNumber: String) -> Payout? {
        indexByNumber[controlNumber].map { payouts[$0] }
    }

    mutating func fold(_ event: LedgerEvent) {
        switch event {
        case .opened(let opening): balance = opening
        case .request(let number, let digest, let at):
            let index = index(of: number, at)
            payouts[index].requests += 1
            payouts[index].bodies.append(digest)
        case .applied(let number, let amount, let channel, let fails, let at):
            let index = index(of: number, at)
            payouts[index].applied += 1
            payouts[index].amount = amount
            payouts[index].channel = channel
            payouts[index].fails = fails
            payouts[index].appliedAt = at
            unsettled.append(index)
            balance = balance - amount
        case .settled(let number, let at):
            let index = index(of: number, at)
            payouts[index].settledAt = at
            settledCount += 1
            if payouts[index].fails { balance = balance + (payouts[index].amount ?? .zero) }
        }
    }

    /// The oldest payout applied at or before a time and not settled yet.
    func due(appliedBy time: Int64) -> Payout? {
        guard settledCount < unsettled.count else { return nil }
        let payout = payouts[unsettled[settledCount]]
        return (payout.appliedAt ?? .max) <= time ? payout : nil
    }

    private mutating func index(of number: String, _ at: Int64) -> Int {
        if let index = indexByNumber[number] { return index }
        payouts.append(Payout(controlNumber: number, firstAt: at))
        indexByNumber[number] = payouts.count - 1
        return payouts.count - 1
    }

    /// The ledger as the admin call shows it. `bodySha256` is the last body's, `bodies` are all.
    var json: JSONValue {
        let rows = payouts.map { payout -> JSONValue in
            [
                "controlNumber": .string(payout.controlNumber),
                "amount": payout.amount.map { .string($0.text) } ?? .null,
                "status": .string(payout.status),
                "requests": .number(String(payout.requests)),
                "applied": .number(String(payout.applied)),
                "at": .string(
                    PhilippineTime.rfc3339(
                        unixMicroseconds: payout.appliedAt ?? payout.firstAt)),
                "bodySha256": payout.bodies.last.map { .string($0) } ?? .null,
                "bodies": .array(payout.bodies.map { .string($0) }),
            ]
        }
        return ["payouts": .array(rows), "balance": .string(balance.text)]
    }
}
