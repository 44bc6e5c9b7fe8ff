public import OrderedJSON
import SkyPay

/// What a run leaves adds up, or it is told: every file taken in has its verdict, and of every batch it
/// judged or that is still open, rows and money in are rows and money out (docs/ARCHITECTURE.md, I5).
/// Batches that were final before are left to `reconcile` and to the daily check of the ledger.
public struct RunConservation: Sendable {
    /// Files judged in the run, by verdict.
    var verdicts: [String: Int] = [:]
    /// Files that were taken in and have no verdict.
    var unjudged = 0
    /// Batches the sums are over.
    var batches = 0
    /// What these batches say they hold.
    var received = StateTotal()
    /// What became of it, in the words of responses.
    var parts: [String: StateTotal] = [:]
    /// What does not add up, in words.
    public var faults: [String] = []

    /// Nothing appeared and nothing went missing.
    public var isBalanced: Bool { faults.isEmpty }

    /// - Parameters:
    ///   - judged: the ids of the files that got their verdict in this run.
    ///   - isStopped: the run was told to stop, so that files may be left for the next.
    init(_ ledger: Ledger, judged: [String], isStopped: Bool) throws {
        let files = try judged.map { id in
            guard let file = try ledger.file(id) else {
                throw InvariantViolation("file \(id) was judged and is not in the ledger")
            }
            return file
        }
        for file in files { verdicts[file.verdict?.rawValue ?? "none", default: 0] += 1 }
        unjudged = try ledger.filesWithoutVerdict().count
        let open = try ledger.openBatches()
        let known = Set(open.map(\.fileID))
        let figures = try StandingFigures(
            ledger, files: open + files.filter { $0.isBatch && !known.contains($0.fileID) })
        faults = figures.faults
        for day in figures.days {
            batches += day.files
            received = received + day.received
            parts.merge(day.parts, uniquingKeysWith: +)
        }
        if !isStopped, verdicts["none"] != nil || unjudged > 0 {
            faults.append(
                "\(unjudged) files were taken in and have no verdict; run again, and keep "
                    + "everything if it stays so")
        }
    }

    /// The machine-readable form.
    public var json: JSONValue {
        var object: JSONObject = [
            "files": .number(String(verdicts.values.reduce(unjudged, +))),
            "verdicts": RunReport.counts(verdicts),
        ]
        object.members += sums.members
        return .object(object)
    }

    /// What the log keeps of it: the same as long as no row moves. A sum that looks like a card number
    /// is masked there; compared unmasked, it would be news to every run.
    var kept: JSONObject { PersonalData.masked(sums) }

    private var sums: JSONObject {
        [
            "batches": .number(String(batches)), "in": Self.json(received),
            "out": .object(
                JSONObject(
                    parts.sorted { $0.key < $1.key }.map { ($0.key, Self.json($0.value)) })),
            "balanced": .boolean(isBalanced),
        ]
    }

    /// One line for people; nil where there is nothing to add up.
    public var line: String? {
        guard batches > 0 || !faults.isEmpty else { return nil }
        let out = parts.filter { $0.value.rows > 0 }.sorted { $0.key < $1.key }
            .map { "\($0.value.rows) \($0.key) (PHP \($0.value.amount.text))" }
        let sum = out.isEmpty ? "nothing" : out.joined(separator: " + ")
        return "\(batches) open or new batches: \(received.rows) rows of PHP "
            + "\(received.amount.text) in \(isBalanced ? "=" : "IS NOT") \(sum)"
    }

    private static func json(_ total: StateTotal) -> JSONValue {
        ["rows": .number(String(total.rows)), "amount": .string(total.amount.text)]
    }
}

extension StoredFile {
    /// A batch whose rows were taken.
    fileprivate var isBatch: Bool { verdict == .accepted || verdict == .partial }
}

extension Ledger {
    /// Batches with rows that are not final, or whose final file is not prepared.
    fileprivate func openBatches() throws -> [StoredFile] {
        try files(
            where: """
                verdict IN ('accepted', 'partial') AND finalPrepared = 0 ORDER BY claimSequence
                """)
    }
}
