import AuditLog
import GRDB
import OrderedJSON
import SkyPay

/// Folds what happens to registrations into the ledger, inside the transaction of its events.
struct RegistrationFold {
    let database: Database

    /// A row of a batch of registrations, with its send outcome: it needs no sending, so it is
    /// accepted at once. Contract numbers do not stand in `rows`: they are another set of numbers.
    func insert(_ row: PlannedRow, _ file: StoredFile) throws {
        guard let kind = file.action.flatMap(RegistrationKind.init(action:)) else {
            throw InvariantViolation("file \(file.fileID) registers nothing")
        }
        let isGood = row.faults.isEmpty
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO rows (fileId, row, line, item, offset, length, controlNumber, amount,
                    state, faults, outcome, outcomeDescription, outcomeAttempts, outcomeAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            file.fileID, row.number, row.line, row.item, row.location.offset, row.location.length,
            kind == .payout ? row.controlNumber : nil, row.amount?.centavos,
            isGood ? CounterState.registered.rawValue : StoredRow.rejectedState,
            isGood ? nil : row.faultText,
            isGood ? PayoutState.accepted.rawValue : nil, isGood ? "registered" : nil,
            isGood ? 0 : nil, isGood ? file.receivedAt : nil,
        ])
        if isGood { try insert(row, file.fileID, kind) }
    }

    private func insert(_ row: PlannedRow, _ fileID: String, _ kind: RegistrationKind) throws {
        guard let number = row.controlNumber, let amount = row.amount else {
            throw InvariantViolation("file \(fileID): row \(row.number) has no number or amount")
        }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO registrations (kind, number, fileId, row, amount, expiresAt, state)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            kind.rawValue, number, fileID, row.number, amount.centavos, row.expiresAt,
            CounterState.registered.rawValue,
        ])
    }

    /// What a counter's callback did to a registration; nothing when it did nothing.
    func callback(_ event: Event, at time: Int64) throws {
        guard let note = CounterNote(event.data) else { return }
        try move(note.row, note.fact, at: time)
        guard case .settled = note.fact else { return }
        let channel = event.data["channel"]?.stringValue ?? ""
        let told = event.data["providerTime"]?.stringValue
            .flatMap(PhilippineTime.unixMicroseconds(wire:))
        try finish(
            note.row, .settled, final: "paid",
            channel.isEmpty ? "at the counter" : "at the counter, channel \(channel)",
            reference: event.subject["reference"]?.stringValue,
            at: told.map { PhilippineTime.rfc3339(unixSeconds: $0 / 1_000_000) } ?? event.time)
    }

    /// A registration whose time is over.
    func expire(_ event: Event, at time: Int64) throws {
        guard let row = CounterNote.row(event.data) else {
            throw InvariantViolation("audit event \(event.sequence) names no registration")
        }
        try move(row, .expired, at: time)
        try finish(row, .expired, final: "withdrawn", "expired", reference: nil, at: event.time)
    }

    private func move(_ row: RowKey, _ fact: CounterFact, at time: Int64) throws {
        guard let stored = try RegistrationTable.find(database, row) else {
            throw InvariantViolation("file \(row.fileID): row \(row.row) registered nothing")
        }
        let next = try stored.record.applying(fact, at: time)
        let statement = try database.cachedStatement(
            sql: """
                UPDATE registrations SET state = ?, inquiries = ?, lastInquiredAt = ?, payment = ?
                WHERE fileId = ? AND row = ?
                """)
        try statement.execute(arguments: [
            next.state.rawValue, next.inquiries, next.lastInquiredAt, next.payment, row.fileID,
            row.row,
        ])
    }

    /// The row's final outcome, written once: a final file made again is the same file.
    private func finish(
        _ row: RowKey, _ state: CounterState, final: String, _ description: String,
        reference: String?, at time: String
    ) throws {
        try database.execute(
            kept: """
                UPDATE rows SET state = ?, final = ?, finalDescription = ?, finalAt = ?,
                    reference = COALESCE(?, reference)
                WHERE fileId = ? AND row = ? AND final IS NULL
                """,
            arguments: [
                state.rawValue, final, description, time, reference, row.fileID, row.row,
            ])
        guard database.changesCount == 1 else {
            throw InvariantViolation("file \(row.fileID): row \(row.row) is final already")
        }
    }
}

/// What the event of a callback says of the registration it is about: the form in `data`.
struct CounterNote: Equatable {
    var row: RowKey
    var fact: CounterFact

    /// Writes it into an event's data.
    func add(to data: inout JSONObject) {
        Self.add(row, to: &data)
        switch fact {
        case .inquired: data["counter"] = "inquired"
        case .settled(let payment):
            data["counter"] = "settled"
            data["payment"] = .string(payment)
        case .expired: data["counter"] = "expired"
        }
    }

    /// Names the registration.
    static func add(_ row: RowKey, to data: inout JSONObject) {
        data["registration"] = [
            "file": .string(row.fileID), "row": .number(String(row.row)),
        ]
    }

    /// Reads it back; nil when nothing happened to a registration.
    init?(_ data: JSONObject) {
        guard let row = Self.row(data) else { return nil }
        self.row = row
        switch data["counter"]?.stringValue {
        case "inquired": fact = .inquired
        case "settled":
            guard let payment = data["payment"]?.stringValue else { return nil }
            fact = .settled(payment: payment)
        case "expired": fact = .expired
        default: return nil
        }
    }

    init(row: RowKey, fact: CounterFact) {
        self.row = row
        self.fact = fact
    }

    /// The registration an event names.
    static func row(_ data: JSONObject) -> RowKey? {
        guard let named = data["registration"], let file = named["file"]?.stringValue,
            let number = named["row"]?.integerValue
        else { return nil }
        return RowKey(fileID: file, row: number)
    }
}
