import AuditLog

/// Whether a whole batch may be taken, by its header, its sums and what was taken from its sender
/// before. Pure: `run` and `check` decide alike.
struct HeaderRules: Sendable {
    /// The sender's name in remedies; `default` for the inbox itself.
    let sender: String
    let settings: SenderSettings

    init(sender: String, settings: SenderSettings) {
        self.sender = sender.isEmpty ? NameRules.defaultSender : sender
        self.settings = settings
    }

    /// What was taken from the sender before.
    struct Before: Sendable {
        /// The batch with this id.
        var sameBatch: StoredFile?
        /// The batch with the highest sequence number.
        var last: NumberedBatch?
    }

    /// Why the batch is refused; nil when it may be taken.
    func refusal(_ header: BatchHeader, _ totals: PlanTotals, before: Before) -> Fault? {
        if !settings.allows(action: header.action) {
            return Fault(
                line: 1, field: "action", code: "action-not-allowed",
                message: "this sender may not send \(header.action) batches; add it to "
                    + "senders.\(sender).actions, or drop the file where it belongs")
        }
        if let fault = recordingFault(header, totals) { return fault }
        if let earlier = before.sameBatch {
            return Fault(
                line: 1, field: "batch", code: "batch-id-used",
                message: "batch \(header.batch) was already taken from this sender as "
                    + "\(earlier.name) (file \(earlier.fileID)) with other content; a new batch "
                    + "needs a new id")
        }
        return settings.sequence ? sequenceFault(header, before.last) : nil
    }

    /// What the audit log would hold otherwise than it is: digits that could be a card's are masked there,
    /// and text that is JSON may be left out. The batch would be known by another id ever after, and its
    /// sender told other sums than it has.
    private func recordingFault(_ header: BatchHeader, _ totals: PlanTotals) -> Fault? {
        if CardNumber.isFound(in: header.batch) {
            return Fault(
                line: 1, field: "batch", code: "batch-looks-like-card",
                message: "the batch id could be a card number; put letters in it")
        }
        if PersonalData.mayBeJSON(header.batch) {
            return Fault(
                line: 1, field: "batch", code: "batch-looks-like-json",
                message: "the batch id looks like JSON; begin it with a letter or a digit")
        }
        let sums = [
            (rows: "all rows", total: totals.total),
            (rows: "the accepted rows", total: totals.accepted),
            (rows: "the rejected rows", total: totals.rejected),
        ]
        let card = sums.first { CardNumber.isFound(in: $0.total.amount.text) }
        guard let card else { return nil }
        return Fault(
            field: "amount", code: "amount-looks-like-card",
            message: "the sum of \(card.rows) could be a card number, which the audit log does not "
                + "hold; split the batch")
    }

    /// Exactly one more than the last one taken (product.md, "What may be dropped"); the first number
    /// is the sender's choice. A batch that was rejected whole has taken no number.
    private func sequenceFault(_ header: BatchHeader, _ last: NumberedBatch?) -> Fault? {
        guard let number = header.sequence else {
            let next = last.map { " (next is \($0.number + 1))" } ?? ""
            return sequenceFault(
                "sequence-missing", "this sender numbers its batches: add sequence=N\(next)")
        }
        guard let last, number != last.number + 1 else { return nil }
        let newest = "sequence \(last.number) (file \(last.fileID)) is the last one taken"
        if number <= last.number {
            return sequenceFault(
                "sequence-used",
                "sequence \(number) is past: \(newest); the next is "
                    + "\(last.number + 1)")
        }
        return sequenceFault(
            "sequence-gap",
            "sequence \(number) comes too early: \(newest); drop "
                + "\(last.number + 1) first, then this file again")
    }

    private func sequenceFault(_ code: String, _ message: String) -> Fault {
        Fault(line: 1, field: "sequence", code: code, message: message)
    }
}

/// A batch taken with a sequence number.
struct NumberedBatch: Sendable, Equatable {
    var number: Int
    var fileID: String
}
