import AuditLog
import DurableFiles
import Glibc
import Logging
import OrderedJSON
import Testing

@testable import BatchRunner

/// How a runner looks into its inbox, on a real site whose files need no provider.
@Suite("Looking into the inbox", .timeLimit(.minutes(10)))
struct LookingTests {
    private static func empty(_ batch: String) -> String {
        """
        H,batch=\(batch),action=payoutQueue,mode=test
        C,controlNumber,name,phone,amount,accountNo,withdrawChannel
        T,count=0,amount=0.00

        """
    }

    private static func site(
        settling settleSeconds: Int = 0, overdue incompleteSeconds: Int = 3_600
    ) throws -> TemporarySite {
        let temporary = try TemporarySite()
        let intake =
            "intake: {settleSeconds: \(settleSeconds), scanSeconds: 1, "
            + "incompleteSeconds: \(incompleteSeconds)}\n"
        try temporary.write("batchrunner.yaml", ConfigurationTests.least + intake)
        return temporary
    }

    @Test("Without news from the kernel a daemon finds files by scanning, in new folders too")
    func scanning() async throws {
        let temporary = try Self.site()
        var surroundings = Surroundings()
        surroundings.watchesInbox = false
        let runner = try await Runner.open(
            root: temporary.site.root, environment: [:], in: surroundings)
        let (stop, judged) = (StopRequest(), WakeSignal())
        let silent = Logger(label: "daemon") { _ in SwiftLogNoOpLogHandler() }
        async let ended = runner.watch(stop: stop, logger: silent, listener: Deaf()) { _ in
            judged.signal()
        }
        for name in ["a.csv", "acme/b.csv"] {
            let place = name.hasPrefix("acme") ? temporary.site.inbox(of: "acme") : nil
            if let place { try DurableFiles.makeFolder(place) }
            try temporary.drop(name, Self.empty(name))
            let isJudged = await judged.wait(atMost: .seconds(500), clock: ContinuousClock())
            #expect(isJudged, "\(name)")
            #expect(temporary.exists("outbox/\(name).ack.json"))
        }
        stop.request()
        _ = try await ended
    }

    @Test("A run that is stopped before it looked at every file does not say that all is done")
    func stoppedEarly() async throws {
        let temporary = try Self.site(settling: 60)
        try temporary.drop("a.csv", Self.empty("B-1"))
        let stop = StopRequest()
        stop.request()
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let report = try await runner.runOnce(waitUnknown: false, stop: stop) { _ in }
        #expect(report.status == .rowsOpen, "\(report.status)")
        #expect(report.problems.contains { $0.contains("run again") })
        #expect(temporary.exists("inbox/a.csv"))
    }

    @Test("A look takes so many files and says that there are more")
    func cut() async throws {
        let temporary = try Self.site()
        for number in 0..<5 { try temporary.drop("\(number).csv", Self.empty("B-\(number)")) }
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let desk = IntakeDesk(
            site: runner.site, judge: runner.judge, responses: runner.responses, mostTaken: 3)
        let first = try await desk.look(at: .zero)
        #expect(first.judged.count == 3 && first.isCut)
        let second = try await desk.look(at: .zero)
        #expect(second.judged.count == 2 && !second.isCut)
        #expect(try await desk.look(at: .zero).judged.isEmpty)
        #expect(try temporary.names("outbox").filter { $0.hasSuffix(".ack.json") }.count == 5)
        try await runner.close()
    }

    @Test("A look sets so many aside, comes back for the others, and takes what is ready meanwhile")
    func cutRefusals() async throws {
        let temporary = try Self.site()
        for number in 0..<5 {
            try #require(symlink("/etc/hostname", temporary.site.inbox + "/link\(number)") == 0)
        }
        try temporary.drop("z.csv", Self.empty("B-1"))
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let desk = IntakeDesk(
            site: runner.site, judge: runner.judge, responses: runner.responses, mostTaken: 3)
        let first = try await desk.look(at: .zero)
        #expect(first.judged.count == 4 && first.isCut)
        #expect(temporary.exists("outbox/z.csv.ack.json"))
        let second = try await desk.look(at: .zero)
        #expect(second.judged.count == 2 && !second.isCut)
        #expect(try await desk.look(at: .zero).judged.isEmpty)
        #expect(try temporary.names("state/quarantine").count == 5)
        try await runner.close()
    }

