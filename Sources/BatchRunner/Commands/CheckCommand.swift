import Crypto
import DurableFiles
import Glibc
public import OrderedJSON
import SkyPay

/// `batchrunner check`: what `run` would make of files, without network and without writing.
public struct CheckCommand: Sendable {
    let planner: Planner
    let ledger: Ledger?
    private let catalogs: CatalogCache
    private let onRowFault: IntakeSettings.OnRowFault
    private let sender: String
    private let header: HeaderRules
    /// What was assumed because the site has no configuration; nil when it has one.
    public let assumption: String?
    /// Why nobody can tell what was used before; nil when that is known.
    public let unknown: String?

    /// Prepares to check files against the site at `root`: its configuration and ledger, as far as
    /// there are any.
    /// - Parameter sender: sub-folder of the inbox the files are meant for; empty for the inbox itself.
    /// - Throws: `CommandFailure` where there is no such site, or its configuration cannot be used.
    public init(
        root: String, sender: String = "", environment: [String: String]
    ) throws {
        let folder = SiteFolder(root: root)
        let site = try SiteLooking(folder)
        self.sender = sender
        (ledger, unknown) = try Self.ledger(of: site)
        catalogs = CatalogCache(folder: folder.catalogs)
        if try site.isThere(folder.configuration) {
            let configuration = try RunnerConfiguration.load(site: folder, environment: environment)
            planner = Planner(rules: PlanRules(configuration))
            onRowFault = configuration.intake.onRowFault
            header = HeaderRules(sender: sender, settings: configuration.sender(sender))
            assumption = nil
        } else {
            planner = Planner(rules: PlanRules(mode: "test", controlNumberPrefix: nil))
            onRowFault = .rejectRow
            header = HeaderRules(
                sender: sender, settings: SenderSettings(actions: nil, acceptsCallbacks: true))
            assumption =
                "no \(folder.configuration): mode test, any control number prefix is taken"
        }
    }

    /// Where the ledger cannot be read, files are checked all the same.
    private static func ledger(of site: SiteLooking) throws -> (Ledger?, unknown: String?) {
        do {
            return (try site.ledger(), nil)
        } catch let failure as CommandFailure {
            guard [.usage, .rowsOpen].contains(failure.status) else { throw failure }
            return (nil, "what was used before is not known: \(failure.message)")
        }
    }

    /// Checks one file. A side file `NAME.ctl` beside it is read with it.
    public func check(_ path: String) throws -> CheckReport {
        var report = try judge(path)
        report.unknown = unknown
        return report
    }

    private func judge(_ path: String) throws -> CheckReport {
        guard DurableFiles.exists(path), !DurableFiles.isFolder(path) else {
            throw CommandFailure(.usage, "\(path): no such file")
        }
        let name = DurableFiles.name(of: path)
        let sha256 = try Self.sha256(of: path)
        let sidePath = path + ".ctl"
        let side = DurableFiles.exists(sidePath) ? try FileStore.sideBytes(sidePath) : nil
        let content = Content(sha256: sha256, sideSHA256: side.map { SHA256Text.of($0) })
        let text = BatchText(
            path: path, name: name, sha256: sha256, sideFile: side,
            catalogs: catalogs.current()?.catalogs)
        if case .callback = try BatchKind.sniff(path: path, name: name) {
            return CheckReport(file: path, verdict: "callback", reason: "answered by `run`")
        }
        if case .unknown(let reason) = try BatchKind.sniff(path: path, name: name) {
            return CheckReport(file: path, verdict: "quarantined", reason: reason)
        }
        let alike = try ledger?.files(sha256: sha256, sender: sender) ?? []
        let earlier = alike.first(where: content.isThat(of:))?.fileID
        let outcome = try withLookup(exceptIn: earlier ?? "") { usedBefore in
            try planner.plan(text, usedBefore: usedBefore) { _ in }
        }
        return try report(path, content, outcome)
    }

    /// What makes a file the same as an earlier one, as `run` sees it (`earlierFile`): under another
    /// side file the same rows are another batch.
    private struct Content {
        var sha256: String
        var sideSHA256: String?

        func isThat(of file: StoredFile) -> Bool {
            file.sha256 == sha256 && file.sideSHA256 == sideSHA256
        }
    }

    private func withLookup(
        exceptIn fileID: String,
        _ body: (_ usedBefore: (TakenNumber) throws -> Bool) throws -> PlanOutcome
    ) throws -> PlanOutcome {
        guard let ledger else { return try body { _ in false } }
        return try ledger.withLookup(exceptIn: fileID, body)
    }

