import Crypto
import DurableFiles
package import OrderedJSON
package import SkyPay

/// The provider: the owner of ledger, faults and counts. Decides; the HTTP layer performs.
package actor Sandbox {
    let settings: SandboxSettings
    let rules: RequestRules
    let catalogs = Catalogs.standard
    let outlet: CallbackOutlet
    let patterns: FailurePatterns
    var ledger: SandboxLedger
    var faults: FaultPlan
    /// Waited before every answer, in milliseconds.
    var latencyMilliseconds: Int64
    /// When each number was last asked about; kept only where that is limited.
    var askedAt: [String: Int64] = [:]
    /// The rows of the last report asked for, so that its pages need not be counted again.
    var lastSelection: ReportSelection?
    private var key: ProviderKey
    private var file: LedgerFile?
    private var requestCounts: [String: Int] = [:]
    /// True after a ledger write failed: nothing is answered any more.
    private var isBroken = false

    package init(_ settings: SandboxSettings, transport: any Transport) throws(SandboxError) {
        if let folder = settings.callbackFolder, !DurableFiles.isFolder(folder) {
            throw SandboxError(
                code: .usage, message: "the folder for callbacks, \(folder), is not there; make it")
        }
        self.settings = settings
        key = try ProviderKey(settings)
        rules = RequestRules(prefix: settings.controlNumberPrefix)
        faults = FaultPlan(settings.faults, random: settings.randomFaults)
        outlet = CallbackOutlet(settings, transport)
        patterns = try FailurePatterns(settings)
        latencyMilliseconds = settings.latencyMilliseconds
        let countsDays = settings.transactionsPerDay != nil || settings.walletLimitPerDay != nil
        ledger = SandboxLedger(countsDays: countsDays)
        guard let folder = settings.stateFolder else {
            ledger.fold(.opened(balance: settings.balance))
            return
        }
        var replayed = SandboxLedger(countsDays: countsDays)
        file = try LedgerFile(folder: folder, openingBalance: settings.balance) {
            replayed.fold($0)
        }
        ledger = replayed
    }

    package var ledgerJSON: JSONValue {
        settleDue()
        return ledger.json
    }

    var requestsJSON: JSONValue {
        let counts = requestCounts.sorted { $0.key < $1.key }
        let members = counts.map { ($0.key, JSONValue.number(String($0.value))) }
        return .object(JSONObject(members))
    }

    func addFaults(_ rules: [FaultRule]) { faults.add(rules) }

    package func removeFaults() { faults.removeAll() }

    /// The envelope in force.
    var envelope: Envelope { key.envelope(at: settings.clock()) }

    /// From so many seconds on only this key opens requests, and seals answers and callbacks.
    func changeKey(to passwordKey: String, afterSeconds: Int64) throws(SandboxError) {
        try key.change(
            to: passwordKey, from: settings.clock() + max(0, afterSeconds) * 1_000_000)
    }

    /// Lets go of the ledger's file and folder, whoever still holds this provider: the next one may
    /// open them. Nothing is answered any more.
    func close() {
        file = nil
        isBroken = true
    }

    func setLatency(milliseconds: Int64) { latencyMilliseconds = max(0, milliseconds) }

    /// One request's body, from first byte to reply. Everything the reply rests on is durable
    /// when this returns; if we stop earlier the client has no answer, and has to ask.
    /// - Parameter address: whence it came; nil when nobody knows.
    package func handle(_ body: [UInt8], from address: String? = nil) async -> SandboxReply {
        guard !body.contains(where: Self.isWhiteSpace), let json = try? envelope.open(body),
            let fields = (try? JSONValue(parsing: json))?.objectValue
        else {
            requestCounts["unreadable", default: 0] += 1
            // The error path: who cannot write our envelope may not be able to read it either.
            return .answer(answer(.contextNotValid, "post context not valid").bytes())
        }
        let action = fields["action"]?.stringValue ?? ""
        requestCounts[action, default: 0] += 1
        guard isListed(address) else {
            return .answer(seal(answer(.addressNotListed, ReturnCode.addressNotListed.summary)))
        }
        settleDue()
        note(action, fields, json)
        let rule = faults.take(action: action, numbers: Self.numbers(fields))
        if let rule, rule.kind == .dropLate { postpone(fields, seconds: rule.delaySeconds) }
        // Written out: a bare nil would be a JSON null.
        var value = JSONValue?.none
        if rule?.kind.applies ?? true { value = perform(fields, rule) }
        await commit()
        return isBroken ? .drop : reply(rule, value)
    }

    /// What partners write is base64 on one line (`skypay-api.md §1`); the envelope, which is also
    /// that of readers, would set these bytes aside.
    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        [0x09, 0x0A, 0x0D, 0x20].contains(byte)
    }

    private func isListed(_ address: String?) -> Bool {
        settings.allowedAddresses.isEmpty
            || address.map { settings.allowedAddresses.contains($0) } ?? false
    }

    /// Writes down every request that could move or change something, whatever becomes of it.
    private func note(_ action: String, _ fields: JSONObject, _ json: [UInt8]) {
        switch action {
        case "payoutQueue", "payoutQueueV2":
            guard let number = fields["controlNumber"]?.stringValue, !number.isEmpty else { return }
            record(
                .request(
                    controlNumber: number, bodySHA256: Self.sha256(json), at: settings.clock()))
        case "amendTransactionV2", "cancelPayout", "balanceTransfer", "generate711Barcode":
            record(.order(action: action, bodySHA256: Self.sha256(json), at: settings.clock()))
        default: break
        }
    }

    /// The control and contract numbers a request names.
    private static func numbers(_ fields: JSONObject) -> [String] {
        let single = ["controlNumber", "contractNumber"].compactMap { fields[$0]?.stringValue }
        let listed = fields["controlNumbers"]?.arrayValue ?? []
        return single + listed.compactMap { $0["controlNumber"]?.stringValue }
    }

    func seal(_ value: JSONValue) -> [UInt8] { Array(envelope.seal(value.bytes()).utf8) }

    /// An answer's first fields, then more.
    func answer(
        _ code: ReturnCode, _ description: String, _ more: JSONObject = [:]
    ) -> JSONValue {
        let base = CallbackAnswer(
            code: code, description: description, atUnixMicroseconds: settings.clock())
        var object = base.json.objectValue ?? [:]
        object.members += more.members
        return .object(object)
    }

    func record(_ event: LedgerEvent) {
        ledger.fold(event)
        do {
            try file?.append(event)
        } catch {
            isBroken = true
        }
    }

    /// One sync for all that arrived together: the yield lets waiting requests append first.
    func commit() async {
        guard let mark = file?.length else { return }
        await Task.yield()
        do {
            try file?.sync(upTo: mark)
        } catch {
            isBroken = true
        }
    }

    private static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }.joined()
    }
}
