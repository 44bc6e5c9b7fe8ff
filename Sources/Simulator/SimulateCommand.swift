import ArgumentParser
import Glibc

/// `batchrunner-simulate`: histories of the real runner, sandbox and audit log, in one process, on a
/// simulated clock, disk, network and scheduler.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batchrunner-simulate",
        abstract: "Run the real runner through histories of crashes and faults, each from a seed.",
        discussion: """
            Each history: three senders with about 100 rows, a provider with faults, ten crashes
            (half of them power losses), then quiet until everything has settled. The invariants of
            docs/ARCHITECTURE.md are held against the audit log, the outbox and the provider's books.
              batchrunner-simulate --seeds 1000 --jobs 2
              batchrunner-simulate --seed 42
            One seed is replayed exactly; when it violates something, a shortest history that still
            does is looked for and told, with the options that bring it about again.
            Exit code 0: no violation. 1: a violation, with its seed.
            """)

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many seeds, one after the other.") var seeds: UInt64 = 1
    @Option(help: "How many histories at the same time.") var jobs = 1
    @Option(help: "A folder in memory for the histories.") var folder = "/dev/shm"
    @Option(help: "Only these lives of the runner: 0,3,4 or none.") var lives: String?
    @Option(help: "Only these files of the senders: 0,2 or none.") var files: String?
    @Option(help: "At most so many rows in a file.") var rows = HistoryPlan.wholeRows
    @Option(help: "Leave out: \(HistoryPlan.Part.allCases.map(\.rawValue).joined(separator: ",")).")
    var without: String?
    @Option(help: "Count events of this type as violations, to see a shortest history with one.")
    var forbid: String?
    @Flag(help: "Tell what happens.") var tell = false
    @Flag(help: "Print every call on files.") var trace = false
    @Flag(help: "Run each seed twice and compare.") var replay = false
    @Flag(help: "Go on after a violation; and shorten nothing.") var all = false
    @Flag(help: "Leave the folder of the last history.") var keep = false

    private static let mostJobs = 64

    mutating func validate() throws {
        guard seeds > 0, (1...Self.mostJobs).contains(jobs), rows > 0 else {
            throw ValidationError("--seeds, --jobs (to \(Self.mostJobs)) and --rows begin at 1")
        }
        _ = try plan(seed)
    }

    private func plan(_ seed: UInt64) throws -> HistoryPlan {
        var plan = HistoryPlan(seed: seed)
        plan.rowsPerFile = rows
        plan.forbidden = forbid
        if let lives {
            guard let numbers = HistoryPlan.numbers(lives) else {
                throw ValidationError("--lives takes numbers with commas between them, or none")
            }
            plan.lives = numbers.filter { (0..<HistoryPlan.wholeLives).contains($0) }
        }
        if let files {
            guard let numbers = HistoryPlan.numbers(files) else {
                throw ValidationError("--files takes numbers with commas between them, or none")
            }
            plan.files = numbers
        }
        if let without {
            guard let parts = HistoryPlan.parts(without) else {
                throw ValidationError("--without knows no such part; see --help")
            }
            plan.without = parts
        }
        return plan
    }

    mutating func run() throws {
        try Repeatability.settle()
        let started = Self.realSeconds()
        let processes = HistoryProcesses(folder: folder, keep: keep)
        var total = HistoryOutcome()
        var (done, failed) = (0, 0)
        let queue = HistoryQueue(processes: processes, jobs: jobs)
        let (last, replay) = (seed + (seeds - 1), replay)
        try queue.run(
            seeds: seed...last, plan: plan, show: tell || trace, trace: trace
        ) { number, outcome, again in
            total.add(outcome)
            done += 1
            if replay, try again().digest != outcome.digest {
                print("seed \(number): the second time went another way")
                throw ExitCode(1)
            }
            guard !outcome.violations.isEmpty else { return true }
            failed += 1
            print("seed \(number): \(outcome.violations.count) violations")
            for violation in outcome.violations.prefix(10) { print("  \(violation)") }
            return all
        }
        if failed == 1, seeds == 1, !all { try shorten(queue.processes) }
        Self.summarize(done, failed, total, Self.realSeconds() - started)
        if failed > 0 { throw ExitCode(1) }
    }

    /// Looks for a shortest history with the same violation, and tells it.
    private func shorten(_ processes: HistoryProcesses) throws {
        let plan = try plan(seed)
        let first = try processes.run(plan)
        var shortening = Shortening(plan, first) { try processes.run($0) }
        try shortening.shorten()
        let outcome = shortening.outcome
        print(
            "a shortest history (\(shortening.tries) tried): \(outcome[.lives]) lives, "
                + "\(outcome[.files]) files, \(outcome[.rows]) rows")
        print("  batchrunner-simulate \(shortening.plan.options) --tell")
        fflush(nil)
        _ = try processes.run(shortening.plan, shows: true)
    }

    private static func summarize(
        _ done: Int, _ failed: Int, _ total: HistoryOutcome, _ seconds: Double
    ) {
        print(
            """
            \(done) histories, \(failed) with violations; \(rounded(seconds)) s, \
            \(rounded(Double(done) / max(seconds, 0.001))) histories a second
            \(total[.crashes]) crashes (\(total[.powerLosses]) power losses, \
            \(total[.ledgers]) ledgers put back), \(total[.files]) files, \(total[.rows]) rows, \
            \(total[.requests]) requests
            faults: \(total[.providerFaults]) of the provider, \(total[.networkFaults]) of the network, \
            \(total[.diskFaults]) of the disk; \(total[.words]) words of a person taken
            \(total[.calls]) calls on files, \(total[.events]) events, \(total[.seconds]) simulated s
            """)
    }

    private static func realSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func rounded(_ number: Double) -> String {
        String(Double(Int(number * 10)) / 10)
    }
}