    private func report(
        _ path: String, _ content: Content, _ outcome: PlanOutcome
    ) throws -> CheckReport {
        switch outcome {
        case .incomplete(let missing):
            return CheckReport(file: path, verdict: "waiting", reason: missing)
        case .rejected(let faults):
            return CheckReport(
                file: path, verdict: "rejected", reason: faults.first?.message, faults: faults)
        case .whole(let summary, let totals):
            var report = CheckReport(file: path, verdict: "accepted", summary, totals)
            let before = try ledger?.before(summary.header, from: sender) ?? .init()
            if let earlier = before.sameBatch, content.isThat(of: earlier) {
                report.verdict = "duplicate"
                report.reason =
                    "batch \(summary.header.batch) was taken before as file \(earlier.fileID)"
            } else if let refusal = header.refusal(summary.header, totals, before: before) {
                report.verdict = "rejected"
                report.reason = refusal.message
                report.faults = [refusal.json] + report.faults
            } else if totals.accepted.rows == 0, totals.rejected.rows > 0 {
                report.verdict = "rejected"
                report.reason = "every row has a fault"
            } else if totals.rejected.rows > 0 {
                report.verdict = onRowFault == .rejectBatch ? "rejected" : "partial"
                if onRowFault == .rejectBatch {
                    report.reason = "a row has a fault (intake.onRowFault)"
                }
            }
            return report
        }
    }

    private static func sha256(of path: String) throws -> String {
        var hash = SHA256()
        try BatchReader.inflate(path: path, name: "") { hash.update(data: $0) }
        return SHA256Text.hexadecimal(hash.finalize())
    }
}

/// What a check found.
public struct CheckReport: Sendable {
    /// The path as given.
    public var file: String
    /// accepted, partial, rejected, duplicate, waiting, quarantined or callback.
    public var verdict: String
    /// Why.
    public var reason: String?
    /// Batch id, action, form; empty when the file is no batch.
    public var batch = ""
    /// Rows and money: total, accepted, rejected.
    public var counts: [(name: String, rows: Int, amount: String)] = []
    /// Accepted rows and money by channel.
    public var channels: [(name: String, rows: Int, amount: String)] = []
    /// The plan hash an approval would name.
    public var planHash = ""
    /// Faults in the form of an acknowledgement.
    public var faults: [JSONValue] = []
    /// Faults not listed.
    public var faultsLeftOut = 0
    /// Why nobody can tell what was used before; nil when that is known.
    public var unknown: String?

    init(file: String, verdict: String, reason: String?, faults: [Fault] = []) {
        self.file = file
        self.verdict = verdict
        self.reason = reason
        self.faults = faults.map(\.json)
    }

    init(file: String, verdict: String, _ summary: BatchSummary, _ totals: PlanTotals) {
        self.init(file: file, verdict: verdict, reason: nil, faults: totals.faults)
        batch = summary.header.batch
        planHash = totals.planHash
        faultsLeftOut = totals.faultsLeftOut
        counts = [
            ("total", totals.total), ("accepted", totals.accepted), ("rejected", totals.rejected),
        ].map { ($0.0, $0.1.rows, $0.1.amount.text) }
        channels = totals.channels.sorted { $0.key < $1.key }.map { channel, total in
            let known = PayoutChannel(wire: channel)?.name
            return (known.map { "\(channel) \($0)" } ?? channel, total.rows, total.amount.text)
        }
    }

    /// The exit code `run` would end with for this file; 20 where `run` may know it for a duplicate.
    public var status: ExitStatus {
        switch verdict {
        case "callback": .allDone
        case "accepted", "duplicate": unknown == nil ? .allDone : .rowsOpen
        case "partial": unknown == nil ? .rowsRefused : .rowsOpen
        default: .fileRejected
        }
    }

    /// The machine-readable form.
    public var json: JSONValue {
        func table(_ rows: [(name: String, rows: Int, amount: String)]) -> JSONValue {
            .object(
                JSONObject(
                    rows.map { row in
                        (
                            row.name,
                            ["rows": .number(String(row.rows)), "amount": .string(row.amount)]
                        )
                    }))
        }
        var object: JSONObject = ["file": .string(file), "verdict": .string(verdict)]
        object["reason"] = reason.map { .string($0) }
        object["note"] = unknown.map { .string($0) }
        if !batch.isEmpty {
            object["batch"] = .string(batch)
            object["totals"] = table(counts)
            object["channels"] = table(channels)
            object["planHash"] = .string(planHash)
        }
        object["faults"] = .array(faults)
        object["faultsLeftOut"] = .number(String(faultsLeftOut))
        return .object(object)
    }
}
