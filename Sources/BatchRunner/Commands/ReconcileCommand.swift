import DurableFiles
public import OrderedJSON
import SkyPay

/// `batchrunner reconcile`: does everything add up? The ledger with itself, and, for one day, SkyPay's
/// reports with the ledger. Asks and reads only, also beside a daemon.
public struct ReconcileCommand: Sendable {
    /// What was found.
    public struct Report: Sendable {
        /// Rows and money in and out, by day; what does not add up.
        public var standing: StandingFigures
        /// SkyPay's rows and money of the day, and the ledger's of the same numbers, as JSON; empty
        /// where SkyPay was not asked.
        public var compared: [ReportSubject: JSONObject] = [:]
        /// Reports that were asked for and not compared, with the reason and the remedy.
        public var notCompared: [ReportSubject: String] = [:]
        /// What the two disagree on, at most `maxListed`.
        public var differences: [ReportDifference] = []
        /// All of them.
        public var count = 0
        /// 0 only when everything agrees.
        public var status = ExitStatus.allDone

        /// What was not compared, in words; nil when everything was that was asked for.
        public var problem: String? {
            let reasons = ReportSubject.allCases.compactMap { notCompared[$0] }
            return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        }

        /// The last line for people.
        public var conclusion: String {
            if status == .allDone { return "Everything agrees." }
            let differs = count > 0 || !standing.faults.isEmpty
            return differs ? "Not everything agrees." : "Not everything could be compared."
        }

        /// The machine-readable form.
        public var json: JSONValue {
            var object: JSONObject = [
                "exit": .number(String(status.rawValue)), "days": standing.json,
                "faults": .array(standing.faults.map { .string($0) }),
            ]
            object["skypay"] = compared[.payouts].map { .object($0) }
            object["collections"] = compared[.collections].map { .object($0) }
            object["notCompared"] = .array(
                ReportSubject.allCases.compactMap { subject -> JSONValue? in
                    notCompared[subject].map {
                        ["report": .string(subject.rawValue), "reason": .string($0)]
                    }
                })
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
            guard let ledger = try SiteLooking(folder).ledger() else {
                throw CommandFailure(
                    .usage, "nothing was ever run here: there is nothing to reconcile")
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
        let (first, last) = try Self.days(around: day)
        let session = try ProviderSession(root: root, environment: environment)
        var isRefused = false
        do {
            for subject in ReportSubject.allCases {
                let comparison = try ReportComparison(subject, ledger: folder.ledger, day: day)
                guard try comparison.isNeeded(from: first, through: last) else { continue }
                let reading = ReportReading(
                    client: session.client, query: subject.query(from: first, through: last))
                if let obstacle = try await Self.read(subject, reading, into: comparison) {
                    report.notCompared[subject] = obstacle.reason
                    if let status = obstacle.status { statuses.append(status) }
                    isRefused = isRefused || obstacle.status == nil
                } else {
                    try Self.compare(subject, day, comparison, &report)
                }
            }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        if report.count > 0 { statuses.append(.rowsOpen) }
        // Where not even one could be read, it is no matter of the right to one of them.
        if isRefused { statuses.append(report.compared.isEmpty ? .providerUnavailable : .rowsOpen) }
    }

    /// Why a report is not compared.
    private struct Obstacle {
        let reason: String
        /// Nil where SkyPay refused it: then it depends on whether another could be compared.
        let status: ExitStatus?
    }

    /// Reads a report; nil when it came whole.
    private static func read(
        _ subject: ReportSubject, _ reading: ReportReading, into comparison: ReportComparison
    ) async throws -> Obstacle? {
        let name = "SkyPay's report of \(subject.rawValue)"
        do {
            switch try await reading.read(comparison.add) {
            case .whole: return nil
            case .stopped(.answered(let answer)):
                // An account may have no right to one of the two: asking again does not help then.
                return Obstacle(
                    reason: "\(name) was refused with \(answer.code.rawValue) "
                        + "(\(answer.code.summary)): ask again later, then ask SkyPay for the "
                        + "right to read it", status: nil)
            case .stopped:
                return Obstacle(
                    reason: "\(name) did not come: ask again later", status: .providerUnavailable)
            }
        } catch let fault as ReportFault {
            return Obstacle(
                reason: "\(name) has \(fault.reason), so its sums would be wrong: ask SkyPay",
                status: .rowsOpen)
        }
    }

    private static func compare(
        _ subject: ReportSubject, _ day: String, _ comparison: ReportComparison,
        _ report: inout Report
    ) throws {
        let totals = try comparison.totals()
        report.compared[subject] = [
            "day": .string(day), "rows": .number(String(totals.skypay.rows)),
            "amount": .string(totals.skypay.amount.text),
            "ledgerRows": .number(String(totals.ledger.rows)),
            "ledgerAmount": .string(totals.ledger.amount.text),
        ]
        try comparison.differences { difference in
            report.count += 1
            if report.differences.count < Self.maxListed { report.differences.append(difference) }
        }
    }

    /// The day before and the day after: what was sent at midnight may be dated on either side.
    private static func days(around day: String) throws -> (first: String, last: String) {
        guard let micros = PhilippineTime.unixMicroseconds(wire: day + " 12:00:00") else {
            throw CommandFailure(.usage, "\"\(day)\" is no day")
        }
        func name(_ offset: Int64) -> String {
            String(
                PhilippineTime.wireText(unixSeconds: micros / 1_000_000 + offset * 86_400)
                    .prefix(10))
        }
        return (name(-1), name(1))
    }
}
