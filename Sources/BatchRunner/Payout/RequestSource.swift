import AuditLog
import Locks
import OrderedJSON
import SkyPay

/// Row → request: re-reads the row's own fields from the private copy, so that neither memory nor
/// the ledger ever holds account numbers.
final class RequestSource: Sendable {
    private let ledger: Ledger
    private let store: FileStore
    /// `sender` of rows that name none.
    private let defaultSender: String
    private let pseudonyms: PseudonymKey
    private let open = Locked<[String: OpenBatch]>([:])

    private struct OpenBatch {
        let rows: RowReader
        let batch: String
        let action: String
    }

    /// Batches whose private copies stay open at once.
    static let maxOpenBatches = 16

    init(
        ledger: Ledger, store: FileStore, defaultSender: String, pseudonyms: PseudonymKey
    ) {
        self.ledger = ledger
        self.store = store
        self.defaultSender = defaultSender
        self.pseudonyms = pseudonyms
    }

    /// The request of a row, and who it pays. The same row always gives the same bytes under the same
    /// configuration.
    func request(
        for row: StoredRow, client: SkyPayClient
    ) throws -> (request: PreparedRequest, payee: Payee?) {
        var fields = try fields(of: row)
        let payee = Payee(fields: fields, pseudonyms: pseudonyms)
        fields = withSender(fields)
        return (client.prepare(try payoutAction(of: row), fields: fields), payee)
    }

    private func payoutAction(of row: StoredRow) throws -> SkyPayAction {
        let name = try withBatch(row.key.fileID) { $0.action }
        guard let action = SkyPayAction(rawValue: name), ActionFamily.of(name) == .payout else {
            throw InvariantViolation(
                "file \(row.key.fileID): a row of \(name) stands among the payouts")
        }
        return action
    }

    /// The fields of a request that is no payout, in their wire names.
    func fields(of request: StoredRequest) throws -> JSONObject {
        let fields = try withBatch(request.key.fileID) { batch in
            try batch.rows.row(at: request.location, line: request.line, item: request.item).fields
        }
        let number = fields["controlNumber"] ?? fields["contractNumber"]
        let amount = fields["amount"]?.stringValue
        guard number?.stringValue == request.number, amount == request.amount?.text else {
            throw disagreement(request.key.fileID, request.line)
        }
        return fields
    }

    /// As it is sent: with the configured sender where the action has one.
    func withSender(_ fields: JSONObject) -> JSONObject {
        var fields = fields
        if fields["sender"] == nil { fields["sender"] = .string(defaultSender) }
        return fields
    }

    /// Who a row pays.
    func payee(of row: StoredRow) throws -> Payee? {
        Payee(fields: try fields(of: row), pseudonyms: pseudonyms)
    }

    /// The row's own fields, as they were accepted.
    private func fields(of row: StoredRow) throws -> JSONObject {
        let fields = try withBatch(row.key.fileID) { batch in
            try batch.rows.row(at: row.location, line: row.line, item: row.item).fields
        }
        guard fields["controlNumber"]?.stringValue == row.controlNumber,
            fields["amount"]?.stringValue == row.amount.text
        else {
            throw disagreement(row.key.fileID, row.line)
        }
        return fields
    }

    private func disagreement(_ fileID: String, _ line: Int) -> InvariantViolation {
        InvariantViolation(
            "file \(fileID), line \(line): the private copy and the ledger disagree about the row; "
                + "nothing is sent")
    }

    /// The batch id of a row.
    func batch(of row: StoredRow) throws -> String { try batch(ofFile: row.key.fileID) }

    /// The batch id of a file.
    func batch(ofFile fileID: String) throws -> String {
        try withBatch(fileID) { $0.batch }
    }

    private func withBatch<Result>(
        _ fileID: String, _ body: (OpenBatch) throws -> sending Result
    ) throws -> sending Result {
        try open.withLock { batches in
            if let known = batches[fileID] { return try body(known) }
            guard let file = try ledger.file(fileID), let summary = file.summary else {
                throw InvariantViolation("file \(fileID): rows without a verdict")
            }
            if batches.count >= Self.maxOpenBatches { batches.removeAll() }
            let rows = try store.rows(of: file, summary)
            let opened = OpenBatch(
                rows: rows, batch: summary.header.batch, action: summary.header.action)
            batches[fileID] = opened
            return try body(opened)
        }
    }
}
