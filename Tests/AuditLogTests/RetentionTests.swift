import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Retention")
struct RetentionTests {
    static let day: Int64 = 86_400

    /// A log with one segment a day: days 0, 1, 2, then none on 3 and 4, then 5 and 6 (2026-11-21 on).
    static func log(reserved: [String] = []) async throws -> (LogFixture, root: String) {
        let fixture = try LogFixture()
        let root = try fixture.create(reserved: reserved)
        for (number, gap) in [0, 1, 1, 3, 1].enumerated() {
            fixture.clock.advance(seconds: Int64(gap) * day)
            let log = try await fixture.open()
            _ = try await log.append(LogFixture.drafts(number * 40..<number * 40 + 40))
            try await log.close()
        }
        return (fixture, root)
    }

    static func layout(_ fixture: LogFixture) -> LogLayout { LogLayout(directory: fixture.log) }

    static func events(_ fixture: LogFixture, _ type: String) throws -> [Event] {
        try OwnEvents(layout(fixture)).read([type])
    }

    /// Everything a log owes after some of it was removed.
    static func expectWhole(
        _ fixture: LogFixture, _ root: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let log = try await fixture.open()
        let appended = try await log.append([LogFixture.draft(9_999)])
        try await log.close()
        let report = Verifier(directory: fixture.log, key: root).verify()
        #expect(report.isIntact, "\(report.lines)", sourceLocation: sourceLocation)
        let check = RetentionCheck(directory: fixture.log, key: root).run()
        #expect(check.exitCode == 0, "\(check.lines)", sourceLocation: sourceLocation)
        let sequence = try #require(appended.first?.sequence)
        let event = try AuditReader(directory: fixture.log).event(sequence)
        #expect(event == appended.first, sourceLocation: sourceLocation)
        let proofs = try LogProofs(directory: fixture.log)
        let proofCheck = ProofCheck(
            key: try VerificationKey(root), epochs: try DurableFiles.read("\(fixture.log)/epochs"))
        let firstKept = try #require((try layout(fixture).segmentStarts()).first)
        for number in [firstKept, firstKept + 1, sequence] {
            let verdict = proofCheck.inclusion(
                try proofs.inclusion(of: number).text, event: try proofs.line(number))
            #expect(verdict.exitCode == 0, "\(verdict.lines)", sourceLocation: sourceLocation)
        }
        let names = LogLayout.names(in: layout(fixture).segments)
        let retired = (try layout(fixture).retiredStarts())
        for first in retired {
            let left = names.filter { $0.hasPrefix(LogLayout.name(first) + ".") }
            #expect(
                left == [LogLayout.name(first) + ".retired"], sourceLocation: sourceLocation)
        }
        let told = try Self.events(fixture, OwnEvent.retired).compactMap(\.retiredFirst)
        #expect(
            Set(told) == Set(retired) && told.count == retired.count,
            sourceLocation: sourceLocation)
    }

    @Test(
        "A time to keep counts dates",
        arguments: [
            ("5y", "2021-11-21T08:00:00.000000+08:00"),
            ("11m", "2025-12-21T08:00:00.000000+08:00"),
            ("10m", "2026-01-21T08:00:00.000000+08:00"),
            ("1d", "2026-11-20T08:00:00.000000+08:00"),
            ("400d", "2025-10-17T08:00:00.000000+08:00"),
            ("30000y", "0000-01-21T08:00:00.000000+08:00"),
        ])
    func keepTime(text: String, cutoff: String) throws {
        #expect(try KeepTime(text).cutoff((1_795_219_200, 0)) == cutoff)
    }

    @Test(
        "What is no time to keep is refused", arguments: ["", "y", "0y", "-1y", "5", "5w", "05y"])
    func noKeepTime(text: String) {
        #expect(throws: AuditLogError.self) { try KeepTime(text) }
    }

    @Test(
        "Days are real ones",
        arguments: [
            ("2026-11-21", true), ("2024-02-29", true), ("2026-02-29", false),
            ("2026-00-10", false), ("2026-1-10", false), ("1969-12-31", true), ("x", false),
            ("0001-01-01", true), ("9999-12-31", true),
        ])
    func days(text: String, isDay: Bool) {
        #expect(CalendarDay(text)?.text == (isDay ? text : nil))
    }

    @Test("Every day is covered, those without events are told as such")
    func check() async throws {
        let (fixture, root) = try await Self.log()
        let report = RetentionCheck(directory: fixture.log, key: root).run()
        #expect(report.exitCode == 0, "\(report.lines)")
        #expect(
            report.days.map(\.date) == (21...27).map { "2026-11-\($0)" })
        #expect(
            report.days.map { $0.first == $0.next }
                == [false, false, false, true, true, false, false])
        #expect(zip(report.days, report.days.dropFirst()).allSatisfy { $0.next == $1.first })
        #expect(report.days.last?.next == UInt64(try fixture.events().count))
        #expect(report.json["complete"] == true)
        // A segment whose events are of two days is read event by event.
        let straddling = try LogFixture()
        _ = try straddling.create()
        let log = try await straddling.open()
        straddling.clock.advance(seconds: 16 * 3_600 - 1)
        _ = try await log.append(LogFixture.drafts(0..<3_000))
        try await log.close()
        let two = RetentionCheck(directory: straddling.log).run()
        #expect(two.exitCode == 0 && two.days.map(\.date) == ["2026-11-21", "2026-11-22"])
    }

    @Test("A segment that is missing, or removed without its event, is a gap")
    func gap() async throws {
        let (fixture, _) = try await Self.log()
        let missing = try fixture.copy()
        let second = (try Self.layout(missing).segmentStarts())[1]
        try DurableFiles.remove(Self.layout(missing).segment(second))
        #expect(RetentionCheck(directory: missing.log).run().exitCode == 2)
        let layout = Self.layout(fixture)
        let manifest = try DurableFiles.read(layout.manifest(0))
        try SegmentRemoval(layout: layout, first: 0, manifest: manifest).run()
        #expect(RetentionCheck(directory: fixture.log).run().exitCode == 2)
    }

    @Test("Segments past their time go, oldest first; the rest opens, appends, verifies, proves")
    func apply() async throws {
        let (fixture, root) = try await Self.log()
        let old = try #require(try AuditReader(directory: fixture.log).event(150))
        let proofBefore = try AuditReader(directory: fixture.log).publishedCheckpoint()
        let keep = try KeepTime("3d")
        let plan = try Retirement.plan(at: fixture.log, keeping: keep, clock: fixture.clock)
        #expect(plan.segments.count == 3)
        let log = try await fixture.open()
        let done = try await log.retire(keeping: keep)
        #expect(done.segments == plan.segments)
        #expect((try Self.layout(fixture).retiredStarts()) == plan.segments.map(\.first))
        #expect(try await log.retire(keeping: keep).segments.isEmpty)
        try await log.close()
        try await Self.expectWhole(fixture, root)
        let since = Verifier(directory: fixture.log, key: root, since: proofBefore.text).verify()
        #expect(since.isIntact, "\(since.lines)")
        #expect(try AuditReader(directory: fixture.log).event(150) == old)
        #expect(try AuditReader(directory: fixture.log).event(0) == nil)
        let days = RetentionCheck(directory: fixture.log, key: root).run().days
        #expect(days.map(\.isRetired) == [true, true, true, false, false, false, false])
    }

    @Test("A removal cut after any step is finished by opening, or by the next call")
    func crash() async throws {
        let (fixture, root) = try await Self.log()
        // The events are durable, no file is gone.
        let told = try fixture.copy()
        told.clock.advance(seconds: 16 * Self.day)
        var log = try await told.open()
        let plan = try Retirement(Self.layout(told), KeepTime("12d"), told.clock)
        #expect(plan.segments.count == 3)
        let hash = sha256Text(try DurableFiles.read(Self.layout(told).description))
        var drafts: [EventDraft] = []
        for segment in plan.retired {
            drafts.append(await log.own(.retired, segment.data(logSha256: hash)))
        }
        _ = try await log.record(own: drafts)
        try await log.close()
        #expect(Verifier(directory: told.log, key: root).verify().isIntact)
        log = try await told.open()
        _ = try await log.retire(keeping: try KeepTime("12d"))
        try await log.close()
        try await Self.expectWhole(told, root)
        // Some of the files are gone: after each step of each segment.
        for segment in [0, 2] {
            for step in SegmentRemoval.Step.allCases {
                let cut = try fixture.copy()
                cut.clock.advance(seconds: 16 * Self.day)
                try await Self.cut(cut, segment, step)
                try await Self.expectWhole(cut, root)
            }
        }
    }

    @Test(
        "What an opening adopted removes nothing: whoever may write the folder can have put it there"
    )
    func forged() async throws {
        let (fixture, root) = try await Self.log()
        let log = try await fixture.open()
        _ = try await log.hold(from: "2026-11-21", to: "2026-11-21", reason: "case 9")
        _ = try await log.checkpoint()
        let manifest = try DurableFiles.read(Self.layout(fixture).manifest(0))
        let hash = sha256Text(try DurableFiles.read(Self.layout(fixture).description))
        let data = try RetirableSegment(manifest).data(logSha256: hash)
        let told = try await log.record(own: [await log.own(.retired, data)])
        let killed = try fixture.copy()
        try await log.close()
        let layout = Self.layout(killed)
        let pin = try #require(try KeyLayout(directory: killed.keys).readPin())
        try #require(pin.size <= told[0].sequence, "the event was signed")
        try LogFixture.write(layout.retired(0), manifest)
        // Adopted and signed by the first opening, it is no more than it was.
        for _ in 0..<2 {
            let error = await #expect(throws: AuditLogError.self) { try await killed.open() }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains("Nothing was removed") == true, "\(error as Any)")
            for path in [layout.segment(0), layout.index(0), layout.manifest(0)] {
                #expect(DurableFiles.exists(path))
            }
        }
        // Done by hand it is found.
        let byHand = try killed.copy()
        for path in [layout.segment(0), layout.index(0), layout.manifest(0)] {
            try DurableFiles.remove(path.replacing(killed.root, with: byHand.root))
        }
        let report = Verifier(directory: byHand.log, key: root).verify()
        #expect(report.exitCode == 2, "\(report.lines)")
        try DurableFiles.remove(layout.retired(0))
        try await killed.open().close()
        #expect(Verifier(directory: killed.log, key: root).verify().isIntact)
    }

    @Test("A removal whose events an opening adopted is told again, and goes on")
    func cutBeforeSigned() async throws {
        let (fixture, root) = try await Self.log()
        let log = try await fixture.open()
        _ = try await log.checkpoint()
        let plan = try Retirement(Self.layout(fixture), KeepTime("3d"), fixture.clock)
        let hash = sha256Text(try DurableFiles.read(Self.layout(fixture).description))
        var drafts: [EventDraft] = []
        for segment in plan.retired {
            drafts.append(await log.own(.retired, segment.data(logSha256: hash)))
        }
        let told = try await log.record(own: drafts)
        let killed = try fixture.copy()
        try await log.close()
        let pin = try #require(try KeyLayout(directory: killed.keys).readPin())
        try #require(pin.size <= told[0].sequence, "the events were signed")
        killed.clock.advance(seconds: 6 * Self.day)
        let again = try await killed.open()
        #expect(try await again.retire(keeping: try KeepTime("3d")).segments == plan.segments)
        try await again.close()
        #expect(try Self.events(killed, OwnEvent.retired).count == 2 * plan.segments.count)
        try await killed.open().close()
        let report = Verifier(directory: killed.log, key: root).verify()
        #expect(report.isIntact, "\(report.lines)")
        #expect(RetentionCheck(directory: killed.log, key: root).run().exitCode == 0)
    }

    /// Removes segments up to a step of one of them.
    static func cut(
        _ fixture: LogFixture, _ last: Int, _ step: SegmentRemoval.Step
    ) async throws {
        let log = try await fixture.open()
        let plan = try Retirement(layout(fixture), KeepTime("12d"), fixture.clock)
        let hash = sha256Text(try DurableFiles.read(layout(fixture).description))
        var drafts: [EventDraft] = []
        for segment in plan.retired[...last] {
            drafts.append(await log.own(.retired, segment.data(logSha256: hash)))
        }
        _ = try await log.record(own: drafts)
        try await log.close()
        for (index, segment) in plan.retired[...last].enumerated() {
            let removal = SegmentRemoval(
                layout: layout(fixture), first: segment.manifest.first,
                manifest: segment.manifest.encoded)
            for each in SegmentRemoval.Step.allCases {
                try removal.run(each)
                if index == last, each == step { return }
            }
        }
    }

    @Test("Holds and earlier removals told in what goes are told again before")
    func carried() async throws {
        let (fixture, root) = try await Self.log()
        var log = try await fixture.open()
        let hold = try await log.hold(from: "2027-06-01", to: "2027-06-30", reason: "case 4")
        #expect(try await log.retire(keeping: try KeepTime("5d")).segments.count == 2)
        try await log.close()
        fixture.clock.advance(seconds: 30 * Self.day)
        log = try await fixture.open()
        let done = try await log.retire(keeping: try KeepTime("3d"))
        #expect(done.segments.count == 3)
        try await log.close()
        let kept = try RetentionHold.inForce(at: fixture.log)
        #expect(kept.map(\.id) == [hold.id] && kept.map(\.sequence) != [hold.sequence])
        try await Self.expectWhole(fixture, root)
    }

    @Test("A program's log is not cut without its snapshot, which is recorded before anything goes")
    func snapshot() async throws {
        let (fixture, root) = try await Self.log(reserved: ["payout."])
        let keep = try KeepTime("3d")
        var log = try await fixture.open(ownerOf: ["payout."])
        let error = await #expect(throws: AuditLogError.self) {
            try await log.retire(keeping: keep)
        }
        #expect(error?.isRefusal == true)
        #expect((try Self.layout(fixture).retiredStarts()).isEmpty)
        var draft = LogFixture.draft(1)
        draft.type = "payout.snapshot"
        let carried = try await log.retire(keeping: keep, carrying: [draft])
        #expect(carried.segments.count == 3)
        try await log.close()
        let events = try fixture.events()
        let told = try #require(events.firstIndex { $0.type == OwnEvent.retired })
        let snapshot = try #require(events.firstIndex { $0.type == "payout.snapshot" })
        #expect(snapshot < told)
        try await Self.expectWhole(fixture, root)
        // It is there now; with the flag it need not be.
        fixture.clock.advance(seconds: Self.day)
        log = try await fixture.open(ownerOf: ["payout."])
        _ = try await log.retire(keeping: try KeepTime("2d"))
        try await log.close()
        let (other, _) = try await Self.log(reserved: ["payout."])
        log = try await other.open()
        #expect(try await log.retire(keeping: keep, withoutSnapshot: true).segments.count == 3)
        try await log.close()
    }

    @Test("Nothing is removed from a log that is damaged")
    func damaged() async throws {
        let (fixture, _) = try await Self.log()
        let path = Self.layout(fixture).segment(0)
        var bytes = try DurableFiles.read(path)
        bytes[bytes.count / 2] ^= 1
        try DurableFiles.replace(path, bytes)
        let log = try await fixture.open()
        let error = await #expect(throws: AuditLogError.self) {
            try await log.retire(keeping: try KeepTime("3d"))
        }
        #expect(error?.code == .damaged)
        #expect((try Self.layout(fixture).retiredStarts()).isEmpty)
        try await log.close()
    }
}
