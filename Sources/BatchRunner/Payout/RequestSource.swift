import AuditLog
import OrderedJSON
import SkyPay
import Synchronization

/// Row → request: re-reads the row's own fields from the private copy, so that neither memory nor
/// the ledger ever holds account numbers.
final class RequestSource: Sendable {
    private let ledger: Ledger
    private let store: FileStore
    /// `sender` of rows that name none.
    private let defaultSender: String
    private let pseudonyms: PseudonymKey
    private let open = Mutex<[String: OpenBatch]>([:])

    private struct OpenBatch {
        let rows: RowReader
        let batch: String
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
        if fields["sender"] == nil { fields["sender"] = .string(defaultSender) }
        return (client.prepare(.payoutQueue, fields: fields), payee)
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
            throw InvariantViolation(
                "file \(row.key.fileID), line \(row.line): the private copy and the ledger "
                    + "disagree about the row; nothing is sent")
        }
        return fields
    }

    /// The batch id of a row.
    func batch(of row: StoredRow) throws -> String {
        try withBatch(row.key.fileID) { $0.batch }
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
            let rows = try store.rows(of: file, form: summary.form, columns: summary.columns)
            let opened = OpenBatch(rows: rows, batch: summary.header.batch)
            batches[fileID] = opened
            return try body(opened)
        }
    }
}
