import Glibc

/// `AuditBench run WORK LIMITS AUDITLOG EVENTS…` measures and prints the table;
/// `AuditBench work …` is one measured child.
@main
struct AuditBench {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch words.first {
            case "run" where words.count >= 5: try run(Array(words.dropFirst()))
            case "work" where words.count >= 3: try await child(Array(words.dropFirst()))
            default:
                complain("usage: Benchmarks/run.sh [EVENTS…|all]")
                exit(64)
            }
        } catch {
            complain("benchmarks: \(error)")
            exit(1)
        }
    }

    private static func run(_ words: [String]) throws {
        let sizes = words.dropFirst(3).compactMap { Int($0) }.filter { $0 >= 1_000 }.sorted()
        guard let first = sizes.first else {
            throw BenchFailure(description: "1,000 events or more")
        }
        var bench = Bench(
            work: words[0], ours: CommandLine.arguments[0], limits: words[1], auditlog: words[2])
        try bench.appendBars(min(first, Bench.judgedEvents))
        try bench.archiveBars(min(first, Bench.judgedEvents))
        for events in sizes { try bench.largeLogBars(events) }
        print(try bench.machine(sizes))
        print()
        print(bench.table.text)
    }

    private static func child(_ words: [String]) async throws {
        let folder = words[1]
        let events = words.dropFirst(2).first.flatMap { Int($0) } ?? 0
        switch words[0] {
        case "callers" where words.count == 5:
            try await Work.callers(
                folder, events: events, callers: Int(words[3]) ?? 1, ending: words[4])
        case "sealed" where words.count == 4:
            try await Work.sealed(folder, events: events, group: Int(words[3]) ?? 1)
        case "fill": try await Work.fill(folder, events: events)
        case "reopen": try await Work.reopen(folder)
        case "drafts": Work.drafts(events: Int(folder) ?? 0)
        default: throw BenchFailure(description: "unknown work: \(words[0])")
        }
    }
}