    @Test("Files that are never completed are rejected so many a look, and the others keep waiting")
    func cutOverdue() async throws {
        let temporary = try Self.site(overdue: 1)
        for number in 0..<5 {
            let trailer = "T,count=0,amount=0.00\n"
            let cut = String(Self.empty("B-\(number)").dropLast(trailer.count))
            try temporary.drop("\(number).csv", cut)
        }
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let desk = IntakeDesk(
            site: runner.site, judge: runner.judge, responses: runner.responses, mostTaken: 3)
        // Read and found not whole, three in the first look and two in the second.
        #expect(try await desk.look(at: .zero).judged.isEmpty)
        var looks = [try await desk.look(at: .zero)]
        while looks.count < 9, looks.reduce(0, { $0 + $1.judged.count }) < 5 {
            looks.append(try await desk.look(at: .seconds(looks.count * 100)))
        }
        #expect(looks.allSatisfy { $0.judged.count <= 3 })
        #expect(looks.reduce(0) { $0 + $1.judged.count } == 5)
        #expect(try temporary.names("outbox").filter { $0.hasSuffix(".status.json") }.isEmpty)
        try await runner.close()
    }

    @Test("What a batch inflates to is known before it is claimed", arguments: [true, false])
    func inflatedBytes(_ isGzip: Bool) async throws {
        let temporary = try Self.site()
        let text = Dropped.typed.bytes
        let name = isGzip ? "typed.csv.gz" : "typed.csv"
        try DurableFiles.createOnce(
            temporary.site.inbox + "/" + name, isGzip ? storedGzip(text) : text)
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let opening = try Claims(site: temporary.site).open(
            temporary.entry(name), storedAs: ClaimsTests.fileID)
        let copied = try #require(opening.candidate)
        let found = try runner.judge.wholeness(
            CopiedPair(file: copied, side: nil), in: temporary.site)
        #expect(found == .whole(inflatedBytes: isGzip ? Int64(text.count) : 0))
        try await runner.close()
    }

    /// An intake that has recovered, with hands of its own.
    private static func desk(_ runner: Runner, _ claims: Claims) async throws -> IntakeDesk {
        let desk = IntakeDesk(
            site: runner.site, judge: runner.judge, responses: runner.responses, claims: claims)
        _ = try await desk.recover()
        return desk
    }

    @Test("A sender whose file cannot be moved away keeps nobody waiting, and is answered once")
    func unmovable() async throws {
        let temporary = try Self.site()
        for sender in ["acme", "beta"] {
            try DurableFiles.makeFolder(temporary.site.inbox(of: sender))
        }
        try temporary.drop("acme/a.csv", Self.empty("B-1"))
        try temporary.drop("beta/b.csv", Self.empty("B-2"))
        var claims = Claims(site: temporary.site)
        claims.movingFails = { $0 == RawName("a.csv") ? EPERM : 0 }
        // Two processes: the second knows from the log what the first could not move.
        for judged in [2, 0] {
            let runner = try await Runner.open(root: temporary.site.root, environment: [:])
            let desk = try await Self.desk(runner, claims)
            #expect(try await desk.look(at: .zero).judged.count == judged)
            let again = try await desk.look(at: .seconds(1))
            #expect(again.judged.isEmpty && again.waiting.map(\.path) == ["acme/a.csv"])
            try await runner.close()
        }
        #expect(temporary.exists("outbox/acme/a.csv.ack.json"))
        #expect(temporary.exists("outbox/beta/b.csv.ack.json"))
        #expect(temporary.exists("inbox/acme/a.csv") && !temporary.exists("inbox/beta/b.csv"))
        let status = try temporary.text("outbox/acme/a.csv~2.status.json")
        #expect(status.contains("cannot be moved out of the inbox"))
        // Once it may be moved it goes, and no other answer comes.
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        _ = try await runner.intake.recover()
        let last = try await runner.intake.look(at: .zero)
        #expect(last.judged.isEmpty && last.waiting.isEmpty)
        #expect(try temporary.names("inbox/acme").isEmpty)
        #expect(try temporary.names("outbox/acme").filter { $0.contains("~") }.isEmpty)
        try await runner.close()
    }

