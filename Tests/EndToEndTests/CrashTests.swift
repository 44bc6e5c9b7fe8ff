import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct CrashTests {
    private static let failPoints =
        ["claimed", "intended", "sent", "answered"]
        + [1, 2, 4].map { "half-written:\($0)" }
        + [1, 2, 3].map { "published:\($0)" }
        + [1, 2, 3, 4, 5, 6, 7, 8, 13].map { "recorded:\($0)" }
        + ["intended:8", "sent:8", "answered:5"]

    @Test(
        "A daemon killed at a fail point leaves a site that the next start completes",
        arguments: failPoints)
    func failPoint(_ point: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 9, badRows: [4])
            try site.drop(batch)
            let killed = try await site.daemon(failPoint: point).end()
            #expect(killed.signal == SIGKILL, "\(point) was not reached: \(killed)")
            let daemon = try site.daemon()
            try await site.finals([batch], by: daemon)
            daemon.send(SIGTERM)
            let ended = try await daemon.end()
            #expect(ended.code == 10, "\(ended)")
            let oracle = Oracle(site: site, sandbox: sandbox)
            try await oracle.check([batch])
            try await oracle.repeats(exit: 10)
        }
    }

    @Test(
        "A run killed at a fail point is completed by the next runs",
        arguments: ["claimed", "intended", "sent", "answered", "half-written", "published"])
    func run(_ point: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 9, badRows: [4])
            try site.drop(batch)
            let killed = try await scratch.run(
                Binaries.batchrunner, ["run", "--root", site.root],
                environment: ["BATCHRUNNER_FAIL_POINT": point])
            #expect(killed.signal == SIGKILL, "\(point) was not reached: \(killed)")
            let codes = try await site.runUntilFinal([batch])
            #expect(Set(codes).isSubset(of: [10, 20]) && codes.last == 10, "\(codes)")
            try await Oracle(site: site, sandbox: sandbox).check([batch])
        }
    }

    @Test("A file whose name the log masks has its one verdict after a crash behind its claim")
    func maskedName() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made(
                "4111111111111111.csv", id: "B-1", first: 10_000_000, count: 3)
            try site.drop(batch)
            let killed = try await scratch.run(
                Binaries.batchrunner, ["run", "--root", site.root],
                environment: ["BATCHRUNNER_FAIL_POINT": "claimed"])
            #expect(killed.signal == SIGKILL, "claimed was not reached: \(killed)")
            #expect(site.exists("inbox/" + batch.name))
            #expect(try await site.run().code == 0)
            let name = "xxxxxxxxxxxx1111.csv"
            #expect(try site.response(name + ".ack.json")["verdict"] == "accepted")
            #expect(try site.outboxNames().filter { $0.contains(".ack.") } == [name + ".ack.json"])
            #expect(try sandbox.requests("payoutQueue") == batch.rows.count)
            try Oracle(site: site, sandbox: sandbox).tidy()
        }
    }

    @Test(
        "A daemon killed at any moment, again and again, loses and doubles nothing",
        arguments: [1, 2, 3] as [UInt64])
    func anyMoment(_ seed: UInt64) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch, ["--latency-milliseconds", "20"])
            let site = try Site(
                scratch, port: sandbox.port, skypay: ["requestsInFlight": "2"])
            let batches = [
                Batch.made("a.csv", id: "A-1", first: 10_000_000, count: 8, badRows: [1]),
                Batch.made("b.csv", id: "B-1", first: 20_000_000, count: 8),
            ]
            for batch in batches { try site.drop(batch) }
            var random = SeededRandom(seed)
            for _ in 0..<5 {
                let daemon = try site.daemon()
                // A moment is so many more bytes in the audit log: progress, not time.
                let moment = auditBytes(site) + Int.random(in: 100...900, using: &random)
                _ = try await eventually("the moment of the kill") { () -> Bool? in
                    let done = site.has([".final.json"], of: batches)
                    return done || auditBytes(site) >= moment ? true : nil
                }
                #expect(daemon.kill().signal == SIGKILL)
            }
            let daemon = try site.daemon()
            try await site.finals(batches, by: daemon)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 10)
            try await Oracle(site: site, sandbox: sandbox).check(batches)
        }
    }

    private func auditBytes(_ site: Site) -> Int {
        var status = stat()
        let path = site.root + "/audit/segments/000000000000.jsonl.gz"
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
