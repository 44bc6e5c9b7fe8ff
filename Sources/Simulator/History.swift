import BatchRunner
import CSimulation
import DurableFiles
import Glibc
import OrderedJSON
import SkyPay
import SkyPaySandbox

/// One history: senders, a provider with faults, a runner that is ended again and again, and at the
/// end time enough to settle everything. What it has of this the plan says.
final class History {
    let plan: HistoryPlan
    let machine: SimulatedMachine
    let witness: Witness
    let folder: String
    let senders: SimulatedSenders
    let provider: Sandbox
    let ledgers: SimulatedLedgers
    let person: SimulatedPerson
    var outcome = HistoryOutcome()
    /// Errors that ended runners.
    var errors: [String] = []
    /// When the provider's reports were last looked for.
    var callbacksLooked = 0.0

    private static let uploadSeconds = 120
    private static let faultPercent = 28
    /// Enough for every question to be asked again.
    private static let settlingSeconds = 900
    private static let settlingLogSeconds = 0.03
    /// Between two looks whether everything has settled, in seconds.
    private static let lookSeconds = 15
    /// Longer than any callback takes.
    private static let quietSeconds = 45

    var root: String { folder + "/site" }

    init(_ plan: HistoryPlan, folder: String) throws {
        self.plan = plan
        self.folder = folder
        let root = folder + "/site"
        for name in ["site", "kept", "ledgers", "callbacks"] {
            try DurableFiles.makeFolder(folder + "/" + name)
        }
        machine = SimulatedMachine(seed: plan.seed, root: root, keep: folder + "/kept")
        witness = Witness(root: root, forbidden: plan.forbidden)
        machine.witness = witness
        senders = SimulatedSenders(machine, inbox: root + "/inbox", plan)
        person = SimulatedPerson(root: root)
        ledgers = SimulatedLedgers(folder: root + "/state", keep: folder + "/ledgers")
        provider = try Sandbox(Self.settings(plan, folder), transport: NoNetwork())
    }

    private static func settings(_ plan: HistoryPlan, _ folder: String) -> SandboxSettings {
        var settings = SandboxSettings()
        settings.controlNumberPrefix = "SKY99"
        settings.settleSeconds = 20
        settings.queryAfterSeconds = 30
        settings.queryEverySeconds = 30
        settings.callbackFolder = folder + "/callbacks"
        settings.failAccountSuffix = nil
        settings.failControlPattern = "[37]$"
        settings.failCancelPattern = "[5]$"
        settings.failAmendPattern = "[6]$"
        settings.pickUpSeconds = 150
        settings.balance = Amount(centavos: 1_000_000_000_00)
        var chance = Chance(seed: plan.seed, .provider)
        settings.randomFaults = RandomFaults(
            seed: chance.next(), percent: plan.has(.provider) ? faultPercent : 0, delaySeconds: 45)
        return settings
    }

    /// Runs it, up to the first violation.
    func run() throws -> HistoryOutcome {
        try SimulatedSite.prepare(root)
        machine.begin()
        defer { machine.end() }
        senders.plan(within: Self.uploadSeconds)
        for number in plan.lives {
            live(number)
            outcome[.lives] += 1
            check(isEnd: false)
            if !outcome.violations.isEmpty { return counted() }
        }
        settle()
        if outcome.violations.isEmpty { check(isEnd: witness.violations.isEmpty) }
        return counted()
    }

    private func counted() -> HistoryOutcome {
        outcome.digest = machine.digest
        outcome[.files] = senders.files.count
        outcome[.plannedFiles] = senders.planned
        outcome[.rows] = senders.files.reduce(0) { $0 + ($1.isCallback ? 0 : $1.rows.count) }
        outcome[.requests] = machine.requests
        outcome[.networkFaults] = machine.networkFaults
        outcome[.diskFaults] = machine.faults
        outcome[.providerFaults] = ask { await $0.faultsMet } ?? 0
        outcome[.calls] = machine.calls
        outcome[.events] = witness.story.events
        outcome[.words] = witness.story.words
        outcome[.seconds] = Int(machine.now) - Int(SimulatedMachine.beginning)
        return outcome
    }

