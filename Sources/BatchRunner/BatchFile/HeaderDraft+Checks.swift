internal import SkyPay

// What must be there once the keys are read.
extension HeaderDraft {
    /// The keys that must be there and are not, and an action nobody sends, noted as faults.
    mutating func checkOpening(line: Int?) {
        for key in ["batch", "action", "mode"] where !seen.contains(key) {
            note(FaultCode.missingField, "\"\(key)\" is missing", key, line, nil)
        }
        guard seen.contains("action"), ActionFields.of(action: action) == nil else { return }
        if faults.contains(where: { $0.field == "action" }) { return }
        let known = ActionFields.supportedActions
        let hint = Suggestion.sentence(for: action, among: known)
        note(
            FaultCode.action,
            "action \"\(shown(action))\" cannot be sent by this version; it sends "
                + "\(known.joined(separator: ", "))\(hint)", "action", line, nil)
    }

    /// As `checkOpening`, for what closes a batch.
    mutating func checkClosing(line: Int?) {
        let hasAmount = ActionFields.of(action: action)?.hasAmount ?? false
        for key in hasAmount ? ["count", "amount"] : ["count"] where !seen.contains(key) {
            note(
                FaultCode.missingField, "\"\(key)\" is missing: it proves that nothing is lost",
                key, line, nil)
        }
    }

    /// Stops when a fault was noted.
    func throwFaults() throws {
        if !faults.isEmpty { throw ReadStop.rejected(faults) }
    }
}
