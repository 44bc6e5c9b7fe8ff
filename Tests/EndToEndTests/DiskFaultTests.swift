import Foundation
import Testing

/// EIO, ENOSPC and EDQUOT at every write, rename and sync of a run. `BATCHRUNNER_DISK_FAULTS` is how
/// many of them are tried, spread evenly; all of them by `make kills`.
@Suite(.fewAtATime, .enabled(if: DiskFault.strace != nil, "strace(1) may not trace here"))
struct DiskFaultTests {
    private static let tried =
        ProcessInfo.processInfo.environment["BATCHRUNNER_DISK_FAULTS"].flatMap { Int($0) } ?? 8

    /// What the runs came to.
    private struct Tally {
        var met = 0
        var stopped = 0
    }

    @Test("A call on a file that fails never lets a run report success, and the next one completes")
    func everyCall() async throws {
        let faults = try await Self.recorded()
        #expect(faults.count > 100, "the run makes \(faults.count) calls")
        let step = max(1, faults.count / max(1, Self.tried))
        var tally = Tally()
        for place in stride(from: step / 2, to: faults.count, by: step) {
            try await Self.meet(faults[place], &tally)
        }
        print(
            "disk faults: \(faults.count) known, \(tally.met) met, \(tally.stopped) ended the run")
        // Threads share the work otherwise each time, so one or the other is never reached.
        #expect(tally.met > 0)
    }

    private static func site(
        _ scratch: Scratch
    ) async throws -> (site: Site, sandbox: Sandbox, batch: Batch) {
        let sandbox = try await Sandbox.start(scratch)
        let site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "2"])
        let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 4)
        try site.drop(batch)
        return (site, sandbox, batch)
    }

    /// `batchrunner run` under strace.
    private static func run(
        _ scratch: Scratch, _ site: Site, _ words: [String]
    ) async throws -> Ended {
        let strace = try #require(DiskFault.strace)
        return try await scratch.run(
            strace, words + [Binaries.batchrunner, "run", "--root", site.root], within: 300)
    }

    private static func recorded() async throws -> [DiskFault] {
        var faults: [DiskFault] = []
        try await Scratch.with { scratch in
            let (site, _, _) = try await site(scratch)
            let trace = scratch.folder + "/trace"
            let ended = try await run(scratch, site, DiskFault.recording(trace: trace))
            try #require(ended.code == 0, "\(ended)")
            faults = DiskFault.all(
                trace: try String(contentsOfFile: trace, encoding: .utf8), root: site.root)
        }
        return faults
    }

    /// One run with the fault; what it may say; then runs without, and the judge.
    private static func meet(_ fault: DiskFault, _ tally: inout Tally) async throws {
        var isMet = false
        var isStopped = false
        try await Scratch.with { scratch in
            let (site, sandbox, batch) = try await site(scratch)
            let trace = scratch.folder + "/trace"
            let ended = try await run(
                scratch, site, fault.words(root: site.root, trace: trace))
            isMet =
                (try? String(contentsOfFile: trace, encoding: .utf8))?.contains("INJECTED") == true
            isStopped = ended.code != 0
            #expect(ended.signal == nil, "\(fault): \(ended)")
            if ended.code == 0 {
                #expect(
                    site.has([".ack.json", ".result.json", ".result.csv"], of: [batch]),
                    "\(fault): exit 0, and something is undone: \(ended)")
            } else {
                #expect(!ended.errors.isEmpty || !ended.output.isEmpty, "\(fault): no word of it")
            }
            try await site.runUntilFinal([batch], within: 300)
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
        if isMet { tally.met += 1 }
        if isStopped { tally.stopped += 1 }
    }
}
