import AuditLog
import DurableFiles
import GRDB
import Locks
import OrderedJSON
import Testing

@testable import AuditLog
@testable import BatchRunner

/// A site of some days, whose log loses the first of them.
@Suite("The ledger carried in the log")
struct SnapshotTests {
    private let stage: LedgerStage
    private let clock = StandingClock(1_796_040_000)
    private static let file = "20261121-000001"
    private static let day: Int64 = 86_400
    /// So many that the ledger needs several events.
    private static let rows = 500

    init() throws {
        stage = try LedgerStage()
        try stage.temporary.write("batchrunner.yaml", ConfigurationTests.least)
    }

    private var folder: SiteFolder { stage.temporary.site }

    private func open() async throws -> RunnerSite {
        let site = folder
        return try await RunnerSite.open(
            site, try RunnerConfiguration.load(site: site, environment: [:]), clock: clock)
    }

    /// Opens the site, records what `script` tells, and closes it.
    private func live(_ script: (inout EventScript) throws -> Void) async throws {
        let site = try await open()
        var events = EventScript()
        try script(&events)
        try await site.journal.record(
            events.events.map { event in
                LedgerStage.author.draft(
                    try #require(EventType(rawValue: event.type)), subject: event.subject,
                    data: event.data)
            })
        try await site.close()
    }

    /// A batch on the first day, its payouts on the next two.
    private func threeDays() async throws {
        try await live { script in
            script.claim(Self.file, name: "in.csv")
            try script.accept(Self.file, batch: TypedBatch(rows: Self.rows), on: stage)
        }
        for line in [3, 4] {
            clock.advance(Self.day)
            try await live { script in
                script.payout(Self.file, line, .intended(attempt: 1))
                script.payout(Self.file, line, .accepted, code: "1000")
            }
        }
        clock.advance(10 * Self.day)
    }

    private func retention(_ keep: String = "5d") throws -> RetentionCommand {
        try RetentionCommand(root: folder.root, environment: [:], keep: keep, clock: clock)
    }

