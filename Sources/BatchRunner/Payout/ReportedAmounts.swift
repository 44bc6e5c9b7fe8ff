import GRDB
import OrderedJSON
import SkyPay

/// Payouts by SkyPay's reports, one day read once for a round of questions, in a database of its own:
/// a day may have a million of them.
actor ReportedAmounts {
    private let client: SkyPayClient
    private let stop: StopRequest
    private var database: DatabaseQueue?
    /// Days read, with what kept them from being read.
    private var days: [String: String?] = [:]
    /// Days read in an earlier part of the round: what SkyPay took since may be missing there.
    private var older: Set<String> = []

    /// Characters of a day in a time on the wire, `yyyy-MM-dd HH:mm:ss`.
    private static let dayCharacters = 10

    /// - Parameter stop: ends the reading of a day between two pages; it did not come then.
    init(client: SkyPayClient, until stop: StopRequest = StopRequest()) {
        self.client = client
        self.stop = stop
    }

    /// Another part of the same round begins: what was read stays, what did not come is tried again.
    func goOn() {
        days = days.filter { $0.value == nil }
        older = Set(days.keys)
    }

    /// Whether the report of the day on which SkyPay took a payout has it with this amount.
    func evidence(_ status: PayoutStatusRow, amount: Amount) async throws -> AmountEvidence {
        let taken = status.transactionDate.map { PhilippineTime.canonical(wire: $0) } ?? ""
        let day = String(taken.prefix(Self.dayCharacters))
        guard PhilippineTime.isDate(day) else {
            return .unavailable("SkyPay does not say when it took it")
        }
        if days[day] == nil { days[day] = .some(try await read(day)) }
        if let obstacle = days[day] ?? nil { return .unavailable(obstacle) }
        let found = try compare(status.controlNumber, amount)
        guard case .unclear = found, older.remove(day) != nil else { return found }
        try await opened().write {
            try $0.execute(sql: "DELETE FROM report WHERE day = ?", arguments: [day])
        }
        days[day] = .some(try await read(day))
        if let obstacle = days[day] ?? nil { return .unavailable(obstacle) }
        return try compare(status.controlNumber, amount)
    }

    /// Reads a day's report; why it did not come, nil when it did.
    private func read(_ day: String) async throws -> String? {
        let database = try opened()
        let query = ReportQuery.payouts(from: day, through: day, dateType: "CreateDate")
        var place = ReportPlace()
        let outcome = try await ReportReading(client: client, query: query).read(
            on: &place, until: stop
        ) { object in
            if let row = ReportRow(object) { try Self.keep(row, day, in: database) }
        }
        guard case .whole? = outcome else {
            // What came of it must not look like the whole day.
            try await database.write {
                try $0.execute(sql: "DELETE FROM report WHERE day = ?", arguments: [day])
            }
            return "SkyPay's report of \(day) did not come"
        }
        return nil
    }

    private static func keep(_ row: ReportRow, _ day: String, in database: DatabaseQueue) throws {
        try database.inDatabase { database in
            try database.cachedStatement(
                sql: "INSERT INTO report (day, number, amount) VALUES (?, ?, ?)"
            ).execute(arguments: [day, row.number, row.amount?.centavos])
        }
    }

    private func compare(_ number: String, _ amount: Amount) throws -> AmountEvidence {
        let found = try opened().inDatabase {
            try Row.fetchAll(
                $0, sql: "SELECT amount FROM report WHERE number = ?", arguments: [number]
            ).map { ($0["amount"] as Int64?).map { Amount(centavos: $0) } }
        }
        guard found.count == 1 else {
            let times = found.isEmpty ? "does not have it" : "has it \(found.count) times"
            return .unclear("SkyPay's report \(times)")
        }
        guard let told = found[0] else {
            return .unclear("SkyPay's report has it without an amount")
        }
        return told == amount
            ? .agrees : .differs("SkyPay's report has it with PHP \(told.text)")
    }

    private func opened() throws -> DatabaseQueue {
        if let database { return database }
        // An empty path is a file that SQLite removes with the connection.
        let made = try DatabaseQueue(path: "", configuration: Ledger.settings())
        try made.inDatabase {
            try $0.execute(
                sql: """
                    CREATE TABLE report (day TEXT NOT NULL, number TEXT NOT NULL,
                        amount INTEGER);
                    CREATE INDEX reportByNumber ON report (number);
                    """)
        }
        database = made
        return made
    }
}
