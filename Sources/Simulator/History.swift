import BatchRunner
import CSimulation
import DurableFiles
import Glibc
import Logging
import OrderedJSON
import SkyPay
import SkyPaySandbox

/// One history: senders, a provider with faults, a runner that is ended again and again, and at the
/// end time enough to settle everything.
final class History {
    let seed: UInt64
    let machine: SimulatedMachine
    private let folder: String
    private let senders: SimulatedSenders
    private let provider: Sandbox
    private(set) var crashes = 0
    private(set) var powerLosses = 0
    private var snapshots: [[(name: String, bytes: [UInt8])]] = []
    private var errors: [String] = []

    private static let rows = 100
    private static let uploadSeconds = 120
    private static let generations = 11
    private static let mostCalls = 12_000
    private static let generationSeconds = 90
    /// Enough for every question to be asked again.
    private static let settlingSeconds = 900
    private static let unwindingSteps = 200_000

    var root: String { folder + "/site" }

    init(seed: UInt64, folder: String, isLenient: Bool) throws {
        self.seed = seed
        self.folder = folder
        for name in ["site", "kept", "callbacks"] {
            try DurableFiles.makeFolder(folder + "/" + name)
        }
        machine = SimulatedMachine(seed: seed, root: folder + "/site", keep: folder + "/kept")
        senders = SimulatedSenders(machine, inbox: folder + "/site/inbox")
        var settings = SandboxSettings()
        settings.controlNumberPrefix = "SKY99"
        settings.settleSeconds = 20
        settings.queryAfterSeconds = isLenient ? 0 : 30
        settings.queryEverySeconds = isLenient ? 0 : 30
        settings.callbackFolder = folder + "/callbacks"
        settings.failAccountSuffix = nil
        settings.failControlPattern = "[37]$"
        settings.balance = Amount(centavos: 1_000_000_000_00)
        settings.randomFaults = RandomFaults(
            seed: machine.chance.next(), percent: 12, delaySeconds: 45)
        provider = try Sandbox(settings, transport: NoNetwork())
    }

    /// Runs it.
    /// - Returns: what was violated, in words; nothing when all is well.
    func run() throws -> [String] {
        try prepare()
        machine.begin()
        defer { machine.end() }
        senders.plan(rows: Self.rows, within: Self.uploadSeconds)
        for generation in 0..<Self.generations {
            runGeneration(generation)
            let found = check(isEnd: false)
            if !found.isEmpty { return found }
        }
        settle()
        return check(isEnd: true)
    }

    private func prepare() throws {
        _ = try InitCommand.prepare(root: root)
        let text = """
            mode: test
            skypay:
              url: http://127.0.0.1:9/services
              callerName: demo
              userName: DemoApp@skypay
              authentication: E1234567-123C-1234-123F-A12345670
              passwordKey: TESTKEY000000001
              controlNumberPrefix: SKY99
              sender: Demo Company
              queryAfterSeconds: 30
              queryEverySeconds: 30
              requestsInFlight: 16
            intake:
              settleSeconds: 2
              keepFreeBytes: 0

            """
        try DurableFiles.replace(root + "/batchrunner.yaml", Array(text.utf8))
    }

    // MARK: Generations

    // Everything runs on the one simulated thread.
    private final class Process: @unchecked Sendable {
        let stop = StopRequest()
        var isOver = false
        var error: String?
    }

    private func start(once: Bool) -> Process {
        let process = Process()
        var surroundings = Surroundings()
        surroundings.transport = SimulatedNetwork(provider: provider)
        surroundings.watchesInbox = false
        surroundings.logExecutor = SimulatedExecutor()
        let root = root
        let isTraced = machine.trace != nil
        let logger = Logger(label: "runner") { label in
            if isTraced { return StreamLogHandler.standardOutput(label: label) }
            return SwiftLogNoOpLogHandler()
        }
        let stop = process.stop
        Task {
            do {
                let runner = try await Runner.open(root: root, environment: [:], in: surroundings)
                if once {
                    _ = try await runner.runOnce(waitUnknown: false, stop: stop, progress: { _ in })
                } else {
                    _ = try await runner.watch(
                        stop: stop, logger: logger, listener: NoListener(), judged: { _ in })
                }
            } catch {
                process.error = "\(error)"
            }
            process.isOver = true
        }
        return process
    }