    /// A person looks at what is held.
    func lookAtHeld() {
        let word = machine.outside { person.look(witness.story, &machine.chance) }
        if let word { machine.tell?(word) }
    }

    // MARK: The end

    /// Faults off, until everything has settled; then two more runs, which must find nothing to do.
    private func settle() {
        machine.enter(HistoryPlan.wholeLives)
        machine.outside { person.leave() }
        machine.hasBadNetwork = false
        machine.logSeconds = Self.settlingLogSeconds
        machine.endAfter(nil)
        machine.tell?("from here on everything works")
        let provider = provider
        Task { await provider.removeFaults() }
        let process = start(.daemon)
        let end = machine.now + Double(Self.settlingSeconds)
        while machine.now < end, !process.isOver, !isSettled, outcome.violations.isEmpty,
            witness.violations.isEmpty
        {
            lookAtHeld()
            work(process, until: min(end, machine.now + Double(Self.lookSeconds)))
        }
        work(process, until: machine.now + Double(Self.quietSeconds))
        guard witness.violations.isEmpty, outcome.violations.isEmpty else { return }
        process.stop.request()
        work(process, until: machine.now + 300)
        if !process.isOver { violate("I13: the last runner does not stop") }
        if let error = process.error { violate("I13: the last runner: \(error)") }
        leave()
        if outcome.violations.isEmpty { runAgain() }
        machine.disk.keepAll()
    }

    private var isSettled: Bool { senders.isDone && witness.story.isSettled }

    /// What came last is taken note of; then another run must send nothing and end the same (I12), and
    /// the ledger must be what the log folds to (I10).
    private func runAgain() {
        let reports = (0..<2).compactMap { _ in
            let process = start(.once)
            work(process, until: machine.now + 300)
            leave()
            if let error = process.error { violate("I12: another run: \(error)") }
            return process.report
        }
        guard reports.count == 2 else { return violate("I12: another run does not end") }
        if reports[1].sent > 0 { violate("I12: another run sent \(reports[1].sent)") }
        if reports[0].status != reports[1].status {
            violate(
                "I12: one run ends with \(reports[0].status), the next with \(reports[1].status)")
        }
        if plan.seed.isMultiple(of: Self.seedsOfAComparison) { compareLedger() }
    }

    /// A new ledger costs as much as everything else: one in so many seeds has it made.
    private static let seedsOfAComparison: UInt64 = 4

    private func compareLedger() {
        do {
            let report = try RebuildCommand(root: root, environment: [:]).compare { _ in }
            if report.standing != "agrees" { violate("I10: \(report.summary)") }
        } catch {
            violate("I10: the ledger cannot be compared: \(error)")
        }
    }

    func violate(_ text: String) { outcome.violations.append(text) }

    // MARK: Checks

    private func check(isEnd: Bool) {
        guard let json = ask({ await $0.ledgerJSON }) else { return }
        let truth = ProviderTruth(json)
        machine.outside {
            witness.checkLogKept()
            var check = HistoryCheck(
                root: root, senders: senders, story: witness.story, provider: truth)
            check.run(isEnd: isEnd)
            outcome.violations += witness.violations + check.violations
        }
    }

    /// What the log has just called final, against the provider's books of this moment.
    func checkFinals() {
        for (key, row) in witness.takeNewlyFinal() where row.action.isEmpty && !row.isResolved {
            let number = row.number
            guard let stage = ask({ await $0.stage(of: number) }) else { continue }
            if let contradiction = HistoryCheck.contradiction(row, stage) {
                violate("I3: \(key) \(contradiction)")
            }
        }
    }

    // Everything runs on the one simulated thread.
    private final class Answer<Value>: @unchecked Sendable {
        var value: Value?
    }

    /// A question to the provider's books; the world goes on meanwhile.
    func ask<Value: Sendable>(_ question: @escaping @Sendable (Sandbox) async -> Value) -> Value? {
        let answer = Answer<Value>()
        let provider = provider
        Task { answer.value = await question(provider) }
        while answer.value == nil, machine.step() {}
        return answer.value
    }
}

/// Callbacks go by files.
private struct NoNetwork: Transport {
    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome { .certainlyNotSent(reason: "no network") }
}
