import AuditLog
import DurableFiles
import Logging
import SkyPay

/// A site at work: the one object the tool drives.
public final class Runner: Sendable {
    let site: RunnerSite
    let intake: IntakeDesk
    let sending: SendingDesk
    let responses: ResponseDesk
    let provider: Provider
    let judge: FileJudge
    let surroundings: Surroundings
    private let http: HTTPTransport?

    /// Opens the site at `root` for work: lock, audit log, ledger, replay.
    /// - Parameter word: what the operator says about the place of the site's files.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public static func open(
        root: String, environment: [String: String], says word: PlaceWord? = nil
    ) async throws -> Runner {
        try await open(root: root, environment: environment, says: word, in: Surroundings())
    }

    /// As above, in given surroundings.
    package static func open(
        root: String, environment: [String: String], says word: PlaceWord? = nil,
        in surroundings: Surroundings
    ) async throws -> Runner {
        do {
            let folder = SiteFolder(root: root)
            guard DurableFiles.isFolder(folder.root) else {
                throw CommandFailure(
                    .usage, "\(folder.root) is not a folder; make it with `batchrunner init`")
            }
            let configuration = try RunnerConfiguration.load(site: folder, environment: environment)
            FailPoint.arm(
                allowed: configuration.skypay.url.owner == .loopback, environment: environment)
            let site = try await RunnerSite.open(
                folder, configuration, logExecutor: surroundings.logExecutor, says: word)
            if let refusal = try site.journal.ledger.lastCheck()?.refusal {
                try await site.close()
                throw CommandFailure(.invariantBroken, refusal)
            }
            return Runner(site, surroundings)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// A runner of an open site.
    init(_ site: RunnerSite, _ surroundings: Surroundings = Surroundings()) {
        self.site = site
        self.surroundings = surroundings
        let settings = site.configuration.skypay
        let credentials = SkyPayCredentials(settings)
        if let transport = surroundings.transport {
            http = nil
            provider = Provider(site, transport: transport)
        } else {
            let transport = HTTPTransport(
                requestsInFlight: settings.requestsInFlight,
                connectTimeoutSeconds: Int64(settings.connectTimeoutSeconds))
            http = transport
            provider = Provider(site, transport: transport)
        }
        let registrations = RegistrationSource(
            ledger: site.journal.ledger, store: site.store, defaultSender: settings.sender,
            pseudonyms: site.pseudonyms)
        let counter = CounterDesk(
            journal: site.journal, source: registrations,
            counter: Counter(controlNumberPrefix: settings.controlNumberPrefix))
        responses = ResponseDesk(
            journal: site.journal, store: site.store,
            publisher: Publisher(outbox: site.folder.outbox, staging: site.folder.staging),
            planner: site.planner, credentials: credentials, registrations: registrations)
        judge = FileJudge(
            journal: site.journal, store: site.store, planner: site.planner,
            configuration: site.configuration,
            callbacks: CallbackDesk(
                journal: site.journal, store: site.store, configuration: site.configuration,
                reading: CallbackReading(credentials: credentials), counter: counter,
                clock: site.clock))
        intake = IntakeDesk(site: site, judge: judge, responses: responses)
        sending = SendingDesk(provider: provider)
    }

    /// What a running daemon leaves in `state/status.json`.
    var status: SiteStatus { SiteStatus(path: site.folder.status) }

    /// Tells people what they must know at start: the root key of a new audit log.
    public func announce(_ line: (String) -> Void) { site.announce(line) }

    /// Ends cleanly: the audit log is closed, connections too.
    func close() async throws {
        await http?.shutdown()
        try await site.close()
    }

    /// Runs `work` on the open site and closes it, but for what broke; errors become
    /// `CommandFailure`.
    func working<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await work()
            try await close()
            return value
        } catch let refusal as CommandFailure where refusal.status != .invariantBroken {
            // Refused in words, and nothing is broken: the site is left as after any other work, or the
            // log would tell of a crash.
            do { try await close() } catch { throw CommandFailure(error) }
            throw refusal
        } catch {
            await http?.shutdown()
            // After a broken invariant nothing more is written, not even `closed`: the next start
            // recovers from what is durable.
            throw CommandFailure(error)
        }
    }
}

/// Monotonic time since the process began to ask, for settling.
struct MonotonicTime: Sendable {
    private let origin = ContinuousClock.now

    /// Time since then.
    var now: Duration { ContinuousClock.now - origin }
}
