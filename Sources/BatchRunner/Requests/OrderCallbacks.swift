import AuditLog
import SkyPay

/// What a payoutQueuePayout means for the orders about its payout (`skypay-api.md §3`). As for
/// payouts: a report only asks for a query, unless `callbacks.confirm` is given up.
struct OrderCallbacks: Sendable {
    let journal: Journal
    /// `callbacks.confirm`: nothing is final because a file says so.
    let confirm: Bool

    /// The orders a report may concern; none when it speaks of none.
    func orders(concernedBy result: PayoutResult) throws -> [StoredRequest] {
        try Self.concerned(result).map { try journal.ledger.openOrders(about: $0) } ?? []
    }

    /// The events to record with the callback's own; none when no open order is concerned.
    /// - Parameter orders: those it may concern, as they stand now.
    func drafts(for result: PayoutResult, about orders: [StoredRequest]) throws -> [EventDraft] {
        let open = result.payType == .cancelled ? [] : orders.filter(\.isOpenAmendment)
        // An amendment that is open is meant rather than one that is settled.
        guard open.count > 1 else {
            return try (open.isEmpty ? orders : open).flatMap { try told($0, result) }
        }
        return try open.filter(\.record.mayBeDoubted).flatMap { order in
            let held = try doubted(order, result, open.count)
            // Held out of unknown it keeps what was reported of it, since time may have held it; said
            // again, that counts no more.
            let keeps = order.record.state == .unknown && order.record.reported != nil
            return keeps ? [held, held] : [held]
        }
    }

    private func told(_ order: StoredRequest, _ result: PayoutResult) throws -> [EventDraft] {
        try Self.facts(
            for: order.record, order.action, told: journal.ledger.told(order), result,
            confirm: confirm
        ).map { fact in
            var note = try note(order, fact, result)
            note.description = result.failDescription ?? ""
            return note.draft(journal.author)
        }
    }

    /// SkyPay's report names the payout, not the amendment, and no query shows particulars: of several
    /// nobody but SkyPay's desk can say which was meant, and the others are not done because one is.
    private func doubted(
        _ order: StoredRequest, _ result: PayoutResult, _ count: Int
    ) throws -> EventDraft {
        var note = try note(order, .held(possiblySent: true), result)
        note.description =
            "SkyPay reported payType \(result.payType.rawValue) of one of \(count) amendments of "
            + "this payout; which of them it is cannot be told"
        return note.draft(journal.author)
    }

    private func note(
        _ order: StoredRequest, _ fact: RequestFact, _ result: PayoutResult
    ) throws -> RequestNote {
        let batch = try journal.ledger.file(order.key.fileID)?.batch ?? ""
        var note = order.note(fact, batch: batch, source: "callback")
        note.reference = result.referenceNumber
        note.providerTime = result.dealTime
        return note
    }

    private static func concerned(_ result: PayoutResult) -> String? {
        switch result.payType {
        case .cancelled, .amended, .amendFailed: result.controlNumber
        case .uploaded, .paid, .failed: nil
        }
    }

    /// The facts about one order. Pure.
    /// - Parameter told: what its sender knows a settled order as (`LedgerQueries.told`).
    static func facts(
        for order: RequestRecord, _ action: String, told: String, _ result: PayoutResult,
        confirm: Bool
    ) -> [RequestFact] {
        let isCancellation = action == "cancelPayout"
        guard isCancellation == (result.payType == .cancelled) else { return [] }
        // What came to its end is only contradicted; nothing is to be learned from what agrees with
        // what was told last, be that a correction.
        let saysFailed = result.payType == .amendFailed
        if order.state == .failed || order.state == .confirmed,
            saysFailed == (told == RequestState.failed.rawValue)
        {
            return []
        }
        let reported = RequestFact.reported(payType: result.payType.rawValue)
        let isOpen = order.state == .unknown || order.state == .accepted || order.state == .held
        guard !confirm, isOpen else { return [reported] }
        return [reported, saysFailed ? .failed : .confirmed]
    }
}

extension StoredRequest {
    /// An amendment that SkyPay has, or may have, and that has not come to its end.
    fileprivate var isOpenAmendment: Bool {
        guard action == SkyPayAction.amendTransactionV2.rawValue else { return false }
        return record.state == .intended || record.state == .suspended || record.mayBeDoubted
    }
}

extension RequestRecord {
    /// A report may be its own, and nothing stands in the way of giving it to a person: while its answer
    /// or its probe is under way the answer goes first, and the next report doubts it then.
    fileprivate var mayBeDoubted: Bool {
        state == .unknown || state == .accepted || state == .held && possiblySent
    }
}
