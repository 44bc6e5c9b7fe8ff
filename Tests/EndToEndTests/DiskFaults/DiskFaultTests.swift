import Foundation
import Testing

/// EIO, ENOSPC and EDQUOT at the calls of a run that change what is on disk. `BATCHRUNNER_DISK_FAULTS` says
/// which are tried: so many, `all` (`make faults`), or those whose description holds this text. Which
/// few are tried is drawn from `BATCHRUNNER_FAULT_SEED`, from the day where it is not given.
@Suite(.fewAtATime, .enabled(if: Tracing.strace != nil, "strace(1) may not trace here"))
struct DiskFaultTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let wanted = environment["BATCHRUNNER_DISK_FAULTS"] ?? "6"
    /// Faults tried side by side: each waits most of its time.
    private static let width = environment["BATCHRUNNER_FAULTS_AT_ONCE"].flatMap { Int($0) } ?? 2
    private static let secondsPerDay = 86_400.0
    private static let seed =
        environment["BATCHRUNNER_FAULT_SEED"].flatMap { UInt64($0) }
        ?? UInt64(Date().timeIntervalSince1970 / secondsPerDay)
    /// A fault that the threads' work passed by is tried again so often.
    private static let mostTries = 3

    @Test(
        "A call on a file that fails never lets a run report success, and the next start completes",
        arguments: FaultedRun.allCases)
    func everyCall(_ which: FaultedRun) async throws {
        let all = try await DiskFaultTrial.faults(of: which)
        #expect(all.count > 100, "the run makes \(all.count / DiskFault.errors.count) calls")
        let tried = Self.chosen(all)
        #expect(!tried.isEmpty, "no fault is called so")
        var table = DiskFaultTable()
        try await withThrowingTaskGroup(of: (DiskFault, DiskFaultTrial.Outcome?).self) { group in
            var next = 0
            func add() {
                guard next < tried.count else { return }
                let (fault, place) = (tried[next], next)
                next += 1
                group.addTask { (fault, await Self.meet(fault, in: which, on: place)) }
            }
            for _ in 0..<max(1, Self.width) { add() }
            for try await (fault, outcome) in group {
                table.add(fault, outcome)
                add()
            }
        }
        print(
            "\(which.rawValue) run: \(all.count) faults known, \(tried.count) tried, seed \(Self.seed)\n"
                + table.text)
        // Names under state/mark hold the time, so a few calls of another run are never made again; of six
        // drawn by the day one of them is among them every tenth day.
        #expect(
            table.met > 0 && tried.count - table.met <= max(2, tried.count / 10),
            "too many were passed by")
    }

    private static func chosen(_ all: [DiskFault]) -> [DiskFault] {
        if wanted == "all" { return all }
        guard let count = Int(wanted) else {
            return all.filter { $0.description.contains(wanted) }
        }
        var random = SeededRandom(seed)
        return Array(all.shuffled(using: &random).prefix(count))
    }

    /// Nil where the trial itself could not be carried out: that is an issue, and the others go on.
    private static func meet(
        _ fault: DiskFault, in which: FaultedRun, on place: Int
    ) async -> DiskFaultTrial.Outcome? {
        do {
            var outcome = DiskFaultTrial.Outcome(isMet: false)
            for _ in 0..<mostTries where !outcome.isMet {
                outcome = try await DiskFaultTrial.meet(fault, in: which, on: place)
            }
            return outcome
        } catch {
            Issue.record("\(which.rawValue) run, \(fault): \(error)")
            return nil
        }
    }
}

/// What came of the faults, by system call.
struct DiskFaultTable {
    private struct Line {
        var tried = 0
        var met = 0
        var codes: [Int32: Int] = [:]
    }

    private var lines: [String: Line] = [:]

    /// Calls that failed as they were to.
    var met: Int { lines.values.reduce(0) { $0 + $1.met } }

    mutating func add(_ fault: DiskFault, _ outcome: DiskFaultTrial.Outcome?) {
        var line = lines[fault.call] ?? Line()
        line.tried += 1
        if let outcome, outcome.isMet {
            line.met += 1
            line.codes[outcome.code ?? -1, default: 0] += 1
        }
        lines[fault.call] = line
    }

    /// A line a call: how many were tried and met, and the exit codes of the runs that met them.
    var text: String {
        let codes = Set(lines.values.flatMap(\.codes.keys)).sorted()
        func columns(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: 18, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
        }
        var all = Line()
        var text = [columns("call", ["tried", "met"] + codes.map { "exit \($0)" })]
        for (call, line) in lines.sorted(by: { $0.key < $1.key }) {
            all.tried += line.tried
            all.met += line.met
            all.codes.merge(line.codes) { $0 + $1 }
            text.append(columns(call, Self.cells(line, codes)))
        }
        return (text + [columns("all", Self.cells(all, codes))]).joined(separator: "\n")
    }

    private static func cells(_ line: Line, _ codes: [Int32]) -> [String] {
        [line.tried, line.met].map(String.init) + codes.map { String(line.codes[$0] ?? 0) }
    }
}
