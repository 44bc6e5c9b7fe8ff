import DurableFiles
public import OrderedJSON
import SkyPay

/// What became of a journalled call.
public struct CallReport: Sendable {
    /// The file it became, as in a run's summary.
    public var file: FileReport
    /// Outcome and SkyPay's answer; nil when the row was rejected.
    public var row: JSONValue?
    /// Faults of a rejected row, in the form of an acknowledgement.
    public var faults: [JSONValue]
    /// What stood in the way, in words with the remedy.
    public var problems: [String]
    /// The exit code.
    public var status: ExitStatus

    /// The machine-readable form.
    public var json: JSONValue {
        var object: JSONObject = [
            "exit": .number(String(status.rawValue)), "file": .string(file.file),
            "fileId": .string(file.fileID), "verdict": .string(file.verdict),
        ]
        object["row"] = row
        if !faults.isEmpty { object["faults"] = .array(faults) }
        if !problems.isEmpty { object["problems"] = .array(problems.map { .string($0) }) }
        return .object(object)
    }
}

extension Runner {
    /// Makes a call a batch of one row: dropped into the inbox, claimed, judged, sent and answered
    /// as any other; nothing else that waits is sent. A crash leaves it to the next run.
    func call(_ command: CallCommand, stop: StopRequest) async throws -> CallReport {
        try await working {
            _ = try await intake.recover()
            _ = try await provider.recovery.settleIntents()
            let ledger = site.journal.ledger
            let now = site.clock.unixSeconds()
            if !command.isRepetition {
                try RepeatedTransfer(folder: site.folder, ledger: ledger, now: now).refuse(command)
            }
            var random = SystemRandomNumberGenerator()
            let fileID = try await intake.take(
                DroppedCall(
                    command, mode: site.configuration.mode.rawValue, at: now, using: &random))
            guard let file = try ledger.file(fileID) else {
                throw InvariantViolation("file \(fileID) was claimed and is not in the ledger")
            }
            var outcome = SendingDesk.Outcome()
            if file.verdict == .accepted {
                outcome = try await sending.work(until: stop, only: fileID)
                try await provider.requestDispatcher.leaveReports()
            }
            // What was refused is answered too.
            let conflicts = try await responses.settle()
            outcome.problems += conflicts.map(\.description)
            if !conflicts.isEmpty { outcome.statuses.append(.rowsOpen) }
            return try CallReport(fileID, ledger, site.folder, outcome)
        }
    }
}

extension CallReport {
    /// How a call stands now.
    init(
        _ fileID: String, _ ledger: Ledger, _ folder: SiteFolder, _ outcome: SendingDesk.Outcome
    ) throws {
        guard let file = try ledger.file(fileID) else {
            throw InvariantViolation("file \(fileID) is no longer in the ledger")
        }
        let totals = try ledger.reportTotals(of: file)
        var statuses = outcome.statuses
        if file.verdict != .accepted { statuses.append(.fileRejected) }
        if try Self.lacksFunds(file, ledger) { statuses.append(.stoppedByLimit) }
        // What stands in the way of a row that is unsent is told by its own code, as after a run.
        let isExplained = !statuses.isEmpty
        for state in totals.keys where state != PayoutState.unsent.rawValue || !isExplained {
            statuses.append(Self.status(ofState: state))
        }
        self.init(
            file: FileReport(file, totals),
            row: try Self.row(of: file, ledger, folder).map { .object($0) },
            faults: file.details["faults"]?.arrayValue ?? [], problems: outcome.problems,
            status: ExitStatus.winning(statuses))
    }

    /// True when its row waits for money: it is unsent, and what SkyPay said last is that the balance
    /// does not suffice.
    static func lacksFunds(_ file: StoredFile, _ ledger: Ledger) throws -> Bool {
        let code = ReturnCode.insufficientBalance.rawValue
        if let row = try ledger.rows(of: file.fileID, after: 0, limit: 1).first {
            return row.state == PayoutState.unsent.rawValue && row.lastCode == code
        }
        guard let row = try ledger.requests(of: file.fileID, after: 0, limit: 1).first else {
            return false
        }
        return row.record.state == .unsent && row.lastCode == code
    }

    private static func status(ofState state: String) -> ExitStatus {
        switch state {
        case "refused", "failed": .rowsRefused
        case "unsent", "intended", "suspended", "unknown", "held": .rowsOpen
        default: .allDone
        }
    }

    private static func row(
        of file: StoredFile, _ ledger: Ledger, _ folder: SiteFolder
    ) throws -> JSONObject? {
        if let row = try ledger.rows(of: file.fileID, after: 0, limit: 1).first {
            guard row.state != StoredRow.rejectedState else { return nil }
            return outcome(row.state, row.lastCode, row.lastDescription)
        }
        guard let row = try ledger.requests(of: file.fileID, after: 0, limit: 1).first,
            row.state != StoredRow.rejectedState
        else { return nil }
        var object = outcome(
            row.record.state.word(for: row.action), row.lastCode, row.lastDescription)
        guard let answer = row.answer else { return object }
        let stored = try AnswerReader(folder: folder.answers).object(answer)
        object["answer"] = .object(
            row.record.family == .barCode
                ? try BarCodeFile(row, stored, ledger).described(stored) : stored)
        return object
    }

    private static func outcome(
        _ word: String, _ code: String?, _ description: String?
    ) -> JSONObject {
        var object: JSONObject = ["outcome": .string(word)]
        object["responseCode"] = code.map { .string($0) }
        object["responseDescription"] = description.map { .string($0) }
        return object
    }
}
