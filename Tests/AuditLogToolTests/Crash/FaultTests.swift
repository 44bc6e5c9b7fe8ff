import Foundation
import Glibc
import OrderedJSON
import Testing

/// A fault at every system call that changes what is on disk, in an `append` that mends a torn tail,
/// rotates and closes. `AUDITLOG_FAULTS` is how many of them are tried, spread evenly; the whole of
/// them by `make crash`.
@Suite("Faults", .enabled(if: InjectedFault.isPossible, "strace(1) may not trace here"))
struct FaultTests {
    private static let tried = setting("AUDITLOG_FAULTS", 12)
    // Three reads of 64 KiB, so three commits at least, each of which fills a segment.
    private static let eventCount = 1_500
    private static let options = ["--ack", "--seal-bytes", "4000"]

    @Test("After a fault at any system call nothing acknowledged is lost and the log opens again")
    func everyCall() async throws {
        try await apart {
            let torn = try Self.tornSite()
            let faults = try Self.faults(torn)
            #expect(faults.count > 100, "the session makes \(faults.count) calls")
            let step = max(1, faults.count / max(1, Self.tried))
            for place in stride(from: step / 2, to: faults.count, by: step) {
                try Self.meet(faults[place], torn)
            }
        }
    }

    @Test("Where hashes that a kill left cannot be found they are not written a second time")
    func treeCannotBeListed() async throws {
        try await apart {
            // More events than one hash of the tree covers.
            let torn = try Self.tornSite(acknowledged: 300)
            let faults = try Self.faults(torn, touching: ["/audit/tree\", "])
            #expect(!faults.isEmpty)
            for fault in faults where fault.kind != .kill { try Self.meet(fault, torn) }
        }
    }

    @Test(
        "A folder that cannot be listed is told, exit 1: neither intact nor altered",
        arguments: ["/audit", "/audit/segments", "/audit/tree"])
    func verifyCannotList(_ folder: String) async throws {
        try await apart {
            let site = try Site.made()
            let trace = site.path("trace")
            let words = site.words("verify", [])
            let whole = try site.scratch.run(InjectedFault.recording(words, trace: trace))
            #expect(whole.code == 0, "\(whole)")
            let faults = try InjectedFault.all(
                from: trace, touching: ["\(folder)\", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY"])
            // It is listed more than once; the first answer of all decides.
            let told = try faults.filter { $0.kind == .inputOutput }.map {
                try site.scratch.run($0.words(words, trace: trace))
            }
            #expect(
                told.contains { $0.code == 1 && $0.text.contains("\(folder) cannot be listed") },
                "\(told)")
        }
    }

    @Test(
        "A file that cannot be read is told, exit 1: neither intact nor altered",
        arguments: [
            "log.json", "checkpoint", "checkpoints", "epochs", "reserve", ".jsonl.gz", ".members",
            ".index", ".manifest",
        ])
    func verifyCannotRead(_ file: String) async throws {
        try await apart {
            let site = try Site.made()
            let sealed = try site.keyed("seal")
            try #require(sealed.code == 0, "\(sealed)")
            let paths = try FileManager.default.subpathsOfDirectory(atPath: site.log)
                .filter { $0 == file || file.hasPrefix(".") && $0.hasSuffix(file) }
            #expect(!paths.isEmpty)
            let told = try paths.map { path in
                try site.scratch.run(
                    InjectedFault.unreadable(
                        "\(site.log)/\(path)", site.words("verify", []),
                        trace: site.path("trace")))
            }
            #expect(
                told.allSatisfy { $0.code == 1 && $0.text.contains("cannot be read") }, "\(told)")
        }
    }

    /// A log that was killed, with zeros behind its last whole byte.
    private static func tornSite(acknowledged: Int = 60) throws -> Site {
        let site = try Site.made()
        var random = Seeded(state: 1)
        let producer = try Producer(site, [], firstNumber: 0)
        let session = try producer.run(
            &random, untilAcknowledged: acknowledged, thenMicroseconds: 0)
        try #require(session.acknowledged.count >= acknowledged)
        let segment = try #require(site.segments().last)
        let bytes = try Scratch.bytes(segment)
        try Scratch.put(bytes + [0, 0, 0, 0, 0], at: segment)
        // Unrecorded: the faults below are those of a torn tail alone.
        let left = try site.run("verify", ["--unrecorded"])
        #expect(left.code == 0 && left.text.contains("torn"), "\(left)")
        return site
    }

    private static func faults(
        _ torn: Site, touching places: [String] = ["/audit", "/state"]
    ) throws -> [InjectedFault] {
        let site = try torn.copied()
        let trace = site.scratch.folder + "/trace"
        let ended = try site.scratch.run(
            InjectedFault.recording(
                site.words("append", ["--keys", site.keys] + options), trace: trace),
            input: Array(Site.lines(10_000..<10_000 + eventCount).utf8))
        try #require(ended.code == 0, "\(ended)")
        try #require(try site.segments().count > 2, "nothing was sealed")
        return try InjectedFault.all(from: trace, touching: places)
    }

    /// One run with the fault, then everything that must hold.
    private static func meet(_ fault: InjectedFault, _ torn: Site) throws {
        let site = try torn.copied()
        let before = try site.events().compactMap { $0["data"]?["n"]?.integerValue }
        let ended = try site.scratch.run(
            fault.words(
                site.words("append", ["--keys", site.keys] + options),
                trace: site.scratch.folder + "/trace"),
            input: Array(Site.lines(10_000..<10_000 + eventCount).utf8))
        let acknowledged = ended.lines.compactMap { Int($0) }
        // Not the log's: the fault met the loading of the program, or took its arguments from it (the
        // runtime reads them from /proc).
        if ended.errors.contains("loading shared libraries") || ended.code == 64 { return }
        // Nor this, but what is left is looked at: libdispatch counts threads in /proc when it is busy,
        // and ends the program where that cannot be opened.
        if !ended.errors.contains("_dispatch_workq_monitor_pools") {
            judge(ended, acknowledged.count, fault)
        }
        var oracle = AcknowledgedOracle()
        oracle.add(.init(sent: 0..<((before.last ?? 0) + 1), acknowledged: []))
        oracle.add(.init(sent: 10_000..<10_000 + eventCount, acknowledged: acknowledged))
        for round in ["as it was left", "opened", "opened again"] {
            if round != "as it was left" {
                let opened = try site.append(input: "")
                #expect(opened.code == 0, "\(fault), \(round): \(opened)")
                #expect(try site.zcat().code == 0, "\(fault), \(round)")
            }
            let events = try site.events()
            #expect(oracle.violations(events) == [], "\(fault), \(round)")
            let numbers = events.compactMap { $0["data"]?["n"]?.integerValue }
            #expect(numbers.starts(with: before), "\(fault), \(round): earlier events are gone")
            // A fault leaves something unfinished, never what looks altered.
            try site.expectIntact("\(fault), \(round)")
        }
    }

    /// What the tool said of it: all was recorded, or exit 1 with the call that failed.
    private static func judge(_ ended: Ended, _ acknowledged: Int, _ fault: InjectedFault) {
        if fault.kind == .kill {
            #expect(ended.signal == SIGKILL || ended.code == 0, "\(fault): \(ended)")
        } else if ended.code == 0 {
            #expect(acknowledged == eventCount, "\(fault): exit 0, \(acknowledged) acknowledged")
        } else {
            #expect(ended.code == 1, "\(fault): \(ended.errors)")
            #expect(
                ended.errors.hasPrefix("auditlog: ") && ended.errors.contains("failed"),
                "\(fault): \(ended.errors)")
        }
    }
}
