import DurableFiles
public import OrderedJSON
import SkyPay

/// `batchrunner reconcile`: does everything add up? The ledger with itself, and, for one day, SkyPay's
/// report of payouts with the ledger. Asks and reads only, also beside a daemon.
public struct ReconcileCommand: Sendable {
    /// What was found.
    public struct Report: Sendable {
        /// Rows and money in and out, by day; what does not add up.
        public var standing: StandingFigures
        /// SkyPay's rows and money of the day, and the ledger's of the same payouts, as JSON; nil
        /// where SkyPay was not asked.
        public var skypay: JSONObject?
        /// Payouts on which the two disagree, at most `maxListed`.
        public var differences: [ReportDifference] = []
        /// All of them.
        public var count = 0
        /// Why SkyPay's side is not known; nil when it is, or was not asked for.
        public var problem: String?
        /// 0 only when everything agrees.
        public var status = ExitStatus.allDone

        /// The machine-readable form.
        public var json: JSONValue {
            var object: JSONObject = [
                "exit": .number(String(status.rawValue)), "days": standing.json,
                "faults": .array(standing.faults.map { .string($0) }),
            ]
            object["skypay"] = skypay.map { .object($0) }
            object["differing"] = .number(String(count))
            object["differences"] = .array(differences.map(\.json))
            object["problem"] = problem.map { .string($0) }
            return .object(object)
        }
    }

    /// Differences listed at most; all are counted.
    public static let maxListed = 10_000

    private let root: String
    private let environment: [String: String]
    private let day: String?

    /// A reconciliation of the site at `root`.
    /// - Parameter day: `yyyy-MM-dd`, GMT+8; nil to look at the ledger alone, all days of it.
    public init(
        root: String, environment: [String: String], day: String?
    ) throws(CommandFailure) {
        if let day, !PhilippineTime.isDate(day) {
            throw CommandFailure(.usage, "--day must be a day, such as 2026-11-21")
        }
        self.root = root
        self.environment = environment
        self.day = day
    }

    /// Reads, asks and compares.
    public func reconcile() async throws -> Report {
        do {
            let folder = SiteFolder(root: root)
            guard let ledger = try Ledger(reading: folder.ledger) else {
                throw CommandFailure(
                    .usage, "\(folder.ledger) is no ledger of this version; begin with a run")
            }
            var report = Report(standing: try StandingFigures(ledger, day: day))
            var statuses: [ExitStatus] = report.standing.faults.isEmpty ? [] : [.invariantBroken]
            if let day { try await compare(day, folder, &report, &statuses) }
            report.status = ExitStatus.winning(statuses)
            return report
        } catch {
            throw CommandFailure(error)
        }
    }

    private func compare(
        _ day: String, _ folder: SiteFolder, _ report: inout Report,
        _ statuses: inout [ExitStatus]
    ) async throws {
        let comparison = try ReportComparison(ledger: folder.ledger, day: day)
        let session = try ProviderSession(root: root, environment: environment)
        let reading = ReportReading(client: session.client, query: try Self.query(around: day))
        let outcome: ReportReading.Outcome
        do {
            outcome = try await reading.read { object in
                // A row without a number is nobody's; its money would be missing from the sums.
                guard let row = ReportRow(object) else {
                    throw CommandFailure(.rowsOpen, "SkyPay's report has a row without a number")
                }
                try comparison.add(row)
            }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        guard case .whole = outcome else {
            report.problem = "SkyPay's report did not come: ask again later"
            statuses.append(.providerUnavailable)
            return
        }
        let totals = try comparison.totals()
        report.skypay = [
            "day": .string(day), "rows": .number(String(totals.skypay.rows)),
            "amount": .string(totals.skypay.amount.text),
            "ledgerRows": .number(String(totals.ledger.rows)),
            "ledgerAmount": .string(totals.ledger.amount.text),
        ]
        try comparison.differences { difference in
            report.count += 1
            if report.differences.count < Self.maxListed { report.differences.append(difference) }
        }
        if report.count > 0 { statuses.append(.rowsOpen) }
    }

    /// The day and the two beside it: a payout sent at midnight may be dated on either side.
    private static func query(around day: String) throws -> ReportQuery {
        guard let micros = PhilippineTime.unixMicroseconds(wire: day + " 12:00:00") else {
            throw CommandFailure(.usage, "\"\(day)\" is no day")
        }
        func name(_ offset: Int64) -> String {
            String(
                PhilippineTime.wireText(unixSeconds: micros / 1_000_000 + offset * 86_400)
                    .prefix(10))
        }
        return .payouts(from: name(-1), through: name(1), dateType: "CreateDate")
    }
}