    private func removeLedger() throws {
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(folder.ledger + suffix) }
    }

    /// Everything but how far the log goes, which grows with each opening.
    private func contents() throws -> [String] {
        let ledger = try Ledger(reading: folder.ledger)
        let lines = try LedgerStage.dump(ledger).split(separator: "\n").map(String.init)
        try ledger.database.close()
        return Array(lines.dropFirst())
    }

    @Test("Old days go from the log, and a ledger is made again from what is left")
    func carried() async throws {
        try await threeDays()
        let before = try contents()
        #expect(before.count > Self.rows)
        let planned = try retention().plan()
        #expect(!planned.retirement.segments.isEmpty && !planned.isApplied)
        let report = try await retention().apply { _ in }
        // Opening the log seals the last day, too.
        #expect(report.retirement.segments.starts(with: planned.retirement.segments))
        // The batch has no final yet.
        #expect(planned.copiesNeededFrom == "2026-11-21")
        #expect(report.json["copiesNeededFrom"] == "2026-11-21")
        #expect(report.lines.last?.contains("2026-11-21 or later") == true)
        let reader = try AuditReader(directory: folder.audit)
        #expect(reader.firstRetained > 0)
        #expect(Verifier(directory: folder.audit).verify().isIntact)
        #expect(try contents() == before)

        // From the log alone: not even the copy of a batch that went with its day is needed.
        try removeLedger()
        try DurableFiles.remove(folder.file(Self.file))
        try await live { script in script.claim("20261121-000002", name: "more.csv") }
        let made = try contents()
        #expect(made.count == before.count + 1 && Set(before).isSubset(of: made))
        // What it knows is what decisions need: a second file of the same content is known.
        let ledger = try Ledger(reading: folder.ledger)
        #expect(try ledger.rows(of: Self.file, after: 0, limit: 1_000).count == Self.rows)
        try ledger.database.close()
        let rebuild = try LedgerRebuild(
            folder, room: RebuildRoom(keepFreeBytes: 0), rows: stage.rows)
        #expect(try rebuild.compare { _ in }.comparison?.agrees == true)
        try rebuild.clear()
    }

    @Test("Nothing shorter is kept than the configuration says")
    func shorter() async throws {
        try await threeDays()
        try stage.temporary.write(
            "batchrunner.yaml", ConfigurationTests.least + "audit: {keep: 2m}\n")
        let refused = #expect(throws: CommandFailure.self) { try retention("59d") }
        #expect(refused?.status == .usage && refused?.message.contains("audit.keep") == true)
        _ = try retention("2m")
        _ = try retention("62d")
    }

    @Test("Copies are needed of what is open, has no verdict, or is folded again")
    func neededCopies() async throws {
        let (first, second, third) = ("20261121-000001", "20261122-000001", "20261123-000001")
        var script = EventScript()
        script.claim(first, name: "a.csv")
        try script.accept(first, batch: TypedBatch(rows: 1), on: stage)
        script.claim(second, name: "b.csv", sha256: "bb")
        try script.accept(
            second, batch: TypedBatch(rows: 1, id: "B-2", firstNumber: 5), on: stage)
        script.claim(third, name: "c.csv", sha256: "cc")
        try stage.apply(script.events)
        let needed = NeededCopies(ledger: stage.ledger, now: clock.unixSeconds())
        func turn(_ sql: String) async throws {
            try await stage.ledger.database.write { try $0.execute(sql: sql) }
        }
        #expect(try needed.firstDay(foldingFrom: 9) == "2026-11-21")
        try await turn("UPDATE files SET finalPrepared = 1")
        #expect(try needed.firstDay(foldingFrom: 9) == "2026-11-21", "not acknowledged")
        try await turn("UPDATE files SET acknowledged = 1")
        #expect(try needed.firstDay(foldingFrom: 0) == "2026-11-21")
        #expect(try needed.firstDay(foldingFrom: 1) == "2026-11-21")
        #expect(try needed.firstDay(foldingFrom: 2) == "2026-11-22")
        #expect(try needed.firstDay(foldingFrom: 4) == "2026-11-23")
        try await turn(
            "UPDATE files SET verdict = 'rejected', verdictSequence = 5 WHERE verdict IS NULL")
        #expect(try needed.firstDay(foldingFrom: 5) == "2026-11-23")
        #expect(try needed.firstDay(foldingFrom: 6) == "2026-11-30")
    }

    @Test("A copy behind the snapshot is needed, one before it is not", arguments: [true, false])
    func copyGone(_ isBehind: Bool) async throws {
        try await threeDays()
        let later = "20261201-000001"
        _ = try await retention().apply { _ in }
        try await live { script in
            script.claim(later, name: "more.csv", sha256: "bb")
            try script.accept(
                later, batch: TypedBatch(rows: 2, id: "B-2", firstNumber: 900), on: stage)
        }
        // A second snapshot does not stand for the first: what is between is folded.
        try await takeSnapshot()
        try DurableFiles.remove(folder.file(isBehind ? later : Self.file))
        try removeLedger()
        if isBehind {
            await #expect(throws: (any Error).self) { try await open() }
        } else {
            try await (try open()).close()
        }
    }

    /// What a check makes beside the ledger and has to take away.
    private func ledgersBeside() throws -> [String] {
        try stage.temporary.names("state").filter {
            $0.hasPrefix("ledger.sqlite.copy") || $0.hasPrefix("ledger.sqlite.new")
        }
    }

    @Test("A check of a cut log asks for three ledgers' room")
    func roomOfCutLog() async throws {
        try await threeDays()
        let path = folder.ledger
        @Sendable func size() -> Int64 {
            ["", "-wal"].reduce(0) { $0 + (FileStatus(path: path + $1)?.identity.size ?? 0) }
        }
        var room = RebuildRoom(keepFreeBytes: 0)
        room.free = { _ in 2 * size() }
        let whole = try LedgerRebuild(folder, room: room, rows: stage.rows).compare { _ in }
        #expect(whole.comparison?.agrees == true)
        _ = try await retention().apply { _ in }
        let bytes = size()
        let shortage = #expect(throws: RebuildRoom.Shortage.self) {
            try LedgerRebuild(folder, room: room, rows: stage.rows).compare { _ in }
        }
        #expect(shortage?.needed == 3 * bytes)
    }

    @Test("A check that loads a snapshot asks for room and hears a stop", arguments: [true, false])
    func stoppedWhileLoading(_ isFull: Bool) async throws {
        try await threeDays()
        _ = try await retention().apply { _ in }
        let from = try #require(try snapshotPart())
        let (asked, told) = (Locked(0), Locked([UInt64]()))
        var room = RebuildRoom(keepFreeBytes: 0)
        // Asked before it begins and with the first piece, there is room; with the second, none.
        room.free = { _ in
            let times: Int = asked.withLock { count in
                count += 1
                return count
            }
            return isFull && times == 3 ? -1 : Int64(1) << 40
        }
        let rebuild = try LedgerRebuild(folder, room: room, rows: stage.rows)
        #expect(throws: (any Error).self) {
            try rebuild.compare { events in
                let times: Int = told.withLock { list in
                    list.append(events)
                    return list.count
                }
                if !isFull, times == 2 { throw CancellationError() }
            }
        }
        #expect(told.withLock { $0 } == Array(repeating: from, count: isFull ? 1 : 2))
        #expect(asked.withLock { $0 } == 3)
        #expect(try ledgersBeside() == [])
    }

    @Test("A second time carries what the first carried")
    func again() async throws {
        try await threeDays()
        // The command before it was killed when the snapshot was recorded and nothing had gone.
        try await takeSnapshot()
        _ = try await retention().apply { _ in }
        let before = try contents()
        for _ in 1...2 {
            clock.advance(10 * Self.day)
            try await live { script in script.add(.runFinished, file: Self.file) }
        }
        let report = try await retention().apply { _ in }
        #expect(!report.retirement.segments.isEmpty)
        try removeLedger()
        try await live { script in script.add(.runFinished, file: Self.file) }
        #expect(Set(before.dropFirst()).isSubset(of: try contents()))
    }

    @Test("Parts of a snapshot that was never finished mean nothing")
    func unfinished() async throws {
        try await threeDays()
        let before = try contents()
        try await live { script in
            script.add(
                LedgerStage.author.draft(
                    .ledgerSnapshotPart, data: ["part": 1, "text": "x7b7d0a"]))
        }
        _ = try await retention().apply { _ in }
        try removeLedger()
        try await live { script in script.add(.ledgerMoved, file: Self.file) }
        #expect(try contents() == before)
    }

    @Test("Nothing is removed while the ledger differs from the log, or nothing is past its time")
    func refused() async throws {
        try await threeDays()
        let none = try await retention("1y").apply { _ in }
        #expect(none.retirement.segments.isEmpty)
        let ledger = try Ledger(path: folder.ledger)
        try await ledger.database.write {
            try $0.execute(sql: "UPDATE rows SET amount = 1 WHERE row = 2")
        }
        try ledger.close()
        let failure = await #expect(throws: CommandFailure.self) {
            try await retention().apply { _ in }
        }
        #expect(failure?.status == .invariantBroken)
        #expect(try AuditReader(directory: folder.audit).firstRetained == 0)
        #expect(throws: CommandFailure.self) { try retention("never") }
    }

    @Test("A log whose front is gone without a snapshot makes no ledger", arguments: [true, false])
    func frontGone(_ isByRule: Bool) async throws {
        try await threeDays()
        if isByRule {
            let log = try await RunnerSite.openLog(
                folder, try RunnerConfiguration.load(site: folder, environment: [:]),
                LedgerStage.author, clock)
            let gone = try await log.retire(keeping: KeepTime("5d"), withoutSnapshot: true)
            #expect(!gone.segments.isEmpty)
            try await log.close()
        } else {
            let layout = LogLayout(directory: folder.audit)
            let first = try #require(try layout.segmentStarts().first)
            try DurableFiles.remove(layout.segment(first))
        }
        // The ledger in place knows what is gone, and goes on.
        if !isByRule { try await live { script in script.add(.runFinished, file: Self.file) } }
        try removeLedger()
        let error = await #expect(throws: (any Error).self) { try await open() }
        let says = isByRule ? "bring back its older segments" : "segments before it are missing"
        #expect("\(error as Any)".contains(says))
    }

    @Test("A log of the runner's is not cut where the snapshot's first part would go")
    func partsGo() async throws {
        try await threeDays()
        try await takeSnapshot()
        clock.advance(10 * Self.day)
        let retirement = try Retirement.plan(
            at: folder.audit, keeping: KeepTime("12d"), clock: AuditTime(clock: clock))
        #expect(!retirement.segments.isEmpty)
        let types = OwnEvents(LogLayout(directory: folder.audit))
        let part = try #require(try snapshotPart())
        #expect(try types.snapshotTypes(from: part).contains("ledger.snapshot"))
        #expect(try types.snapshotTypes(from: part + 1).isEmpty)
    }

    private func takeSnapshot() async throws {
        let site = try await open()
        try await LedgerSnapshot(journal: site.journal).record { _ in }
        try await site.close()
    }

    private func snapshotPart() throws -> UInt64? {
        var from: UInt64?
        try AuditReader(directory: folder.audit).forEach { event in
            if event.type == "ledger.snapshot" {
                from = event.data["from"]?.integerValue.map(UInt64.init)
            }
        }
        return from
    }

    @Test("Every value comes back as it was, whatever it looks like")
    func values() async throws {
        let poison = "4111 1111 1111 1111 {\"password\":\"x\"}\n\u{0}é e\u{301}"
        try await live { script in
            script.claim(
                "20261121-000001", name: "a.csv", identity: ["inode": "315532801000000000"])
        }
        let ledger = try Ledger(path: folder.ledger)
        try await ledger.database.write {
            try $0.execute(sql: "UPDATE files SET reason = ?", arguments: [poison])
        }
        try ledger.close()
        let before = try contents()
        try await takeSnapshot()
        let from = try #require(try snapshotPart())
        let other = try LedgerStage()
        try SnapshotReading(reader: AuditReader(directory: folder.audit), first: 1)
            .load(into: other.ledger, upTo: nil)
        #expect(try other.ledger.nextSequence() == from)
        #expect(try Array(other.dump.split(separator: "\n").map(String.init).dropFirst()) == before)
    }

    @Test("A snapshot of a version that did not keep when an order came is completed from its file")
    func olderVersion() async throws {
        let order = RowKey(fileID: "20261121-000002", row: 1)
        let text = """
            H,batch=C-1,action=cancelPayout,mode=test
            C,controlNumber
            D,SKY9900000001
            T,count=1

            """
        try await live { script in
            script.claim(Self.file, name: "in.csv")
            script.claim(order.fileID, name: "cancel.csv", sha256: "bb")
            try script.accept(
                order.fileID, text: text, name: "cancel.csv", batch: "C-1", on: stage)
        }
        let ledger = try Ledger(path: folder.ledger)
        let claimed = try #require(try ledger.file(order.fileID)).claimSequence
        #expect(try ledger.request(order)?.claimSequence == Int64(claimed))
        try await ledger.database.write {
            try $0.execute(sql: "UPDATE requests SET claimSequence = 0")
        }
        try ledger.close()
        try await takeSnapshot()
        let other = try LedgerStage()
        try SnapshotReading(reader: AuditReader(directory: folder.audit), first: 1)
            .load(into: other.ledger, upTo: nil)
        #expect(try other.ledger.request(order)?.claimSequence == Int64(claimed))
    }

    @Test("Digits of any length come back as bytes, and nothing else does")
    func digits() {
        for bytes in [[], [0], [255, 1, 16], Array(0...255)] as [[UInt8]] {
            #expect(HexText.bytes(HexText.of(bytes)) == bytes)
        }
        for text in ["", "00", "x0", "x0g", "xAB", "y00"] { #expect(HexText.bytes(text) == nil) }
    }
}
