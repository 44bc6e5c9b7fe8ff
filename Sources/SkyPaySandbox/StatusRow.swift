import OrderedJSON
import SkyPay

extension SandboxLedger.Payout {
    /// The row `payoutQueryStatus` answers; nil, so "not found", when nothing was applied.
    var statusRow: JSONValue? {
        guard let appliedAt else { return nil }
        func time(_ time: Int64?) -> JSONValue {
            .string(time.map { PhilippineTime.wireText(unixSeconds: $0 / 1_000_000) } ?? "")
        }
        let (code, name) =
            settledAt == nil ? ("0", "Pending") : fails ? ("4", "Failed") : ("1", "Completed")
        return [
            "controlNumber": .string(controlNumber), "transactionDate": time(appliedAt),
            "status": .string(code), "statusDesc": .string(name),
            "payTime": time(fails ? nil : settledAt), "cancelTime": "",
            "withdrawChannel": .string(channel),
            "referenceNo": .string("SBX" + controlNumber.suffix(10)), "traceNo": "",
        ]
    }
}
