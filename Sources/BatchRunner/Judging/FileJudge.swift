import AuditLog
import OrderedJSON
import SkyPay

/// Gives every claimed file its one verdict. The verdict is an event first; acknowledgement, rows
/// and everything else follow from it.
struct FileJudge: Sendable {
    let journal: Journal
    let store: FileStore
    let planner: Planner
    let configuration: RunnerConfiguration
    let callbacks: CallbackDesk

    /// Judges one file; what cannot be recorded is set aside, so that no file can stop the site.
    func judge(_ file: StoredFile) async throws {
        do {
            try await judgeOnce(file)
        } catch let error as AuditLogError where error.code == .refused {
            try await quarantine(file, "its contents cannot be recorded: \(error.message)")
        }
    }

    /// A crash in here leaves it without a verdict: it is judged again at the next
    /// start, and after `PlanLimits.maxJudgings` times set aside.
    private func judgeOnce(_ file: StoredFile) async throws {
        guard file.judgings < PlanLimits.maxJudgings else {
            return try await quarantine(
                file, "the runner stopped \(file.judgings) times while reading this file")
        }
        try await journal.record(.fileJudging, subject: ["file": .string(file.fileID)])
        if let earlier = try journal.ledger.earlierFile(like: file), earlier.settles {
            return try await duplicate(file, of: earlier)
        }
        // What was posted is a callback or nothing: no batch comes over HTTP.
        if file.isPosted { return try await callbacks.answer(file) }
        switch try BatchKind.sniff(path: store.site.file(file.fileID), name: file.name) {
        case .callback: try await callbacks.answer(file)
        case .batch: try await judgeBatch(file)
        case .unknown(let reason): try await quarantine(file, reason)
        }
    }

    /// What is read of a copied file before it is claimed.
    enum Wholeness: Sendable, Equatable {
        /// More bytes could complete it: what it lacks.
        case lacking(String)
        /// It lacks nothing that more bytes could give. A batch in gzip is inflated beside its copy, to
        /// so many bytes; 0 for anything else.
        case whole(inflatedBytes: Int64)
    }

    /// Whether a copied file is whole.
    func wholeness(_ pair: CopiedPair, in folder: SiteFolder) throws -> Wholeness {
        let record = pair.file.record
        let path = folder.file(record.storedName)
        guard pair.file.size > 0 else { return .lacking("the file is empty") }
        switch try BatchKind.sniff(path: path, name: record.name.shown) {
        case .unknown: return .whole(inflatedBytes: 0)
        case .callback:
            guard let missing = callbacks.missing(path) else { return .whole(inflatedBytes: 0) }
            return .lacking(missing)
        case .batch: break
        }
        let side = try pair.side.map {
            try FileStore.sideBytes(folder.file($0.record.storedName))
        }
        let reading = try BatchReader.read(
            path: path, name: record.name.shown, sideFile: side, contentSHA256: record.sha256,
            limits: planner.rules.limits
        ) { _ in }
        switch reading {
        case .incomplete(let missing): return .lacking(missing)
        case .whole(let summary) where ByteSource.isGzip(name: record.name.shown):
            return .whole(inflatedBytes: Int64(summary.textBytes))
        case .whole, .rejected: return .whole(inflatedBytes: 0)
        }
    }

    private func judgeBatch(_ file: StoredFile) async throws {
        var text = try store.text(of: file)
        let known = try store.catalogs.currentForVerdict()
        text.catalogs = known?.catalogs
        let ledger = journal.ledger
        let outcome = try ledger.withLookup(exceptIn: file.fileID) { usedBefore in
            try planner.plan(text, usedBefore: usedBefore) { _ in }
        }
        switch outcome {
        case .incomplete(let missing):
            try await reject(
                file, "incomplete: \(missing)",
                [Fault(code: "incomplete", message: "the file is not whole: \(missing)")])
        case .rejected(let faults):
            try await reject(file, faults.first?.message ?? "not a batch", faults)
        case .whole(let summary, let totals):
            try await decide(file, summary, totals, judgedBy: known?.digest)
        }
    }

