import Crypto
import OrderedJSON
import SkyPay

/// What the HTTP layer has to do for one request.
enum SandboxReply: Sendable, Equatable {
    /// HTTP 200 with this body.
    case answer([UInt8])
    /// Announce this body, send half of it, close.
    case truncated([UInt8])
    /// HTTP 500.
    case http500
    /// Close without a word.
    case drop
    /// Say nothing for so many seconds, or until the client goes; then close.
    case hang(seconds: Int64)
}

/// The provider: the owner of ledger, faults and counts. Decides; the HTTP layer performs.
actor Sandbox {
    let settings: SandboxSettings
    private let envelope: Envelope
    private let rules: PayoutRules
    private let failPattern: Regex<AnyRegexOutput>?
    private let outlet: CallbackOutlet
    private var ledger = SandboxLedger()
    private var file: LedgerFile?
    private var faults: FaultPlan
    private var requestCounts: [String: Int] = [:]
    /// True after a ledger write failed: nothing is answered any more.
    private var isBroken = false

    init(_ settings: SandboxSettings, transport: any Transport) throws(SandboxError) {
        self.settings = settings
        envelope = Envelope(passwordKey: settings.credentials.passwordKey)
        rules = PayoutRules(prefix: settings.controlNumberPrefix)
        faults = FaultPlan(settings.faults)
        outlet = CallbackOutlet(settings, transport)
        do {
            failPattern = try settings.failControlPattern.map { try Regex($0) }
        } catch {
            throw SandboxError(
                code: .usage, message: "the pattern of failing control numbers: \(error)")
        }
        guard let folder = settings.stateFolder else {
            ledger.fold(.opened(balance: settings.balance))
            return
        }
        var replayed = SandboxLedger()
        file = try LedgerFile(folder: folder, openingBalance: settings.balance) {
            replayed.fold($0)
        }
        ledger = replayed
    }

    var ledgerJSON: JSONValue {
        settleDue()
        return ledger.json
    }

    var requestsJSON: JSONValue {
        let counts = requestCounts.sorted { $0.key < $1.key }
        let members = counts.map { ($0.key, JSONValue.number(String($0.value))) }
        return .object(JSONObject(members))
    }

    func addFaults(_ rules: [FaultRule]) { faults.add(rules) }

    func removeFaults() { faults.removeAll() }

    /// One request's body, from first byte to reply. Everything the reply rests on is durable
    /// when this returns; if we stop earlier the client has no answer, and has to ask.
    func handle(_ body: [UInt8]) async -> SandboxReply {
        guard let json = try? envelope.open(body),
            let fields = (try? JSONValue(parsing: json))?.objectValue
        else {
            requestCounts["unreadable", default: 0] += 1
            // The error path: who cannot write our envelope may not be able to read it either.
            return .answer(answer(.contextNotValid, "post context not valid").bytes())
        }
        let action = fields["action"]?.stringValue ?? ""
        let controlNumber = fields["controlNumber"]?.stringValue
        requestCounts[action, default: 0] += 1
        settleDue()
        if action == "payoutQueue", let controlNumber, !controlNumber.isEmpty {
            record(
                .request(
                    controlNumber: controlNumber, bodySHA256: Self.sha256(json),
                    at: settings.clock()))
        }
        let rule = faults.take(action: action, controlNumber: controlNumber)
        let value = rule.map(\.kind.applies) ?? true ? perform(action, fields) : nil
        await commit()
        return isBroken ? .drop : reply(rule, value)
    }

    private func reply(_ rule: FaultRule?, _ value: JSONValue?) -> SandboxReply {
        let sealed = value.map { Array(envelope.seal($0.bytes()).utf8) } ?? []
        guard let rule else { return .answer(sealed) }
        switch rule.kind {
        case .dropBefore, .dropAfter: return .drop
        case .timeoutBefore, .timeoutAfter: return .hang(seconds: rule.delaySeconds)
        case .http500, .http500After: return .http500
        case .truncated: return .truncated(sealed)
        case .garbled:
            return .answer(sealed.enumerated().map { $0.offset % 3 == 1 ? 0x23 : $0.element })
        case .code(let code), .codeAfter(let code):
            let known = ReturnCode(rawValue: code)
            return .answer(
                Array(envelope.seal(answer(known, known.summary).bytes()).utf8))
        }
    }

    private func perform(_ action: String, _ fields: JSONObject) -> JSONValue {
        guard Callback.credentialsMatch(fields, settings.credentials) else {
            return answer(.invalidAccountOrVerification, "verification error")
        }
        switch action {
        case "payoutQueue": return payoutQueue(fields)
        case "payoutQueryStatus": return queryStatus(fields)
        case "balanceQuery":
            return answer(.success, "Success", ["balance": .number(ledger.balance.text)])
        default: return answer(.functionIncorrect, "service function incorrect")
        }
    }

    private func payoutQueue(_ fields: JSONObject) -> JSONValue {
        let checked: (amount: Amount, channel: String)
        switch rules.check(fields) {
        case .success(let passed): checked = passed
        case .failure(let error): return answer(error.refusal.code, error.refusal.reason)
        }
        let controlNumber = fields["controlNumber"]?.stringValue ?? ""
        if ledger[controlNumber]?.appliedAt != nil {
            return answer(.controlNumberExists, "control number already exists")
        }
        guard checked.amount <= ledger.balance else {
            return answer(.insufficientBalance, "insufficient balance")
        }
        record(
            .applied(
                controlNumber: controlNumber, amount: checked.amount, channel: checked.channel,
                fails: fails(controlNumber, fields["accountNo"]?.stringValue ?? ""),
                at: settings.clock()))
        settleDue()
        return answer(.success, "Success")
    }

    private func fails(_ controlNumber: String, _ accountNo: String) -> Bool {
        if let failPattern, controlNumber.contains(failPattern) { return true }
        return settings.failAccountSuffix.map { accountNo.hasSuffix($0) } ?? false
    }

    private func queryStatus(_ fields: JSONObject) -> JSONValue {
        let numbers = (fields["controlNumbers"]?.arrayValue ?? []).compactMap {
            $0["controlNumber"]?.stringValue
        }
        guard (1...SkyPayClient.maxNumbersPerQuery).contains(numbers.count),
            numbers.count == fields["controlNumbers"]?.arrayValue?.count
        else { return answer(.missingParameter, "controlNumbers takes 1 to 50 numbers") }
        let rows = numbers.compactMap { ledger[$0]?.statusRow }
        return answer(.success, "Success", ["result": .array(rows)])
    }

    private func answer(
        _ code: ReturnCode, _ description: String, _ more: JSONObject = [:]
    ) -> JSONValue {
        let base = CallbackAnswer(
            code: code, description: description, atUnixMicroseconds: settings.clock()
        ).json.objectValue
        return .object(JSONObject(base ?? [:], more))
    }

    /// Settles what is due, by the clock and nobody's timer, and reports it.
    private func settleDue() {
        let now = settings.clock()
        while let payout = ledger.due(appliedBy: now - settings.settleSeconds * 1_000_000) {
            record(.settled(controlNumber: payout.controlNumber, at: now))
            outlet.report(payout, at: now)
        }
    }

    private func record(_ event: LedgerEvent) {
        ledger.fold(event)
        do {
            try file?.append(event)
        } catch {
            isBroken = true
        }
    }

    /// One sync for all that arrived together: the yield lets waiting requests append first.
    private func commit() async {
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

extension JSONObject {
    /// The members of both, in order.
    fileprivate init(_ first: JSONObject, _ second: JSONObject) {
        self.init()
        members = first.members + second.members
    }
}