    @Test(
        "What was left is known again after a change of its mode, and after a look that missed it")
    func leftAndMissed() async throws {
        let temporary = try Self.site()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        // Rejected: of all left originals the one that must not be judged anew.
        try temporary.drop("acme/a.csv", "H,batch=B-1,action=payoutQueue,mode=live\nT,0,0.00\n")
        var claims = Claims(site: temporary.site)
        claims.movingFails = { $0 == RawName("a.csv") ? EPERM : 0 }
        for judged in [1, 0] {
            let runner = try await Runner.open(root: temporary.site.root, environment: [:])
            let desk = try await Self.desk(runner, claims)
            #expect(try await desk.look(at: .zero).judged.count == judged)
            try #require(chmod(temporary.site.resolve("inbox/acme/a.csv"), 0o640) == 0)
            let changed = try await desk.look(at: .seconds(1))
            #expect(changed.judged.isEmpty && changed.waiting.count == 1)
            // The sender's mount is away for a look.
            let (there, away) = (
                temporary.site.inbox(of: "acme"), temporary.site.resolve("away")
            )
            try #require(rename(there, away) == 0)
            #expect(try await desk.look(at: .seconds(2)).waiting.isEmpty)
            try #require(rename(away, there) == 0)
            for second in [3, 4] {
                let look = try await desk.look(at: .seconds(second))
                #expect(look.judged.isEmpty && look.waiting.count == 1)
            }
            try #require(chmod(temporary.site.resolve("inbox/acme/a.csv"), 0o600) == 0)
            try await runner.close()
        }
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        _ = try await runner.intake.recover()
        #expect(try await runner.intake.look(at: .zero).judged.isEmpty)
        #expect(try temporary.names("inbox/acme").isEmpty)
        try await runner.close()
    }

    @Test("A file that only settles has no status file, and the next look is due when it has")
    func settling() async throws {
        let temporary = try Self.site(settling: 2)
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        try temporary.drop("a.csv", Self.empty("B-1"))
        let look = try await runner.intake.look(at: .zero)
        #expect(look.waiting.count == 1 && look.nextSettlesAt == .seconds(2))
        #expect(try temporary.names("outbox").isEmpty)
        #expect(try await runner.intake.look(at: .seconds(2)).judged.count == 1)
        try await runner.close()
    }

    @Test("A file held open is told of once that lasts", .enabled(if: hasLeases))
    func heldOpen() async throws {
        let temporary = try Self.site(settling: 2)
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        try temporary.drop("a.csv", Self.empty("B-1"))
        let writer = try AppendFile(path: temporary.site.resolve("inbox/a.csv"))
        _ = try await runner.intake.look(at: .zero)
        let held = try await runner.intake.look(at: .seconds(2))
        #expect(held.judged.isEmpty && held.nextSettlesAt == .seconds(4))
        #expect(try temporary.names("outbox").isEmpty)
        _ = try await runner.intake.look(at: .seconds(4))
        #expect(try temporary.text("outbox/a.csv.status.json").contains("open for writing"))
        withExtendedLifetime(writer) {}
        try await runner.close()
    }

    @Test("What is set aside gets its one verdict under whatever name it has")
    func namesSetAside() async throws {
        let temporary = try Self.site()
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let names = [
            "4111111111111111", "4111\u{2013}1111\u{2013}1111\u{2013}1111", "٤١١١١١١١١١١١١١١١",
        ]
        for name in names {
            try #require(symlink("/etc/hostname", temporary.site.resolve("inbox/\(name)")) == 0)
        }
        for name in ["4111 1111 1111 1111\n", "[4.111111111111111e15]"] {
            try temporary.drop(name, Self.empty("B-1"))
        }
        #expect(try await runner.intake.look(at: .zero).judged.count == 5)
        #expect(try temporary.names("state/quarantine").count == 5)
        #expect(try await runner.intake.look(at: .seconds(1)).judged.isEmpty)
        try await runner.close()
    }

    @Test("A file that grows for long under a name that is too long is told of in no file")
    func growingUnderALongName() async throws {
        let temporary = try Self.site(settling: 2)
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let name = String(repeating: "a", count: 240)
        try temporary.drop(name, "H,")
        _ = try await runner.intake.look(at: .zero)
        try temporary.drop(name, Self.empty("B-1"))
        let growing = try await runner.intake.look(at: .seconds(4))
        #expect(growing.waiting.map(\.entry.name) == [RawName(name)])
        #expect(try temporary.names("outbox").isEmpty)
        #expect(try await runner.intake.look(at: .seconds(6)).judged.count == 1)
        try await runner.close()
    }

    /// The identity of what had an entry's inode before it.
    private static func earlier(_ entry: InboxEntry) -> JSONObject {
        var identity = entry.identity
        identity.size += 1
        return identity.json
    }

