// What is no payout: orders about payouts, and transfers.
extension HistoryCheck {
    mutating func checkRequests() {
        for (key, row) in story.rows.sorted(by: { $0.key < $1.key }) {
            switch row.action {
            case "cancelPayout": checkCancellation(key, row)
            // Nothing at SkyPay contradicts a person about these.
            case "amendTransactionV2" where !row.isResolved: checkAmendment(key, row)
            case "balanceTransfer" where !row.isResolved: checkTransfer(key, row)
            default: break
            }
        }
        for (amount, times) in provider.transfers.sorted(by: { $0.key < $1.key }) where times > 1 {
            violate("I1", "\(amount) was transferred \(times) times")
        }
    }

    private mutating func checkCancellation(_ key: String, _ row: LogStory.Row) {
        let isCancelled = provider.payouts[row.number]?.status == "cancelled"
        if isCancelled != Self.isDone(row), Self.isDone(row) || Self.isNotDone(row) {
            violate("I3", "\(key): cancelling \(row.number) ends as \(row.last); SkyPay differs")
        }
    }

    private mutating func checkAmendment(_ key: String, _ row: LogStory.Row) {
        let isAmended = provider.payouts[row.number]?.name == SimulatedBatches.amendedName
        if isAmended != Self.isDone(row), Self.isDone(row) || Self.isNotDone(row) {
            violate("I3", "\(key): amending \(row.number) ends as \(row.last); SkyPay differs")
        }
    }

    /// Nothing at the provider names a transfer but its amount, which no other one has here.
    private mutating func checkTransfer(_ key: String, _ row: LogStory.Row) {
        guard let amount = row.amount else { return }
        let times = provider.transfers[amount] ?? 0
        let isNotMade =
            Self.isNotDone(row) || row.last == "batch.request-unsent"
            || row.last == "batch.request-held" && !row.possiblySent
        if Self.isDone(row), times == 0 {
            violate("I3", "\(key): \(amount) is called transferred; SkyPay did not")
        }
        if isNotMade, times > 0 {
            violate("I3", "\(key): a transfer of \(amount) ends as \(row.last); SkyPay made it")
        }
    }

    private static func isDone(_ row: LogStory.Row) -> Bool {
        row.last == "batch.request-confirmed"
    }

    private static func isNotDone(_ row: LogStory.Row) -> Bool {
        row.last == "batch.request-refused" || row.last == "batch.request-failed"
    }
}