    private func runGeneration(_ generation: Int) {
        // A third of the ends while it starts, a third soon after, a third at any time.
        let limits = [400, 3_000, Self.mostCalls]
        machine.endAfter(1 + machine.chance.below(limits[machine.chance.below(limits.count)]))
        machine.faultRate = machine.chance.oneIn(3) ? 400 : 0
        machine.hasBadNetwork = true
        let process = start(once: machine.chance.oneIn(4))
        let deadline = machine.now + Double(1 + machine.chance.below(Self.generationSeconds))
        work(process, until: deadline)
        if !process.isOver, !machine.isDead, machine.chance.oneIn(3) {
            process.stop.request()
            work(process, until: machine.now + 120)
        }
        let ended = machine.isDead || !process.isOver
        if !process.isOver { unwind(process) }
        if ended { crash() }
        machine.faultRate = 0
        if let error = process.error { errors.append(error) }
    }

    private func work(_ process: Process, until deadline: Double) {
        let nanoseconds = Int64(deadline * 1_000_000_000)
        while !process.isOver, !machine.isDead {
            if !machine.step(until: nanoseconds) { break }
            senders.deliverCallbacks(from: folder + "/callbacks")
        }
    }

    /// The process is dead: whatever it still tries fails, until nothing of it is left.
    private func unwind(_ process: Process) {
        machine.kill()
        process.stop.request()
        for _ in 0..<Self.unwindingSteps where !process.isOver {
            if !machine.step() { break }
        }
        if !process.isOver { machine.forgetJobs() }
    }

    private func crash() {
        crashes += 1
        machine.outside { machine.closeDescriptors() }
        if machine.chance.oneIn(2) {
            powerLosses += 1
            machine.outside { machine.disk.losePower(&machine.chance) }
            renewLedger(mayRollBack: true)
        } else {
            machine.disk.keepAll()
            renewLedger(mayRollBack: false)
        }
        machine.endAfter(nil)
    }

    // MARK: The ledger

    /// The files of the ledger; what SQLite shares between processes is not among them.
    private func ledgerFiles() -> [(name: String, bytes: [UInt8])] {
        SimulatedSenders.names(root + "/state").sorted()
            .filter { $0.hasPrefix("ledger.sqlite") && !$0.hasSuffix("-shm") }
            .compactMap { name in
                (try? DurableFiles.read(root + "/state/" + name, limit: 1 << 26)).map { (name, $0) }
            }
    }

    /// After a power loss sometimes a ledger of an earlier day, or none: the log makes up for it. And
    /// always new files: SQLite keeps what it knows of a file by its inode, for the whole process,
    /// and the dead one must not speak through it.
    private func renewLedger(mayRollBack: Bool) {
        machine.outside {
            let files = ledgerFiles()
            snapshots.append(files)
            var next = files
            if mayRollBack, machine.chance.oneIn(2) {
                next =
                    machine.chance.oneIn(4)
                    ? [] : snapshots.randomElement(using: &machine.chance) ?? files
            }
            for name in SimulatedSenders.names(root + "/state")
            where name.hasPrefix("ledger.sqlite") {
                unlink(root + "/state/" + name)
            }
            for file in next {
                _ = try? DurableFiles.replace(root + "/state/" + file.name, file.bytes)
            }
        }
    }

    // MARK: The end

    /// Faults off, until everything has settled; then a second run, which must find nothing to do.
    private func settle() {
        machine.hasBadNetwork = false
        machine.endAfter(nil)
        let provider = provider
        Task { await provider.removeFaults() }
        let process = start(once: false)
        work(process, until: machine.now + Double(Self.settlingSeconds))
        process.stop.request()
        work(process, until: machine.now + 300)
        if !process.isOver { errors.append("the last runner does not stop") }
        if let error = process.error { errors.append("the last runner: \(error)") }
        machine.disk.keepAll()
    }

    private func check(isEnd: Bool) -> [String] {
        let truth = providerTruth()
        return machine.outside {
            var check = HistoryCheck(root: root, files: senders.files, provider: truth)
            check.run(isEnd: isEnd)
            return check.violations
        }
    }

    /// What the provider has in its books.
    private func providerTruth() -> ProviderTruth {
        let books = Books()
        let provider = provider
        Task { books.json = await provider.ledgerJSON }
        while books.json == nil, machine.step() {}
        return ProviderTruth(books.json ?? .null)
    }

    // As above.
    private final class Books: @unchecked Sendable {
        var json: JSONValue?
    }

    /// Errors that ended runners, for `--trace`.
    var runnerErrors: [String] { errors }
}

/// Callbacks go by files.
private struct NoNetwork: Transport {
    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome { .certainlyNotSent(reason: "no network") }
}

/// Nothing is posted.
private struct NoListener: CallbackListener {
    func listen(
        at settings: ListenSettings, door: CallbackDoor, until stop: StopRequest,
        listening: @escaping @Sendable (Int) -> Void
    ) async throws {}
}
