public import OrderedJSON
import SkyPay

/// One file in the summary of a run.
public struct FileReport: Sendable {
    /// The name it was dropped under, the sender's folder before it.
    public var file: String
    /// Its id.
    public var fileID: String
    /// accepted, partial, rejected, duplicate, quarantined, answered; `waiting` before the verdict.
    public var verdict: String
    /// Why, when not accepted.
    public var reason: String?
    /// Rows by what became of them; `total` counts every row of the file.
    public var rows: [String: Int]
    /// Money by what became of it, as text with two decimals.
    public var amounts: [String: String]
}

/// What a run did and what it leaves.
public struct RunReport: Sendable {
    /// Files judged in this run, and those still waiting, in the order they came.
    public var files: [FileReport] = []
    /// Rows by state over the whole site, `rejected` included.
    public var rows: [String: Int] = [:]
    /// Money by state over the whole site.
    public var amounts: [String: String] = [:]
    /// Orders, transfers, questions and bar codes by state over the whole site.
    public var requests: [String: Int] = [:]
    /// Whether files, rows and money in are files, rows and money out.
    public var conservation: RunConservation?
    /// SkyPay's balance beside what it took; nil when no payout was sent, or it was not told.
    public var balance: RunBalance?
    /// Requests sent in this run.
    public var sent = 0
    /// What stood in the way, in words with the remedy.
    public var problems: [String] = []
    /// What will stand in the way before long.
    public var warnings: [String] = []
    /// What a scheduler acts on.
    public var status = ExitStatus.allDone

    /// The machine-readable form of `--json`.
    public var json: JSONValue {
        var object: JSONObject = [
            "exit": .number(String(status.rawValue)), "summary": .string(status.summary),
            "sent": .number(String(sent)),
            "files": .array(files.map(\.json)),
            "rows": Self.counts(rows), "amounts": Self.texts(amounts),
            "requests": Self.counts(requests),
        ]
        object["conservation"] = conservation?.json
        object["balance"] = balance?.json
        object["problems"] = .array(problems.map { .string($0) })
        object["warnings"] = .array(warnings.map { .string($0) })
        return .object(object)
    }

    static func counts(_ counts: [String: Int]) -> JSONValue {
        .object(
            JSONObject(
                counts.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) })
        )
    }

    static func texts(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

extension FileReport {
    /// The machine-readable form.
    public var json: JSONValue {
        var object: JSONObject = [
            "file": .string(file), "fileId": .string(fileID), "verdict": .string(verdict),
        ]
        object["reason"] = reason.map { .string($0) }
        object["rows"] = RunReport.counts(rows)
        object["amounts"] = RunReport.texts(amounts)
        return .object(object)
    }

    /// Money of the rows SkyPay took, whatever became of them there.
    public var sentAmount: String {
        ["accepted", "paid", "failed", "cancelled", "transferred"]
            .compactMap { amounts[$0].flatMap(Amount.init(wireTotal:)) }
            .reduce(Amount.zero, +).text
    }

    init(_ file: StoredFile, _ totals: [String: StateTotal]) {
        self.file = (file.sender.isEmpty ? "" : file.sender + "/") + file.name
        fileID = file.fileID
        verdict = file.verdict?.rawValue ?? "waiting"
        reason = file.reason
        rows = totals.mapValues(\.rows)
        amounts = totals.mapValues(\.amount.text)
        let counts = file.details["counts"]
        let money = file.details["amounts"]
        rows["total"] = counts?["total"]?.integerValue
        amounts["total"] = money?["total"]?.stringValue
        if totals.isEmpty {
            rows["rejected"] = counts?["rejected"]?.integerValue
            amounts["rejected"] = money?["rejected"]?.stringValue
        }
    }
}
