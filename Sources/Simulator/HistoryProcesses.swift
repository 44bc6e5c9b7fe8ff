import ArgumentParser
import CSimulation
import DurableFiles
import Glibc

/// Runs each history in a process of its own: what one leaves in memory cannot touch the next.
struct HistoryProcesses {
    /// In memory.
    let folder: String
    /// Leave what a history made.
    let keep: Bool

    /// A history under way.
    struct Child {
        let plan: HistoryPlan
        /// What it tells comes here.
        let descriptor: Int32
        let process: pid_t
        /// Numbers the folders of those at work.
        let place: Int
    }

    private func place(_ number: Int) throws -> String {
        // One length for every process: names stand in what is compressed.
        let folder = "\(folder)/batchrunner-simulate-\(10_000_000 + Int(getppid()))-\(100 + number)"
        Self.clear(folder)
        try DurableFiles.makeFolder(folder)
        return folder
    }

    /// Runs one to its end.
    func run(_ plan: HistoryPlan, shows: Bool = false, traces: Bool = false) throws
        -> HistoryOutcome
    {
        finish(try start(plan, place: HistoryQueue.mostPlaces, shows: shows, traces: traces))
    }

    func start(
        _ plan: HistoryPlan, place: Int, shows: Bool = false, traces: Bool = false
    ) throws -> Child {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FileError(operation: "pipe", path: "", code: errno) }
        fflush(nil)
        let child = csim_fork()
        guard child >= 0 else { throw FileError(operation: "fork", path: "", code: errno) }
        if child == 0 {
            close(ends[0])
            let text = (try? inChild(plan, place, shows, traces))?.text ?? ""
            fflush(nil)
            _ = text.withCString { write(ends[1], $0, strlen($0)) }
            _exit(0)
        }
        close(ends[1])
        return Child(plan: plan, descriptor: ends[0], process: child, place: place)
    }

    /// Waits for its end.
    func finish(_ child: Child) -> HistoryOutcome {
        let text = Self.readAll(child.descriptor)
        close(child.descriptor)
        var status: Int32 = 0
        waitpid(child.process, &status, 0)
        return HistoryOutcome(text)
            ?? HistoryOutcome(violations: ["process: it ended with status \(status)"])
    }

    private func inChild(
        _ plan: HistoryPlan, _ place: Int, _ shows: Bool, _ traces: Bool
    ) throws -> HistoryOutcome {
        csim_keep_memory()
        let folder = try self.place(place)
        defer { if !keep { Self.clear(folder) } }
        let history = try History(plan, folder: folder)
        if shows {
            let machine = history.machine
            machine.tell = { print("\(Self.time(machine.now)) \($0)") }
            history.witness.tell = machine.tell
        }
        if traces { history.machine.trace = { print("    \($0)") } }
        return try history.run()
    }

    /// Seconds since the history began, to the millisecond.
    private static func time(_ now: Double) -> String {
        let milliseconds = Int((now - Double(SimulatedMachine.beginning)) * 1_000)
        let text = String(1_000 + milliseconds % 1_000).dropFirst()
        return "\(milliseconds / 1_000).\(text)"
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

    private static func clear(_ folder: String) {
        for name in SimulatedSenders.names(folder) {
            let path = folder + "/" + name
            if DurableFiles.isFolder(path) { clear(path) } else { unlink(path) }
        }
        rmdir(folder)
    }
}

/// What differs from one process to the next, taken away once at the start.
enum Repeatability {
    /// Sets and dictionaries in the same order, and everything at the same addresses: another process,
    /// once.
    static func settle() throws {
        guard getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
        setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
        // The linker finds every name once, not each in every process again.
        setenv("LD_BIND_NOW", "1", 1)
        csim_fix_addresses()
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        throw ExitCode(1)
    }
}