    @Test("What gets the name and the inode of something quarantined is judged for itself")
    func reusedInode() async throws {
        let temporary = try Self.site()
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        let journal = runner.site.journal
        try temporary.drop("pay.csv", Self.empty("B-1"))
        try temporary.drop("odd~2", Self.empty("B-2"))
        let (taken, odd) = (try temporary.entry("pay.csv"), try temporary.entry("odd~2"))
        // One was claimed and is gone from the inbox, the other was set aside there; neither has been
        // answered when the runner starts.
        let claim = FileClaim(
            fileID: "20261120-000001", sender: "", name: "pay.csv", outputName: "pay.csv",
            sha256: "ab", bytes: 1, sideSHA256: nil, identity: Self.earlier(taken))
        try await journal.record([claim.draft(journal.author)])
        try await journal.record(
            .fileQuarantined, outcome: .failure, subject: ["file": "20261120-000001"],
            data: [
                "verdict": "quarantined", "reason": "no batch", "name": "pay.csv", "sender": "",
                "outputName": "pay.csv",
            ])
        try await journal.record(
            .fileQuarantined, outcome: .failure, subject: ["file": "20261120-000002"],
            data: [
                "verdict": "quarantined", "reason": "odd", "name": .string(odd.name.shown),
                "sender": "", "outputName": "20261120-000002",
                "identity": .object(Self.earlier(odd)),
            ])
        _ = try await runner.intake.recover()
        #expect(try temporary.names("inbox") == [".claimed", "odd~2", "pay.csv"])
        #expect(try temporary.names("state/quarantine").isEmpty)
        #expect(try await runner.intake.look(at: .zero).judged.count == 2)
        #expect(temporary.exists("outbox/pay.csv~2.ack.json"))
        try await runner.close()
    }

    @Test("A sender whose outbox takes nothing is told of, and stops nobody")
    func refusedFolder() async throws {
        let temporary = try Self.site()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        // A file where the folder belongs stops the superuser too.
        try temporary.write("outbox/acme", "in the way")
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        try temporary.drop("acme/a.csv", Self.empty("B-1"))
        try temporary.drop("acme/cut.csv", "H,batch=B-2,action=payoutQueue,mode=test\n")
        try temporary.drop("b.csv", Self.empty("B-3"))
        var tally = RunTally()
        for judged in [2, 0] {
            let look = try await runner.intake.look(at: .zero)
            tally.add(look)
            #expect(look.judged.count == judged && look.waiting.count == 1)
            #expect(look.conflicts.contains { $0.name == "acme/a.csv.ack.json" })
            #expect(look.unshown.count == 1)
            #expect(look.problems.allSatisfy { $0.contains("failed") })
        }
        #expect(temporary.exists("outbox/b.csv.ack.json"))
        let report = try await runner.finish(tally, stopped: false)
        #expect(report.status == .rowsOpen)
        #expect(report.problems.contains { $0.contains("acme/a.csv.ack.json") })
        try DurableFiles.remove(temporary.site.outbox(of: "acme"))
        let mended = try await runner.intake.look(at: .zero)
        #expect(mended.problems.isEmpty && mended.waiting.count == 1)
        let names = try temporary.names("outbox/acme")
        #expect(names.contains("a.csv.ack.json") && names.contains("cut.csv.status.json"))
        try await runner.close()
    }

    @Test("A run that could not read a sender's folder never ends with 0")
    func unreadableFolder() async throws {
        let temporary = try Self.site()
        let runner = try await Runner.open(root: temporary.site.root, environment: [:])
        var tally = RunTally()
        tally.add(IntakeDesk.Look(unreadable: ["acme"]))
        tally.replace(SendingDesk.Outcome())
        let report = try await runner.finish(tally, stopped: false)
        #expect(report.status == .fileRejected)
        #expect(report.problems.contains { $0.hasPrefix("inbox/acme cannot be read") })
        // It could be read again before the end.
        tally.add(IntakeDesk.Look())
        #expect(try await runner.finish(tally, stopped: false).status == .allDone)
        try await runner.close()
    }

    /// Hears nobody.
    private struct Deaf: CallbackListener {
        func listen(
            at settings: ListenSettings, door: CallbackDoor, until stop: StopRequest,
            listening: @escaping @Sendable (Int) -> Void
        ) async throws {}
    }
}
