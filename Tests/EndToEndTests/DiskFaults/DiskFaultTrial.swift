import Foundation
import Testing

/// Which of a site's runs meets the fault.
enum FaultedRun: String, Sendable, CaseIterable {
    /// The first: it makes the audit log and the ledger, takes the batch, sends its payout.
    case first
    /// A later one: it opens what is there, asks about the payout, writes the final response.
    case later
}

/// One site with a batch of one payout, for one fault.
struct DiskFaultTrial {
    /// What came of a fault.
    struct Outcome: Sendable {
        /// The call failed; false where the threads shared their work otherwise this time.
        var isMet: Bool
        /// The faulted run's exit code; nil when a signal ended it.
        var code: Int32?
    }

    /// Ends of a run in order: done, or stopped with a reason (docs/OPERATING.md).
    private static let ordinary: Set<Int32> = [0, 10, 20, 30, 40, 50, 70]

    private let scratch: Scratch
    private let site: Site
    private let sandbox: Sandbox
    private let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1)
    private let which: FaultedRun

    private var trace: String { scratch.folder + "/trace" }

    private init(_ scratch: Scratch, _ which: FaultedRun) async throws {
        self.scratch = scratch
        self.which = which
        sandbox = try await Sandbox.start(scratch)
        site = try Site(scratch, port: sandbox.port, skypay: ["requestsInFlight": "2"])
        try site.drop(batch)
        guard which == .later else { return }
        let first = try await site.run()
        try #require(first.code == 0, "\(first)")
        // SkyPay is asked a second after the request at the earliest.
        let due = ContinuousClock.now + .seconds(2)
        _ = try await eventually("the payout is due") { ContinuousClock.now > due ? true : nil }
    }

    /// Every fault there is for this run: those of the calls that a run without faults makes.
    static func faults(of which: FaultedRun) async throws -> [DiskFault] {
        var faults: [DiskFault] = []
        try await Scratch.with { scratch in
            let trial = try await DiskFaultTrial(scratch, which)
            let ended = try await trial.run(DiskFault.recording(trace: trial.trace), on: 0)
            try #require(ended.code == 0, "\(ended)")
            try trial.checkDone("no fault")
            faults = DiskFault.all(trace: try trial.traced(), root: trial.site.root)
        }
        return faults
    }

    /// One run with the fault; what it may say; then the site without faults, and the judge.
    /// - Parameter place: which of the machine's processors to work on.
    static func meet(
        _ fault: DiskFault, in which: FaultedRun, on place: Int
    ) async throws -> Outcome {
        var outcome = Outcome(isMet: false)
        try await Scratch.with { scratch in
            let trial = try await DiskFaultTrial(scratch, which)
            let ended = try await trial.run(
                fault.words(root: trial.site.root, trace: trial.trace), on: place)
            outcome = Outcome(isMet: try trial.traced().contains("INJECTED"), code: ended.code)
            try await trial.judge(ended, "\(which.rawValue) run, \(fault)")
        }
        return outcome
    }

    /// `batchrunner run` under strace; the provider is not.
    private func run(_ words: [String], on place: Int) async throws -> Ended {
        let strace = try #require(Tracing.strace)
        let all =
            Tracing.onProcessor(place) + [strace] + words
            + [Binaries.batchrunner, "run", "--root", site.root]
        return try await scratch.run(all[0], Array(all.dropFirst()), within: 300)
    }

    private func traced() throws -> String { try String(contentsOfFile: trace, encoding: .utf8) }

    // MARK: Judging

    private func judge(_ ended: Ended, _ fault: String) async throws {
        let code = try #require(ended.code, "\(fault): ended by a signal: \(ended)")
        #expect(Self.ordinary.contains(code), "\(fault): \(ended)")
        if code == 0 { try checkDone("\(fault): exit 0") } else { tellsWhy(ended, fault) }
        try checkMoneySoFar(fault)
        if site.exists("audit/log.json"), site.exists("audit/checkpoint") {
            let verified = try await site.verify()
            #expect(verified.code == 0, "\(fault), as it was left: \(verified)")
        }
        try await finish(fault)
    }

    /// Whoever starts a run has to learn from its words that and why it stopped.
    private func tellsWhy(_ ended: Ended, _ fault: String) {
        let words = ended.errors + ended.output
        #expect(words.contains("failed") || words.contains("disk"), "\(fault): \(ended)")
    }

    /// What exit 0 says: the batch has its verdict and its result, and the provider the payout.
    private func checkDone(_ what: String) throws {
        var suffixes = [".ack.json", ".result.json", ".result.csv"]
        if which == .later { suffixes += [".final.json", ".final.csv"] }
        for suffix in suffixes {
            #expect(site.exists("outbox/" + batch.name + suffix), "\(what), and no \(suffix)")
        }
        #expect(try sandbox.ledger().map(\.applied) == [1], "\(what), and not paid once")
    }

    /// At no time more than what is owed.
    private func checkMoneySoFar(_ fault: String) throws {
        let applied = try sandbox.ledger().map(\.applied)
        #expect(applied.allSatisfy { $0 <= 1 }, "\(fault): \(applied)")
    }

    /// Without faults the next runs finish the work: one payment, told as it is.
    private func finish(_ fault: String) async throws {
        do {
            let codes = try await site.runUntilFinal([batch], within: 120)
            #expect(Set(codes).isSubset(of: [0, 20]) && codes.last == 0, "\(fault): \(codes)")
        } catch {
            throw HarnessFailure("\(fault), then without faults: \(error)")
        }
        try await Oracle(site: site, sandbox: sandbox).check([batch])
    }
}
