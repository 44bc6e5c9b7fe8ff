import ArgumentParser
import CSimulation
import DurableFiles
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
            (half of them power losses), then quiet until everything has settled. Every invariant of
            docs/ARCHITECTURE.md is held against the audit log, the outbox and the provider's books.
              batchrunner-simulate --seeds 1000
              batchrunner-simulate --seed 42 --trace
            Exit code 0: no violation. 1: a violation, with its seed; that seed replays it exactly.
            """)

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many seeds, one after the other.") var seeds: UInt64 = 1
    @Option(help: "A folder in memory for the histories.") var folder = "/dev/shm"
    @Flag(help: "Print every call on files.") var trace = false
    @Flag(help: "Run each seed twice and compare.") var replay = false
    @Flag(help: "Go on after a violation.") var all = false
    @Flag(help: "A provider that does not mind how often it is asked.") var lenient = false
    @Flag(help: "Leave the folder of the last history.") var keep = false

    mutating func run() throws {
        try Self.fixHashing()
        let started = Self.realSeconds()
        var (crashes, losses, calls, failed) = (0, 0, 0, 0)
        for number in seed..<seed + seeds {
            let outcome = try history(number)
            if replay, try history(number).digest != outcome.digest {
                print("seed \(number): the second time went another way")
                throw ExitCode(1)
            }
            crashes += outcome.crashes
            losses += outcome.powerLosses
            calls += outcome.calls
            guard !outcome.violations.isEmpty else { continue }
            failed += 1
            print("seed \(number): \(outcome.violations.count) violations")
            for violation in outcome.violations.prefix(10) { print("  \(violation)") }
            if !all { throw ExitCode(1) }
        }
        let seconds = Self.realSeconds() - started
        print(
            "\(seeds) histories, \(crashes) crashes (\(losses) power losses), \(calls) calls on files, "
                + "\(failed) with violations; \(Self.rounded(seconds)) s, "
                + "\(Self.rounded(Double(seeds) / max(seconds, 0.001))) histories a second")
        if failed > 0 { throw ExitCode(1) }
    }

    /// Runs a seed in a process of its own: what one history leaves in memory cannot touch the next.
    private func history(_ number: UInt64) throws -> HistoryOutcome {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FileError(operation: "pipe", path: "", code: errno) }
        fflush(nil)
        let child = csim_fork()
        if child == 0 {
            close(ends[0])
            let text = (try? inChild(number))?.text ?? ""
            fflush(nil)
            _ = text.withCString { write(ends[1], $0, strlen($0)) }
            _exit(0)
        }
        close(ends[1])
        defer { close(ends[0]) }
        let text = Self.readAll(ends[0])
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return HistoryOutcome(text)
            ?? HistoryOutcome(violations: ["the history's process ended, status \(status)"])
    }

    private func inChild(_ number: UInt64) throws -> HistoryOutcome {
        // One length for every process: names stand in what is compressed.
        let place = "\(folder)/batchrunner-simulate-\(10_000_000 + Int(getppid()))"
        Self.clear(place)
        try DurableFiles.makeFolder(place)
        defer { if !keep { Self.clear(place) } }
        let history = try History(seed: number, folder: place, isLenient: lenient)
        if trace { history.machine.trace = { print($0) } }
        let violations = try history.run()
        if trace { for error in history.runnerErrors { print("a runner ended: \(error)") } }
        return HistoryOutcome(
            violations: violations, digest: history.machine.digest, crashes: history.crashes,
            powerLosses: history.powerLosses, calls: history.machine.calls)
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = read(descriptor, &chunk, chunk.count)
            guard got > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<got]
        }
    }

    /// Sets and dictionaries in the same order every time: another process, once.
    private static func fixHashing() throws {
        guard getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
        setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        throw ExitCode(1)
    }

    private static func clear(_ folder: String) {
        for name in SimulatedSenders.names(folder) {
            let path = folder + "/" + name
            if DurableFiles.isFolder(path) { clear(path) } else { unlink(path) }
        }
        rmdir(folder)
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
