public import OrderedJSON
import SkyPay

extension StatusCommand {
    /// What is registered under a control or contract number, a document each; empty for nothing. One
    /// number may be a payout's and a contract's at once.
    public func registrations(_ number: String) throws -> [JSONValue] {
        try RegistrationKind.allCases.compactMap { kind in
            try ledger.registration(kind, number: number).map(document)
        }
    }

    private func document(_ registration: Registration) throws -> JSONValue {
        let file = try ledger.file(registration.row.fileID)
        let row = try ledger.rows(
            of: registration.row.fileID, after: registration.row.row - 1, limit: 1
        ).first
        let isPayout = registration.kind == .payout
        var document: JSONObject = [
            isPayout ? "controlNumber" : "contractNumber": .string(registration.number),
            "amount": .string(registration.amount.text), "file": .string(file?.name ?? ""),
            "fileId": .string(registration.row.fileID), "batch": .string(file?.batch ?? ""),
            "line": .number(String(row?.line ?? 0)),
            "state": .string(registration.record.state.rawValue),
            isPayout ? "moneySent" : "moneyTaken": .string(moved(registration)),
            "inquiries": .number(String(registration.record.inquiries)),
        ]
        document["expiresAt"] = registration.expiresAt.map {
            .string(PhilippineTime.rfc3339(unixSeconds: $0))
        }
        document["settledAt"] = row?.finalAt.map { .string($0) }
        document["reference"] = row?.reference.map { .string($0) }
        document["next"] = .string(next(registration))
        return .object(document)
    }

    private func moved(_ registration: Registration) -> String {
        switch registration.record.state {
        case .settled: "yes, at a counter"
        case .inquired: "perhaps: a counter was told that it may, and has not reported"
        case .registered, .expired: "no"
        }
    }

    private func next(_ registration: Registration) -> String {
        switch registration.record.state {
        case .registered: "answered when a counter asks"
        case .inquired: "a counter reports the payment, or asks again"
        case .settled, .expired: "nothing, it is final"
        }
    }
}
