import AuditLog
import OrderedJSON
import SkyPay
import Synchronization
import Testing

@testable import AuditLog
@testable import BatchRunner

/// A clock that stands until it is told to go on.
final class StandingClock: RunnerClock {
    private let seconds: Atomic<Int64>
    private let leapt = Atomic<Int64>(0)

    init(_ seconds: Int64 = 1_795_190_400) { self.seconds = Atomic(seconds) }

    func now() -> (seconds: Int64, microseconds: Int32) { (seconds.load(ordering: .relaxed), 0) }

    func uptimeSeconds() -> Int64 {
        seconds.load(ordering: .relaxed) - leapt.load(ordering: .relaxed)
    }

    func advance(_ more: Int64) { seconds.add(more, ordering: .relaxed) }

    /// Somebody sets it.
    func set(forward more: Int64) {
        leapt.add(more, ordering: .relaxed)
        seconds.add(more, ordering: .relaxed)
    }
}

/// SkyPay as a function from a request's fields to the answer's: in process, in plain JSON.
struct ScriptedProvider: Transport {
    static let credentials = SkyPayCredentials(
        callerName: "acme", userName: "Acme@skypay", authentication: "a-guid",
        passwordKey: "a key of nobody")
    let answer: @Sendable (JSONObject) async throws -> JSONValue

    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome {
        let envelope = Envelope(passwordKey: Self.credentials.passwordKey)
        do {
            let request = try JSONValue(parsing: envelope.open(Array(body.utf8)))
            let answer = try await answer(request.objectValue ?? [:])
            return .response(status: 200, body: Array(envelope.seal(answer.bytes()).utf8))
        } catch {
            return .unknown(reason: "\(error)")
        }
    }

    /// An answer with a code and more.
    static func coded(_ code: String, _ more: JSONObject = [:]) -> JSONValue {
        var object: JSONObject = [
            "responseTime": "2026-11-21 10:00:00.0000", "responseCode": .string(code),
            "responseDescription": "told",
        ]
        object.members += more.members
        return .object(object)
    }

    /// An answer to payoutQueryStatus: a status for each number.
    /// - Parameter takenAt: when SkyPay took them, where it says so.
    static func statuses(
        _ rows: [(number: String, status: String)], takenAt: String? = nil
    ) -> JSONValue {
        coded(
            "1000",
            [
                "payouts": .array(
                    rows.map { row in
                        var object: JSONObject = [
                            "controlNumber": .string(row.number), "status": .string(row.status),
                        ]
                        object["transactionDate"] = takenAt.map { .string($0) }
                        return .object(object)
                    })
            ])
    }
}

extension JSONObject {
    /// The control numbers of a payoutQueryStatus.
    var askedNumbers: [String] {
        self["controlNumbers"]?.arrayValue?.compactMap { $0["controlNumber"]?.stringValue } ?? []
    }
}

/// A real journal over a real log and ledger, with a scripted provider: what the runner does between
/// a decision and its event.
final class SendingStage: Sendable {
    let ledgerStage: LedgerStage
    let clock = StandingClock()
    let journal: Journal
    var policy: PayoutPolicy {
        PayoutPolicy(
            queryAfterSeconds: 300, queryEverySeconds: 1_800, resendAfterQuery: true,
            refuseOnInsufficientBalance: false)
    }
    var ledger: Ledger { ledgerStage.ledger }
    static let file = "20261121-000001"

    init() async throws {
        ledgerStage = try LedgerStage()
        let site = ledgerStage.temporary.site
        _ = try AuditLog.create(
            at: site.audit, keys: site.keys,
            options: CreationOptions(
                origin: "log.example/site", reservedPrefixes: EventType.reservedPrefixes,
                actor: "batchrunner", eventOrigin: "host.example"),
            clock: AuditTime(clock: clock))
        let log = try await AuditLog.open(
            at: site.audit, keys: site.keys,
            options: OpenOptions(
                ownerOf: EventType.reservedPrefixes, actor: "batchrunner", origin: "host.example"),
            clock: AuditTime(clock: clock))
        journal = Journal(
            log: log, ledger: ledgerStage.ledger, author: LedgerStage.author,
            rows: ledgerStage.rows)
    }

    /// Takes a batch of payouts.
    func take(rows count: Int) async throws {
        try await take(TypedBatch(rows: count).text, batch: "B-1")
    }

    /// Takes a batch.
    func take(_ text: String, batch: String, as file: String = SendingStage.file) async throws {
        var script = EventScript()
        script.claim(file, name: "in.csv")
        try script.accept(file, text: text, name: "in.csv", batch: batch, on: ledgerStage)
        try await journal.record(
            script.events.map {
                LedgerStage.author.draft(
                    EventType(rawValue: $0.type) ?? .fileRejected, subject: $0.subject,
                    data: $0.data)
            })
    }

    /// Records facts about a payout, one after the other.
    func record(_ row: Int, _ facts: PayoutFact...) async throws {
        let stored = try #require(try ledger.row(RowKey(fileID: Self.file, row: row)))
        try await journal.record(
            facts.map { stored.note($0, batch: "B-1").draft(LedgerStage.author) })
    }

    func state(_ row: Int) throws -> PayoutRecord? {
        try ledger.row(RowKey(fileID: Self.file, row: row))?.record
    }

    func client(
        _ answer: @escaping @Sendable (JSONObject) async throws -> JSONValue
    ) -> SkyPayClient {
        SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider(answer: answer))
    }

    var source: RequestSource {
        RequestSource(
            ledger: ledger, store: ledgerStage.store, defaultSender: "Acme",
            pseudonyms: PseudonymKey(bytes: Array(repeating: 7, count: 32)))
    }

    /// One request at a time, as fast as they are answered.
    static let oneByOne = SendingWorkers(
        SendingLimits(requestsInFlight: 1, requestsPerSecond: 0))

    func dispatcher(
        _ client: SkyPayClient, _ workers: SendingWorkers = SendingStage.oneByOne
    ) -> Dispatcher {
        Dispatcher(
            journal: journal, client: client, requests: source, policy: policy,
            workers: workers, clock: clock)
    }

    func inquiry(_ client: SkyPayClient) -> StatusInquiry {
        StatusInquiry(
            journal: journal, client: client, policy: policy, clock: clock,
            answers: AnswerStore(folder: ledgerStage.temporary.site.answers), requests: source,
            steps: ClockSteps(clock))
    }

    func probe(_ client: SkyPayClient) -> Probe {
        Probe(journal: journal, client: client, clock: clock, batchOf: { _ in "B-1" })
    }

    func transfers(_ client: SkyPayClient) -> TransferInquiry {
        TransferInquiry(
            journal: journal, client: client, policy: policy, clock: clock, requests: source)
    }

    /// Who takes a person's word.
    func desk(_ client: SkyPayClient) -> ResolutionDesk {
        let inquiry = inquiry(client)
        return ResolutionDesk(
            journal: journal, inquiry: inquiry, policy: policy, clock: clock, requests: source,
            requestDesk: RequestResolutionDesk(
                journal: journal, inquiry: inquiry, transfers: transfers(client), clock: clock))
    }

    /// What the next start would make of the log: the same ledger, or a fold that fails.
    func foldedAnew() throws -> String {
        let fresh = try Ledger(path: ledgerStage.temporary.site.resolve("state/anew.sqlite"))
        var events: [Event] = []
        try AuditReader(directory: ledgerStage.temporary.site.audit).forEach(from: 0) {
            events.append($0)
        }
        try fresh.apply(events, rows: ledgerStage.rows)
        return try LedgerStage.dump(fresh)
    }
}
