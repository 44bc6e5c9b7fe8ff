import AuditLog
import OrderedJSON
import SkyPay

/// Registration → the row's own fields, read again from the private copy: neither memory nor the
/// ledger nor the log ever holds what people are called.
struct RegistrationSource: Sendable {
    let ledger: Ledger
    let store: FileStore
    /// `sender` of payouts that name none.
    let defaultSender: String
    let pseudonyms: PseudonymKey

    /// The fields of a registered row.
    /// - Throws: `InvariantViolation` when the private copy is not what was accepted.
    func fields(of registration: Registration) throws -> JSONObject {
        let key = registration.row
        guard let file = try ledger.file(key.fileID), let summary = file.summary,
            let row = try ledger.rows(of: key.fileID, after: key.row - 1, limit: 1).first,
            row.key == key
        else {
            throw InvariantViolation("file \(key.fileID): a registration without its row")
        }
        let rows = try store.rows(of: file, summary)
        let fields = try rows.row(at: row.location, line: row.line, item: row.item).fields
        let name = registration.kind == .payout ? "controlNumber" : "contractNumber"
        guard fields[name]?.scalarText == registration.number,
            fields["amount"]?.scalarText == registration.amount.text
        else {
            throw InvariantViolation(
                "file \(key.fileID), line \(row.line): the private copy and the ledger disagree "
                    + "about the registration; restore state/files/\(key.fileID) from a backup")
        }
        return fields
    }

    /// The whole answer to an inquiry that was answered with 1000.
    func answer(_ base: JSONObject, to registration: Registration) throws -> JSONObject {
        var fields = try fields(of: registration)
        switch registration.kind {
        case .payout:
            if fields["sender"] == nil { fields["sender"] = .string(defaultSender) }
            return CounterAnswer.json(base, fields: CounterAnswer.payoutFields, of: fields)
        case .collection:
            return CounterAnswer.json(base, fields: CounterAnswer.collectionFields, of: fields)
        }
    }

    /// Who is paid over the counter, for the report's party totals; nil for collections.
    func payee(of registration: Registration, channel: String) throws -> Payee? {
        guard registration.kind == .payout else { return nil }
        var fields = try fields(of: registration)
        fields["withdrawChannel"] = .string(channel)
        return Payee(fields: fields, pseudonyms: pseudonyms)
    }
}
