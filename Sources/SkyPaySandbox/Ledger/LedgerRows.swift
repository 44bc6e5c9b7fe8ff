import OrderedJSON
import SkyPay

/// Rows as SkyPay answers them (`skypay-api.md §2`).
enum WireRow {
    /// DT, or "" for a time that has not come.
    static func time(_ unixMicroseconds: Int64?) -> JSONValue {
        .string(
            unixMicroseconds.map { PhilippineTime.wireText(unixSeconds: $0 / 1_000_000) } ?? "")
    }

    /// An amount as a JSON number.
    static func number(_ amount: Amount) -> JSONValue { .number(amount.text) }

    /// The Philippine day of a time, `yyyy-MM-dd`.
    static func day(_ unixMicroseconds: Int64) -> String {
        String(PhilippineTime.wireText(unixSeconds: unixMicroseconds / 1_000_000).prefix(10))
    }
}

extension LedgerPayout {
    /// The row `payoutQueryStatus` answers; nil, so "not found", when nothing was applied. A stale
    /// row is of the stage before.
    func statusRow(isStale: Bool) -> JSONValue? {
        guard let payout else { return nil }
        let stage = isStale ? staleStage : stage
        let (code, name) = Self.wireStatus(stage)
        return [
            "controlNumber": .string(controlNumber), "transactionDate": WireRow.time(payout.at),
            "status": .string(code), "statusDesc": .string(name),
            "payTime": WireRow.time(stage == .completed ? settledAt : nil),
            "cancelTime": WireRow.time(stage == .cancelled ? cancelledAt : nil),
            "withdrawChannel": .string(payout.channel), "referenceNo": .string(receipt),
            "traceNo": .string(isML && !reference.isEmpty ? "T" + reference : ""),
        ]
    }

    private static func wireStatus(_ stage: Stage) -> (code: String, name: String) {
        switch stage {
        case .none, .pending: ("0", "Pending")
        case .completed: ("1", "Completed")
        case .uploaded: ("2", "Uploaded")
        case .cancelling, .cancelled: ("3", "Cancelled")
        case .failed: ("4", "Failed")
        }
    }

    /// SkyPay's own reference, or the store's.
    var receipt: String {
        reference.isEmpty ? "SBX" + controlNumber.suffix(10) : reference
    }

    /// The row of `getReportPayout`.
    var reportRow: JSONValue {
        [
            "createDate": WireRow.time(payout?.at),
            "payTime": WireRow.time(stage == .completed ? settledAt : nil),
            "controlNo": .string(controlNumber),
            "amount": WireRow.number(payout?.amount ?? .zero), "phone": .string(text("phone")),
            "receiptNo": .string(receipt),
        ]
    }
}

extension CollectedPayment {
    /// The row of `getReportCollection`.
    var reportRow: JSONValue {
        [
            "createDate": WireRow.time(at), "collectionTime": .string(collectedTime),
            "contractNo": .string(contractNumber), "amount": WireRow.number(amount),
            "phone": .string(phone), "receiptNo": .string(receiptNumber), "status": "Confirmed",
        ]
    }

    /// As the admin call shows it.
    var json: JSONValue { .object(members) }
}
