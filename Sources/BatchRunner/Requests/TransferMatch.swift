import SkyPay

/// Whether a transfer was made, by the notifications it causes: one of type 3 for each of the two
/// accounts, under one reference (`skypay-api.md §2`, balanceTransfer). Pure.
struct TransferMatch: Sendable {
    var from: String
    var to: String
    var amount: Amount
    /// When the request left, unix seconds.
    var sentAt: Int64

    /// What the notifications say.
    enum Verdict: Sendable, Equatable {
        /// It was made, under this reference.
        case made(reference: String, time: String?)
        /// Nothing is proven; the words name what there is.
        case open(String)
    }

    /// How far the provider's clock may be behind ours, in seconds.
    static let clockSkewSeconds: Int64 = 120
    /// How long after the request its notifications may be dated, in seconds.
    static let windowSeconds: Int64 = 600
    /// References named at most.
    static let maxNamedReferences = 5

    /// The days to ask about, `yyyy-MM-dd`.
    var days: (from: String, through: String) {
        func day(_ time: Int64) -> String {
            String(PhilippineTime.wireText(unixSeconds: time).prefix(10))
        }
        return (day(sentAt - Self.clockSkewSeconds), day(sentAt + Self.windowSeconds))
    }

    /// The verdict on a transfer whose outcome nobody knows.
    /// - Parameter isOnly: no other transfer of ours is like it (same accounts and amount) and near
    ///   it; otherwise nothing tells which of them was made.
    func verdict(_ notices: [FinanceNotification], isOnly: Bool) -> Verdict {
        let found = pairs(in: notices)
        guard let first = found.first else {
            return .open("no notification of such a transfer")
        }
        if isOnly, found.count == 1 {
            return .made(reference: first.reference, time: first.time)
        }
        let names = found.prefix(Self.maxNamedReferences).map(\.reference).joined(separator: ", ")
        return .open("notified are transfers like it: \(names); which of them it is cannot be told")
    }

    /// The references under which both accounts were notified, near the time of the request.
    private func pairs(
        in notices: [FinanceNotification]
    ) -> [(reference: String, time: String?)] {
        let like = notices.filter { notice in
            notice.statementType == 3 && Amount(provider: notice.amount) == amount
                && isNear(notice.transactionDate)
        }
        var seen: Set<String> = []
        return like.compactMap { notice in
            guard notice.signType == .reduce, notice.companyPrefix == from,
                like.contains(where: {
                    $0.referenceNumber == notice.referenceNumber && $0.signType == .recharge
                        && $0.companyPrefix == to
                }),
                seen.insert(notice.referenceNumber).inserted
            else { return nil }
            return (notice.referenceNumber, notice.transactionDate)
        }
    }

    private func isNear(_ time: String?) -> Bool {
        guard let time, let micros = PhilippineTime.unixMicroseconds(wire: time) else {
            return false
        }
        let seconds = micros / 1_000_000
        return (sentAt - Self.clockSkewSeconds...sentAt + Self.windowSeconds).contains(seconds)
    }
}
