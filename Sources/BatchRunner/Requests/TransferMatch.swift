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
        let found = pairs(in: notices) { isNear($0) }
        guard let first = found.first else {
            return .open("no notification of such a transfer")
        }
        if isOnly, found.count == 1 {
            return .made(reference: first.reference, time: first.time)
        }
        let names = found.prefix(Self.maxNamedReferences).map(\.reference).joined(separator: ", ")
        return .open("notified are transfers like it: \(names); which of them it is cannot be told")
    }

    /// Whether there are so many notifications of such transfers that it must have been made: the others
    /// like it, each one transfer near its own time, cannot account for as many as they do with it.
    /// - Parameter others: when the others that may have been made were sent (unix seconds).
    func mustBeMade(_ notices: [FinanceNotification], others: [Int64]) -> Bool {
        let times = pairs(in: notices) { _ in true }.compactMap { Self.seconds($0.time) }
        return Self.explained(times, by: others + [sentAt]) > Self.explained(times, by: others)
    }

    /// So many of the times at most are each accounted for by a request of its own. All windows are
    /// equally long: taking times in order, each by the earliest request whose window has it, is best.
    private static func explained(_ times: [Int64], by requests: [Int64]) -> Int {
        var free = requests.sorted()
        for time in times.sorted() {
            guard let place = free.firstIndex(where: { window($0).contains(time) }) else {
                continue
            }
            free.remove(at: place)
        }
        return requests.count - free.count
    }

    /// The references under which both accounts were notified, at times that count.
    private func pairs(
        in notices: [FinanceNotification], at counts: (String?) -> Bool
    ) -> [(reference: String, time: String?)] {
        let like = notices.filter { notice in
            notice.statementType == 3 && Amount(provider: notice.amount) == amount
                && counts(notice.transactionDate)
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
        Self.seconds(time).map { Self.window(sentAt).contains($0) } ?? false
    }

    /// When the notifications of a transfer sent then may be dated (unix seconds).
    private static func window(_ sentAt: Int64) -> ClosedRange<Int64> {
        sentAt - clockSkewSeconds...sentAt + windowSeconds
    }

    private static func seconds(_ time: String?) -> Int64? {
        time.flatMap(PhilippineTime.unixMicroseconds(wire:)).map { $0 / 1_000_000 }
    }
}