    private func decide(
        _ file: StoredFile, _ summary: BatchSummary, _ totals: PlanTotals,
        judgedBy catalogs: String?
    ) async throws {
        if let refusal = try refusal(file, summary.header, totals) {
            return try await reject(file, refusal.message, [refusal])
        }
        let onRowFault = configuration.intake.onRowFault
        let allBad = totals.accepted.rows == 0 && totals.rejected.rows > 0
        if allBad || (onRowFault == .rejectBatch && totals.rejected.rows > 0) {
            let reason =
                allBad ? "every row has a fault" : "a row has a fault (intake.onRowFault)"
            var verdict = BatchVerdict(summary, totals, .rejected, reason)
            verdict.catalogs = catalogs
            verdict.controlNumberPrefix = planner.rules.controlNumberPrefix
            return try await record(.fileRejected, file, verdict)
        }
        let verdict: FileVerdict = totals.rejected.rows > 0 ? .partial : .accepted
        let reason = verdict == .partial ? "some rows have faults" : nil
        var accepted = BatchVerdict(summary, totals, verdict, reason)
        accepted.catalogs = catalogs
        accepted.controlNumberPrefix = planner.rules.controlNumberPrefix
        try await record(.batchAccepted, file, accepted)
    }

    private func refusal(
        _ file: StoredFile, _ header: BatchHeader, _ totals: PlanTotals
    ) throws -> Fault? {
        let rules = HeaderRules(
            sender: file.sender, settings: configuration.sender(file.sender))
        return rules.refusal(
            header, totals, before: try journal.ledger.before(header, from: file.sender))
    }

    private func record(
        _ type: EventType, _ file: StoredFile, _ verdict: BatchVerdict
    ) async throws {
        var subject: JSONObject = ["file": .string(file.fileID)]
        subject["batch"] = .string(verdict.summary.header.batch)
        try await journal.record(
            type, outcome: verdict.verdict == .rejected ? .failure : .success, subject: subject,
            data: verdict.data)
    }

    private func reject(_ file: StoredFile, _ reason: String, _ faults: [Fault]) async throws {
        let text = try store.text(of: file)
        let stated = BatchReader.stated(text, limits: planner.rules.limits)
        var subject: JSONObject = ["file": .string(file.fileID)]
        var data: JSONObject = [
            "verdict": "rejected", "kind": "batch", "reason": .string(reason),
        ]
        if let stated {
            if !stated.batch.isEmpty { subject["batch"] = .string(stated.batch) }
            if !stated.action.isEmpty { data["action"] = .string(stated.action) }
            if !stated.mode.isEmpty { data["mode"] = .string(stated.mode) }
        }
        // Nothing of a file refused whole is proven, so it has no counts and amounts.
        data["faults"] = .array(FaultList(faults).listed)
        try await journal.record(
            .fileRejected, outcome: .failure, subject: subject, data: data)
    }

    private func duplicate(_ file: StoredFile, of earlier: StoredFile) async throws {
        var original: JSONObject = ["fileId": .string(earlier.fileID)]
        original["file"] = .string(earlier.name)
        original["verdict"] = earlier.verdict.map { .string($0.rawValue) }
        original["batch"] = earlier.batch.map { .string($0) }
        original["responses"] = .string(earlier.outputName + ".*")
        var data: JSONObject = [
            "verdict": "duplicate", "kind": earlier.details["kind"] ?? "batch",
            "reason": .string("the same content came before as file \(earlier.fileID)"),
            "duplicateOf": .string(earlier.fileID), "original": .object(original),
        ]
        for name in ["action", "counts", "amounts", "response", "encrypted", "previousKey"] {
            data[name] = earlier.details[name]
        }
        try await journal.record(
            .fileDuplicate, subject: ["file": .string(file.fileID)], data: data)
    }

    func quarantine(_ file: StoredFile, _ reason: String) async throws {
        try await journal.record(
            .fileQuarantined, outcome: .failure, subject: ["file": .string(file.fileID)],
            data: [
                "verdict": "quarantined", "reason": .string(reason), "name": .string(file.name),
                "sender": .string(file.sender), "outputName": .string(file.outputName),
            ])
    }
}

extension StoredFile {
    /// Its verdict also answers the same content dropped again. A callback with wrong credentials
    /// or a malformed one was applied to nothing, so it is read anew; so are a counter's: an
    /// inquiry asked again is answered as things stand then, and a payment knows its repetition.
    fileprivate var settles: Bool {
        guard verdict == .answered else { return true }
        return details["verified"]?.booleanValue == true
            && details["malformed"]?.booleanValue != true
            && action.map(Callback.alwaysAnswersSuccess) == true
    }
}
