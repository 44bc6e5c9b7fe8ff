public import OrderedJSON
import SkyPay

/// `batchrunner status`: was money sent, what did SkyPay say, what happens next. Reads the ledger
/// only; works beside a daemon.
public struct StatusCommand: Sendable {
    let ledger: Ledger
    private let folder: SiteFolder
    private let policy: PayoutPolicy?
    private let settings: SkyPaySettings?
    private let now: Int64

    /// Nil when nothing was ever run at the site.
    /// - Throws: `CommandFailure` where there is no such site, this user may not look, or a start has to
    ///   make the ledger first.
    public init?(root: String, environment: [String: String]) throws {
        let folder = SiteFolder(root: root)
        guard let ledger = try SiteLooking(folder).ledger() else { return nil }
        self.ledger = ledger
        self.folder = folder
        now = SystemRunnerClock().unixSeconds()
        settings = try? RunnerConfiguration.load(site: folder, environment: environment).skypay
        policy = settings.map { PayoutPolicy($0) }
    }

    /// The whole site: rows and money by state, files without a verdict, what the last run said.
    public func site() throws -> JSONValue {
        let totals = try ledger.totals()
        var document = JSONObject()
        document["rows"] = RunReport.counts(totals.mapValues(\.rows))
        document["amounts"] = RunReport.texts(totals.mapValues(\.amount.text))
        document["requests"] = RunReport.counts(try ledger.requestTotals().mapValues(\.rows))
        document["held"] = try heldRequests()
        document["filesWithoutVerdict"] = .number(
            String(try ledger.filesWithoutVerdict().count))
        if let last = try ledger.lastRun() {
            document["lastExit"] = try JSONValue(parsing: Array(last.utf8))["exit"]
        }
        document["ledgerCheck"] = try ledger.lastCheck()?.json
        if let restored = try ledger.restoration(), restored.concerns(now) {
            document["restored"] = restored.json
        }
        document["passwordKey"] = try passwordKey()
        document["callbacks"] = SiteStatus(path: folder.status).callbacks(
            locks: [folder.lock, folder.daemonLock])
        return .object(document)
    }

    /// Orders, transfers and questions that wait for a person, by what `resolve` calls them; nil when
    /// there are none.
    private func heldRequests() throws -> JSONValue? {
        let held = try ledger.requests(in: .held, limit: Self.maxHeld)
        guard !held.isEmpty else { return nil }
        return .object(
            JSONObject(
                held.map { request in
                    let what = [
                        request.action, request.number, request.amount.map { "PHP \($0.text)" },
                        request.lastDescription,
                    ]
                    let words = what.compactMap(\.self).filter { !$0.isEmpty }
                    return (request.key.text, .string(words.joined(separator: ", ")))
                }))
    }

    /// Held requests listed at most; `requests` counts all of them.
    private static let maxHeld = 100

    /// When the password key expires and how long the one before it is accepted; nil when neither
    /// is known.
    private func passwordKey() throws -> JSONValue? {
        let record = try ledger.keyRecord()
        let expiry = KeyExpiry(configured: settings?.passwordKeyExpires, recorded: record)
        var object = JSONObject()
        object["expires"] = expiry.map { .string($0.day) }
        object["daysLeft"] = expiry.map { .number(String($0.daysLeft(at: now))) }
        object["warning"] = expiry?.warning(at: now).map { .string($0) }
        object["previousAcceptedUntil"] = record?.previousUntil.map {
            .string(PhilippineTime.rfc3339(unixSeconds: $0))
        }
        return object.members.isEmpty ? nil : .object(object)
    }

    /// Every file of this name, id or batch; empty when there is none.
    public func files(_ text: String) throws -> [FileReport] {
        try ledger.files(matching: text).map {
            FileReport($0, try ledger.reportTotals(of: $0))
        }
    }

    /// The row with this control number; nil when no file of this site was ever taken with it.
    public func row(_ controlNumber: String) throws -> JSONValue? {
        let about = try ledger.requests(about: controlNumber).map(described)
        guard let row = try ledger.row(controlNumber: controlNumber), row.isPayout else {
            guard !about.isEmpty else { return nil }
            return [
                "controlNumber": .string(controlNumber), "moneySent": "not by this site",
                "requests": .array(about),
            ]
        }
        let file = try ledger.file(row.key.fileID)
        var document: JSONObject = [
            "controlNumber": .string(row.controlNumber), "amount": .string(row.amount.text),
            "file": .string(file?.name ?? ""), "fileId": .string(row.key.fileID),
            "batch": .string(file?.batch ?? ""), "line": .number(String(row.line)),
            "state": .string(row.state), "moneySent": .string(try moneySent(row)),
            "attempts": .number(String(row.record.attempts)),
        ]
        document["lastCode"] = row.lastCode.map { .string($0) }
        document["lastDescription"] = row.lastDescription.map { .string($0) }
        document["reference"] = row.reference.map { .string($0) }
        if let finding = try ledger.latestFinding(about: row.key) {
            document["foundLater"] = [
                "outcome": .string(finding.outcome), "at": .string(finding.time),
            ]
        }
        document["next"] = .string(next(row))
        if !about.isEmpty { document["requests"] = .array(about) }
        return .object(document)
    }

    /// An order, question or bar code about the number.
    private func described(_ request: StoredRequest) throws -> JSONValue {
        let file = try ledger.file(request.key.fileID)
        var document: JSONObject = [
            "id": .string(request.key.text),
            "action": .string(request.action), "file": .string(file?.name ?? ""),
            "line": .number(String(request.line)),
            "state": .string(request.record.state.word(for: request.action)),
        ]
        document["lastCode"] = request.lastCode.map { .string($0) }
        document["lastDescription"] = request.lastDescription.map { .string($0) }
        document["reference"] = request.reference.map { .string($0) }
        return .object(document)
    }

    /// By what is known last: a final row stays as it is, whatever contradicts it.
    private func moneySent(_ row: StoredRow) throws -> String {
        let told = try ledger.told(row)
        let words =
            switch told {
            case .paid: "yes, paid"
            case .accepted: "queued at SkyPay, not yet paid"
            case .unknown, .intended, .suspended: "perhaps"
            case .held: row.record.possiblySent ? "perhaps" : "no"
            case .unsent, .refused, .failed, .cancelled: "no"
            }
        return told == row.record.state ? words : words + " (found later)"
    }

    private func next(_ row: StoredRow) -> String {
        switch row.record.state {
        case .unsent: return "sent at the next run"
        case .intended: return "made unknown at the next start, then asked about"
        case .suspended: return "decided by a balance query at the next run"
        case .held where !row.record.possiblySent: return "waits for a person"
        case .refused, .paid, .failed, .cancelled: return "nothing, it is final"
        case .unknown, .accepted, .held: break
        }
        guard let policy else { return "asked about at SkyPay" }
        switch row.record.nextStep(now: 0, policy: policy) {
        case .wait(let until):
            return (row.record.state == .held ? "waits for a person; " : "")
                + "asked about at SkyPay after "
                + PhilippineTime.rfc3339(unixSeconds: until)
        case .send: return "sent again under the same number at the next run"
        case .hold: return "given to a person at the next run"
        case .query, .nothing: return "asked about at SkyPay at the next run"
        }
    }
}
